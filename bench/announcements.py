"""How well and how soon the part before an answer is understood, on rendered announcements never seen in development.

Synthetic: wordings written for this project, spoken by Kokoro, sent through A-law, noise and clipping (`bench/calls`). The words were
kept apart from the rules by part, but have the same author. `words` is recognition alone, as for a recording nobody has
labelled; `recording` is what the next call hears after the operator's label. People: sentences of others, and rendered first words.

Times are of the call: sound heard since the first word, and the processor's time of the recogniser that was asked last. On a machine
that does other things they are too long; take them again on an idle one.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from bench.calls.channel import CLEAN, CLIPPED, NOISY, VERY_NOISY, Channel, through
from bench.calls.speech import KEPT, MODELS, Saying, english, sayings
from bench.harness import RUNS, goal, median, report
from fairdial.call.before_answer import ASK_AT_MS
from fairdial.core.call_record import Disposition
from fairdial.core.hearing.announcements import announced
from fairdial.core.hearing.fingerprint import NOTHING as NO_PRINT
from fairdial.core.hearing.fingerprint import Known, extended, fingerprint, recognised
from fairdial.core.hearing.hints import ANNOUNCEMENT
from fairdial.core.hearing.words_heard import words_heard
from fairdial.models import require
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.sound import TELEPHONE_RATE, Samples, read_sound
from fairdial.voice.tone_watch import ToneWatch

KINDS = frozenset(Disposition) - {Disposition.ANSWERED}
PART = os.environ.get("FAIRDIAL_BENCH_PART", "test")
DATA = Path(os.environ.get("FAIRDIAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
CHECK_EVERY_S, SHORT_PAUSE_S, PAUSE_S = 0.25, 0.16, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was decided, and the seconds after the first word: of sound, and of waiting for the recogniser."""

    disposition: Disposition | None
    sound_s: float
    waited_s: float
    words: str

    @property
    def after_s(self) -> float:
        return self.sound_s + self.waited_s


def first_word(sound: Samples) -> int:
    return int(np.flatnonzero(np.abs(sound) > 800)[0])


def heard_in(recogniser: WhisperRecogniser, sound: Samples) -> str:
    """The words a call believes of what is played to it before an answer."""
    recognised = recogniser.recognise(sound, ANNOUNCEMENT)
    return words_heard(recognised, seconds=len(sound) / TELEPHONE_RATE, sure_from=ANNOUNCEMENT.sure_from).text


def by_words(recogniser: WhisperRecogniser, sound: Samples, start: int) -> Heard:
    """Ask as a call does: while it speaks, one question at a time, in the pause after it, and when it is over."""
    total_s = (len(sound) - start) / TELEPHONE_RATE
    last_s = min(total_s, (int(np.flatnonzero(np.abs(sound) > 800)[-1]) - start) / TELEPHONE_RATE + SHORT_PAUSE_S)
    free_s = 0.0
    for heard_s in [ms / 1000 for ms in ASK_AT_MS if ms / 1000 < last_s] + [last_s]:
        if heard_s < free_s:
            continue
        began = time.process_time()
        heard = sound[max(0, start - 2000) : start + int(heard_s * TELEPHONE_RATE)]
        text = heard_in(recogniser, heard)
        took = (time.process_time() - began) / THREADS
        if disposition := announced(text, is_over=False):
            return Heard(disposition=disposition, sound_s=heard_s, waited_s=took, words=text)
        free_s = heard_s + took
    return at_the_end(recogniser, sound, start)


def at_the_end(recogniser: WhisperRecogniser, sound: Samples, start: int) -> Heard:
    """Ask once, when it has paused for good."""
    began = time.process_time()
    text = heard_in(recogniser, sound[max(0, start - 2000) :])
    took = (time.process_time() - began) / THREADS
    over_s = (len(sound) - start) / TELEPHONE_RATE + PAUSE_S
    return Heard(disposition=announced(text), sound_s=over_s, waited_s=took, words=text)


THREADS = 2


def by_recording(shelf: list[Known], sound: Samples, start: int) -> Heard:
    """Compare as a call does: each time another 250 ms of speech were heard."""
    grown = NO_PRINT
    for end in range(start, len(sound), int(CHECK_EVERY_S * TELEPHONE_RATE)):
        grown = extended(grown, sound[start:end])
        if found := recognised(grown, shelf):
            return Heard(
                disposition=found.disposition, sound_s=(end - start) / TELEPHONE_RATE, waited_s=0.0, words=found.id
            )
    return Heard(disposition=None, sound_s=(len(sound) - start) / TELEPHONE_RATE, waited_s=0.0, words="")


def people() -> list[Samples]:
    """Sounds of people: read sentences of two speakers, and rendered first words of both parts."""
    read = [read_sound(path) for path in sorted((DATA / "audio" / "aishell-8k").glob("*.wav"))]
    return read + [s.sound for part in ("dev", "test") for s in sayings(part, kinds=frozenset({"person"}))]


def heard_of_people(recogniser: WhisperRecogniser) -> list[str]:
    """What is recognised of people through seven telephones; kept, so that another run asks the rules alone."""
    clipped_noisy = Channel(name="both", snr_db=10.0, gain=4.0)
    ways = (CLEAN, CLIPPED, NOISY, VERY_NOISY, clipped_noisy, NOISY, VERY_NOISY)
    kept = KEPT / f"people-{sha256(repr(ANNOUNCEMENT).encode()).hexdigest()[:8]}.tsv"
    known = dict(line.split("\t") for line in kept.read_text(encoding="utf-8").splitlines()) if kept.is_file() else {}
    with kept.open("a", encoding="utf-8") as out:
        for way, channel in enumerate(ways):
            for place, sound in enumerate(people()):
                if (key := f"{way} {place}") not in known:
                    text = heard_in(recogniser, through(channel, sound, seed=place + 1000 * way))
                    known[key] = " ".join(text.split())
                    print(key, known[key], sep="\t", file=out, flush=True)
    return list(known.values())


