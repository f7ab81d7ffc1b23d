"""How a unit that was told to start stands, by systemd's own words for it."""

from __future__ import annotations

import pytest

from deploy.machine.service import Standing


def standing(active: str, sub: str, restarts: str = "0", job: str = "0") -> Standing:
    shown = {"ActiveState": active, "SubState": sub, "NRestarts": restarts, "Job": job}
    return Standing({**shown, "ExecMainStatus": "3"})


@pytest.mark.parametrize(
    ("stands", "is_up", "has_failed"),
    [
        (standing("active", "running"), True, False),
        (standing("reloading", "reload"), True, False),
        (standing("inactive", "dead", job="1201"), False, False),  # it is about to begin
        (standing("activating", "start", job="1201"), False, False),  # migrating, perhaps
        (standing("failed", "failed"), False, True),
        (standing("inactive", "dead"), False, True),  # a condition was not met
        (standing("activating", "auto-restart"), False, True),  # 252
        (standing("activating", "auto-restart-queued", job="1201"), False, True),  # 257
        (standing("activating", "start", restarts="1", job="1201"), False, True),  # tried again
    ],
)
def test_what_it_says(stands: Standing, is_up: bool, has_failed: bool) -> None:
    assert (stands.is_up, stands.has_failed) == (is_up, has_failed)


def test_it_says_why() -> None:
    assert str(standing("activating", "auto-restart")) == (
        "activating (auto-restart), exit status 3"
    )
