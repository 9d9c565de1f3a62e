"""Puts an edge's files where Kamailio reads them, and asks Kamailio whether it would start with them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import resources
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fairdial.errors import InputError

CERTIFICATE, PRIVATE_KEY = "edge.crt", "edge.key"

_HELD_FOR = timedelta(days=825)
_RENEWED_BEFORE = timedelta(days=30)

_CHECK_S = 30


class Change(StrEnum):
    """What became of a file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What Kamailio says; `is_good` is None where there is no Kamailio to ask."""

    is_good: bool | None
    words: str


def fixed_files() -> Mapping[str, str]:
    """The files that are the same at every edge, by name."""
    return {"kamailio.cfg": resources.files("fairdial.edge").joinpath("kamailio.cfg").read_text(encoding="utf-8")}


def put_files(folder: Path, files: Mapping[str, str]) -> Mapping[str, Change]:
    """Write what differs, whole or not at all, readable by the owner of the folder only.

    Raises:
        InputError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {name: _put(folder / name, words) for name, words in files.items()}
    except OSError as error:
        raise InputError(
            f"--to {folder}: cannot be written ({error.strerror}); name a folder of yours 无法写入该文件夹"
        ) from error


def _put(path: Path, words: str) -> Change:
    known = path.read_text(encoding="utf-8") if path.exists() else None
    if known == words and path.stat().st_mode & 0o777 == 0o600:
        return Change.SAME
    new = path.with_name(path.name + ".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(words)
    if os.geteuid() == 0:  # whoever the folder was made for runs Kamailio
        owner = path.parent.stat()
        os.chown(new, owner.st_uid, owner.st_gid)
    new.replace(path)
    return Change.NEW if known is None else Change.CHANGED


def own_certificate(folder: Path, host: str, *, now: datetime | None = None) -> Mapping[str, str]:
    """A self-signed certificate for a host and its key: those in the folder while they hold, else fresh ones."""
    moment = now or datetime.now(UTC)
    certificate, key = folder / CERTIFICATE, folder / PRIVATE_KEY
    if certificate.exists() and key.exists():
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        if known.not_valid_after_utc - moment > _RENEWED_BEFORE and _names(host) == _named_in(known):
            return {CERTIFICATE: certificate.read_text(encoding="ascii"), PRIVATE_KEY: key.read_text(encoding="ascii")}
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(hours=1))
        .not_valid_after(moment + _HELD_FOR)
        .add_extension(_names(host), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    return {
        CERTIFICATE: signed.public_bytes(Encoding.PEM).decode("ascii"),
        PRIVATE_KEY: private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
    }


def _names(host: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ip_address(host.strip("[]")))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(host)])


def _named_in(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def ask_kamailio(folder: Path) -> Checked:
    """Whether Kamailio takes the configuration (`kamailio -c`); never an error where it is not installed."""
    program = shutil.which("kamailio", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        return Checked(
            is_good=None,
            words="kamailio is not installed here, so nothing was checked; apt-get install kamailio kamailio-tls-modules",
        )
    try:
        said = subprocess.run(
            [program, "-c", "-E", "-f", "kamailio.cfg"],
            capture_output=True,
            text=True,
            timeout=_CHECK_S,
            check=False,
            cwd=folder,  # where Kamailio looks first for what a file includes
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Checked(is_good=False, words=f"kamailio -c did not end ({type(error).__name__})")
    if said.returncode == 0:
        return Checked(is_good=True, words="kamailio -c: config file ok")
    worst = [line for line in said.stderr.splitlines() if "ERROR" in line or "CRITICAL" in line]
    return Checked(is_good=False, words="\n".join(worst[:8]) or said.stderr[-400:])
