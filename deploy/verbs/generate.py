"""`generate KIND`: the files of an installation, as they are for this one.

python -m deploy generate systemd --folder /srv/retailxai --output /etc/systemd/system/
python -m deploy generate compose --port 9000 > compose.yaml
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.failures import DONE, USAGE, Failure
from deploy.forms import FORMS


def arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="|".join(FORMS))
    for kind, form in FORMS.items():
        names = [Path(part).name for part in form.parts]
        taking = kinds.add_parser(kind, help=", ".join(names))
        taking.add_argument(
            "--output", metavar="FILE", help="or a folder, for all of the kind; else it is printed"
        )
        if len(names) > 1:
            taking.add_argument("--part", choices=names, help=f"which of its files; {names[0]}")
        for blank in form.blanks:
            told = f"{blank.meaning} ({blank.default})"
            taking.add_argument(f"--{blank.option}", default=blank.default, metavar="X", help=told)


def run(options: argparse.Namespace) -> int:
    form = FORMS[options.kind]
    answers = {blank.option: getattr(options, blank.option) for blank in form.blanks}
    asked = getattr(options, "part", None)
    parts = [part for part in form.parts if asked in (None, Path(part).name)]
    if options.output is None:
        sys.stdout.write(form.filled(parts[0], answers))
        return DONE
    output = Path(options.output)
    if not (output.is_dir() or options.output.endswith("/")):
        write(output, form.filled(parts[0], answers))
        return DONE
    if not output.is_dir():
        raise Failure(f"there is no folder {output}", "make it, or name a file", USAGE)
    for part in parts:
        write(output / Path(part).name, form.filled(part, answers))
    return DONE


def write(path: Path, text: str) -> None:
    """Whole or not at all; the mode of a file that is there stays."""
    part = path.with_name(f".{path.name}.part")
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        part.write_text(text, encoding="utf-8")
        part.chmod(mode)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Failure(
            f"cannot write {path}: {error.strerror}", "may you write there, is there room?"
        ) from None
    sys.stderr.write(f"wrote {path}\n")
