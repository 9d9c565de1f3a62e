"""Words laid along a recording."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from fairdial.core.hearing.transcript import Cue, Spoken, aligned, web_vtt

BEGAN = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)


def side(*spoken: tuple[float, float], noise: int = 0) -> np.ndarray:
    """20 s of one side, with sound in the spans given in seconds."""
    track = np.where(np.arange(160_000) % 2, noise, -noise)
    for start, end in spoken:
        track[int(start * 8000) : int(end * 8000)] = np.where(
            np.arange(int(end * 8000) - int(start * 8000)) % 2, 3000, -3000
        )
    return track.astype(np.int16)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def turn(heard: str | None, until: float | None, said: str | None, since: float | None) -> Spoken:
    return Spoken(
        heard=heard,
        heard_until=None if until is None else at(until),
        said=said,
        said_from=None if since is None else at(since),
    )


def test_words_stand_where_they_were_spoken() -> None:
    turns = [turn(None, None, "您好", 1.0), turn("喂 你好", 6.0, "再见", 7.0)]
    cues = aligned(
        turns,
        answered_at=BEGAN,
        person=side((0.2, 0.5), (4.0, 4.4), (4.8, 6.0), noise=100),
        ours=side((1.0, 3.0), (7.0, 8.5)),
    )
    assert [(round(c.start_s, 2), round(c.end_s, 2), c.text) for c in cues] == [
        (1.0, 3.0, "您好"),
        (4.0, 6.0, "喂 你好"),
        (7.0, 8.5, "再见"),
    ]


def test_a_line_that_paused_and_went_on_ends_with_its_last_sound() -> None:
    """A line that waited for the person for 1.7 s had a cue of 0.4 s, and the twelve seconds after it had none."""
    turns = [turn(None, None, "您好,这里是", 1.0), turn(None, None, "再见", 16.0)]
    ours = side((1.0, 1.4), (3.1, 3.7), (7.0, 13.0), (16.0, 17.0))
    cues = aligned(turns, answered_at=BEGAN, person=side(), ours=ours)
    assert [(round(c.start_s, 2), round(c.end_s, 2)) for c in cues] == [(1.0, 13.0), (16.0, 17.0)]


def test_words_whose_sound_is_not_found_have_a_cue_all_the_same() -> None:
    [cue] = aligned([turn("嗯", 30.0, None, None)], answered_at=BEGAN, person=side(), ours=side())
    assert cue.text == "嗯" and cue.end_s > cue.start_s == 30.0


def test_a_transcript_names_the_voices_and_escapes_what_would_be_markup() -> None:
    page = web_vtt(
        [
            Cue(start_s=1.0, end_s=3.0, is_ours=True, text="a<b"),
            Cue(start_s=3661.25, end_s=3662, is_ours=False, text="好"),
        ]
    )
    assert page == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<v system>a&lt;b\n\n01:01:01.250 --> 01:01:02.000\n<v person>好\n"
    )
