"""The rooms of the house, who may enter which, and what has only one home.

A room may import only the rooms named beside it, even inside a function or under
TYPE_CHECKING: a late import across a border is still a border crossed.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

BELOW: dict[str, set[str]] = {
    "resilience": set(),
    "settings": set(),
    "outside": {"resilience"},
    "earnings": {"resilience", "outside"},
    "storage": {"earnings", "resilience"},
    "operations": {"resilience", "outside", "storage"},
    "jobs": {"earnings", "resilience", "outside", "storage", "operations"},
    "web": {"settings", "earnings", "resilience", "storage", "operations", "jobs"},
    "chaos": {"resilience", "storage"},
    "cli": {"settings", "earnings", "resilience", "storage", "operations", "jobs", "chaos"},
    "scheduler": {"settings", "operations", "jobs"},
    "bootstrap": {"settings", "resilience", "outside", "earnings", "storage", "operations"}
    | {"jobs", "web", "cli", "scheduler", "chaos"},
    "main": {"bootstrap", "cli", "settings"},
    "benchmarks": {"earnings", "resilience", "settings", "storage", "bootstrap", "jobs"},
    "deploy": set(),
}

# What only one place may import: a regular expression for the paths that may.
ONE_HOME = {
    "requests": r"outside/http\.py",
    "urllib3": r"outside/http\.py",
    "apscheduler": r"scheduler\.py",
    "psutil": r"operations/process\.py",
    "dbos": r"jobs/engine_library\.py",
    "psycopg2": r"storage/.*",
    "sqlalchemy": r"storage/.*|jobs/engine_library\.py",  # the engine is handed its pool
    "alembic": r"storage/.*",
    "dotenv": r"settings(/\w+)?\.py",
    "feedparser": r"earnings/sources/feeds_reading\.py",
    "tomllib": r"settings(/\w+)?\.py",
    "tenacity": r"resilience/.*|benchmarks/peers/.*",
    "uvicorn": r"web/.*",
    "starlette": r"web/.*",
    "prometheus_client": r"operations/telemetry/.*|web/.*",
}
CLOCK_CALLS = re.compile(
    r"\b(time\.(time|monotonic|sleep|perf_counter)|datetime\.(now|utcnow|today)|date\.today)\("
)
# Statements of SQL, told from English by their second word.
SQL = re.compile(
    r"\b(select\s+[\w*(].*?\bfrom\b|insert\s+into|delete\s+from|update\s+\w+\s+set\b"
    r"|create\s+(table|index|extension))",
    re.IGNORECASE | re.DOTALL,
)


def files_of(room: str) -> Iterator[Path]:
    module = ROOT / f"{room}.py"
    if module.exists():
        yield module
    yield from sorted((ROOT / room).rglob("*.py"))


@functools.cache
def imports(path: Path) -> list[tuple[int, str]]:
    """Read once: thirty tests ask for those of every file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((node.lineno, node.module or ""))
    return found


