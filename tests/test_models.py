"""Model files: resumed, verified, refused; from a server of the test's own."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fairdial.errors import ModelError
from fairdial.models import Model, ModelFile, fetch, hash_of, load_manifest, require
from fairdial.packages import Download, download

CONTENT = bytes(range(256)) * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


class _Hub(BaseHTTPRequestHandler):
    """Serves CONTENT with ranges; breaks off in the middle once if `breaks` is set."""

    breaks = False
    ranges: list[str | None] = []  # noqa: RUF012 — shared on purpose: one list a server
    content = CONTENT

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        if type(self).breaks:
            type(self).breaks = False
            self.wfile.write(self.content[start : start + 100_000])
            self.close_connection = True
            return
        self.wfile.write(self.content[start:])

    def log_message(self, *_: object) -> None:
        return None


@contextmanager
def hub(*, content: bytes = CONTENT, breaks: bool = False) -> Iterator[tuple[str, list[str | None]]]:
    class handler(_Hub):
        pass

    handler.content, handler.breaks, handler.ranges = content, breaks, []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/model.bin", handler.ranges
        finally:
            server.shutdown()
            thread.join()


def manifest(url: str, sha256: str = SHA) -> dict[str, Model]:
    file = ModelFile(name="model.bin", sha256=sha256, parts=(), hub=url)
    return {"m": Model(name="m", needed_to="run", what="a test", hub=None, files=(file,))}


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with hub(breaks=True) as (url, ranges):
        got = download(Download(url=url, suffix=".bin", sha256=SHA), tmp_path / "m", wait_s=0.0)
    assert got.read_bytes() == CONTENT
    assert ranges == [None, "bytes=100000-"]


def test_a_fetched_file_is_verified_and_not_fetched_again(tmp_path: Path) -> None:
    with hub() as (url, ranges):
        fetch(["m"], tmp_path, manifest=manifest(url))
        fetch(["m"], tmp_path, manifest=manifest(url))
    assert len(ranges) == 1
    assert hash_of(require("m", tmp_path, manifest=manifest(url)) / "model.bin") == SHA


def test_a_file_that_differs_is_refused_and_removed(tmp_path: Path) -> None:
    with hub(content=b"something else") as (url, _), pytest.raises(ModelError, match="refused and removed"):
        fetch(["m"], tmp_path, manifest=manifest(url))
    assert not list((tmp_path / "m").glob("*.bin*"))


def test_a_file_altered_after_it_was_verified_is_not_used(tmp_path: Path) -> None:
    with hub() as (url, _):
        known = manifest(url)
        fetch(["m"], tmp_path, manifest=known)
    (tmp_path / "m" / "model.bin").write_bytes(b"altered")
    with pytest.raises(ModelError, match="does not match its SHA-256; remove it and run"):
        require("m", tmp_path, manifest=known)


def test_a_hub_that_is_away_is_said_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"m.bin: not reachable"):
        download(Download(url="http://127.0.0.1:9/m", suffix=".bin", sha256=SHA), tmp_path / "m", wait_s=0.0)


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="fairdial models fetch whisper-base"):
        require("whisper-base", tmp_path)


def test_every_file_of_the_manifest_has_a_hash_and_a_source() -> None:
    for model in load_manifest().values():
        for file in model.files if model.is_fetched else ():
            assert len(file.sha256 or "") == 64 and (file.parts or file.hub)


def test_a_model_whose_hashes_are_not_known_is_named_and_not_fetched(tmp_path: Path) -> None:
    unknown = [model for model in load_manifest().values() if not model.is_fetched]
    assert unknown and all(model.hub and model.needed_to not in ("run", "render") for model in unknown)
    for model in unknown:
        with pytest.raises(ModelError, match=f"hashes are not known.*{model.hub}"):
            fetch([model.name], tmp_path)
    assert list(tmp_path.iterdir()) == []
