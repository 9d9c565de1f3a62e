"""Lists that come in by upload: received, looked at, checked and taken in, beside everything else a server does.

A file lies sealed until it is taken in or given up; how far it has come stands in the ledger, so that it is told after a
reload and by every server of the installation.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fairdial.app import App
from fairdial.campaign.table_file import Head, OpenTable, open_table, read_head
from fairdial.core.contacts.check import Given
from fairdial.core.contacts.columns import Columns, chosen
from fairdial.core.contacts.evidence import matched, named_evidence
from fairdial.core.contacts.rows import Problem
from fairdial.errors import FairdialError, InputError, StorageError
from fairdial.ledger.people.intake import Source
from fairdial.ledger.people.uploads import (
    Orders,
    StoredFile,
    Told,
    UploadState,
    beat,
    begin,
    evidence_shown,
    expire,
    fail,
    finish,
    give_up,
    header_of,
    keep_upload,
    stored_file,
)
from fairdial.ledger.protection.sealed import of_list_upload
from fairdial.list_intake import check_file, take_file_in
from fairdial.sealed_file import Sealing, opened_file

ROWS_SHOWN = 20
"""Rows of a file that are shown before it is read."""

_AT_ONCE = 2
"""Files that are looked at, and files that are worked at, at the same time; others wait, so that threads and processors are
left for everything else a server does."""

_BEAT_S = 0.5
_PIECE = 2**18
_MOST_MISSING = 200


class TooLarge(Exception):
    """A file goes on past what the setting allows."""


@dataclass(slots=True)
class _Progress:
    done: int = 0
    total: int | None = None


class Imports:
    """The uploads this server works at."""

    def __init__(self) -> None:
        self._working: dict[int, asyncio.Task[None]] = {}
        self._turn, self._turn_to_work = asyncio.Semaphore(_AT_ONCE), asyncio.Semaphore(_AT_ONCE)

    async def receive(
        self, app: App, pieces: AsyncIterator[bytes], *, tenant: str, by: str, file_name: str
    ) -> tuple[int, Head]:
        """Write a file down as it comes, sealed, and look at its first rows.

        Returns:
            The upload's id and what it begins with.

        Raises:
            TooLarge: It goes on past what is allowed; nothing of it is kept.
            InputError: It is no table.
            StorageError: The disk is too full.
        """
        folder = _folder(app)
        for name in await expire(app.database):
            (folder / name).unlink(missing_ok=True)
        stored, key = secrets.token_hex(16), os.urandom(32)
        path = folder / stored
        try:
            file = await _written(pieces, path, key, file_name, most=app.settings.most_list_mb * 2**20)
            async with self._turn:
                head = await asyncio.to_thread(_head, path, file)
            upload = await keep_upload(
                app.database, tenant=tenant, by=by, file=file, encoding=head.encoding, header=head.table.header
            )
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return upload, head

    async def look(self, app: App, *, tenant: str, upload: int) -> Head | None:
        """What an upload begins with; None when its file is gone."""
        file = await stored_file(app.database, tenant=tenant, upload=upload)
        if file is None:
            return None
        async with self._turn:
            return await asyncio.to_thread(_head, _folder(app) / file.stored, file)

    async def work(self, app: App, *, tenant: str, upload: int, orders: Orders, is_import: bool) -> None:
        """Begin to read a whole file: to check it, or to take its good rows in.

        Raises:
            InputError: The columns do not do; it is being worked at, or over.
        """
        file = await stored_file(app.database, tenant=tenant, upload=upload)
        if file is not None:
            _columns(await header_of(app.database, upload=upload), orders)
        state = UploadState.IMPORTING if is_import else UploadState.CHECKING
        if file is None or not await begin(app.database, upload=upload, orders=orders, state=state):
            raise InputError("this upload is being worked at or is over; upload the file again 正在处理或已结束")
        task = asyncio.create_task(self._work(app, tenant, upload, file, orders, is_import), name=f"upload-{upload}")
        self._working[upload] = task
        task.add_done_callback(lambda _done: self._working.pop(upload, None))

    async def cancel(self, app: App, *, tenant: str, upload: int) -> bool:
        """Give an upload up, and take nothing of it in; False when it was over already."""
        file = await stored_file(app.database, tenant=tenant, upload=upload)
        if not await give_up(app.database, tenant=tenant, upload=upload):
            return False
        if (task := self._working.get(upload)) is not None:
            task.cancel()
        if file is not None:
            (_folder(app) / file.stored).unlink(missing_ok=True)
        return True

    async def _work(
        self, app: App, tenant: str, upload: int, file: StoredFile, orders: Orders, is_import: bool
    ) -> None:
        progress, database = _Progress(), app.database
        reading = asyncio.ensure_future(
            _read(app, tenant, upload, file, orders, is_import, progress, self._turn_to_work)
        )
        try:
            while not (await asyncio.wait({reading}, timeout=_BEAT_S))[0]:
                if not await beat(database, upload=upload, done=progress.done, total=progress.total):
                    return
            told = reading.result()
            state = UploadState.IMPORTED if is_import else UploadState.CHECKED
            await finish(database, upload=upload, state=state, told=told)
            if is_import:
                (_folder(app) / file.stored).unlink(missing_ok=True)
        except FairdialError as error:
            await fail(database, upload=upload, problem=str(error))
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, FairdialError):
                await reading


async def _read(
    app: App,
    tenant: str,
    upload: int,
    file: StoredFile,
    orders: Orders,
    is_import: bool,
    progress: _Progress,
    turn: asyncio.Semaphore,
) -> Told:
    """Read and check every row, and take the good ones in when that is asked."""
    shown, now = await evidence_shown(app.database, upload=upload), await app.database.now()
    path, import_id = _folder(app) / file.stored, None
    async with turn:
        table, columns, named = await asyncio.to_thread(_opened, path, file, orders, shown)
        given = Given(packs=app.packs, evidence=named, now=now)
        progress.total = table.about

        def so_far(share: float) -> None:
            progress.done = int(share * table.about)

        if is_import:
            outcome, import_id = await take_file_in(
                app.database,
                table,
                columns,
                given,
                tenant=tenant,
                name=orders.list,
                source=Source(file_name=file.file_name, sha256=file.sha256),
                done=so_far,
            )
        else:
            outcome = await check_file(table, columns, given, done=so_far)
    missing = sorted(name for name, found in named.items() if found is None)
    return Told(
        accepted=outcome.accepted,
        rejected=outcome.rejected,
        named=len(named),
        missing=missing[:_MOST_MISSING],
        list_import_id=import_id,
    )


def _opened(
    path: Path, file: StoredFile, orders: Orders, shown: Mapping[str, str]
) -> tuple[OpenTable, Columns, dict[str, str | None]]:
    """A file's rows, its columns, and the evidence files it names with what was shown for them."""
    table = open_table(Path(file.file_name), _content(path, file))
    columns = _columns(table.header, orders)
    return table, columns, matched(named_evidence(table, columns), shown)


