"""What the service's unit file says of its environment and its credentials."""

from __future__ import annotations

import re
from pathlib import Path

from deploy.machine.places import Places


def values(unit: Path, key: str) -> list[str]:
    text = unit.read_text(encoding="utf-8") if unit.exists() else ""
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def environ(unit: Path, places: Places) -> dict[str, str]:
    """Its Environment= lines, %S being where state lies."""
    words = " ".join(values(unit, "Environment")).split()
    pairs = (word.partition("=") for word in words)
    return {name: value.replace("%S", str(places.at("/var/lib"))) for name, _, value in pairs}


def credentials(unit: Path) -> list[str]:
    """The names that it takes."""
    return [value.partition(":")[0] for value in values(unit, "LoadCredential")]
