"""Settling which of a company's filings about one period counts, in the transaction that stores
what was found in one of them. The rule is in earnings/superseding.py."""

from __future__ import annotations

from collections import defaultdict

from earnings.superseding import Filed, superseded
from earnings.vocabulary import Claim
from storage.claims import claim_of, period_of
from storage.database import Tx


def lock_company(tx: Tx, document_id: int) -> None:
    """To be called before the document is locked: two filings of one company that are stored
    at once must not both miss the other."""
    tx.one("superseding.lock_company", document_id=document_id)


def settle_filings(tx: Tx, document_id: int) -> None:
    """Whatever counted before: all filings beside this one are judged anew, together."""
    rows = tx.all("superseding.beside", document_id=document_id)
    settled = [row["id"] for row in rows if row["is_superseded"]]
    if settled:
        tx.run("superseding.clear", ids=settled)
    if len(rows) < 2:  # it has no rival
        return
    claims: defaultdict[int, list[Claim]] = defaultdict(list)
    analyses = [row["analysis_id"] for row in rows]
    for row in tx.all("superseding.claims", ids=analyses):
        claims[row["analysis_id"]].append(claim_of(row))
    filings = []
    for row in rows:
        period = period_of(row)
        assert period is not None  # the query asks for its kind
        filings.append(
            Filed(
                id=row["id"],
                name=row["external_id"],
                published_at=row["reported_at"],
                is_amendment=str(row["form"]).endswith("/A"),
                period=period,
                claims=tuple(claims[row["analysis_id"]]),
            )
        )
    found = superseded(filings)
    tx.many(
        "superseding.put",
        [
            {"document_id": document, "by_id": each.by, "why": each.why}
            for document, each in found.items()
        ],
    )
