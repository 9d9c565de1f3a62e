"""What an operator says of an edge, as it was typed; kept beside the edge's files, so that it is said once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from fairdial.edge.files import CERTIFICATE, PRIVATE_KEY
from fairdial.edge.plan import EdgeLine, EdgeOptions, Listener, Media
from fairdial.errors import InputError

KEPT = "render.json"

CONTROL = "127.0.0.1:2223"
"""Where rtpengine takes orders; on the edge's own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One field an option of `fairdial edge render`; None for what was not said.

    Attributes:
        listen: `[udp:|tcp:|tls:]ip:port[=host:port]`, the latter as it is known outside.
        media: `ip` or `ip,ip[=ip]`: inside, outside, and as outside is known.
        stand_in, each_second: `line=line` and `line=number`.
        no_options: Lines whose carriers answer no OPTIONS.
        at: The folder on the edge's machine, where it is another than it is rendered to.
    """

    listen: tuple[str, ...] | None = None
    media: str | None = None
    stand_in: tuple[str, ...] | None = None
    each_second: tuple[str, ...] | None = None
    no_options: tuple[str, ...] | None = None
    self_signed: bool | None = None
    certificate: str | None = None
    private_key: str | None = None
    ca_list: str | None = None
    at: str | None = None
    silence_s: float | None = None
    ping_s: int | None = None

    def over(self, kept: Given) -> Given:
        """What is said now, and what was said before where nothing is said now."""
        said = {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}
        return replace(kept, **said)


_GIVEN = TypeAdapter(Given)


def kept_in(folder: Path) -> Given:
    """What was said of the edge in a folder; nothing of a new one.

    Raises:
        InputError: The file was altered.
    """
    path = folder / KEPT
    if not path.exists():
        return Given()
    try:
        return _GIVEN.validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise InputError(
            f"{path} cannot be read; render with --forget and all options 请加 --forget 重新填写选项"
        ) from error


def to_keep(given: Given) -> str:
    return _GIVEN.dump_json(given, indent=1, exclude_none=True).decode() + "\n"


def options_of(given: Given, *, folder: Path) -> EdgeOptions:
    """The options of an edge whose files go to `folder`.

    Raises:
        InputError: An address is none.
    """
    at = given.at or str(folder.absolute())
    is_signed = bool(given.self_signed)
    said = {name: getattr(given, name) for name in ("silence_s", "ping_s", "ca_list")}
    return EdgeOptions(
        folder=at,
        listeners=tuple(_listener(one) for one in given.listen or ()),
        certificate=f"{at}/{CERTIFICATE}" if is_signed else given.certificate,
        private_key=f"{at}/{PRIVATE_KEY}" if is_signed else given.private_key,
        media=_media(given.media) if given.media else None,
        **{name: value for name, value in said.items() if value is not None},
    )


def _listener(text: str) -> Listener:
    address, _, advertised = text.partition("=")
    transport, colon, rest = address.partition(":")
    if colon and transport in ("udp", "tcp", "tls"):
        return Listener(transport=transport, address=rest, advertised=advertised or None)
    return Listener(transport="udp", address=address, advertised=advertised or None)


def _media(text: str) -> Media:
    ways, _, advertised = text.partition("=")
    inside, _, outside = ways.partition(",")
    return Media(control=CONTROL, inside=inside, outside=outside or inside, outside_advertised=advertised or None)


def with_what_was_given(lines: list[EdgeLine], given: Given) -> list[EdgeLine]:
    """Lines with what was said of them: stand-ins, calls a second, no OPTIONS.

    Raises:
        InputError: A line is not known, or what is said of it is no line and no number.
    """
    known = {line.name: line for line in lines}
    for name, other in _pairs(given.stand_in, "--stand-in", known):
        known[name] = replace(known[name], stand_ins=(*known[name].stand_ins, other))
    for name, number in _pairs(given.each_second, "--calls-per-second", known):
        if not number.isdigit():
            raise InputError(f"--calls-per-second {name}={number}: write a whole number, 1 or more 请填写正整数")
        known[name] = replace(known[name], each_second=int(number))
    for name in given.no_options or ():
        line = known[_known(name, f"--no-options {name}", known)]
        known[name] = replace(line, answers_options=False)
    return list(known.values())


def _known(name: str, said: str, known: dict[str, EdgeLine]) -> str:
    if name not in known:
        raise InputError(
            f"{said}: line {name} is not known; add it with `fairdial line add`, or take it out with --forget 线路不存在"
        )
    return name


def _pairs(said: tuple[str, ...] | None, option: str, known: dict[str, EdgeLine]) -> list[tuple[str, str]]:
    pairs = []
    for text in said or ():
        name, equals, value = text.partition("=")
        if not equals or not value:
            raise InputError(f"{option} {text}: write LINE=… 请写成 线路=…")
        pairs.append((_known(name, f"{option} {text}", known), value))
    return pairs
