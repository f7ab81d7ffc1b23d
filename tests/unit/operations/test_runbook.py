"""docs/runbook.md: a section for every name that can be told, none left over, and commands that
there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from cli.arguments import parse
from operations.checks.table import CHECKS as HEALTH
from operations.doctor.table import CHECKS, NAMES
from operations.fallen import ALERT, RESULTS, Fallen, in_words
from operations.runbook import PAGE, section

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
ALERTS = TEXT.partition("\n# Alerts\n")[2].partition("\n# Drills\n")[0]
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", ALERTS, re.MULTILINE | re.DOTALL))
TOLD = {*NAMES, *(vars(check)["name"] for check in HEALTH), ALERT}
PARTS = ("Means", "Meanwhile", "Look", "Do", "Heals")
COMMANDS = re.findall(r"(?:`|^\$ )python main\.py( [^`\n;,:|#)]*)?", TEXT, re.MULTILINE)


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_name_has_a_section_and_every_section_a_name() -> None:
    """Checks of doctor, checks of health, the alarm of a unit."""
    assert set(SECTIONS) == TOLD


@pytest.mark.parametrize("name", sorted(TOLD))
def test_a_section_says_all_that_is_asked_of_it(name: str) -> None:
    """What it means, what is lost meanwhile, how to look, what to do, whether it heals."""
    found = re.findall(r"^- \*\*(\w+):\*\* \S", SECTIONS[name], re.MULTILINE)

    assert tuple(found) == PARTS
    assert section(name) == f"{PAGE}#{anchor(name)}"


def test_every_result_of_systemd_is_in_the_alarms_table() -> None:
    """With the words the alarm has for it."""
    for result in RESULTS:
        assert f"| `{result}` |" in SECTIONS[ALERT]


def test_the_alarm_names_its_section() -> None:
    assert in_words(Fallen("retailxai.service", "box", "oom-kill")).endswith(section(ALERT))


def test_every_rule_of_prometheus_has_its_section() -> None:
    """The same in the page's table and in the rule's own annotations."""
    rows = re.findall(r"^\| (RetailXAI[^|]*) \| \[[^\]]*\]\((#[\w-]+)\) \|$", TEXT, re.MULTILINE)
    table = {name: f"{PAGE}{place}" for names, place in rows for name in names.split(", ")}
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]

    assert {rule["alert"]: rule["annotations"]["runbook"] for rule in rules} == table
    assert set(table.values()) <= {section(name) for name in TOLD}


def test_links_lead_somewhere() -> None:
    """Within the page, and to pages beside it."""
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}
    links = re.findall(r"\]\(([^)\s]+)\)", TEXT)
    assert len(links) > 5
    for link in links:
        page, _, place = link.partition("#")
        if page:
            assert (ROOT / "docs" / page).resolve().exists(), link
        else:
            assert place in anchors, link


def test_the_number_of_checks_is_right() -> None:
    assert f"{len(CHECKS)} checks" in TEXT


@pytest.mark.parametrize("line", sorted({one.strip() for one in COMMANDS}))
def test_every_command_is_one(line: str) -> None:
    """As the command line takes it."""
    parse(shlex.split(line))
