"""The written reference: docs/configuration.md's tables, docs/files.md's lists and .env.example.

`python -m settings.reference` writes them anew, from the model; a test holds them to the code.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from settings.describe import plain_value
from settings.model import Configured
from settings.policies import PolicySettings
from settings.variables import (
    OTHER_NAMES,
    Variable,
    entry_of,
    fields,
    is_section,
    unless_unset,
    variables,
)

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- written by python -m settings.reference -->", "<!-- end -->"

# What to write in place of a default that is unset.
EXAMPLES = {
    "DATABASE_URL": "postgresql://retailxai:PASSWORD@localhost:5432/retailxai",
    "SEC_CONTACT": "Your Name you@your-domain.com",
    "ANTHROPIC_API_KEY": "your_key_here",
    "TAVILY_API_KEY": "your_key_here",
    "X_BEARER_TOKEN": "your_token_here",
    "GROQ_API_KEY": "your_key_here",
    "RETAILXAI_OLLAMA_MODEL": "llama3.1:8b",
    "YOUTUBE_API_KEY": "your_key_here",
    "RETAILXAI_ALARM_WEBHOOK_URL": "https://hooks.example.com/PATH",
    "RETAILXAI_BACKUP_DIR": "/mnt/backups/retailxai",
    "RETAILXAI_BACKUP_PASSPHRASE": "your_passphrase_here",
    "RETAILXAI_INBOX_DIR": "data/inbox",
    "RETAILXAI_CONFIG": "retailxai.toml",
    "RETAILXAI_ENV_FILE": ".env",
    "RETAILXAI_CORPUS": "../corpus",
}
EXAMPLE_HEAD = """\
# Copy to .env and take the "# " away from what you set; every line shows the default or, where
# there is none, a shape. systemd (EnvironmentFile=) and Docker (env_file) read it as well.
# Stronger than this file: the environment, NAME_FILE (the path of a file that holds NAME's value;
# works for every name here) and systemd credentials. All explained: docs/configuration.md
"""


def reference() -> str:
    """docs/configuration.md's table: every variable and key, its default and its meaning."""
    lines = ["| variable | key in retailxai.toml | default | meaning |", "|---|---|---|---|"]
    lines += [_row(variable) for variable in variables()]
    lines += [f"| `{name}` | – | – | {meaning} |" for name, meaning in OTHER_NAMES.items()]
    for heading, model, names in _tables():
        lines += ["", heading, "", "| key | default | meaning |", "|---|---|---|"]
        lines += [_key(name, info, model) for name, info in model.model_fields.items()]
        if names:
            lines += ["", f"Shipped: {names}."]
    return "\n".join(lines) + "\n"


def _row(variable: Variable) -> str:
    key = "– (a secret)" if variable.is_secret else f"`{variable.key}`"
    return f"| `{variable.name}` | {key} | {_code(variable.default)} | {variable.meaning} |"


def _key(name: str, info: FieldInfo, model: type[BaseModel]) -> str:
    default = "required" if info.is_required() else _code(info.default)
    if model is PolicySettings and info.default is None:
        default = "the preset's"
    return f"| `{name}` | {default} | {info.description} |"


def _code(default: object) -> str:
    text = plain_value(default)
    return "unset" if default is None or text == "" else f"`{text}`"


def _tables() -> Iterator[tuple[str, type[BaseModel], str]]:
    headings = {
        "schedule.jobs": "### `[schedule.jobs.NAME]`: when a job runs",
        "policies": "### `[policies.NAME]`: how a service is called",
        "policies.rates": "### `[[policies.NAME.rates]]`: how fast",
        "policies.quotas": "### `[[policies.NAME.quotas]]`: how much in a day or a month",
        "policies.chaos": "### `[policies.NAME.chaos]`: faults on purpose",
        "feeds.list": "### `[feeds.list.NAME]`: news feeds",
        "companies": "### `[[companies]]`: the watch list",
    }
    filled = Configured()
    names = {
        "feeds.list": ", ".join(f"`{name}` {feed.url}" for name, feed in filled.feeds.list.items()),
        "schedule.jobs": ", ".join(
            f"`{name}` {job.at}" for name, job in filled.schedule.jobs.items()
        ),
        "policies": ", ".join(
            f"`{name}` (preset `{policy.preset}`)" for name, policy in filled.policies.items()
        ),
    }
    for key, info in fields():
        entry = entry_of(info)
        if entry is None:
            continue
        yield headings[key], entry, names.get(key, "")
        for name, below in entry.model_fields.items():
            table = entry_of(below) or unless_unset(below)
            if is_section(table):
                yield headings[f"{key}.{name}"], table, ""


def example() -> str:
    """.env.example: what each variable means, and below it a line that is off. A remark on the
    same line would be part of the value for systemd and for Docker."""
    lines = [EXAMPLE_HEAD]
    for section, members in groupby(variables(), lambda one: one.key.rpartition(".")[0]):
        lines.append(f"# ---- {section or 'general'}")
        lines += [_line(one.name, one.default, _told(one)) for one in members]
        lines.append("")
    lines.append("# ---- read before the settings are, or by the tests")
    lines += [_line(name, None, meaning) for name, meaning in OTHER_NAMES.items()]
    return "\n".join(lines) + "\n"


def _told(variable: Variable) -> str:
    return f"{variable.meaning} (a secret)" if variable.is_secret else variable.meaning


def _line(name: str, default: object, meaning: str) -> str:
    value = EXAMPLES.get(name) or plain_value(default).replace(", ", ",")
    quoted = f'"{value}"' if " " in value else value
    return f"# {meaning}\n# {name}={quoted}"


def names() -> str:
    """docs/files.md's lists: every secret with what it is for, every other variable."""
    secrets = [one for one in variables() if one.is_secret]
    others = [one.name for one in variables() if not one.is_secret]
    rows = [f"| `{one.name}` | {one.meaning} |" for one in secrets]
    listed = ", ".join(f"`{name}`" for name in [*others, *OTHER_NAMES])
    filled = textwrap.wrap(listed, 128, break_long_words=False, break_on_hyphens=False)
    return "\n".join(["| secret | for |", "|---|---|", *rows, "", *filled]) + "\n"


def write(root: Path = ROOT) -> None:
    """The files, written anew; the prose round the tables stays."""
    for name, text in (("configuration", reference()), ("files", names())):
        page = root / "docs" / f"{name}.md"
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    (root / ".env.example").write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    write()
