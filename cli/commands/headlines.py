"""`headlines [TICKER]`: what others wrote, with the link to read on."""

from __future__ import annotations

from collections.abc import Sequence

from cli.exit_codes import ExitCode
from cli.failures import unknown
from cli.output import Output, Piece
from cli.session import Session
from cli.views import HeadlineView


def execute(session: Session) -> int:
    args = session.args
    with session.desk() as desk:
        if args.ticker is not None:
            known = desk.tickers()
            if args.ticker not in known:
                add = "add it to retailxai.toml: [[companies]]"
                alike = desk.alike(args.ticker)
                raise unknown(
                    "company", args.ticker, known, f"did you mean {alike[0]}?" if alike else add
                )
        found = desk.headlines(args.ticker, args.since, args.limit)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, args.ticker)
    return ExitCode.DONE


def show(output: Output, found: Sequence[HeadlineView], ticker: str | None) -> None:
    if not found:
        whose = f" about {ticker}" if ticker else ""
        output.text(f"No headlines{whose} yet.")
        output.text(Piece("They come from news feeds, Tavily and X: docs/headlines.md", "quiet"))
        return
    for one in found:
        about = ", ".join(one.tickers)
        output.text(*((Piece(f"{about}  ", "name"),) if about else ()), one.title)
        told = output.when(one.published_at) if one.published_at else ""
        seen = "" if told else f"seen {output.when(one.seen_at)}"
        by = ", ".join(part for part in (one.publisher or one.source, told or seen) if part)
        output.text(Piece(f"{by}  ", "quiet"), one.link, indent=2)
    output.text(Piece("Leads to read elsewhere; no figure rests on them.", "quiet"))
