"""How long the tests of threads and memory go on: RETAILXAI_TEST_LONG=1 for a night's worth."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def is_long() -> bool:
    return os.environ.get("RETAILXAI_TEST_LONG") == "1"
