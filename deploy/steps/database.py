"""The database: where it is, a role and a database of its own on a server, and its schema."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.failures import CONFIGURATION, REFUSED, Failure
from deploy.machine import files
from deploy.machine.places import NAME, Places
from deploy.machine.program import Program, environment_of, last
from deploy.steps.base import Look

TRUE = {"1", "true", "yes", "on"}
BEHIND = 1


@dataclass(frozen=True)
class DatabaseStep:
    """`admin`: a file with the DSN of one who may make roles and databases. What is configured
    already is left as it is."""

    places: Places
    program: Program
    admin: Path | None
    embedded: bool
    given: bool  # DATABASE_URL is among the credentials that are given
    name: ClassVar[str] = "database"

    def look(self) -> Look:
        told = environment_of(self.places.environment)
        url = self.places.credential("DATABASE_URL")
        if url.exists() or self.given or {"DATABASE_URL", "DATABASE_URL_FILE"} & set(told):
            return Look("as DATABASE_URL says")
        if self.admin is not None:
            return Look("none", f"role and database {NAME}, its address as credential DATABASE_URL")
        is_new = self.embedded and not self.places.environment.exists()
        if is_new or told.get("RETAILXAI_ALLOW_EMBEDDED", "").lower() in TRUE:
            return Look(f"embedded, in {self.places.state / 'postgres'}")
        raise Failure(
            "nobody has said which PostgreSQL to use",
            "--credential DATABASE_URL=FILE; or --database-admin FILE to have role and database "
            f"made; or --embedded (RETAILXAI_ALLOW_EMBEDDED=1 in {self.places.environment})",
            CONFIGURATION,
        )

    def apply(self) -> None:
        """The address is kept before the role is made: killed in between, nothing is forgotten."""
        assert self.admin is not None
        pending = self.places.credentials / ".DATABASE_URL.pending"
        admin = self.admin.read_text(encoding="utf-8").strip()
        is_ours = pending.exists()
        if not is_ours:
            made = _address(admin, secrets.token_urlsafe(24))
            files.write(pending, made.encode() + b"\n", 0o600)
        url = pending.read_text(encoding="utf-8").strip()
        order = {"admin": admin, "url": url, "may_take_over": is_ours}
        done = self.program.run("-m", "storage.provision", feed=json.dumps(order))
        if done.returncode == REFUSED:
            files.remove(pending)
        if done.returncode:
            raise Failure(
                f"the database was not made: {last(done)}",
                "see above; the same command goes on",
                done.returncode,
            )
        pending.replace(self.places.credential("DATABASE_URL"))
        files.settle(self.places.credentials)


def _address(admin: str, password: str) -> str:
    """The same server, our role and database."""
    parts = urlsplit(admin)
    if parts.scheme not in ("postgresql", "postgres"):
        raise Failure(
            "the administrator's address is no postgresql:// URL",
            "postgresql://USER:PASSWORD@HOST:PORT/postgres in a file of its own",
            CONFIGURATION,
        )
    where = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{NAME}:{quote(password)}@{where}", path=f"/{NAME}"))


@dataclass(frozen=True)
class SchemaStep:
    program: Program
    name: ClassVar[str] = "schema"

    def look(self) -> Look:
        if not (self.program.release / ".venv/bin/python").exists():
            return Look("not known before the release is laid", "as the release has it")
        done = self.program.run("db", "migrate", "--dry-run", "--json")
        if done.returncode not in (0, BEHIND):
            raise Failure(
                f"the database's schema cannot be seen: {last(done)}",
                "see above", done.returncode,
            )  # fmt: skip
        seen = json.loads(done.stdout)
        if done.returncode == BEHIND:
            return Look(str(seen["schema"]), str(seen["schema_after"]))
        return Look(str(seen["schema"]))

    def apply(self) -> None:
        self.program.must("db", "migrate", fix="nothing was changed; mend it and try again")
