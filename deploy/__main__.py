"""`python -m deploy`: how RetailXAI gets onto a machine, is upgraded, and leaves it again.

Standard library only: it runs before there is an environment with the requirements. What needs
those is asked of the installed program, in its own environment.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from deploy.failures import INTERRUPTED, Failure

# A verb: its line of help. Its module in deploy/verbs is imported when it is asked for.
VERBS: dict[str, str] = {
    "plan": "what install would change",
    "install": "the program, its environment, its settings and its service; again: nothing",
    "upgrade": "to this release; back by itself if it is not well; killed: again goes on",
    "rollback": "to the former release, or out of an interrupted upgrade",
    "backup": "of the installed program's database, restored and compared before it counts",
    "restore": "a backup into the installed program's empty database",
    "smoke": "does what is installed answer?",
    "ask": "a command of the installed program, as its unit runs it: ask doctor",
    "uninstall": "the program and its service; data stays, unless --purge",
    "generate": "print a unit, Dockerfile, compose.yaml ... for this installation",
}


def main(arguments: list[str]) -> int:
    """Do one verb; answers the exit code (docs/deployment.md lists them)."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for name, line in VERBS.items():
        taking = verbs.add_parser(name, help=line, description=line)
        if name == asked:
            import_module(f"deploy.verbs.{name}").arguments(taking)
    options = parser.parse_args(arguments)
    try:
        return int(import_module(f"deploy.verbs.{options.verb}").run(options))
    except Failure as failure:
        sys.stderr.write(f"{failure}\n")
        return failure.code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was done so far stands, the same command goes on\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