def code_files() -> list[Path]:
    return [path for room in BELOW for path in files_of(room)]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", BELOW)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    """Every import of a room leads to itself or to a room it is allowed."""
    allowed = BELOW[room] | {room}
    strays = [
        f"{relative(path)}:{line} imports {name}"
        for path in files_of(room)
        for line, name in imports(path)
        if name.split(".")[0] in BELOW and name.split(".")[0] not in allowed
    ]
    assert not strays, (
        f"{room} may import only {sorted(BELOW[room]) or 'nothing of ours'}; hand the thing in "
        "from bootstrap.py or move it down a floor:\n  " + "\n  ".join(strays)
    )


def test_the_rooms_form_a_ladder() -> None:
    """No room can reach itself through what it may import."""

    def reach(room: str) -> set[str]:
        below = set(BELOW[room])
        for other in BELOW[room]:
            below |= reach(other)
        return below

    for room in BELOW:
        assert room not in reach(room)


@pytest.mark.parametrize("package", ONE_HOME)
def test_an_outside_package_has_one_home(package: str) -> None:
    """Swapping a library touches one place."""
    home = re.compile(ONE_HOME[package])
    strays = [
        f"{relative(path)}:{line}"
        for path in code_files()
        for line, name in imports(path)
        if name.split(".")[0] == package and not home.fullmatch(relative(path))
    ]
    assert not strays, f"{package} is imported outside {ONE_HOME[package]}: {strays}"


# Who may open a connection to PostgreSQL without asking its policy: the pool stands under it
# already (a transaction does), the migration and the launcher run before there is one, and
# the durable engine is handed the pool of its own (jobs/engine_library.py, SQLAlchemy's).
WITHOUT_POLICY = {
    "storage/pool.py": "lends to storage/database.py, whose transactions ask the policy",
    "storage/schema.py": "migrates before anything else runs",
    "storage/embedded.py": "asks the server it has just started",
    "storage/scratch_server.py": "ill-treats a throw-away server of the chaos run",
    "storage/provision.py": "makes the role and the database, before there is one",
    "storage/exporting.py": "moves a whole database while a person waits, before there is one",
}


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def test_the_database_is_reached_under_its_policy() -> None:
    """Every connection asks the policy "database", but for the exceptions named above."""
    strays = []
    for path in files_of("storage"):
        for line, name, call in calls(path):
            asks = any(keyword.arg == "policy" for keyword in call.keywords)
            opens = name == "psycopg2.connect" or name.endswith("address.connect")
            at_home = relative(path) in {"storage/dsn.py", *WITHOUT_POLICY}
            if opens and not asks and not at_home:
                strays.append(f"{relative(path)}:{line}")
    assert not strays, f"the database is reached without its policy: {strays}"


def test_mail_and_sockets_have_no_way_round_the_door() -> None:
    """Nobody sends mail or opens a socket to elsewhere but through outside/."""
    ways_out = {"smtplib", "http.client", "ftplib", "urllib.request", "httpx", "aiohttp"}
    strays = [
        f"{relative(path)}:{line} imports {name}"
        for path in code_files()
        for line, name in imports(path)
        if name in ways_out
        and not relative(path).startswith("outside/")
        and relative(path) != "deploy/upgrading/health.py"  # the daemon it started, by loopback
    ]
    assert not strays, f"ways round the door: {strays}"


def test_the_http_library_is_used_inside_the_policy_alone() -> None:
    """In outside/http.py one method sends, one attempt calls it, and the policy calls that."""
    door = ROOT / "outside/http.py"
    functions = {
        node.name: ast.unparse(node)
        for node in ast.walk(ast.parse(door.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    way = ["adapter.send(", "self._send(", "self._exchange(", "self._follow(", "self._attempt"]
    for called, caller in zip(
        way, ["_send", "_exchange", "_follow", "_attempt", "_call"], strict=True
    ):
        users = [name for name, code in functions.items() if called in code]
        assert users == [caller], f"{called} is used by {users}"
    assert "policy.call(self._attempt" in functions["_call"]


def test_resilience_could_be_published_alone() -> None:
    """It needs the standard library and tenacity, and nothing else."""
    allowed = {*sys.stdlib_module_names, "resilience", "tenacity"}
    strays = [
        f"{relative(path)}:{line} imports {name}"
        for path in files_of("resilience")
        for line, name in imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert not strays, strays


def test_only_the_clock_reads_the_time() -> None:
    """Whoever wants to know the time is given a Clock."""
    strays = [
        f"{relative(path)}: {hit.group()}"
        for path in code_files()
        if relative(path) not in {"resilience/clock.py"} and not relative(path).startswith("deploy")
        for hit in CLOCK_CALLS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not strays, f"time is read outside resilience/clock.py: {strays}"


def test_only_settings_reads_the_environment() -> None:
    """One place knows what the environment may hold."""
    strays = [
        relative(path)
        for path in code_files()
        if not re.fullmatch(r"settings(/\w+)?\.py", relative(path))
        and re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    ]
    assert not strays, f"the environment is read outside settings: {strays}"


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a file that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node.lineno, node.value


def test_only_storage_speaks_sql() -> None:
    """No statement stands outside the room that remembers."""
    strays = [
        f"{relative(path)}:{line}"
        for path in code_files()
        if not relative(path).startswith("storage/")
        for line, text in strings_of(path)
        if SQL.search(text)
    ]
    assert not strays, f"SQL outside storage/: {strays}"


def test_no_analyst_is_shown_a_headline() -> None:
    """What others wrote is no evidence: whoever reads documents, makes claims of them or checks
    those knows of no headline, and no table of claims refers to one."""
    known_as = re.compile(
        r"\b(?:import .*\bHeadline|StoredHeadline|HeadlineFact|add_headlines|headline_company)\b"
        r"|\b(?:earnings|storage|context)\.headlines\b|\b(?:from|join) headline\b"
    )
    readers = [
        *files_of("earnings/analysts"),
        *files_of("earnings/reading"),
        ROOT / "earnings/evidence.py",
        ROOT / "earnings/bearing.py",
        ROOT / "jobs/document.py",
        ROOT / "jobs/understanding.py",
        ROOT / "jobs/asking.py",
        ROOT / "storage/insights.py",
        ROOT / "storage/claims.py",
        ROOT / "storage/queries/insights.sql",
    ]
    strays = [
        relative(path) for path in readers if known_as.search(path.read_text(encoding="utf-8"))
    ]
    assert len(readers) > 30
    assert not strays, f"headlines are read as evidence in {strays}"
