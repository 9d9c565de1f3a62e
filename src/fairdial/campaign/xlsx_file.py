"""XLSX files, read by a process of their own with bounds of memory and time.

A few kilobytes of an XLSX can unpack to a row, a style sheet or a table of contents that takes 25 times its size when it is
parsed, whatever the archive says of itself. A process that has no more memory ends, and nobody else does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

MOST_ROWS, MOST_COLUMNS = 1_000_000, 200
"""Largest table; a few bytes of an XLSX can unpack to any number of cells."""

_MOST_UNPACKED = 512 * 2**20
MOST_MEMORY = 2 * 2**30
"""Bytes that reading may take: the texts that all cells share are in memory at once."""

MOST_CPU_S = 900
HEAD_CPU_S = 120
"""Seconds of a core for a whole file, and for its first rows, before which all shared texts are read."""

_LONGEST_CELL, _MOST_TEXT = 2**17, 2**28
"""Characters of a cell, as in a CSV, and of all of them: a shared text stands in the archive once and in cells ever again."""

_ROW, _SHEETS = b"<row", "xl/worksheets/sheet"
_AT_ONCE = 2**18
"""Characters that are told in one line."""

Row = tuple[int, tuple[str, ...]]


class Why(StrEnum):
    """Why a file cannot be read."""

    LARGE = "large"
    ROWS = "rows"
    BROKEN = "broken"


class Unusable(Exception):
    """A file that is no XLSX, or too large a one."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def rows_apart(content: bytes, *, most_memory: int = MOST_MEMORY, most_cpu_s: int = MOST_CPU_S) -> Iterator[Row]:
    """The rows of the first sheet with their lines, read by another process, which ends when no more are asked for.

    Args:
        most_memory: Bytes that the other process may take to read.
        most_cpu_s: Seconds of a core that it may take.

    Raises:
        Unusable: It is broken, or takes more than it may.
    """
    command = [sys.executable, "-P", "-m", "fairdial.campaign.xlsx_file", str(most_memory), str(most_cpu_s)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        try:
            for give in (lambda: reader.stdin.write(content), reader.stdin.close):
                with contextlib.suppress(BrokenPipeError):  # it has ended, and the end of its words tells why
                    give()
            for told in reader.stdout:
                found = json.loads(told)
                if not isinstance(found, list):
                    if found is not None:
                        raise Unusable(Why(found))
                    return
                for line, cells in found:
                    yield line, tuple(cells)
            raise Unusable(Why.LARGE)  # it was ended before its last word
        finally:
            reader.kill()


def rows(content: bytes) -> Iterator[Row]:
    """The same in this process; formulas come as they are written, so that they can be refused.

    What the archive says it unpacks to binds: zipfile reads no further, and a part that goes on has another checksum.
    """
    from openpyxl import load_workbook  # here, because only the process that reads needs it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
            if sum(sizes.values()) > _MOST_UNPACKED:
                raise Unusable(Why.LARGE)
            if any(_row_count(archive, name) > MOST_ROWS + 1 for name in sizes if name.startswith(_SHEETS)):
                raise Unusable(Why.ROWS)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size is not believed
        left = _MOST_TEXT
        for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), start=1):
            row = tuple(_cell(value) for value in cells)
            left -= sum(map(len, row))
            if left < 0 or any(len(cell) > _LONGEST_CELL for cell in row):
                raise Unusable(Why.LARGE)
            yield line, row if row and row[-1] else _trimmed(row)
    except MemoryError as error:
        raise Unusable(Why.LARGE) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        SyntaxError,
    ) as error:
        raise Unusable(Why.LARGE if "out of memory" in str(error) else Why.BROKEN) from error


def _row_count(archive: zipfile.ZipFile, name: str) -> int:
    """Rows of a sheet as its text has them: a thousandth of the time that reading their cells takes."""
    count, end = 0, b""
    with archive.open(name) as part:
        while piece := part.read(2**20):
            count += (end + piece).count(_ROW)
            end = piece[1 - len(_ROW) :]
    return count


def _trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    """A row without the empty cells at its end."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _bound(memory: int, cpu_s: int) -> None:
    """Let this process have no more than what it has now and so many bytes, and so many seconds."""
    with open("/proc/self/statm", encoding="ascii") as sizes:
        now = int(sizes.read().split()[0]) * resource.getpagesize()
    for kind, most in ((resource.RLIMIT_AS, now + memory), (resource.RLIMIT_CPU, cpu_s)):
        soft, hard = resource.getrlimit(kind)
        least = min((one for one in (most, soft, hard) if one != resource.RLIM_INFINITY), default=most)
        resource.setrlimit(kind, (least, hard))


def _main() -> None:
    """Rows as lines of JSON, then null, or why there are no more."""
    with contextlib.suppress(OSError):  # not on Linux
        _bound(int(sys.argv[1]), int(sys.argv[2]))
    waiting: list[Row] = []
    size = 0
    try:
        for line, cells in rows(sys.stdin.buffer.read()):
            waiting.append((line, cells))
            size += sum(map(len, cells)) + len(cells)
            if size > _AT_ONCE or line == _FIRST:
                print(json.dumps(waiting), flush=True)
                waiting, size = [], 0
        print(f"{json.dumps(waiting)}\nnull", flush=True)
    except Unusable as error:
        print(f"{json.dumps(waiting)}\n{json.dumps(error.why)}", flush=True)


_FIRST = 64
"""The first rows are told at once: a preview asks for no more."""

if __name__ == "__main__":
    _main()
