"""Settings of this process, read once by `fairdial.app` from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from math import isfinite
from pathlib import Path
from urllib.parse import urlsplit

from fairdial.core.policy.case import Level
from fairdial.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooserSettings:
    """Who may be asked what a doubtful sentence means.

    Attributes:
        url: Base of an OpenAI-compatible endpoint; `/chat/completions` is added.
        model: Name of the model there.
        key: Bearer token, if the endpoint wants one.
        timeout_s: Longest wait for an answer, in seconds; the person waits as long.
        budget: Most requests in one hour of this process.
        level: Highest level of what may be told; a person's words are `private`.
    """

    url: str
    model: str
    key: str | None = field(repr=False)
    timeout_s: float
    budget: int
    level: Level


MOST_PROCESSES = 64
"""Processes one run is spread over on one machine at most."""

ENGINES = ("whisper", "sherpa", "openai", "funasr")
"""Recognisers that can be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionSettings:
    """An OpenAI-compatible endpoint; `url` is its base, `/audio/transcriptions` is added."""

    url: str
    model: str
    key: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionSettings:
    """Who writes down what is said.

    Attributes:
        engines: Names out of `ENGINES` in the order in which they are asked.
        timeout_s: Longest wait for one that is asked over a network, its retries included; the person waits as long.
        retries: How often one is asked again within that time.
        endpoint, funasr_url, sherpa_model: Where the engines of these kinds are; None for those not named.
    """

    engines: tuple[str, ...]
    timeout_s: float
    retries: int
    endpoint: TranscriptionSettings | None
    funasr_url: str | None
    sherpa_model: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """An OpenID Connect provider whose people may sign in to the console.

    Attributes:
        issuer: Its name, under which its discovery document lies.
        client_id, client_secret: What it knows this installation by.
        console: Where the console is, as people open it; the provider sends them back to `/sign-in/oidc` there.
        name: What the sign-in page calls it.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    console: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveSettings:
    """What is shown of running processes, and to whom.

    Attributes:
        metrics: Host and port where metrics and health are asked for; None for nowhere.
        traces: Where traces of calls are sent (OTLP over HTTP, `/v1/traces` included); None for nowhere.
        has_json_log: Whether log lines are JSON.
    """

    metrics: tuple[str, int] | None = None
    traces: str | None = None
    has_json_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and who calls.

    Attributes:
        home: Folder of the embedded database and the installation's keys; one a user, whatever folder they stand in.
        database_url: A PostgreSQL server of your own; None starts the embedded one.
        number_key: Secret under which numbers are hashed; needed with `database_url`.
        master_key: Key that wraps the keys personal data are sealed with, 64 hexadecimal digits; needed with `database_url`.
        models: Cache folder of model files.
        rulepacks: Folder of rule packs; None uses those shipped.
        wordlists: Folder of word lists that scripts are checked against; None uses those shipped.
        tenant: The enterprise this command works for.
        chooser: Who is asked what a doubtful sentence means; None for nobody.
        recognition: Who writes down what is said.
        seals_recordings: Whether recordings are encrypted, each with a key that the ledger keeps.
        edge: `host:port` of the SIP edge that calls go through; None dials carriers directly.
        processes: Over how many a run's calls are spread; 1 makes them in the process of the command.
        min_free_mb: Free space (10^6 bytes) where recordings go below which no call is started.
        most_list_mb: Largest list file (2^20 bytes) that is taken by upload; a list of a million people has about 120.
        oidc: Whose people may sign in without a password of ours; None for nobody's.
        observe: What is shown of running processes.
        line_patience_s: Seconds a run waits for a line while none of its campaign's can be used.
    """

    home: Path
    database_url: str | None
    number_key: str | None = field(repr=False)
    master_key: str | None = field(repr=False)
    models: Path
    rulepacks: Path | None
    wordlists: Path | None
    tenant: str
    chooser: ChooserSettings | None
    recognition: RecognitionSettings
    seals_recordings: bool = False
    edge: str | None = None
    min_free_mb: int = 500
    processes: int = 1
    most_list_mb: int = 192
    oidc: OidcSettings | None = None
    observe: ObserveSettings = ObserveSettings()
    line_patience_s: float = 900.0

    @property
    def announcements(self) -> Path:
        """Folder of the recordings of networks that this installation has heard."""
        return self.home / "announcements"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read every setting; all problems are reported at once.

    Raises:
        SettingsError: Names each variable that is wrong and what it should be.
    """
    problems = []
    url, key = environment.get("FAIRDIAL_DATABASE_URL"), environment.get("FAIRDIAL_NUMBER_KEY")
    if url is not None and not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        problems.append("FAIRDIAL_DATABASE_URL must begin with postgresql://")
    if url is not None and not key:
        problems.append("FAIRDIAL_NUMBER_KEY must be set when FAIRDIAL_DATABASE_URL is")
    if key is not None and len(key) < 32:
        problems.append("FAIRDIAL_NUMBER_KEY must have at least 32 characters")
    master = environment.get("FAIRDIAL_MASTER_KEY")
    if url is not None and not master:
        problems.append(
            "FAIRDIAL_MASTER_KEY must be set when FAIRDIAL_DATABASE_URL is; `openssl rand -hex 32` makes one"
        )
    if master is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", master):
        problems.append("FAIRDIAL_MASTER_KEY must have 64 hexadecimal digits; `openssl rand -hex 32` makes one")
    packs = environment.get("FAIRDIAL_RULEPACKS")
    if packs is not None and not Path(packs).is_dir():
        problems.append(f"FAIRDIAL_RULEPACKS: {packs} is not a folder")
    words = environment.get("FAIRDIAL_WORDLISTS")
    if words is not None and not Path(words).is_dir():
        problems.append(f"FAIRDIAL_WORDLISTS: {words} is not a folder")
    home = environment.get("FAIRDIAL_HOME")
    if home and Path(home).exists() and not Path(home).is_dir():
        problems.append(f"FAIRDIAL_HOME: {home} is not a folder")
    seals = environment.get("FAIRDIAL_SEAL_RECORDINGS") or "no"
    if seals not in ("yes", "no"):
        problems.append("FAIRDIAL_SEAL_RECORDINGS must be yes or no")
    edge = environment.get("FAIRDIAL_EDGE") or None
    if edge is not None and not re.fullmatch(r"[A-Za-z0-9.-]+:[0-9]{1,5}", edge):
        problems.append("FAIRDIAL_EDGE must be host:port, where the SIP edge listens for workers")
    free = environment.get("FAIRDIAL_MIN_FREE_MB") or "500"
    if not re.fullmatch(r"[0-9]{1,9}", free):
        problems.append("FAIRDIAL_MIN_FREE_MB must be a whole number of megabytes, 0 or more")
    most = environment.get("FAIRDIAL_MOST_LIST_MB") or "192"
    if not re.fullmatch(r"[0-9]{1,3}", most) or int(most) < 1:
        problems.append("FAIRDIAL_MOST_LIST_MB must be a whole number of megabytes from 1 to 999")
    processes = environment.get("FAIRDIAL_PROCESSES") or "1"
    if not re.fullmatch(r"[0-9]{1,3}", processes) or not 1 <= int(processes) <= MOST_PROCESSES:
        problems.append(f"FAIRDIAL_PROCESSES must be a whole number from 1 to {MOST_PROCESSES}")
    patience = environment.get("FAIRDIAL_LINE_PATIENCE_S") or "900"
    if not re.fullmatch(r"[0-9]{1,6}", patience):
        problems.append("FAIRDIAL_LINE_PATIENCE_S must be a whole number of seconds, 0 or more")
    chooser = _chooser(environment, problems)
    recognition = _recognition(environment, problems)
    oidc = _oidc(environment, problems)
    observe = _observe(environment, problems)
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(
        home=Path(environment.get("FAIRDIAL_HOME") or _default_home(environment)).expanduser().absolute(),
        database_url=url,
        number_key=key,
        master_key=master,
        models=Path(environment.get("FAIRDIAL_MODELS", "~/.cache/fairdial/models")).expanduser(),
        rulepacks=Path(packs) if packs else None,
        wordlists=Path(words) if words else None,
        tenant=environment.get("FAIRDIAL_TENANT") or "default",
        chooser=chooser,
        recognition=recognition,
        seals_recordings=seals == "yes",
        edge=edge,
        min_free_mb=int(free),
        processes=int(processes),
        most_list_mb=int(most),
        oidc=oidc,
        observe=observe,
        line_patience_s=float(patience),
    )


def _chooser(environment: Mapping[str, str], problems: list[str]) -> ChooserSettings | None:
    """Read who is asked about doubtful sentences; adds to the problems what is wrong."""
    url, model = environment.get("FAIRDIAL_CHOOSER_URL"), environment.get("FAIRDIAL_CHOOSER_MODEL") or ""
    if not url:
        return None
    before = len(problems)
    if not is_private_way(url):
        problems.append(
            "FAIRDIAL_CHOOSER_URL must begin with https://, or http:// to this machine or a private network, "
            "and hold no user, query or fragment"
        )
    if not model:
        problems.append("FAIRDIAL_CHOOSER_MODEL must be set when FAIRDIAL_CHOOSER_URL is")
    timeout_s = _number(environment.get("FAIRDIAL_CHOOSER_TIMEOUT_S") or "1.5")
    if timeout_s is None or not 0.1 <= timeout_s <= 5.0:
        problems.append("FAIRDIAL_CHOOSER_TIMEOUT_S must be seconds from 0.1 to 5")
    budget = _number(environment.get("FAIRDIAL_CHOOSER_BUDGET") or "600")
    if budget is None or budget < 0 or budget != int(budget):
        problems.append("FAIRDIAL_CHOOSER_BUDGET must be a whole number of requests an hour, 0 or more")
    level = environment.get("FAIRDIAL_CHOOSER_LEVEL") or Level.GENERAL
    if level not in list(Level):
        problems.append(f"FAIRDIAL_CHOOSER_LEVEL must be one of {', '.join(Level)}")
    key = environment.get("FAIRDIAL_CHOOSER_KEY") or None
    if key is not None and not re.fullmatch(r"[!-~]+", key):
        problems.append("FAIRDIAL_CHOOSER_KEY must be letters, digits and marks of ASCII, without spaces")
    if len(problems) > before or timeout_s is None or budget is None:
        return None
    return ChooserSettings(
        url=url.rstrip("/"), model=model, key=key, timeout_s=timeout_s, budget=int(budget), level=Level(level)
    )


def _recognition(environment: Mapping[str, str], problems: list[str]) -> RecognitionSettings:
    """Read who writes down what is said; adds to the problems what is wrong."""
    names = tuple(name.strip() for name in (environment.get("FAIRDIAL_RECOGNISER") or "whisper").split(","))
    if len(set(names)) < len(names) or not set(names) <= set(ENGINES):
        problems.append(f"FAIRDIAL_RECOGNISER must name one or several of {', '.join(ENGINES)}, each once")
    timeout_s = _number(environment.get("FAIRDIAL_RECOGNISER_TIMEOUT_S") or "1.5")
    if timeout_s is None or not 0.2 <= timeout_s <= 10:
        problems.append("FAIRDIAL_RECOGNISER_TIMEOUT_S must be seconds from 0.2 to 10")
    retries = _number(environment.get("FAIRDIAL_RECOGNISER_RETRIES") or "1")
    if retries is None or retries not in range(6):
        problems.append("FAIRDIAL_RECOGNISER_RETRIES must be a whole number from 0 to 5")
    url, model = environment.get("FAIRDIAL_TRANSCRIPTION_URL") or "", environment.get("FAIRDIAL_TRANSCRIPTION_MODEL")
    key = environment.get("FAIRDIAL_TRANSCRIPTION_KEY") or None
    if "openai" in names and not is_private_way(url):
        problems.append(
            "FAIRDIAL_TRANSCRIPTION_URL must be set for openai, begin with https://, or http:// in a private network"
        )
    if "openai" in names and not model:
        problems.append("FAIRDIAL_TRANSCRIPTION_MODEL must be set for openai")
    if key is not None and not re.fullmatch(r"[!-~]+", key):
        problems.append("FAIRDIAL_TRANSCRIPTION_KEY must be letters, digits and marks of ASCII, without spaces")
    funasr = environment.get("FAIRDIAL_FUNASR_URL") or ""
    if "funasr" in names and not is_private_way(funasr, scheme="ws"):
        problems.append("FAIRDIAL_FUNASR_URL must be set for funasr, begin with wss://, or ws:// in a private network")
    folder = environment.get("FAIRDIAL_SHERPA_MODEL") or ""
    if "sherpa" in names and not Path(folder).expanduser().is_dir():
        problems.append("FAIRDIAL_SHERPA_MODEL must be the folder of a model for sherpa")
    endpoint = TranscriptionSettings(url=url.rstrip("/"), model=model or "", key=key) if "openai" in names else None
    return RecognitionSettings(
        engines=names,
        timeout_s=timeout_s or 0.0,
        retries=int(retries or 0),
        endpoint=endpoint,
        funasr_url=funasr if "funasr" in names else None,
        sherpa_model=Path(folder).expanduser() if "sherpa" in names else None,
    )


def _oidc(environment: Mapping[str, str], problems: list[str]) -> OidcSettings | None:
    """Read whose people may sign in; adds to the problems what is wrong."""
    issuer = environment.get("FAIRDIAL_OIDC_ISSUER") or ""
    if not issuer:
        return None
    before = len(problems)
    console = environment.get("FAIRDIAL_OIDC_CONSOLE") or "http://127.0.0.1:8080"
    for name, url in (("FAIRDIAL_OIDC_ISSUER", issuer), ("FAIRDIAL_OIDC_CONSOLE", console)):
        if not is_private_way(url):
            problems.append(f"{name} must begin with https://, or http:// to this machine or a private network")
    client, secret = environment.get("FAIRDIAL_OIDC_CLIENT_ID"), environment.get("FAIRDIAL_OIDC_CLIENT_SECRET")
    if not client:
        problems.append("FAIRDIAL_OIDC_CLIENT_ID must be set when FAIRDIAL_OIDC_ISSUER is")
    if not secret:
        problems.append("FAIRDIAL_OIDC_CLIENT_SECRET must be set when FAIRDIAL_OIDC_ISSUER is")
    if len(problems) > before or not client or not secret:
        return None
    return OidcSettings(
        issuer=issuer,
        client_id=client,
        client_secret=secret,
        console=console.rstrip("/"),
        name=environment.get("FAIRDIAL_OIDC_NAME") or urlsplit(issuer).hostname or issuer,
    )


def _observe(environment: Mapping[str, str], problems: list[str]) -> ObserveSettings:
    """Read what is shown of running processes; adds to the problems what is wrong."""
    address, traces = environment.get("FAIRDIAL_METRICS") or "", environment.get("FAIRDIAL_TRACES") or None
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if address and not (host and _is_near(host) and re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65536):
        problems.append(
            "FAIRDIAL_METRICS must be host:port with an address of this machine or a private network, as 127.0.0.1:9464"
        )
        address = ""
    if traces is not None and not is_private_way(traces):
        problems.append("FAIRDIAL_TRACES must begin with https://, or http:// to this machine or a private network")
    elif traces is not None and urlsplit(traces).path in ("", "/"):
        traces = traces.rstrip("/") + "/v1/traces"
    if (environment.get("FAIRDIAL_LOG") or "text") not in ("text", "json"):
        problems.append("FAIRDIAL_LOG must be text or json")
    return ObserveSettings(
        metrics=(host, int(port)) if address else None, traces=traces, has_json_log=has_json_log(environment)
    )


def has_json_log(environment: Mapping[str, str]) -> bool:
    """Whether log lines are JSON; known before anything else is, because settings may be what is wrong."""
    return environment.get("FAIRDIAL_LOG") == "json"


def is_private_way(url: str, *, scheme: str = "http") -> bool:
    """Whether nobody on the way can read along: TLS, or an address that leaves no private network."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        return False
    return parts.scheme == f"{scheme}s" or (parts.scheme == scheme and _is_near(host))


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal"))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _default_home(environment: Mapping[str, str]) -> str:
    """Where data of this user belong (XDG base directories); a system folder for root."""
    if os.geteuid() == 0:
        return "/var/lib/fairdial"
    return str(Path(environment.get("XDG_DATA_HOME") or "~/.local/share") / "fairdial")
