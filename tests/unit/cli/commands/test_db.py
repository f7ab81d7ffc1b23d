"""`db`: what is said of a database that was moved, or that was not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.archive_views import MigrateView
from cli.exit_codes import ExitCode
from storage.archive_errors import Damaged, FileExists, InUse, NotEmpty
from storage.errors import SchemaTooNew
from tests.unit.cli.fakes import FakeDoor, typed


def test_an_export_says_what_is_in_it() -> None:
    door = FakeDoor()
    shown = typed("db export a.zip", door=door)
    assert shown.code == ExitCode.DONE
    assert door.moved == [("export", "a.zip", False)]
    assert "56 documents, 1,234 rows of 30 tables, 2.5 MB, in 7.0 s" in shown.out
    assert typed("db export a.zip --json", door=door).json["rows"] == 1234
    assert typed("db export a.zip --force", door=door).code == ExitCode.DONE
    assert door.moved[-1] == ("export", "a.zip", True)


def test_an_export_beside_a_daemon_says_that_it_is_of_one_instant() -> None:
    door = FakeDoor()
    door.export_view = replace(door.export_view, running=("retailxai on box, pid 7",))
    shown = typed("db export a.zip", door=door)
    assert "retailxai on box, pid 7 runs: what it does from now on is not in the file" in shown.err
    assert typed("db export a.zip --json", door=door).json["running"] == ["retailxai on box, pid 7"]


def test_an_import_says_what_came() -> None:
    door = FakeDoor()
    shown = typed("db import a.zip", door=door)
    assert shown.code == ExitCode.DONE
    assert door.moved == [("import", "a.zip")]
    assert "Brought from schema 0007 to 0008." in shown.out
    assert typed("db import a.zip --json", door=door).json["schema_now"] == "0008"


@pytest.mark.parametrize(
    ("error", "code", "name"),
    [
        (FileExists("a.zip exists already", "say --force"), ExitCode.REFUSED, "file_exists"),
        (Damaged("a.zip is no export"), ExitCode.REFUSED, "damaged"),
        (NotEmpty("it is not empty"), ExitCode.REFUSED, "not_empty"),
        (InUse("processes run"), ExitCode.TRY_LATER, "in_use"),
    ],
)
def test_a_refusal_has_a_name(error: Exception, code: ExitCode, name: str) -> None:
    door = FakeDoor()
    door.desk.raises = error
    shown = typed("db import a.zip --json", door=door)
    assert shown.code == code
    assert shown.error["code"] == name


def test_a_migration_says_from_where_to_where_and_who_else_may_work_on_it() -> None:
    door = FakeDoor()
    shown = typed("db migrate", door=door)
    assert shown.code == ExitCode.DONE
    assert door.moved == [("migrate", False)]
    assert "box/db: brought from schema 0016 to 0017." in shown.out
    assert "Programs from schema 0015 on work on it too." in shown.out
    assert typed("db migrate --json", door=door).json["works_from"] == "0015"


def test_a_look_changes_nothing_and_tells_by_its_exit_code() -> None:
    door = FakeDoor()
    behind = typed("db migrate --dry-run", door=door)
    assert (behind.code, door.moved) == (ExitCode.BAD_OUTCOME, [("migrate", True)])
    assert "would be brought from schema 0016 to 0017" in behind.out
    door.migrate_view = MigrateView("box/db", "0017", "0017", "0017", "0015")
    current = typed("db migrate --dry-run", door=door)
    assert (current.code, "nothing to do" in current.out) == (ExitCode.DONE, True)


def test_a_newer_programs_schema_is_left_or_refused() -> None:
    """Where it may be worked on, that is said; where not, the newer program is asked for."""
    door = FakeDoor()
    door.migrate_view = MigrateView("box/db", "0018", "0018", "0017", "0016")
    shown = typed("db migrate", door=door)
    assert (shown.code, "A newer program's; this one (0017)" in shown.out) == (0, True)
    door.desk.raises = SchemaTooNew("0018", "0017")
    refused = typed("db migrate --json", door=door)
    assert (refused.code, refused.error["code"]) == (ExitCode.CONFIGURATION, "schema_too_new")


@pytest.mark.parametrize("line", ["db", "db export", "db import", "db import a.zip --force",
                                  "db dump a.zip", "db export a b"])  # fmt: skip
def test_wrong_command_lines(line: str) -> None:
    door = FakeDoor()
    assert typed(line, door=door).code == ExitCode.USAGE
    assert door.moved == []
