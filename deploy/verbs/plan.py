"""`plan`: what `install` would change, step by step."""

from __future__ import annotations

import argparse

from deploy.failures import DONE
from deploy.installation import at_work, steps
from deploy.options import install_arguments as arguments
from deploy.steps.base import plan

__all__ = ["arguments", "run"]


def run(options: argparse.Namespace) -> int:
    options.dry_run = True
    with at_work(options) as (places, handed):
        plan(steps(options, places, handed))
    return DONE
