"""storage.statements: every statement of the room is named, explained and loadable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storage import statements

ROOM = Path(statements.__file__).parent


@pytest.mark.parametrize("name", statements.names())
def test_each_statement_says_what_it_is_for(name: str) -> None:
    """A sentence, and one statement without its semicolon (a function's body has its own)."""
    statement = statements.get(name)
    assert re.fullmatch(r"[A-Z].{10,}\.", statement.purpose), statement.purpose
    assert statement.sql
    assert ";" not in re.sub(r"\$\$.*\$\$", "", statement.sql, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["documents.nothing", "nothing.get", "documents", ""])
def test_a_name_that_is_not_there_is_a_slip(name: str) -> None:
    with pytest.raises(statements.UnknownStatement, match="no statement"):
        statements.get(name)


def test_code_and_files_name_the_same_statements() -> None:
    """No statement is asked for that is not there, none lies there unused."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))
    files = {path.stem for path in (ROOM / "queries").glob("*.sql")}
    used = {
        f"{file}.{word}"
        for file, word in re.findall(r'"(\w+)\.(\w+)"', code)
        if file in files and word != "log"
    }
    assert used == set(statements.names())


def test_parameters_are_named_and_nothing_else_is_put_in() -> None:
    """Every placeholder is %(word)s; a lone % would be read as one."""
    for name in statements.names():
        sql = statements.get(name).sql
        left = re.sub(r"%\(\w+\)s|%%", "", sql)
        assert "%" not in left, name
