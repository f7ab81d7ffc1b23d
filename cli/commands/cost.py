"""`cost`: what was paid, what may still come, and what is left of the caps."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cli.cost_views import CapView, CostView, ProviderCostView
from cli.exit_codes import ExitCode
from cli.output import Cell, Output, Piece
from cli.session import Session
from cli.times import moment

HEADS = {"day": "DAY (UTC)", "company": "COMPANY", "model": "MODEL", "document": "DOCUMENT"}


def execute(session: Session) -> int:
    with session.desk() as desk:
        found = desk.cost(session.args.month, session.args.by)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, session.door.clock.now())
    return ExitCode.DONE


def show(output: Output, found: CostView, now: datetime) -> None:
    if found.caps:
        _caps(output, found.caps, now)
        output.gap()
    if not found.providers:
        output.text(f"{found.month} (UTC): nothing was asked of a paid provider.")
        return
    output.table(
        (found.month, "ANSWERS", "PAID USD", "TOKENS IN", "TOKENS OUT", "NOT KNOWN YET"),
        [_provider(one) for one in found.providers],
        right=(1, 2, 3, 4),
        wraps=(5,),
    )
    if found.usd_per_document is not None:
        count = "1 document" if found.documents == 1 else f"{found.documents} documents"
        output.text(f"{_usd(found.usd_per_document)} USD per document, of {count}.", indent=2)
    for one in found.providers:
        for said in (_batches(one), _saved(one)):
            if said:
                output.text(said, indent=2)
    if found.by:
        output.gap()
        _lines(output, found)
    if any(one.in_doubt for one in found.providers):
        output.text(Piece("python main.py paid", "name"), " lists what is in doubt.")


def _caps(output: Output, caps: tuple[CapView, ...], now: datetime) -> None:
    output.table(
        ("CAP", "PER", "PAID USD", "WITH ESTIMATES", "OF", "LEFT", "BEGINS ANEW"),
        [
            [
                Piece(one.provider, "name"),
                one.per,
                _usd(one.usd),
                _usd(one.taken_usd),
                "no limit" if one.cap_usd is None else f"{one.cap_usd:.2f}",
                "–" if one.left_usd is None else _usd(one.left_usd),
                moment(output, one.resets_at, now),
            ]
            for one in caps
        ],
        right=(2, 3, 4, 5),
        wraps=(6,),
    )


def _provider(one: ProviderCostView) -> list[Cell]:
    return [
        Piece(one.provider, "name"),
        str(one.calls),
        _usd(one.usd),
        f"{one.input_tokens:,}",
        f"{one.output_tokens:,}",
        _not_known(one),
    ]


def _not_known(one: ProviderCostView) -> str:
    """Estimates, each with what it is for."""
    parts = (
        (one.open_usd, f"{one.open} on their way"),
        (one.in_doubt_usd, f"{one.in_doubt} in doubt"),
        (one.given_up_usd, "given up or asked again"),
    )
    return ", ".join(f"about {_usd(usd)} {what}" for usd, what in parts if usd) or "–"


def _batches(one: ProviderCostView) -> str:
    parts = []
    if one.batched:
        parts.append(
            f"{one.batched} of the {one.calls} answers came in batches, for {_usd(one.batched_usd)}"
        )
    if one.queued:
        parts.append(f"{one.queued} {'question waits' if one.queued == 1 else 'questions wait'} "
                     "for the next batch")  # fmt: skip
    return f"{one.provider}: {'; '.join(parts)}." if parts else ""


def _saved(one: ProviderCostView) -> str:
    """What asking with care brought, against the naive way."""
    saved = one.saved
    if saved is None:
        return ""
    of = "" if saved.answers == one.calls else f" (of the {saved.answers} answers it is known of)"
    if saved.share is None:
        left_out = f"{saved.trimming_tokens:,} tokens by leaving out what does not matter"
        return f"{one.provider}: costs nothing; saved {left_out}{of}."
    return (
        f"{one.provider}: {_usd(saved.paid_usd)} paid instead of {_usd(saved.naive_usd)}, "
        f"{saved.share:.0%} of it{of}. Saved by leaving out what does not matter "
        f"{_usd(saved.trimming_usd)}, by the cache {_usd(saved.caching_usd)}, by batches "
        f"{_usd(saved.batching_usd)}."
    )


def _lines(output: Output, found: CostView) -> None:
    output.table(
        (
            HEADS[found.by],
            "PROVIDER",
            "ANSWERS",
            "PAID USD",
            "ESTIMATED",
            "SAVED",
            "TOKENS IN",
            "OUT",
        ),
        [
            [
                *(one.name, one.provider, str(one.calls), _usd(one.usd)),
                *(_usd(one.not_known_usd), _usd(one.saved_usd)),
                *(f"{one.input_tokens:,}", f"{one.output_tokens:,}"),
            ]
            for one in found.lines
        ],
        right=(2, 3, 4, 5, 6, 7),
        wraps=(0,),
    )


def _usd(amount: Decimal) -> str:
    return f"{amount:.4f}"
