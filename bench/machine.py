"""Who answered: a person, a mailbox, a phone assistant, a menu or a fax; how well, how soon, beside Asterisk's AMD rules.

Synthetic: wordings written for this project, spoken by Kokoro, through A-law and noise, 200 to 900 ms after the answer
(`bench/calls`). The part kept aside has other wordings and voices, by the same author. Ours runs as in a call: Silero, turns, the
sequential test, the recogniser beside it while the first utterance runs; its waiting is the processor's time of that question.
AMD is written anew from its documentation and gets the limits that did best on the development part, as an operator would tune it.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from bench.calls.app_amd import Limits, amd
from bench.calls.channel import CLEAN, NOISY, Channel, through
from bench.calls.speech import MODELS, Saying, sayings
from bench.harness import goal, median, report
from fairdial.call.answer_watch import AnswerWatch, MachineAnswered
from fairdial.core.hearing.answerer import MACHINES, Answerer, Decision, WordsHeard
from fairdial.core.hearing.turns import TurnTaking
from fairdial.models import require
from fairdial.voice.call_voice import CallVoice, Paused, Spoke, VoiceEvent
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.sound import FRAME_SAMPLES, Samples
from fairdial.voice.tone_watch import ToneWatch
from fairdial.voice.vad import SileroVad

PART = os.environ.get("FAIRDIAL_BENCH_PART", "test")
KINDS = {
    "person": Answerer.PERSON,
    "voicemail_after": Answerer.VOICEMAIL,
    "assistant": Answerer.ASSISTANT,
    "ivr": Answerer.IVR,
}
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is heard from the answer on, who it is, and where the first word begins and ends (ms)."""

    who: Answerer
    text: str
    sound: Samples
    began_ms: int


def calls(part: str, channel: Channel) -> list[Call]:
    """Every wording as a call; mailboxes beep at the end, a fax answers at 2100 Hz."""
    draw, made = np.random.default_rng(7), []
    for place, saying in enumerate(sayings(part, kinds=frozenset(KINDS))):
        delay = int(draw.integers(200, 900))
        parts = [np.zeros(delay * 8, np.int16), saying.sound]
        if saying.kind == "voicemail_after":
            parts += [np.zeros(3200, np.int16), tone(1000, 500)]
        sound = through(channel, np.concatenate([*parts, np.zeros(8 * 3000, np.int16)]), seed=place)
        made.append(Call(who=KINDS[saying.kind], text=saying.text, sound=sound, began_ms=delay + onset_ms(saying)))
    for delay in (300, 900):
        fax = np.concatenate([np.zeros(delay * 8, np.int16), tone(2100, 3000), np.zeros(8000, np.int16)])
        made.append(Call(who=Answerer.FAX, text="2100 Hz", sound=through(channel, fax, seed=delay), began_ms=delay))
    return made


def onset_ms(saying: Saying) -> int:
    return int(np.flatnonzero(np.abs(saying.sound) > 800)[0]) // 8


def tone(hz: int, ms: int) -> Samples:
    return (8000 * np.sin(2 * np.pi * hz * np.arange(ms * 8) / 8000)).astype(np.int16)


class Replay:
    """A line whose far end is a sound."""

    def __init__(self, sound: Samples) -> None:
        self._sound, self._at = sound, 0

    def read(self) -> bytes:
        self._at += FRAME_SAMPLES
        return self._sound[self._at - FRAME_SAMPLES : self._at].tobytes()

    def write(self, pcm: bytes) -> None: ...
    def flush(self) -> None: ...


class Asked(AnswerWatch):
    """The watch of a call whose recogniser answers at once; how long it would have taken is added to the decision."""

    recogniser: WhisperRecogniser
    waited_ms = 0
    first: Decision | None = None

    def hear(self, sound: Samples, *, is_whole: bool = False) -> None:
        began = time.process_time()
        self._words = self.recogniser.recognise(sound).text
        self.waited_ms = int((time.process_time() - began) / THREADS * 1000)
        self._learn(WordsHeard(at_ms=self._now_ms() + self.waited_ms, text=self._words, is_whole=is_whole))

    def _ask_about(self, speech_ms: int) -> None:
        due = [at for at in (1300, 2300, 3500, 5000) if self._asked_ms < at <= speech_ms]
        if due and not (self.decision and self.decision.answerer in MACHINES):
            self._asked_ms = speech_ms
            self.hear(self._voice.speech_so_far())


