"""What may be asked of a storm, and what it says of itself while it blows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos.house import MAIN
from chaos.plan import Fault
from chaos.verdict import Check

Tell = Callable[[str], None]
DAEMONS = range(1, 4)


@dataclass(frozen=True)
class Options:
    """`database`: of a scratch server that may be ill-treated; None: one of our own.
    `program`, `kills` and `patience_s` are for tests: what is started in place of main.py, how
    few kills will do, and how long what is begun may take to settle."""

    seed: int
    minutes: float = 3.0
    daemons: int = 3
    documents: int | None = None
    faults: Sequence[Fault] = tuple(Fault)
    database: str | None = field(default=None, repr=False)
    program: Sequence[str] = MAIN
    kills: int | None = None
    patience_s: float = 240.0


@dataclass(frozen=True)
class Report:
    """`kept`: where all logs are, None if the folder was removed because nothing in it is a breach.
    `interrupted`: it was ended early, and judges only what was seen until then."""

    seed: int
    minutes: float
    daemons: int
    took_s: float
    checks: Sequence[Check]
    kept: Path | None
    interrupted: bool = False

    @property
    def met(self) -> bool:
        return not self.interrupted and all(check.met is not False for check in self.checks)


class DatabaseInUse(Exception):
    """The database that was given has been used: it is somebody's, and is left alone."""

    def __init__(self) -> None:
        super().__init__(
            "this database has tables of RetailXAI in it; a storm is only for an empty one. "
            "Make one for it (createdb retailxai_chaos) and give its address"
        )
