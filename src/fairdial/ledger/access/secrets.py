"""Passwords, tokens and one-time codes: how they are made, kept and compared."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fairdial.errors import InputError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200

_hasher = PasswordHasher()
_of_nobody = _hasher.hash(secrets.token_urlsafe(16))
"""Compared when there is no such name, so that a name that exists is not told by the time it takes."""


_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
"""Comparing takes a tenth of a second of a core, on purpose: whoever tries many waits behind their own tries."""


async def hashed_password(password: str) -> str:
    """argon2id with the library's parameters (RFC 9106, low memory).

    Raises:
        InputError: It is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters 密码长度不符")
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


async def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the one; takes as long when there is none."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _is_password, password, hashed)


def _is_password(password: str, hashed: str | None) -> bool:
    try:
        _hasher.verify(hashed or _of_nobody, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def new_token() -> str:
    """256 random bits, for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode()).digest()


def new_totp() -> str:
    """A secret of RFC 6238, base32."""
    return pyotp.random_base32()


def is_code(secret: str, code: str, *, used: str | None) -> bool:
    """Whether it is the code of now or of 30 s before or after, and not the one used last."""
    return code != used and pyotp.TOTP(secret).verify(code, valid_window=1)


def totp_address(secret: str, name: str) -> str:
    """What an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="fairdial 善呼")
