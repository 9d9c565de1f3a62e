"""Countries as people write them. Pure."""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-Za-z]{2}")


def country_code(written: str) -> str | None:
    """The ISO 3166-1 code of a country however its case, `GB` for `UK`; None when it is no code of two letters.

    Source:
        ISO 3166-1: `UK` is exceptionally reserved for the United Kingdom, whose code is `GB`.
    """
    if not _CODE.fullmatch(written.strip()):
        return None
    code = written.strip().upper()
    return "GB" if code == "UK" else code
