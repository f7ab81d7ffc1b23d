"""How long the suite goes on: `make test` takes minutes, `make test-long` a night's worth."""

from __future__ import annotations

import os

IS_LONG = os.environ.get("RETAILXAI_TEST_LONG") == "1"
