"""What the people of the practice network meant: their own words found again in what was heard of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fairdial.core.dialogue.events import SentenceHeard
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.sound_alike import alikeness, syllables
from fairdial.rehearsal.persona import Persona, Say
from fairdial.rehearsal.rehearsed_call import Intended

LEAST_ALIKE = 0.4
"""Share of a sentence's syllables that must be found again in what was heard for it to be that sentence."""


def intended(persona: Persona, moments: Sequence[Moment], meaning_of: Callable[[str], Meaning]) -> dict[int, Intended]:
    """What was meant by the sentences heard of a persona, by their place in `moments`.

    Sentences come in the order in which they were said; one that the line swallowed is passed over. What a sentence
    means is what `meaning_of` makes of it as it is written, so that only hearing is judged.
    """
    said = [turn.act.wording.text for turn in persona.turns if isinstance(turn.act, Say)]
    found: dict[int, Intended] = {}
    for at, heard in _sentences(moments):
        likely = [
            (alikeness(syllables(normalise(heard)), syllables(normalise(text))), -n) for n, text in enumerate(said)
        ]
        alike, place = max(likely, default=(0.0, 0))
        if alike >= LEAST_ALIKE:
            text = said[-place]
            found[at] = Intended(said=text, meaning=meaning_of(text))
            said = said[1 - place :]
    return found


def _sentences(moments: Sequence[Moment]) -> Iterator[tuple[int, str]]:
    for at, moment in enumerate(moments):
        if isinstance(moment.event, SentenceHeard) and moment.event.text:
            yield at, moment.event.text
