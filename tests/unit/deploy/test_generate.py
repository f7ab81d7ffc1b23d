"""`python -m deploy generate`: the shipped files, for other paths, users and ports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.__main__ import main
from deploy.blanks import ROOT, Blank, replaced
from deploy.forms import FORMS
from settings.variables import variables

PARTS = [(kind, part) for kind, form in FORMS.items() for part in form.parts]
BLANKS = [(kind, blank) for kind, form in FORMS.items() for blank in form.blanks]
ANSWERS = {
    "folder": "/srv/house", "user": "reader", "group": "readers", "base": "example/python:3.12",
    "image": "example/retailxai:9", "postgres": "example/pg@sha256:00", "port": "19001",
    "data": "/srv/data", "logs": "/srv/logs", "reports": "/srv/reports",
    "target": "10.1.2.3:9", "rules": "/srv/rules.yml",
}  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["generate", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_by_default_it_is_the_shipped_file(
    kind: str, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--part", Path(part).name] if len(FORMS[kind].parts) > 1 else []
    assert printed(capsys, kind, *more) == (ROOT / part).read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "blank"), BLANKS)
def test_every_answer_is_heard(kind: str, blank: Blank) -> None:
    """The default stands in the shipped files in the words the form knows, and nothing is left of
    it in what a program reads; a remark may still tell of it."""
    answer = ANSWERS[blank.option]
    form = FORMS[kind]
    shipped = [(ROOT / part).read_text(encoding="utf-8") for part in form.parts]
    filled = [form.filled(part, {blank.option: answer}) for part in form.parts]
    place = blank.place.replace("{}", blank.default)
    assert any(place in text for text in shipped)
    assert filled != shipped
    for text in filled:
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert not [line for line in lines if place == line.strip()]
    assert any((blank.instead or blank.place).replace("{}", answer) in text for text in filled)


def test_a_unit_for_another_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Folder, user and group, and nothing else, in both units."""
    for part in FORMS["systemd"].parts:
        unit = printed(
            capsys, "systemd", "--folder", "/srv/house", "--user", "reader", "--group", "readers",
            "--part", Path(part).name,
        )  # fmt: skip
        assert "/opt/retailxai" not in unit
        assert "ExecStart=/srv/house/.venv/bin/python main.py" in unit
        assert "\nUser=reader\nGroup=readers\n" in unit
        shipped = (ROOT / part).read_text(encoding="utf-8").splitlines()
        others = [
            (old, new) for old, new in zip(shipped, unit.splitlines(), strict=True) if old != new
        ]
        assert {old.partition("=")[0] for old, _ in others} == {
            "User", "Group", "WorkingDirectory", "ExecStart",
        }  # fmt: skip


def test_the_variables_are_those_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, off; those that were answered on, and understood."""
    text = printed(capsys, "env", "--port", "19001", "--data", "/srv/data")
    for variable in variables():
        assert f"{variable.name}=" in text
    on = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert on == ["RETAILXAI_DATA_DIR=/srv/data", "RETAILXAI_WEB_PORT=19001"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["systemd", "--folder", "opt/retailxai"],
        ["systemd", "--folder", "/opt/with blank"],
        ["systemd", "--folder", "/opt/%h"],
        ["systemd", "--user", "root\nExecStart=/bin/sh"],
        ["systemd", "--user", "-"],
        ["compose", "--port", "0"],
        ["compose", "--port", "65536"],
        ["compose", "--image", "a b"],
        ["docker", "--base", "x\nRUN evil"],
        ["prometheus", "--target", "here"],
    ],
)
def test_an_answer_of_another_shape_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written; the message says what it should look like."""
    assert main(["generate", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "fix:" in told.err
    assert arguments[1] in told.err


def test_files_are_written_whole_with_their_mode(tmp_path: Path) -> None:
    """One by its name, or all of a kind into a folder; nothing else is left there."""
    there = tmp_path / "units"
    there.mkdir()
    assert main(["generate", "systemd", "--output", str(there)]) == 0
    names = [Path(part).name for part in FORMS["systemd"].parts]
    assert sorted(path.name for path in there.iterdir()) == sorted(names)
    one = tmp_path / "compose.yaml"
    one.write_text("old")
    one.chmod(0o600)
    assert main(["generate", "compose", "--port", "19001", "--output", str(one)]) == 0
    assert "127.0.0.1:19001:8717" in one.read_text()
    assert one.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compose.yaml", "units"]


def test_where_it_cannot_write_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "env", "--output", str(tmp_path / "no/folder/.env")]) == 1
    assert "cannot write" in capsys.readouterr().err
    assert main(["generate", "env", "--output", str(tmp_path / "none") + "/"]) == 2


def test_it_runs_before_anything_is_installed() -> None:
    """An interpreter without the requirements is enough."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c",
         f"import sys; sys.path.insert(0, {str(ROOT)!r}); from deploy.__main__ import main;"
         "sys.exit(main(['generate', 'compose']))"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, (ROOT / "compose.yaml").read_text())


@given(st.dictionaries(st.sampled_from(["/a", "/a/b", "User=x", "b"]), st.text(max_size=8)))
def test_no_change_meets_what_another_wrote(changes: dict[str, str]) -> None:
    """Each place is replaced once, the longest that fits."""
    text = "/a /a/b User=x b"
    words = [changes.get(word) for word in text.split(" ")]
    if changes.keys() >= {"/a", "b"} and "/a/b" not in changes:
        words[1] = changes["/a"] + "/" + changes["b"]
    elif "/a" in changes and "/a/b" not in changes:
        words[1] = changes["/a"] + "/b"
    elif "b" in changes and "/a/b" not in changes:
        words[1] = "/a/" + changes["b"]
    expected = [
        new if new is not None else old for new, old in zip(words, text.split(" "), strict=True)
    ]
    assert replaced(text, changes) == " ".join(expected)
