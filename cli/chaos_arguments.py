"""What `chaos` takes."""

from __future__ import annotations

import argparse
import re

LEAST_DOCUMENTS = 21


def add(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--minutes", type=_minutes, default=3.0, metavar="M", help="about how long; 3"
    )
    command.add_argument("--seed", type=_seed, metavar="N", help="of a storm to be repeated")
    command.add_argument(
        "--daemons", type=int, choices=(1, 2, 3), default=3, metavar="N", help="1, 2 or 3; 3"
    )
    command.add_argument(
        "--documents", type=_documents, metavar="N", help="how many releases are published"
    )
    command.add_argument(
        "--faults", type=_faults, metavar="LIST", help="only these, as kill,pg-stop,cut"
    )
    command.add_argument(
        "--database", metavar="URL",
        help="of an empty scratch database; without it a server of its own is started",
    )  # fmt: skip


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
        if not 1 <= minutes <= 24 * 60:
            raise ValueError
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes from 1 on") from error
    return minutes


def _seed(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; it is a whole number")
    return int(text)


def _faults(text: str) -> list[str]:
    from chaos.plan import Fault
    from settings.problems import nearest

    known = {str(fault): "" for fault in Fault}
    chosen = [word for word in text.lower().split(",") if word]
    for word in chosen:
        if word not in known:
            meant = nearest(word, known)
            hint = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}"
            raise argparse.ArgumentTypeError(f"there is no fault {word!r}: {hint}")
    return chosen


def _documents(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < LEAST_DOCUMENTS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number from {LEAST_DOCUMENTS} on: every shop publishes one before the "
            "storm begins"
        )
    return int(text)
