"""Errors of fairdial.

FairdialError                  everything fairdial raises on purpose
├── SettingsError              a setting, key or file named in the settings is wrong (exit 2)
├── ReviewError                a script cannot be submitted, approved or rejected now (exit 1)
├── AccessError                somebody asked for more than they may, or to undo alone what takes another (exit 1)
├── InputError                 a file the operator gave cannot be used (exit 2)
│   └── MissingError           what was named does not exist (exit 2)
├── ModelError                 a model file is missing, cannot be fetched or does not match (exit 3)
├── StorageError               the disk is too full for recordings (exit 3)
├── SpeechError                a speech server does not answer or sends no sound (exit 3)
├── RecognitionError           a recogniser did not write down what was said (exit 3)
├── ProviderError              the provider of sign-ins does not answer, or not as OpenID Connect says (exit 3)
├── LedgerError                the database cannot be reached or refuses (exit 3)
│   └── PermitError            a permit was missing, used, expired or made for another call
├── LineError                  the telephone line failed as a whole (exit 3)
│   └── UncertainLineError     the line did not say whether the INVITE left: the call may ring
├── WorkerError                worker processes die, or cannot be started (exit 3)
└── CoreMisuse                 a caller broke the contract of a pure function (a defect)

Refusals, busy lines and closed calling windows are values, never errors.
Every error carries a stable `code`, a sentence with a remedy and an answer to "retry?".
"""

from __future__ import annotations


class FairdialError(Exception):
    """Tell what happened and what to do.

    Attributes:
        code: Stable identifier, `kebab-case`.
        is_permanent: True when trying again without a change cannot help.
        exit_code: What the command line returns (1 refused, 2 usage, 3 unreachable).
    """

    code = "error"
    is_permanent = True
    exit_code = 1


class SettingsError(FairdialError):
    code = "settings"
    exit_code = 2


class InputError(FairdialError):
    code = "input"
    exit_code = 2


class MissingError(InputError):
    code = "not-found"


class ReviewError(FairdialError):
    code = "review"


class AccessError(FairdialError):
    code = "access"


class ModelError(FairdialError):
    code = "model"
    exit_code = 3


class StorageError(FairdialError):
    code = "storage"
    is_permanent = False
    exit_code = 3


class SpeechError(FairdialError):
    code = "speech"
    is_permanent = False
    exit_code = 3


class RecognitionError(FairdialError):
    code = "recognition"
    is_permanent = False
    exit_code = 3


class ProviderError(FairdialError):
    code = "provider"
    is_permanent = False
    exit_code = 3


class LedgerError(FairdialError):
    code = "ledger"
    is_permanent = False
    exit_code = 3


class PermitError(LedgerError):
    code = "permit"
    is_permanent = True
    exit_code = 1


class LineError(FairdialError):
    code = "line"
    is_permanent = False
    exit_code = 3


class UncertainLineError(LineError):
    code = "line-uncertain"


class WorkerError(FairdialError):
    code = "worker"
    is_permanent = False
    exit_code = 3


class CoreMisuse(FairdialError):
    code = "core-misuse"


def of_code(code: str) -> type[FairdialError]:
    """The kind of error that has this code; `FairdialError` for one that is not known."""
    return next((kind for kind in kinds() if kind.code == code), FairdialError)


def kinds() -> list[type[FairdialError]]:
    """Every kind of error, the most general first."""
    found = [FairdialError]
    for kind in found:
        found += kind.__subclasses__()
    return found