def _columns(header: Sequence[str], orders: Orders) -> Columns:
    found = chosen(header, orders.places, orders.same)
    if isinstance(found, Problem):
        raise InputError(f"{found.reason_zh} {found.reason_en}; {found.remedy_zh} {found.remedy_en}")
    return found


async def _written(pieces: AsyncIterator[bytes], path: Path, key: bytes, file_name: str, *, most: int) -> StoredFile:
    """Write a file down sealed, piece by piece; its content is never in clear on the disk."""
    digest, size, waiting = sha256(), 0, bytearray()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        sealing = Sealing(target, key=key, about=of_list_upload(path.name))
        async for piece in pieces:
            size += len(piece)
            if size > most:
                raise TooLarge
            digest.update(piece)
            waiting += piece
            if len(waiting) >= _PIECE:
                await asyncio.to_thread(sealing.write, bytes(waiting))
                waiting.clear()
        sealing.write(bytes(waiting))
        sealing.close()
    return StoredFile(stored=path.name, key=key, file_name=file_name, sha256=digest.hexdigest(), size=size)


def _content(path: Path, file: StoredFile) -> bytes:
    try:
        return b"".join(opened_file(path, key=file.key, about=of_list_upload(file.stored)))
    except FileNotFoundError as error:
        raise InputError("the uploaded file is gone; upload it again 上传的文件已不在,请重新上传") from error


def _head(path: Path, file: StoredFile) -> Head:
    content = _content(path, file)
    if not content.strip():
        raise InputError(f"{file.file_name}: 文件是空的 is empty; 第一行应为列名 the first line names the columns")
    return read_head(Path(file.file_name), content, rows=ROWS_SHOWN)


def _folder(app: App) -> Path:
    """Where files wait, with enough space for one more.

    Raises:
        StorageError: It cannot be made, or the disk is nearly full.
    """
    folder = app.settings.home / "uploads"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made ({error.strerror}); set FAIRDIAL_HOME 无法建立文件夹") from error
    if free_mb < app.settings.min_free_mb:
        raise StorageError(
            f"{folder}: {free_mb} MB are free, less than FAIRDIAL_MIN_FREE_MB ({app.settings.min_free_mb}); make space"
            " and upload the file again 磁盘空间不足,请腾出空间后重新上传"
        )
    return folder
