"""Calls for the ledger of paid calls, as an analyst makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest

from earnings.analysts.base import Begin, PaidAnswer


def paying(answer: Callable[[], PaidAnswer]) -> Callable[[Begin], PaidAnswer]:
    """Written down, then made."""

    def call(begin: Begin) -> PaidAnswer:
        begin()
        return answer()

    return call


def unasked(begin: Begin) -> NoReturn:
    begin()
    pytest.fail("it was asked")
