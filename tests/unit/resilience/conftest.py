"""How long the tests of threads and memory go on: RETAILXAI_TEST_LONG=1 for a night's worth."""

from __future__ import annotations

import pytest

from tests.length import IS_LONG


@pytest.fixture(scope="session")
def is_long() -> bool:
    return IS_LONG
