"""A day's report as PDF, for people who keep it in a folder or send it on.

Chinese is set in STSong-Light, which every reader has or replaces: no font is shipped. The mark of the export stands under
each page and in the document's properties.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from fairdial.core.comparison import Share
from fairdial.followup.day import Day, DayRow

_FONT = "STSong-Light"
_TEXT = ParagraphStyle("text", fontName=_FONT, fontSize=9, leading=13, wordWrap="CJK")
_CELL = ParagraphStyle("cell", parent=_TEXT, fontSize=8.5, leading=11, wordWrap=None)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontSize=17, leading=24)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontSize=12, leading=20, spaceBefore=8)
_GREEN, _RED, _RULE = colors.HexColor("#0b6e63"), colors.HexColor("#c8372d"), colors.HexColor("#c9d2d0")


def day_pdf(day: Day) -> bytes:
    """A4 pages: promises first, then the day as a whole, by hour and by campaign."""
    registerFont(UnicodeCIDFont(_FONT))
    file = io.BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        title=f"{day.tenant} {day.day} 外呼日报",
        author=day.taken_by,
        subject=f"trace {day.trace}",
        creator="fairdial",
    )
    frame = Frame(18 * mm, 20 * mm, A4[0] - 36 * mm, A4[1] - 38 * mm, id="page")

    def foot(canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont(_FONT, 8)
        told = f"{day.taken_by} · {day.taken_at} · 追溯号 trace {day.trace}"
        canvas.drawString(18 * mm, 11 * mm, told)
        canvas.drawRightString(A4[0] - 18 * mm, 11 * mm, str(canvas.getPageNumber()))

    document.addPageTemplates(PageTemplate(id="page", frames=[frame], onPage=foot))
    document.build(_parts(day))
    return file.getvalue()


def _parts(day: Day) -> list[Flowable]:
    shown: list[Flowable] = [
        _said(f"外呼日报 Day report · {day.day}", _TITLE),
        _said(f"{day.tenant} · 北京时间全天 the whole day in Beijing"),
    ]
    if not day.is_over:
        shown.append(
            _said("这一天还没有结束,以下为到导出时为止的情况。 The day is not over: this is how far it has come.")
        )
    shown += [_said("承诺 Promises", _HEAD), _promises(day)]
    for title, name, rows in (
        ("分时段 By hour", "时段 hour", day.by_hour),
        ("分任务 By campaign", "任务 campaign", day.by_campaign),
    ):
        shown += [_said(title, _HEAD), _figures(name, rows)]
    shown += [
        Spacer(1, 6),
        _said(
            "接通率 = 接通 / 拨打;拒绝率 = 接通中拒绝 / 接通;括号内为 95% Wilson 区间。时段按被叫所在地时间。"
            " Answer rate: answered of dialled; refusal rate: refused of answered; in brackets Wilson's 95 % interval."
            " Hours are on the clock of who was called."
        ),
    ]
    return shown


def _promises(day: Day) -> Table:
    rows = [[_said(one.name), _said(str(one.count)), _said(one.kept)] for one in day.promises]
    table = Table(rows, colWidths=[100 * mm, 20 * mm, 54 * mm], style=_lines(head=False))
    for index, one in enumerate(day.promises):
        if one.is_kept is not None:
            colour = _GREEN if one.is_kept else _RED
            table.setStyle(TableStyle([("LINEBEFORE", (0, index), (0, index), 3, colour)]))
    return table


_HEADER = (
    *("拨打<br/>dialled", "接通<br/>answered", "开口<br/>spoke", "拒绝<br/>refused", "投诉<br/>complaints"),
    *("接通率<br/>answer rate", "拒绝率<br/>refusal rate"),
)


def _figures(name: str, rows: Sequence[DayRow]) -> Table:
    header = [_said(name), *(Paragraph(one, _CELL) for one in _HEADER)]
    body = [
        [
            _said(row.name),
            *(_said(str(count), _CELL) for count in row.counts),
            _said(_rate(row.answer_rate), _CELL),
            _said(_rate(row.refusal_rate), _CELL),
        ]
        for row in rows
    ]
    widths = [34 * mm, *[17 * mm] * 5, 27.5 * mm, 27.5 * mm]
    return Table([header, *body], colWidths=widths, style=_lines(head=True), repeatRows=1)


def _lines(*, head: bool) -> TableStyle:
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    if head:
        style.add("LINEBELOW", (0, 0), (-1, 0), 1, _GREEN)
    return style


def _rate(found: Share) -> str:
    return "—" if found.share is None else f"{found.share:.0%} ({found.low:.0%}–{found.high:.0%})"


def _said(words: str, style: ParagraphStyle = _TEXT) -> Paragraph:
    return Paragraph(escape(words), style)
