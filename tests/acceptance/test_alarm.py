"""The alarm, as retailxai-failed@.service sounds it: also when nothing else is right."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation
from tests.servers.http import LoopbackServer, Reply, closed_port

pytestmark = pytest.mark.acceptance

CALL = ("alarm", "retailxai.service", "--result=exit-code", "--code=exited", "--status=78")
PATH = "/services/T0KEN"


def test_it_is_told_though_the_settings_are_wrong_and_no_database_answers(tmp_path: Path) -> None:
    """What stopped the daemon must not stop the alarm. The webhook, itself a secret, comes as a
    credential and is in no output."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    away = f"postgresql://retail:pw@127.0.0.1:{closed_port()}/shop"
    with LoopbackServer() as server:
        server.route("POST", PATH, Reply(body=b"ok"))
        (credentials / "RETAILXAI_ALARM_WEBHOOK_URL").write_text(f"{server.url}{PATH}\n")
        with Installation(
            tmp_path / "house",
            dsn=away,
            CREDENTIALS_DIRECTORY=str(credentials),
            RETAILXAI_WEB_PORT="nonsense",
        ) as house:
            (house.folder / "retailxai.toml").write_text("no TOML at all")
            ended = house.run(*CALL)
        (request,) = server.requests
    assert ended.code == 0, ended.said
    assert "its configuration is wrong" in ended.out
    assert "T0KEN" not in ended.said
    told = request.json()
    assert told["unit"] == "retailxai.service"
    assert told["text"] == ended.out.splitlines()[0]


def test_a_webhook_that_cannot_be_reached_is_a_bad_outcome(tmp_path: Path) -> None:
    """The journal has it all the same, and no secret."""
    url = f"http://127.0.0.1:{closed_port()}{PATH}"
    with Installation(tmp_path / "house", RETAILXAI_ALARM_WEBHOOK_URL=url) as house:
        ended = house.run(*CALL)
    assert ended.code == 1
    assert "its configuration is wrong" in ended.out
    assert "the webhook was not told" in ended.err
    assert "T0KEN" not in ended.said


def test_no_start_that_comes_through_for_an_hour_is_told_once(dsn: str, tmp_path: Path) -> None:
    """systemd and Docker try again and tell nobody. A webhook that is not reached is tried again
    by the next start; a start that comes through ends it."""
    away = f"postgresql://retail:pw@127.0.0.1:{closed_port()}/shop"
    with (
        LoopbackServer() as server,
        Installation(
            tmp_path / "house", dsn=dsn, RETAILXAI_ALARM_WEBHOOK_URL=f"{server.url}{PATH}"
        ) as house,
    ):
        server.route("POST", PATH, Reply(status=404), Reply(body=b"ok"))
        since = house.data / "start-waits"
        assert house.run(DATABASE_URL=away).code == 75
        assert server.requests == []
        an_hour_ago = time.time() - 3700
        os.utime(since, (an_hour_ago, an_hour_ago))
        not_told = house.run(DATABASE_URL=away)
        assert "the webhook was not told" in not_told.err
        assert "T0KEN" not in not_told.said
        told = house.run(DATABASE_URL=away)
        assert told.code == 75
        assert "the webhook" not in told.err
        assert house.run(DATABASE_URL=away).code == 75
        assert len(server.requests) == 2
        said = server.requests[-1].json()["text"]
        assert "has not come up since" in said
        assert "database: cannot connect to 127.0.0.1" in said
        assert "docs/runbook.md#unit-failed" in said
        house.daemon().stop()
        assert not list(house.data.glob("start-waits*"))