def ours(call: Call, vad: SileroVad, recogniser: WhisperRecogniser) -> list[Decision]:
    """Every decision of one call, in order."""
    made: list[Decision] = []

    def report_(event: VoiceEvent | MachineAnswered) -> None:
        if watch.decision is not None and (not made or made[-1] is not watch.decision):
            made.append(watch.decision)

    voice = CallVoice(Replay(call.sound), taking=TurnTaking(), report=lambda event: watch.take(event))  # type: ignore[arg-type]
    voice.tones = ToneWatch("CN")
    watch = Asked(voice, None, taking=TurnTaking(), report=report_)  # type: ignore[arg-type]
    watch.recogniser = recogniser
    spoken: list[Spoke] = []
    take = watch.take

    def taking(event: VoiceEvent) -> None:
        take(event)
        if isinstance(event, Spoke) and not spoken:  # a call recognises its first sentence anyway
            spoken.append(event)
            if not (watch.decision and watch.decision.answerer in MACHINES):
                watch.hear(event.samples, is_whole=True)
        report_(event)

    watch.take = taking  # type: ignore[method-assign]
    for _ in range(len(call.sound) // FRAME_SAMPLES):
        window = voice.tick()
        if window is not None:
            voice.hear(vad.probabilities([window], [voice.vad])[0])
    report_(Paused(at=voice.position))
    return made


def best_limits(part: list[Call]) -> Limits:
    """The documented parameters that judge most calls of the development part rightly."""
    tried = [
        Limits(greeting=g, after_greeting_silence=s, most_words=w, silence_threshold=t)
        for g, s, w, t in itertools.product(
            (1000, 1500, 2000, 2500), (300, 500, 800), (2, 3, 5, 8), (256, 512, 1024, 2048)
        )
    ]
    return max(tried, key=lambda limits: sum(is_right(c, amd(c.sound, limits)[0]) for c in part))


def is_right(call: Call, status: str) -> bool:
    return status == ("HUMAN" if call.who is Answerer.PERSON else "MACHINE")


def main() -> None:
    vad = SileroVad(require("silero-vad", MODELS))
    recogniser = WhisperRecogniser(require("whisper-base", MODELS), threads=THREADS)
    tuned = best_limits(calls("dev", CLEAN) + calls("dev", NOISY))
    us: dict[str, object] = {"part (synthetic)": PART}
    peers: dict[str, dict[str, object]] = {
        "app_amd, sample amd.conf": {},
        "app_amd, tuned on the development part": {"limits": str(tuned)},
    }
    goals = []
    for channel in (CLEAN, NOISY):
        made = calls(PART, channel)
        decided = [(call, ours(call, vad, recogniser)) for call in made]
        people = [(c, d) for c, d in decided if c.who is Answerer.PERSON]
        machines = [(c, d) for c, d in decided if c.who is not Answerer.PERSON]
        after = [d[0].at_ms - c.began_ms for c, d in people if d and d[0].answerer is Answerer.PERSON]
        late = [next(x.at_ms for x in d if x.answerer in MACHINES) - c.began_ms for c, d in machines if has_machine(d)]
        hallo = [
            d[0].at_ms - c.began_ms for c, d in people if d and c.text in HALLO and d[0].answerer is Answerer.PERSON
        ]
        us |= {
            f"{channel.name}: people heard as people": f"{len(after)} of {len(people)}",
            f"{channel.name}: people taken for machines": sum(has_machine(d) for _, d in people),
            f"{channel.name}: machines heard as machines": f"{len(late)} of {len(machines)}",
            f"{channel.name}: machines of the right kind": sum(
                bool(d) and d[-1].answerer is c.who for c, d in machines
            ),
            f"{channel.name}: missed": dict(Counter(c.text for c, d in machines if not has_machine(d))),
            f"{channel.name}: person known after the first word begins, ms p50, p95": spread(after),
            f"{channel.name}: 喂 and the like, ms p50": median(hallo or [9999]),
            f"{channel.name}: machine known after the first word begins, ms p50, p95": spread(late),
        }
        for peer, limits in zip(peers, (Limits(), tuned), strict=True):
            said = [(c.who is Answerer.PERSON, c.began_ms, *amd(c.sound, limits)) for c in made]
            known = [at - began for is_person, began, status, at in said if is_person and status == "HUMAN"]
            found = sum(status == "MACHINE" for is_person, _, status, _ in said if not is_person)
            peers[peer] |= {
                f"{channel.name}: people heard as people": f"{len(known)} of {len(people)}",
                f"{channel.name}: people taken for machines": sum(p and s == "MACHINE" for p, _, s, _ in said),
                f"{channel.name}: machines heard as machines": f"{found} of {len(machines)}",
                f"{channel.name}: person known after the first word begins, ms p50, p95": spread(known),
            }
        if channel is CLEAN:
            tuned_right = sum(is_right(c, amd(c.sound, tuned)[0]) for c in made)
            right = sum(has_machine(d) is (c.who is not Answerer.PERSON) for c, d in decided)
            goals += [
                goal("ms after a 喂 begins until it is a person, p50", 700, median(hallo or [9999]), at_least=False),
                goal("people taken for machines", 0, sum(has_machine(d) for _, d in people), at_least=False),
                goal("calls judged rightly, beside tuned app_amd", tuned_right, right),
            ]
    report("machine", ours=us, peers=peers, goals=goals)


HALLO = frozenset({"喂?", "喂!", "喂,你好。", "你好。", "诶,你好。", "哈喽。", "谁?", "干嘛?", "请说。", "是我。"})


def has_machine(decisions: list[Decision]) -> bool:
    return any(d.answerer in MACHINES for d in decisions)


def spread(values: list[int]) -> str:
    return f"{np.percentile(values, 50):.0f}, {np.percentile(values, 95):.0f}" if values else "none"


if __name__ == "__main__":
    main()
