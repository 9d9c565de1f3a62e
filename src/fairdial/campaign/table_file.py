"""A list file as a table of text: CSV in the encodings people send, and XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from fairdial.campaign.xlsx_file import HEAD_CPU_S, MOST_COLUMNS, MOST_CPU_S, MOST_ROWS, Row, Unusable, Why, rows_apart
from fairdial.core.contacts.rows import Table
from fairdial.errors import InputError

MOST_BYTES = 192 * 2**20
"""Largest list file; a list of a million people has about 120 MB, and 190 when every row tells a consent."""

_LONGEST_LINE = 2**20
"""Characters of a line of a CSV: 200 columns of them are more than anybody knows of a person."""

_LINE_ENDS = {"utf-16": b"\n\0", "utf-16-le": b"\n\0", "utf-16-be": b"\0\n"}

_XLSX = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_bytes(path: Path) -> bytes:
    """Read a file an operator named.

    Raises:
        InputError: It is missing, a folder, not readable, empty or too large; says what to do.
    """
    try:
        size = path.stat().st_size
        if not path.is_dir() and not path.is_file():
            raise InputError(
                f"{path}: 不是普通文件 is not a regular file; 请指定 CSV 或 XLSX 文件 name a CSV or XLSX file"
            )
        if path.is_dir():
            raise InputError(f"{path}: 是文件夹 is a folder; 请指定 CSV 或 XLSX 文件 name a CSV or XLSX file")
        if size > MOST_BYTES:
            raise InputError(
                f"{path}: {size / 2**20:.0f} MB 过大, is too large; "
                f"请拆成每个不超过 {MOST_BYTES // 2**20} MB 的文件 split it into files of at most {MOST_BYTES // 2**20} MB"
            )
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: 文件不存在 does not exist; 请核对路径 check the path") from error
    except OSError as error:
        raise InputError(
            f"{path}: 无法读取 cannot be read ({error.strerror}); 请核对权限 check its permissions"
        ) from error
    if not content.strip():
        raise InputError(f"{path}: 文件是空的 is empty; 第一行应为列名 the first line names the columns")
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The beginning of a table file, and how it is written: `xlsx`, or the encoding of a CSV."""

    encoding: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """A table file whose rows are read as they are asked for, from the first again each time.

    Attributes:
        about: How many rows there will be, as far as that can be told before they are read.
    """

    header: tuple[str, ...]
    about: int
    read: Callable[[], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        """Each row that holds anything, with the line it begins on.

        Raises:
            InputError: As `read_table`, for what is read.
        """
        return islice(self.read(), 1, None)


def open_table(path: Path, content: bytes) -> OpenTable:
    """A table file of any length in little memory; a workbook, which takes minutes to unpack, is kept whole.

    Raises:
        InputError: As `read_table`, for the header.
    """
    written, found = _rows(path, content, most_cpu_s=MOST_CPU_S)
    if written == "xlsx":
        kept = list(found)
        about, rows = len(kept) - 1, kept.__iter__
    else:
        about = content.count(_LINE_ENDS.get(written, b"\n")) - content.endswith(_LINE_ENDS.get(written, b"\n"))
        rows = partial(_again, path, content)
    header = next(rows(), None)
    if header is None:
        raise _no_rows(path)
    return OpenTable(header=header[1], about=max(0, about), read=rows)


def _again(path: Path, content: bytes) -> Iterator[Row]:
    return _rows(path, content, most_cpu_s=MOST_CPU_S)[1]


def read_table(path: Path, content: bytes) -> Table:
    """Read the header and rows of a CSV or XLSX file; empty rows are left out.

    Raises:
        InputError: It is neither, is broken or too large; names the file, the line and what to do.
    """
    return _table(path, _rows(path, content, most_cpu_s=MOST_CPU_S)[1])


def read_head(path: Path, content: bytes, *, rows: int) -> Head:
    """Read the header and the first rows of a file, whatever comes after them.

    Raises:
        InputError: As `read_table`, for what is read.
    """
    encoding, found = _rows(path, content, most_cpu_s=HEAD_CPU_S)
    return Head(encoding=encoding, table=_table(path, islice(found, rows + 1)))


def _table(path: Path, rows: Iterable[Row]) -> Table:
    kept = list(rows)
    if not kept:
        raise _no_rows(path)
    return Table(header=kept[0][1], rows=tuple(kept[1:]))


def _no_rows(path: Path) -> InputError:
    return InputError(f"{path}: 没有内容 holds no rows; 第一行应为列名 the first line names the columns")


def _rows(path: Path, content: bytes, *, most_cpu_s: int) -> tuple[str, Iterator[Row]]:
    """How a file is written, and its rows that hold anything."""
    if content.startswith(_OLD_EXCEL):
        raise InputError(f"{path}: 是旧版 Excel is an old Excel file; 请另存为 XLSX 或 CSV save it as XLSX or CSV")
    if content.startswith(_XLSX):
        return "xlsx", _within(path, _xlsx_rows(path, content, most_cpu_s))
    encoding = _encoding(path, content)
    return encoding.removesuffix("-sig"), _within(path, _csv_rows(path, content, encoding))


def _within(path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that hold anything, as long as there are not too many of them, nor of their cells."""
    for count, (line, cells) in enumerate(rows, start=1):
        if count > MOST_ROWS + 1:
            raise _too_many_rows(path)
        if len(cells) > MOST_COLUMNS:
            raise InputError(
                f"{path}:{line}: 超过 {MOST_COLUMNS} 列 has more than {MOST_COLUMNS} columns; "
                "请删去不用的列 remove those that are not needed"
            )
        if "".join(cells).strip():
            yield line, cells


def _too_many_rows(path: Path) -> InputError:
    return InputError(
        f"{path}: 超过 {MOST_ROWS} 行 has more than {MOST_ROWS} rows; 请拆成几个文件 split it into several files"
    )


def _encoding(path: Path, content: bytes) -> str:
    """UTF-8, UTF-16 or GB18030, by its mark or by what decodes without error."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        order = ["utf-16"]
    elif b"\0" in content:  # UTF-16 without a mark: the high bytes of digits and commas are zero
        order = ["utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be"]
    else:
        order = ["utf-8-sig", "gb18030"]
    for encoding in order:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding
    raise InputError(
        f"{path}: 不是文本 is not text; 请存为 UTF-8、GB18030 或 UTF-16 的 CSV save it as CSV in UTF-8, GB18030 or UTF-16"
    )


def _csv_rows(path: Path, content: bytes, encoding: str) -> Iterable[Row]:
    """Rows with the line each begins on; the delimiter is the commonest of `,`, `;` and tab in the header."""
    header = next((line for line in _text(content, encoding) if line.strip()), "")
    reader = csv.reader(_lines(path, content, encoding), delimiter=max(",;\t", key=header.count), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, tuple(cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}:{begins}: 这一行的引号不成对或内容过长 quotes do not match or a cell is too long ({error}); "
            "请修正这一行 mend the line"
        ) from error


def _lines(path: Path, content: bytes, encoding: str) -> Iterator[str]:
    """The lines of a text; one of them alone may not fill the memory with empty cells."""
    for number, line in enumerate(_text(content, encoding), start=1):
        if len(line) > _LONGEST_LINE:
            raise InputError(
                f"{path}:{number}: 这一行过长 the line is too long; 请检查换行和列 check where lines end, and the columns"
            )
        yield line


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _xlsx_rows(path: Path, content: bytes, most_cpu_s: int) -> Iterator[Row]:
    try:
        yield from rows_apart(content, most_cpu_s=most_cpu_s)
    except Unusable as error:
        match error.why:
            case Why.LARGE:
                raise InputError(f"{path}: 解压后过大 is too large when unpacked; 请拆分 split it") from error
            case Why.ROWS:
                raise _too_many_rows(path) from error
            case Why.BROKEN:
                raise InputError(
                    f"{path}: 不是完好的 XLSX is not a sound XLSX file; 请用 Excel 重新保存 save it anew"
                ) from error
