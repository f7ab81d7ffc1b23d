"""Units: installed, the ones shipped, read by systemd; drop-ins named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from operations.doctor import systemd, unit_files
from operations.doctor.findings import NotLooked, Row, Verdict
from operations.doctor.systemd import Unit

SERVICE, FAILED = "retailxai.service", "retailxai-failed@.service"
TEXT = "# a comment\n[Service]\nMemoryMax=1G\nTasksMax=256\n"


class House:
    """Shipped and installed units in two folders, and what systemd says of them."""

    def __init__(self, folder: Path) -> None:
        self.shipped = {name: folder / "shipped" / name for name in (SERVICE, FAILED)}
        self.installed = {name: folder / "installed" / name for name in (SERVICE, FAILED)}
        for path in (*self.shipped.values(), *self.installed.values()):
            path.parent.mkdir(exist_ok=True)
            path.write_text(TEXT)
        self.units = {
            name: Unit(name, True, True, "success", 0, path, (), False, True)
            for name, path in self.installed.items()
        }

    def change(self, name: str, **facts: object) -> None:
        self.units[name] = replace(self.units[name], **facts)  # type: ignore[arg-type]

    def rows(self, me: int = 0) -> list[Row]:
        return unit_files.units(self.shipped, lambda name: self.units[name], lambda: True, me)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def troubled(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.verdict is not Verdict.OK]


def test_the_units_shipped_are_well(house: House) -> None:
    assert troubled(house.rows()) == []
    assert len(house.rows()) == 2


def test_comments_and_blank_lines_are_no_difference(house: House) -> None:
    house.installed[SERVICE].write_text("[Service]\n\n; other words\nTasksMax=256\nMemoryMax=1G\n")

    assert troubled(house.rows()) == []


def test_what_differs_is_shown(house: House) -> None:
    """Shipped with a minus, installed with a plus."""
    house.installed[SERVICE].write_text(TEXT.replace("1G", "2G"))
    (row,) = troubled(house.rows())

    assert row.verdict is Verdict.WARN
    assert "-MemoryMax=1G; +MemoryMax=2G" in row.found
    assert f"/etc/systemd/system/{SERVICE}.d" in row.fix


def test_drop_ins_are_named_and_no_fault(house: House) -> None:
    house.change(SERVICE, drop_ins=(Path("/etc/systemd/system/retailxai.service.d/more.conf"),))

    assert troubled(house.rows()) == []
    assert "more.conf" in house.rows()[0].found


@pytest.mark.parametrize(("me", "may"), [(0, True), (1000, False)])
def test_a_unit_systemd_has_not_read_is_reloaded_by_root_alone(
    house: House, monkeypatch: pytest.MonkeyPatch, me: int, may: bool
) -> None:
    calls: list[tuple[str, ...]] = []

    def systemctl(*words: str) -> str:
        calls.append(words)
        return ""

    monkeypatch.setattr(systemd, "_systemctl", systemctl)
    house.change(SERVICE, is_stale=True)
    (row,) = troubled(house.rows(me))

    assert SERVICE in row.found
    assert (row.repair is not None) is may
    if row.repair is not None:
        row.repair.do()
        assert calls == [("daemon-reload",)]


def test_a_drop_in_is_seen_where_systemd_looks_only_for_what_it_does_not_hold(house: House) -> None:
    """As 252 does, that holds the service: a folder it has not noted yet makes nothing stale."""
    looked: list[str] = []

    def show(name: str) -> Unit:
        unit = replace(house.units[name], is_stale=name == SERVICE and FAILED in looked)
        looked.append(name)
        return unit

    rows = unit_files.units(house.shipped, show, lambda: True, 0)
    (row,) = troubled(rows)

    assert "systemd has not read retailxai.service" in row.found
    assert [SERVICE in rows[0].found, FAILED in rows[1].found] == [True, True], "the service first"


def test_a_missing_failure_unit_is_told(house: House) -> None:
    """Without it nobody hears of a service that stays down."""
    house.change(FAILED, is_installed=False, file=None)
    (row,) = troubled(house.rows())

    assert FAILED in row.found
    assert "nobody is told" in row.found


def test_a_service_that_failed_is_bad(house: House) -> None:
    house.change(SERVICE, is_active=False, result="exit-code")
    (row,) = troubled(house.rows())

    assert row.verdict is Verdict.BAD
    assert "journalctl -u retailxai.service" in row.fix


def test_restarts_and_a_service_that_is_not_enabled_are_told(house: House) -> None:
    house.change(SERVICE, restarts=3, is_enabled=False)

    assert ["3 times" in row.found or "at boot" in row.found for row in troubled(house.rows())] == [
        True,
        True,
    ]


def test_without_systemd_or_the_service_there_is_nothing_to_look_at(house: House) -> None:
    with pytest.raises(NotLooked, match="systemd"):
        unit_files.units(house.shipped, lambda name: house.units[name], lambda: False)
    house.change(SERVICE, is_installed=False)
    with pytest.raises(NotLooked, match="not installed"):
        house.rows()


def test_what_systemctl_says_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """As systemd 252 and 257 print it."""
    said = (
        "Result=exit-code\nNRestarts=4\nLoadState=loaded\nActiveState=failed\n"
        "FragmentPath=/etc/systemd/system/retailxai.service\n"
        "DropInPaths=/etc/systemd/system/retailxai.service.d/a.conf "
        "/run/systemd/system/retailxai.service.d/b.conf\n"
        "UnitFileState=enabled\nNeedDaemonReload=yes\n"
    )
    monkeypatch.setattr(systemd, "_systemctl", lambda *words: said)
    unit = systemd.show(SERVICE)

    assert (unit.is_installed, unit.is_active, unit.result, unit.restarts) == (
        True,
        False,
        "exit-code",
        4,
    )
    assert [path.name for path in unit.drop_ins] == ["a.conf", "b.conf"]
    assert (unit.is_stale, unit.is_enabled) == (True, True)
    asked: list[str] = []

    def none(*words: str) -> str:
        asked.append(words[1])
        return "LoadState=not-found\n"

    monkeypatch.setattr(systemd, "_systemctl", none)
    assert not systemd.show(FAILED).is_installed
    assert asked == ["retailxai-failed@doctor.service"], "a template is no unit that can be shown"
    assert not systemd.show(SERVICE).is_installed
