"""The door: a command line in, an exit code out. Without a command it is the daemon."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from bootstrap.door import HouseDoor, collect_seldom, leave
from cli.app import main

NEEDED = ("dbos", "psycopg2", "pydantic", "rich")  # who has these has requirements.txt
VENV_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def hold_on_to_this_release() -> None:
    """The unit starts us by way of the link `current`. What is imported later comes from the
    release that we are, also when an upgrade has turned the link while we end."""
    sys.path[:] = [os.path.realpath(entry) for entry in sys.path]


def with_requirements() -> int:
    """Go on in the Python that has the requirements: this one, or the one `make scan` made."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        if VENV_PYTHON.exists() and Path(sys.prefix) != VENV_PYTHON.parent.parent:
            os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])  # noqa: S606  ourselves
        sys.stderr.write(
            f"error: {sys.executable} does not have the requirements ({', '.join(missing)})\n"
            "  fix: make scan installs them into .venv, or pip install -r requirements.txt\n"
        )
        return 78
    collect_seldom()
    return main(sys.argv[1:], HouseDoor())


if __name__ == "__main__":
    hold_on_to_this_release()
    leave(with_requirements())
