"""What `paid` and `cost` take."""

from __future__ import annotations

import argparse
import re

# Said here too, because a help text waits for no database driver; a test holds them equal.
STATES = ("queued", "intent", "answered", "refused", "in_doubt", "dropped", "open", "all")
BY = ("day", "company", "model", "document")


def listed(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--state",
        type=_state,
        default=argparse.SUPPRESS,
        metavar="STATE",
        help=f"{', '.join(STATES)} (open: without an answer); in_doubt",
    )


def decided(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("ids", type=_id, nargs="+", metavar="ID", help="as paid prints it")
    verb.add_argument("--reason", default="", metavar="TEXT", help="for whoever sees it later")
    known = verb.add_mutually_exclusive_group()
    known.add_argument(
        "--billed", dest="billed", action="store_true", default=None,
        help="the invoice has it: its estimate stays counted against the caps",
    )  # fmt: skip
    known.add_argument(
        "--not-billed", dest="billed", action="store_false",
        help="the invoice does not have it: its estimate is not counted any more",
    )  # fmt: skip


def cost(command: argparse.ArgumentParser) -> None:
    command.add_argument("--month", type=_month, metavar="MONTH", help="as 2026-11 (UTC); this one")
    command.add_argument(
        "--by", choices=BY, help="one line for each day, company, model or document"
    )


def _state(text: str) -> str:
    word = text.strip().lower().replace("-", "_")
    if word not in STATES:
        raise argparse.ArgumentTypeError(f"{text!r} is no state; there are {', '.join(STATES)}")
    return word


def _id(text: str) -> int:
    digits = text.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(digits)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(digits)


def _month(text: str) -> str:
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no month; write it as 2026-11")
    return found.group()
