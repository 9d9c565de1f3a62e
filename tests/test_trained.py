"""The classifiers that are shipped: whole, small, described, and right about sentences of our own."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.core.dialogue.features import WIDTH
from fairdial.core.dialogue.meaning import Meaning
from fairdial.errors import InputError, ModelError
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier, read_classifier, write_classifier

TRAINED = Path(__file__).parents[1] / "src" / "fairdial" / "voice" / "trained"


@pytest.mark.parametrize("labels", LabelSet)
def test_a_shipped_classifier_is_the_one_its_card_describes(labels: LabelSet) -> None:
    file = TRAINED / f"{labels}.npz"
    assert sha256(file.read_bytes()).hexdigest() in (TRAINED / "README.md").read_text(encoding="utf-8")
    assert load_classifier(labels).text.weights.shape == (WIDTH, len(load_classifier(labels).labels))


def test_the_shipped_endings_are_those_their_card_describes() -> None:
    file = TRAINED / "endings.tsv"
    assert sha256(file.read_bytes()).hexdigest() in (TRAINED / "README.md").read_text(encoding="utf-8")


def test_the_shipped_classifiers_stay_small() -> None:
    assert sum(file.stat().st_size for file in TRAINED.glob("*.npz")) < 3_000_000


def test_every_label_of_the_universal_classifier_is_a_meaning() -> None:
    assert {Meaning(label) for label in load_classifier(LabelSet.UNIVERSAL).labels} < set(Meaning)


def test_a_classifier_written_and_read_again_answers_the_same(tmp_path: Path) -> None:
    model = load_classifier(LabelSet.UNIVERSAL)
    write_classifier(model, tmp_path / "x.npz")
    again = read_classifier(tmp_path / "x.npz")
    assert np.array_equal(again.probabilities("能便宜点不"), model.probabilities("能便宜点不"))


def test_a_classifier_of_another_format_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "old.npz", format=np.int64(0))
    with pytest.raises(ModelError, match="train it anew"):
        read_classifier(tmp_path / "old.npz")


@pytest.mark.parametrize(
    ("sentence", "meaning"),
    [
        ("这个课程一年下来要花多少钱呀", Meaning.ASK_PRICE),
        ("我这会儿正开着车呢,傍晚再打吧", Meaning.BUSY),
        ("你这边是哪家公司来着", Meaning.ASK_IDENTITY),
        ("不用了解,直接办吧", Meaning.ACCEPT),
        ("家里已经有一份了,谢谢,不需要", Meaning.REFUSE_SOFT),
        ("以后不要再往这个手机上打了", Meaning.REFUSE_HARD),
        ("你找错人了,我不认识他", Meaning.WRONG_NUMBER),
        ("泥到底是布是鸡器人", Meaning.ASK_ROBOT),
    ],
)
def test_the_universal_classifier_understands_without_e5(sentence: str, meaning: Meaning) -> None:
    assert Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of(sentence).meaning is meaning


@pytest.mark.parametrize(
    ("sentence", "meaning"),
    [
        ("中午别打,我睡觉,三点后打", Meaning.BUSY),
        ("黑名单里的人还能申请吗", Meaning.ASK_DETAIL),
        ("别打我爷爷手机,跟我说就行", Meaning.THIRD_PARTY),
        ("那个骗子的电影真好看", Meaning.OTHER),
        ("我没举报过你们", Meaning.DENY),
        ("以后有新活动记得联系我", Meaning.ACCEPT),
    ],
)
def test_the_words_of_a_refusal_in_another_sentence_are_no_refusal(sentence: str, meaning: Meaning) -> None:
    assert Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of(sentence).meaning is meaning


@pytest.mark.parametrize(
    "sentence",
    ["从你们册子上把我勾掉", "你们跟狗皮膏药一样甩不掉", "再来电话我就找律师", "在大我就抱警", "请把我的浩马山掉"],
)
def test_a_refusal_is_heard_by_rule_and_model_together(sentence: str) -> None:
    assert Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of(sentence).meaning is Meaning.REFUSE_HARD


def test_a_script_adds_its_own_words_for_a_meaning() -> None:
    classifier = load_classifier(LabelSet.UNIVERSAL)
    own = Meanings(classifier, embed=None, examples={Meaning.ASK_DETAIL: ["讲讲蓝鲸计划"]})
    assert own.of("讲讲兰鲸计画").meaning is Meaning.ASK_DETAIL


def test_a_scripts_own_words_reach_what_means_the_same_and_not_its_opposite() -> None:
    """Every sentence about school came near the examples, 没有上小学 and a child's 我是小学生 among them."""
    examples = {Meaning.ACCEPT: ["孩子在上小学", "是的在上小学", "在上小学呢"]}
    own = Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding(), examples=examples)
    assert [own.of(text).meaning for text in ("对,在上小学", "在上小学")] == [Meaning.ACCEPT] * 2
    others = ("没有上小学", "不上小学", "我是小学生", "孩子在上初中", "我在上班")
    assert Meaning.ACCEPT not in [own.of(text).meaning for text in others]


def understood(tmp_path: Path, content: bytes, *options: str) -> dict[str, object]:
    (tmp_path / "x.tsv").write_bytes(content)
    ran = CliRunner().invoke(app, ["understand", str(tmp_path / "x.tsv"), "--json", "--fast", *options])
    if ran.exception:
        raise ran.exception
    answer: dict[str, object] = json.loads(ran.stdout)
    return answer


def test_labelled_sentences_are_counted_and_bare_ones_are_not(tmp_path: Path) -> None:
    content = "ask_price\t多少钱\nbusy\t多少钱\n别打了\n\n".encode()
    answer = understood(tmp_path, content)
    rows = answer["rows"]
    assert answer["accuracy"] == 0.5 and isinstance(rows, list)
    assert [(row["expected"], row["meaning"]) for row in rows] == [
        ("ask_price", "ask_price"),
        ("busy", "ask_price"),
        (None, "refuse_hard"),
    ]


def test_the_telemarketing_labels_are_another_set(tmp_path: Path) -> None:
    answer = understood(tmp_path, "转人工客服\t帮我转人工客服\n".encode(), "--label-set", "telemarketing")
    assert answer["accuracy"] == 1.0


@pytest.mark.parametrize(
    "odd", ["好" * 10_000, "😀😀😀", "\u200b", "ขอบคุณ", "안녕하세요", "\x00\x01", "a\tb\tc", "\ud7ff"]
)
@pytest.mark.parametrize("labels", LabelSet)
def test_any_sentence_gets_an_answer(tmp_path: Path, odd: str, labels: LabelSet) -> None:
    rows = understood(tmp_path, odd.encode(), "--label-set", labels)["rows"]
    assert isinstance(rows, list) and len(rows) == 1 and 0.0 <= rows[0]["confidence"] <= 1.0


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "no sentence"), (b"\n \n", "no sentence"), (b"\xff\xfe\xd6", "not UTF-8")]
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        understood(tmp_path, content)
