"""A composed report as HTML (one standalone document), as text, and in a terminal's width.

Everything a document said goes through autoescape; only our own charts, which escape
themselves, are taken as markup. A name missing in a template is an error, not a blank.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from earnings.reports import words
from earnings.reports.charts import gap_chart, theme_chart
from earnings.reports.facts import Source
from earnings.reports.report import Evidence, Gap, WeeklyReport

if TYPE_CHECKING:  # imported when there is a report to render: a twelfth of a start
    from jinja2 import Environment

TEXT_WIDTH = 78
MAX_HTML_BYTES = 60_000
_WORDS_SHOWN = (140, 70, 24)  # characters of each cited sentence or row
_TEMPLATES = Path(__file__).parent / "templates"


def as_html(report: WeeklyReport) -> str:
    """One document without anything from elsewhere: no scripts, no images, no fonts.

    Mail programs cut long ones off, so the cited words get shorter until it fits.
    """
    for longest in _WORDS_SHOWN:
        html = _html(report, longest)
        if len(html.encode()) <= MAX_HTML_BYTES:
            break
    return html


def _html(report: WeeklyReport, longest: int) -> str:
    template = _templates().get_template("weekly.html")
    return template.render(
        report=report,
        documents=_documents(report, longest),
        gap_chart=Markup(gap_chart(report.gaps)),  # noqa: S704 (escapes its own text)
        theme_chart=Markup(theme_chart(report.themes)),  # noqa: S704
        has_before=any(gap.before_points is not None for gap in report.gaps),
        has_average=any(theme.before is not None for theme in report.themes),
    )


def as_text(report: WeeklyReport) -> str:
    """The same for a terminal or a mail's plain part."""
    template = _templates().get_template("weekly.txt")
    rendered = template.render(report=report, documents=_documents(report, _WORDS_SHOWN[0]))
    lines = (line.rstrip() for line in rendered.splitlines())
    return "\n".join(lines).strip("\n") + "\n"


@dataclass(frozen=True)
class _Document:
    title: str
    url: str
    sources: tuple[Source, ...]


def _documents(report: WeeklyReport, longest: int) -> list[_Document]:
    """The sources by the document they stand in, in order of their first id."""
    groups: dict[tuple[str, str], list[Source]] = {}
    for source in report.sources:
        shown = replace(source, words=words.clean(source.words, longest))
        groups.setdefault((source.document, source.url), []).append(shown)
    return [_Document(title, url, tuple(rows)) for (title, url), rows in groups.items()]


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marks"] = _marks
    environment.filters["wrap"] = _wrap
    environment.filters["signed"] = words.signed
    environment.filters["lineage"] = _lineage
    return environment


def _marks(evidence: Evidence) -> str:
    """ " [12] [31]", to be put behind the words they bear out."""
    return "".join(f" [{one}]" for one in evidence)


def _lineage(gap: Gap) -> tuple[str, str]:
    """How the gap came about: both growth rates."""
    return f"{words.signed(gap.inventory.pct)}%", f"{words.signed(gap.sales.pct)}%"


def _wrap(text: str, indent: int = 0, hang: int = 0) -> str:
    """Filled to the text's width; lines after the first stand `hang` further in."""
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_on_hyphens=False,
    )
