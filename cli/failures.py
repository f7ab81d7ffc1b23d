"""How a command ends when it cannot do what it was asked.

A `Failure` is said in one line and a hint, or as {"error": {code, message, hint}} with
--json, always on stderr. Errors of lower rooms are translated here, in one place.
"""

from __future__ import annotations

from cli.exit_codes import ExitCode


class Failure(Exception):
    """`code` is for programs and never changes; message and hint are for people."""

    def __init__(self, exit_code: ExitCode, code: str, message: str, hint: str = "") -> None:
        self.exit_code = exit_code
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(message)


def unknown(what: str, name: str, known: list[str], see: str) -> Failure:
    """There is no such job, company ...; the nearest one is offered."""
    from settings.problems import nearest

    meant = nearest(name, known)
    hint = f"did you mean {meant}?" if meant else see
    return Failure(ExitCode.UNKNOWN, f"unknown_{what}", f"there is no {what} {name!r}", hint)


def translated(error: Exception) -> Failure | None:
    """The failure that an error of a lower room means to somebody at a terminal; None for
    errors that nobody foresaw."""
    from resilience.outcomes import CallError, CallFailed, Rejected

    known = _of_storage(error)
    if known is not None:
        return known
    if isinstance(error, CallError):
        message = str(error)
        hint = error.fix or ""
        if hint:
            message = message.removesuffix(f"; {hint}")
        later = isinstance(error, Rejected) or (isinstance(error, CallFailed) and error.retryable)
        return Failure(
            ExitCode.TRY_LATER if later else ExitCode.BAD_OUTCOME,
            f"{error.service}_failed",
            message,
            hint,
        )
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        place = f"{error.filename}: " if error.filename else ""
        return Failure(ExitCode.BAD_OUTCOME, "system", f"{place}{reason}")
    return None


def _snake(name: str) -> str:
    """ "TooNew" -> "too_new" """
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_")


def _of_storage(error: Exception) -> Failure | None:
    """Errors of opening the database; whatever raised one has imported these modules."""
    from storage.archive_errors import ArchiveError, InUse
    from storage.dsn import BadAddress
    from storage.errors import SchemaTooNew
    from storage.leases import InstanceTaken
    from storage.poolers import SessionsLent
    from storage.server_errors import EmbeddedServerError, StartFailed

    if isinstance(error, InstanceTaken):
        message, _, fix = str(error).partition(". ")
        return Failure(ExitCode.TRY_LATER, "instance_taken", message, fix)
    if isinstance(error, ArchiveError):
        code = ExitCode.TRY_LATER if isinstance(error, InUse) else ExitCode.REFUSED
        return Failure(code, _snake(type(error).__name__), error.what, error.fix)
    if isinstance(error, BadAddress):
        return Failure(ExitCode.CONFIGURATION, "database_url", error.what, error.fix or "")
    if isinstance(error, SessionsLent):
        return Failure(ExitCode.CONFIGURATION, "pooler", error.what, error.fix or "")
    if isinstance(error, SchemaTooNew):
        message, _, fix = str(error).partition(". ")
        return Failure(ExitCode.CONFIGURATION, "schema_too_new", message, fix)
    if isinstance(error, EmbeddedServerError):
        later = isinstance(error, StartFailed)
        code = ExitCode.TRY_LATER if later else ExitCode.CONFIGURATION
        return Failure(code, "embedded_server", f"embedded PostgreSQL: {error.what}", error.fix)
    return None
