"""What is said of a unit that stays down."""

from __future__ import annotations

import pytest

from operations.fallen import Fallen, in_words


@pytest.mark.parametrize(
    ("result", "code", "status", "said"),
    [
        ("exit-code", "exited", "78", "its configuration is wrong, and it stays down until"),
        ("exit-code", "exited", "2", "it ended with exit status 2"),
        ("exit-code", "killed", "78", "systemd does not say why"),
        ("watchdog", "dumped", "ABRT", "it hung"),
        ("oom-kill", "killed", "KILL", "the memory it may take is used up"),
        ("signal", "killed", "SEGV", "it was killed by a signal"),
        ("", "", "", "systemd does not say why"),
    ],
)
def test_why_it_failed_in_words(result: str, code: str, status: str, said: str) -> None:
    """With the unit, the machine and where to read on."""
    words = in_words(Fallen("retailxai.service", "shop", result, code, status))
    assert words.startswith("retailxai.service on shop has failed: ")
    assert said in words
    assert "journalctl -u retailxai.service -n 50" in words
