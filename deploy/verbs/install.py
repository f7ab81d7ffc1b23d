"""`install`: what is not as it should be is made so; done again, it changes nothing."""

from __future__ import annotations

import argparse

from deploy.failures import DONE
from deploy.installation import at_work, steps
from deploy.options import install_arguments as arguments
from deploy.steps.base import carry_out, plan

__all__ = ["arguments", "run"]


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, handed):
        wanted = steps(options, places, handed)
        if options.dry_run:
            plan(wanted)
        else:
            carry_out(wanted)
    return DONE