def is_taken(text: str) -> bool:
    """Whether a person who says this is taken for an announcement, when it is over or while it still runs."""
    return announced(text) is not None or announced(text, is_over=False) is not None


def sentences() -> list[str]:
    """What people say on the phone, in writing, without what is labelled a machine's."""
    own = [line.split("\t") for line in (DATA / "understanding-dev.tsv").read_text(encoding="utf-8").splitlines()]
    sold = [
        line.split("\t")
        for line in (DATA / "event-marketing-intents-dev.tsv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    told = [
        line.split("\t") for line in (DATA / "telemarketing-intents-train.tsv").read_text(encoding="utf-8").splitlines()
    ]
    return (
        [row[1] for row in own if row[0] != "assistant"]
        + [row[0] for row in sold if row[2] != "call_assistant"]
        + [row[1] for row in told]
    )


def main() -> None:
    recogniser = WhisperRecogniser(require("whisper-base", MODELS), threads=THREADS)
    said = [s for s in sayings(PART) if s.kind in KINDS]
    channels = (CLEAN, NOISY, VERY_NOISY, CLIPPED)
    ours: dict[str, object] = {"announcements (synthetic)": len(said), "part": PART}
    found: dict[Channel, list[tuple[Saying, Heard]]] = {c: [] for c in channels}
    for place, saying in enumerate(said):
        for channel in channels:
            sound, start = through(channel, saying.sound, seed=place), first_word(saying.sound)
            asked = by_words(recogniser, sound, start) if channel is CLEAN else at_the_end(recogniser, sound, start)
            found[channel].append((saying, asked))
    for channel, heard in found.items():
        ours |= figures(f"words{'' if channel is CLEAN else ', asked at the end'}, {channel.name}", heard)
    alone = [(s, by_words(recogniser, through(CLEAN, s.sound, seed=1), first_word(s.sound))) for s in english(PART)]
    ours |= figures("words, English half alone, G.711", alone)
    missed = Counter(
        f"{s.kind} as {h.disposition}: {s.text} → {h.words}" for s, h in found[CLEAN] if h.disposition != s.kind
    )
    ours["missed, G.711"] = dict(missed)

    shelf = [
        Known(id=str(i), disposition=Disposition(s.kind), print=fingerprint(through(CLEAN, s.sound, seed=0)))
        for i, s in enumerate(said)
    ]
    again: dict[Channel, list[tuple[Saying, Heard]]] = {
        c: [(s, by_recording(shelf, through(c, s.sound, seed=99 + i), first_word(s.sound))) for i, s in enumerate(said)]
        for c in channels
    }
    for channel, heard in again.items():
        ours |= figures(f"recording, {channel.name}", heard)
    strangers = [
        (
            s,
            by_recording(
                [k for k, o in zip(shelf, said, strict=True) if o.text != s.text], s.sound, first_word(s.sound)
            ),
        )
        for s in said
    ]
    ours["recording: unlabelled ones taken for another label"] = sum(
        h.disposition is not None and h.disposition != s.kind for s, h in strangers
    )
    tries = heard_of_people(recogniser)
    told = sentences()
    taken, wrong = ([text for text in texts if is_taken(text)] for texts in (tries, told))
    ours |= {"people, tries by sound": len(tries), "people taken for an announcement, by sound": len(taken)}
    ours |= {"people, sentences in writing": len(told), "the same, in writing": len(wrong)}
    ours["tone detector, us a frame"] = round(median([tone_us() for _ in range(RUNS)]), 1)
    clean = found[CLEAN]
    report(
        "announcements",
        ours=ours,
        peers={"none": {"why": "no open recogniser of Chinese announcements was found (shared/PEERS.md, section 5)"}},
        goals=[
            goal("people taken for an announcement, by sound", 0, len(taken), at_least=False),
            goal("tries by sound", 1000, len(tries)),
            goal("recall of a given-up call, words, G.711", 0.98, share(clean, lambda s, h: h.disposition is not None)),
            goal("recall of the right result, words, G.711", 0.98, share(clean, lambda s, h: h.disposition == s.kind)),
            goal(
                "recall of the right result, recording, G.711",
                0.98,
                share(again[CLEAN], lambda s, h: h.disposition == s.kind),
            ),
            goal("seconds after the first word, p50, words", 2.0, middle(clean), at_least=False),
            goal("seconds after the first word, p50, recording", 2.0, middle(again[CLEAN]), at_least=False),
        ],
    )


def share(heard: list[tuple[Saying, Heard]], holds) -> float:  # type: ignore[no-untyped-def]
    return sum(holds(s, h) for s, h in heard) / max(1, len(heard))


def middle(heard: list[tuple[Saying, Heard]]) -> float:
    return median([h.after_s for _, h in heard if h.disposition is not None] or [99.0])


def figures(name: str, heard: list[tuple[Saying, Heard]]) -> dict[str, object]:
    right = share(heard, lambda s, h: h.disposition == s.kind)
    known = share(heard, lambda s, h: h.disposition is not None)
    return {
        name: f"right {right:.3f}, decided {known:.3f}, p50 {middle(heard):.2f} s after the first word, of {len(heard)}"
    }


def tone_us() -> float:
    watch, frame = ToneWatch("CN"), np.random.default_rng(1).normal(0, 2000, 160).astype(np.int16)
    began = time.process_time()
    for _ in range(1000):
        watch.take(frame)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
