"""What sentences are made of, and what is made of them: features, classifier, rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.classifier import EMBEDDED, Classifier, Linear
from fairdial.core.dialogue.features import BUCKETS, LONGEST, WIDTH, features
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.refusal import hard_refusal
from fairdial.core.dialogue.understand import CLEARED, SURE, SURE_TO_END, Near, understand, understand_by_rule

_UNKNOWN_TO_RULES = "那个事情嘛"


def a_classifier(labels: int = 3) -> Classifier:
    def linear(width: int, seed: int) -> Linear:
        chance = np.random.default_rng(seed)
        return Linear(
            weights=chance.integers(-31, 32, (width, labels), dtype=np.int8),
            scale=np.full(labels, 0.05, dtype=np.float32),
            bias=np.zeros(labels, dtype=np.float32),
        )

    return Classifier(
        labels=tuple("abcdefgh"[:labels]),
        text=linear(WIDTH, 1),
        joint=linear(WIDTH + EMBEDDED, 2),
        centre=np.zeros(EMBEDDED, dtype=np.float32),
        spread=np.ones(EMBEDDED, dtype=np.float32),
        sharpness=(4.0, 4.0),
    )


@given(st.text(max_size=50))
def test_any_sentence_has_features_within_bounds_and_each_view_weighs_the_same(text: str) -> None:
    places, values = features(text)
    assert len(set(places.tolist())) == len(places) and all(0 <= place < WIDTH for place in places)
    for view in (places < BUCKETS, places >= BUCKETS):
        assert np.linalg.norm(values[view]) == pytest.approx(1.0) or not view.any()


def test_sentences_that_sound_alike_share_one_view_to_the_last_number() -> None:
    said, written = features("你是机器人吗"), features("你是极其人吗")
    assert [p for p in said[0] if p >= BUCKETS] == [p for p in written[0] if p >= BUCKETS]
    assert [p for p in said[0] if p < BUCKETS] != [p for p in written[0] if p < BUCKETS]


def test_a_sentence_of_any_length_costs_no_more_than_a_long_one() -> None:
    assert features("好" * 10_000)[0].tolist() == features("好" * LONGEST)[0].tolist()


@pytest.mark.parametrize("text", ["", "  ", "😀😀", "…?!"])
def test_a_sentence_without_words_is_nothing_to_go_by_and_unclear(text: str) -> None:
    assert len(features(text)[0]) == 0
    assert understand(text, {}).meaning is Meaning.UNCLEAR


@given(st.text(max_size=30), st.booleans())
def test_probabilities_are_probabilities(text: str, is_embedded: bool) -> None:
    vector = np.linspace(-1, 1, EMBEDDED, dtype=np.float32) if is_embedded else None
    likely = a_classifier().probabilities(text, vector)
    assert likely.shape == (3,) and (likely >= 0).all() and likely.sum() == pytest.approx(1.0, abs=1e-5)


@given(st.sampled_from(list(Meaning)), st.floats(0, 1))
def test_a_refusal_found_by_rule_is_never_lost_to_a_model_that_is_sure_of_something_else(
    other: Meaning, probability: float
) -> None:
    near = [Near(meaning=other, similarity=1.0, text="…")]
    assert understand("以后不要再打给我", {other: probability}, near).meaning is Meaning.REFUSE_HARD


@given(
    st.sampled_from(["喂,", "嗯", "你好,", "哎呀", "不好意思,"]),
    st.sampled_from(["别再打了", "不要再给我打电话", "我要投诉你们", "把我号码删掉", "再打就拉黑了", "拒绝推销"]),
    st.sampled_from(["", "啊", "谢谢", ",好吧", ",听到没有", ",再见"]),
)
def test_a_refusal_is_heard_whatever_stands_around_it(before: str, refusal: str, after: str) -> None:
    assert hard_refusal(before + refusal + after)


@given(st.text(alphabet="好的我在开车没听清多少钱", max_size=8))
def test_more_words_around_a_refusal_never_undo_it(words: str) -> None:
    assert hard_refusal("请把我拉进黑名单" + words)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("憋再给我打电话", "别再给我打电话"),
        ("不药再联戏我", "不要再联系我"),
        ("头诉你们", "投诉你们"),
        ("在大我就抱景", "再打我就报警"),
        ("把我的浩马山掉", "把我的号码删掉"),
        ("我要据绝你们的腿销", "我要拒绝你们的推销"),
    ],
)
def test_a_refusal_is_heard_through_wrong_characters(written: str, said: str) -> None:
    assert hard_refusal(written) and hard_refusal(said)


@pytest.mark.parametrize("words", ["我上回投诉了物业", "那个骗子电影", "别打座机,打我手机"])
def test_only_a_model_that_is_sure_clears_words_that_may_be_a_refusal(words: str) -> None:
    """Every 投诉 and every 骗子 used to end the call and bar the number, whatever else was said."""
    sure = {Meaning.OTHER: 0.95, Meaning.REFUSE_HARD: CLEARED - 0.01}
    assert understand(words, sure).meaning is Meaning.OTHER
    unsure = {Meaning.OTHER: 0.8, Meaning.REFUSE_HARD: CLEARED}
    assert understand(words, unsure).meaning is Meaning.REFUSE_HARD
    assert understand(words, {}).meaning is Meaning.REFUSE_HARD


@given(st.sampled_from(list(Meaning)), st.floats(0, 1))
def test_a_script_example_never_clears_a_suspected_refusal(other: Meaning, probability: float) -> None:
    near = [Near(meaning=other, similarity=1.0, text="我要投诉")]
    likely = {Meaning.REFUSE_HARD: CLEARED, other: probability} | {Meaning.REFUSE_HARD: CLEARED}
    assert understand("我要投诉", likely, near).meaning is Meaning.REFUSE_HARD


def test_a_script_example_never_undoes_a_refusal_the_model_is_sure_of() -> None:
    """以后有活动不用喊我了 came near the script's 以后有活动喊我 (0.84) and was taken for consent."""
    near = [Near(meaning=Meaning.ACCEPT, similarity=0.95, text="以后有活动喊我")]
    sure = {Meaning.REFUSE_HARD: SURE_TO_END, Meaning.ACCEPT: 0.1}
    assert understand("以后有活动不用喊我了", sure, near).meaning is Meaning.REFUSE_HARD


