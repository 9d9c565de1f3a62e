"""Whether the way to refuse that is told is one: words that are heard as a refusal, or a key that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.script.finding import Finding
from fairdial.core.script.model import Script
from fairdial.core.script.speech import phrases, sentences
from fairdial.core.script.texts import line_texts

_WAY_OUT = re.compile(
    "(?<!我们)(?<!我们将)(?:不要再|别再|不再|不想再|不愿再|不希望再|不想)(?!会|给您).{0,4}?(?:打(?![断折]|扰您)|接(?![着您])|收到|联系(?!您)|来电|拨)"
)
_KEY = re.compile("按(?:一?下)?(?:数字)?(?:键)?([0-9*#零一二三四五六七八九]|星号?|井号?)")
_WRITTEN = {**dict(zip("零一二三四五六七八九", "0123456789", strict=True)), "星": "*", "井": "#"}


def tells_way_out(script: Script, text: str) -> bool:
    """Whether a text says how not to be called any more."""
    return _WAY_OUT.search(text) is not None or any(
        script.keys.get(key) is Meaning.REFUSE_HARD for key, _ in _keys(text)
    )


def lint_way_out(script: Script) -> Iterator[Finding]:
    """A key that is named as a way to refuse refuses."""
    for path, text in line_texts(script):
        for key, is_way_out in _keys(text):
            if is_way_out and script.keys.get(key) is not Meaning.REFUSE_HARD:
                yield Finding(
                    rule="key-does-not-refuse",
                    path=path,
                    zh=f"说按 {key} 可以拒绝,但 keys 里 {key} 不是 refuse_hard",
                    en=f"says that key {key} refuses, and under `keys` it does not",
                    fix_zh=f'写上 keys: {{"{key}": refuse_hard}}',
                    fix_en=f'write `keys: {{"{key}": refuse_hard}}`',
                )


def _keys(text: str) -> Iterator[tuple[str, bool]]:
    """Keys that a text names, and whether it names them as the way to refuse: said before, or in the same phrase."""
    for sentence in sentences(text):
        begins = 0
        for key in _KEY.finditer(sentence):
            phrase = phrases(sentence[key.start() :])[0]
            is_way_out = bool(_WAY_OUT.search(sentence[begins : key.start()]) or _WAY_OUT.search(phrase))
            yield _WRITTEN.get(key[1][0], key[1]), is_way_out
            begins = key.end()
