"""The document a reviewer or a carrier gets: nothing that can be said is missing from it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.script.clip import clip_id
from fairdial.core.script.parse import parse_script
from fairdial.core.script.speech import fixed_wordings
from fairdial.review.blocks import blocks
from fairdial.review.diagram import diagram
from fairdial.review.write_docx import docx_of
from fairdial.review.write_html import html_of
from fairdial.script_file import read_script_file
from tests.core.scripts import EXAMPLE, content, renewal


def words_of(docx: bytes) -> str:
    with zipfile.ZipFile(BytesIO(docx)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            ElementTree.fromstring(file.read(name))
        root = ElementTree.fromstring(file.read("word/document.xml"))
    return "\n".join("".join(p.itertext()) for p in root.iter() if p.tag.endswith("}p"))


def test_every_line_branch_and_clip_is_in_both_documents() -> None:
    script = renewal()
    texts = [text for texts in script.lines.values() for text in texts]
    names = [f"{clip_id(w)}.ogg" for w in fixed_wordings(script)]
    for written in (words_of(docx_of(blocks(script))), html_of(blocks(script), clips=EXAMPLE / "clips")):
        assert [x for x in (*texts, *names, script.hash, *script.steps) if x not in written] == []


def test_clips_can_be_heard_in_the_page_and_missing_ones_are_named() -> None:
    heard, silent = (html_of(blocks(renewal()), clips=c) for c in (EXAMPLE / "clips", None))
    assert heard.count("data:audio/ogg;base64,") > 20 and "<audio" not in silent


def test_words_are_text_in_a_document_and_never_markup() -> None:
    changed = content()
    changed["title"] = "<script>alert(1)</script> & Co"
    script = parse_script(changed, name="x")
    assert "<script>" not in html_of(blocks(script), clips=None)
    assert "<script>alert(1)</script> & Co" in words_of(docx_of(blocks(script)))


def test_the_same_script_gives_the_same_file() -> None:
    assert docx_of(blocks(renewal())) == docx_of(blocks(renewal()))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "review.pdf"
    told = CliRunner().invoke(app, ["script", "export", str(EXAMPLE / "script.yaml"), "--out", str(out)])
    assert told.exit_code != 0 and not out.exists()


def test_the_picture_has_every_step_and_branch_and_an_arrow_for_every_way() -> None:
    _, script = read_script_file(EXAMPLE.parent / "course-trial" / "script.yaml")
    drawn = diagram(script)
    assert all(f"<b>{name}</b>" in drawn for name in script.steps)
    assert '{"invitation(对照分组)"}' in drawn and '|"full 组,1/2"|' in drawn
    assert '-.->|"明确拒绝"|' in drawn and "短信 booking" in drawn and "交给课程顾问" in drawn
    assert drawn.count("登记拒绝") == 2 and drawn == diagram(script)


def test_the_document_shows_what_follows_the_call() -> None:
    _, script = read_script_file(EXAMPLE.parent / "course-trial" / "script.yaml")
    page = html_of(blocks(script), clips=None)
    assert all(text in page for text in (*script.messages.values(), "price_sensitive", "150 s", "对照分组"))