def test_what_the_model_is_unsure_of_is_unclear() -> None:
    likely = {Meaning.ACCEPT: SURE - 0.01, Meaning.DENY: 0.2}
    assert understand(_UNKNOWN_TO_RULES, likely).meaning is Meaning.UNCLEAR
    assert understand(_UNKNOWN_TO_RULES, likely | {Meaning.ACCEPT: SURE}).meaning is Meaning.ACCEPT


def test_a_refusal_for_good_that_only_a_model_suspects_is_taken_for_a_soft_one() -> None:
    suspected = {Meaning.REFUSE_HARD: SURE_TO_END - 0.01, Meaning.ACCEPT: 0.1}
    assert understand(_UNKNOWN_TO_RULES, suspected).meaning is Meaning.REFUSE_SOFT
    assert understand(_UNKNOWN_TO_RULES, {Meaning.REFUSE_HARD: SURE_TO_END}).meaning is Meaning.REFUSE_HARD


def test_somebody_is_spared_only_when_the_model_is_as_sure_as_of_a_refusal() -> None:
    """牙我刚洗完 came nearest to `vulnerable` with little, which ends the call and bars the number."""
    unsure = {Meaning.VULNERABLE: SURE_TO_END - 0.01, Meaning.REFUSE_SOFT: SURE, Meaning.OTHER: 0.1}
    assert understand(_UNKNOWN_TO_RULES, unsure).meaning is Meaning.REFUSE_SOFT
    assert understand(_UNKNOWN_TO_RULES, unsure | {Meaning.REFUSE_SOFT: SURE - 0.01}).meaning is Meaning.UNCLEAR
    assert understand(_UNKNOWN_TO_RULES, {Meaning.VULNERABLE: SURE_TO_END}).meaning is Meaning.VULNERABLE


@pytest.mark.parametrize("sentence", ["我就是,有什么事", "是我,怎么了", "我就是啊请问什么事情", "对是我你说啥事"])
def test_who_confirms_and_asks_what_it_is_about_is_told_with_the_next_step(sentence: str) -> None:
    ruled = understand_by_rule(sentence)
    assert ruled is not None and ruled.meaning is Meaning.ACCEPT


@pytest.mark.parametrize("sentence", ["有什么事", "怎么了", "我是他爱人有什么事", "不是我什么事"])
def test_who_only_asks_has_confirmed_nothing(sentence: str) -> None:
    assert understand_by_rule(sentence) is None


def test_an_example_of_the_script_decides_when_it_is_the_same_words() -> None:
    likely = {Meaning.OTHER: 0.9}
    same = Near(meaning=Meaning.ASK_DETAIL, similarity=0.95, text="那个事情")
    assert understand(_UNKNOWN_TO_RULES, likely, [same]).meaning is Meaning.ASK_DETAIL
    other = Near(meaning=Meaning.ASK_DETAIL, similarity=0.85, text="那件事")
    assert understand(_UNKNOWN_TO_RULES, likely, [other]).meaning is Meaning.OTHER


@pytest.mark.parametrize(
    "sentence", ["我是他秘书,他不在", "我帮你转告他", "我不是机主", "这个机主我不认识", "你是不是语音助理"]
)
def test_people_who_speak_of_assistants_are_not_taken_for_one(sentence: str) -> None:
    """Any 机主, 秘书 or 转告 used to make a person a machine, and the call ended without a word."""
    assert understand_by_rule(sentence) is None


@pytest.mark.parametrize(
    "sentence", ["您拨打的电话正在通话中", "请在滴声后留言", "您好,我是机主的语音助手", "这里是语音信箱"]
)
def test_machines_are_known_by_rule(sentence: str) -> None:
    ruled = understand_by_rule(sentence)
    assert ruled is not None and ruled.meaning is Meaning.ASSISTANT


@pytest.mark.parametrize("sentence", ["是的,我不是", "对,不是", "嗯对我不是的"])
def test_a_yes_that_ends_in_no_is_asked_again(sentence: str) -> None:
    """是的,我就是 was recognised as 是的,我不是, and the person was taken for a wrong number."""
    ruled = understand_by_rule(sentence)
    assert ruled is not None and ruled.meaning is Meaning.UNCLEAR
