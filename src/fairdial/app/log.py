"""Where log lines go: warnings of this project, to standard error."""

from __future__ import annotations

import logging


def open_log(form: str = "%(levelname)s %(name)s: %(message)s") -> None:
    """Show warnings; libraries that say too much are told to be quiet."""
    logging.basicConfig(level=logging.WARNING, format=form)
    logging.getLogger("baresip").setLevel(logging.CRITICAL)
    logging.getLogger("jieba").setLevel(logging.WARNING)
