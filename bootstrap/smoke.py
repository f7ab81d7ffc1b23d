"""`make smoke-live`: one real, cheap question to each configured provider, and one tiny read.

Through the very objects that the daemon uses, under the same policies, quotas and caps; a paid
question is written down in the ledger before it is sent, and counts in `cost`. Nothing that is
found is stored. Who has no key, or is off, is named with what would switch it on.

    python -m bootstrap.smoke [NAME ...]     exit code 1 if somebody did not answer as it should
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bootstrap.application import Application, open_application
from cli.printable import printable
from earnings.analysts.base import Question
from earnings.reading.reader import read
from earnings.sources.base import Discovery, Source
from earnings.vocabulary import Company, RawDocument
from resilience.outcomes import CallError
from settings import SettingsError

OK, NO_KEY, OFF, FAILED = "ok", "no key", "off", "FAILED"
AT_HOME = frozenset({"inbox"})  # leaves the machine for nothing
KEYLESS = frozenset({"edgar", "feeds", "ollama"})
_MOST_TRIED = 5  # companies that may have published nothing

# Short, so that a paid answer costs about a cent; of no company that there is.
_RELEASE = """<html><body><p><b>Millbrook Example Stores Reports Second Quarter Results</b></p>
<p>MILLBROOK, Ohio, August 19, 2026 -- Millbrook Example Stores today reported results for the
second quarter of fiscal 2026, the thirteen weeks ended August 1, 2026.</p>
<p>Net sales were $1,204.5 million, an increase of 3.1%. Diluted earnings per share were $0.87.</p>
<p>Asked at {now:%Y-%m-%dT%H:%M:%S.%f}.</p></body></html>"""


@dataclass(frozen=True)
class Smoke:
    """What came of one provider. `state`: ok, no key, off, FAILED."""

    name: str
    state: str
    said: str

    def line(self) -> str:
        return printable(f"{self.name:<10} {self.state:<7} {self.said}")


def smokes(app: Application, only: Sequence[str] = ()) -> Iterator[Smoke]:
    """One a provider, as it answers. `only`: of these names; all if empty."""
    for name, source in app.services.sources.items():
        if name not in AT_HOME and (not only or name in only):
            yield _of_source(app, source)
    off = dict(app.services.panel.switched_off())
    for name in app.services.panel.names()[1:]:
        if not only or name in only:
            yield _off(name, off[name]) if name in off else _of_analyst(app, name)


def _of_source(app: Application, source: Source) -> Smoke:
    off = source.switched_off()
    if off is not None:
        return _off(source.name, off)
    try:
        return Smoke(source.name, OK, f"{source.greet()}; {_tiny_read(app, source)}")
    except CallError as error:
        return Smoke(source.name, FAILED, str(error))


def _off(name: str, why: str) -> Smoke:
    return Smoke(name, OFF if name in KEYLESS else NO_KEY, why)


def _tiny_read(app: Application, source: Source) -> str:
    """What the first of its scopes holds that holds anything, and one document of it."""
    asked = ""
    scopes = list(source.scopes(_companies(app)))
    for scope in scopes[:_MOST_TRIED]:
        found = source.discover(scope, None)
        asked = asked or scope.key
        if found.leads:
            raw = source.fetch(found.leads[-1])
            return f"{scope.key}: {raw.title or found.leads[-1].title}, {len(raw.content):,} bytes"
        if found.headlines:
            return f"{scope.key}: {len(found.headlines)} headlines"
        asked = _noted(scope.key, found)
    if not scopes:
        return "nobody on the watch list to ask it about"
    return f"nothing there now ({asked})"


def _noted(scope: str, found: Discovery) -> str:
    return "; ".join([scope, *found.notes])


def _of_analyst(app: Application, name: str) -> Smoke:
    panel = app.services.panel
    greet = dict(panel.greet())[name]
    alone = panel.without({other: "not asked" for other in panel.asks() if other != name})
    try:
        greeting = greet()
        asked = alone.ask(_question(app.clock.now()), app.context.paid_calls)
    except CallError as error:
        return Smoke(name, FAILED, str(error))
    if asked.degraded:
        return Smoke(name, FAILED, dict(asked.tried)[name])
    usage, drafts = asked.answer.usage, len(asked.answer.drafts)
    tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return Smoke(
        name,
        OK,
        f"{greeting}; found {drafts} thing{'' if drafts == 1 else 's'} in a tiny release for "
        f"{tokens:,} and {usage.output_tokens:,} tokens, {usage.cost_usd:.4f} USD",
    )


def _question(now: datetime) -> Question:
    """About a document that nobody asked about before, or its stored answer would be given."""
    content = _RELEASE.format(now=now).encode()
    reading = read(RawDocument(content, "text/html"))
    return Question(hashlib.sha256(content).hexdigest(), reading, None, now)


def _companies(app: Application) -> list[Company]:
    return list(app.context.companies.watched())


def main(arguments: Sequence[str]) -> int:
    try:
        app = open_application(kind="command")
    except (SettingsError, CallError) as error:
        sys.stderr.write(printable(f"error: {error}") + "\n")
        return 78
    with app:
        # Pauses and quotas of before hold here too, and what is asked here counts.
        app.services.policies.remember(app.policy_states)
        try:
            return _tell(app, arguments)
        finally:
            app.services.policies.close()


def _tell(app: Application, only: Sequence[str]) -> int:
    known = {*app.services.sources, *app.services.panel.names()[1:]} - AT_HOME
    unknown = sorted(set(only) - known)
    if unknown:
        sys.stderr.write(printable(f"error: no provider is called {unknown[0]}\n"
                                   f"  fix: one of {', '.join(sorted(known))}") + "\n")  # fmt: skip
        return 2
    failed = False
    for smoke in smokes(app, only):
        sys.stdout.write(smoke.line() + "\n")
        sys.stdout.flush()
        failed = failed or smoke.state == FAILED
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
