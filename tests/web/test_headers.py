"""Every answer keeps a browser safe; one who leaves before the answer leaves nothing behind."""

from __future__ import annotations

import logging
import socket

import httpx
import pytest

from tests.console.served import served

SIGN_IN = b"POST /api/v1/session HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: "


def test_every_answer_has_them_and_who_leaves_early_is_no_fault(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with served(database_url) as there, caplog.at_level(logging.WARNING):
        for path in ("/api/v1/session", "/api/v1/nothing", "/api/v1/calls"):
            answer = httpx.get(there.base + path)
            assert "default-src 'self'" in answer.headers["content-security-policy"], path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
        address = httpx.URL(there.base)
        signs_in = b'{"name": "li", "password": "a long enough one"}'
        for body in (signs_in, signs_in[:5]):
            for _ in range(5):
                with socket.create_connection((address.host, address.port or 0)) as gone:
                    gone.sendall(SIGN_IN + str(len(signs_in)).encode() + b"\r\n\r\n" + body)
        assert httpx.get(f"{there.base}/api/v1/session").status_code == 401
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
