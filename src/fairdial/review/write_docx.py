"""The review document as a Word file.

Headings, paragraphs and tables of WordprocessingML (ECMA-376 part 1, section 17) need no library; docs/why/script.md.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from xml.sax.saxutils import escape

from fairdial.review.blocks import Block, Branch, Heading, Said, Table

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relations(kind: str, target: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _style(name: str, title: str, half_points: int) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{title}"/><w:pPr><w:keepNext/>'
        f'<w:outlineLvl w:val="{int(name[-1]) - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="{half_points}"/></w:rPr></w:style>'
    )


_STYLES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:styles {_W}>'
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:eastAsia="Microsoft YaHei"/><w:sz w:val="21"/>'
    "</w:rPr></w:rPrDefault></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    f"{_style('Heading1', 'heading 1', 32)}{_style('Heading2', 'heading 2', 26)}</w:styles>"
)
_PARTS = {
    "[Content_Types].xml": _TYPES,
    "_rels/.rels": _relations("officeDocument", "word/document.xml"),
    "word/_rels/document.xml.rels": _relations("styles", "styles.xml"),
    "word/styles.xml": _STYLES,
}
_MADE = (2026, 1, 1, 0, 0, 0)
"""Time of every part: the same script gives the same file."""


def docx_of(blocks: Iterable[Block]) -> bytes:
    """The document as the bytes of a .docx file."""
    body = "".join(part for block in blocks for part in _parts(block))
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document {_W}><w:body>{body}</w:body></w:document>'
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {**_PARTS, "word/document.xml": document}.items():
            file.writestr(zipfile.ZipInfo(name, _MADE), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, zh=zh, en=en):
            yield _paragraph(_run(zh), _run(f" {en}", grey=True), style=f"Heading{level}")
        case Table(head=head, rows=rows):
            yield _table([head, *rows], columns=len(head))
            yield _paragraph()
        case Said():
            label = f"{block.label_zh} {block.label_en} · 约 about {block.seconds:.0f} s:"
            files = ", ".join(f"{clip}.ogg" if clip else "每位客户一段 one a contact" for clip in block.clips)
            yield _paragraph(_run(label, grey=True), _run(block.text), _run(f" [{files}]", grey=True), indent=360)
        case Branch():
            yield _paragraph(
                _run(block.zh, bold=True),
                _run(f" {block.en} ", grey=True),
                _run(block.leads_zh),
                _run(f" {block.leads_en}", grey=True),
            )


def _paragraph(*runs: str, style: str | None = None, indent: int = 0) -> str:
    kind = f'<w:pStyle w:val="{style}"/>' if style else ""
    left = f'<w:ind w:left="{indent}"/>' if indent else ""
    return f"<w:p><w:pPr>{kind}{left}</w:pPr>{''.join(runs)}</w:p>"


def _run(text: str, *, bold: bool = False, grey: bool = False) -> str:
    look = ("<w:b/>" if bold else "") + ('<w:color w:val="707070"/><w:sz w:val="18"/>' if grey else "")
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _table(rows: Iterable[Iterable[str]], *, columns: int) -> str:
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="A0A0A0"/>' for side in ("top", "bottom", "insideH"))
    cells = "".join(
        f"<w:tr>{''.join(f'<w:tc><w:tcPr/>{_paragraph(_run(cell))}</w:tc>' for cell in row)}</w:tr>" for row in rows
    )
    grid = '<w:gridCol w:w="3000"/>' * columns
    look = f'<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{lines}</w:tblBorders></w:tblPr>'
    return f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{cells}</w:tbl>"
