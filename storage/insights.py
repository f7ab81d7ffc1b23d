"""What documents say: claims with their evidence, and what was withheld.

A document may be read by several analysts; one analysis of it is current and shows: a
model's once there is one, the local rules' until then. What shows in a model's analysis may
have been found by the local rules; it names theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from earnings.analysts.base import Answer
from earnings.vocabulary import Claim, DocumentState, Guidance, Period, Withheld
from storage.claims import claim_row, period_columns, withheld_row
from storage.database import Database, Row, Tx, as_json
from storage.documents import document_of
from storage.executions import Execution, executed
from storage.insight_views import (
    Analysis,
    Evidence,
    PaidFor,
    StandIn,
    StoredInsight,
    analysis_of,
    insight_of,
)
from storage.superseding import lock_company, settle_filings

LOCAL = "local"
_AROUND = 400  # characters of the text shown on either side of the evidence
_ELSEWHERE = 200  # claims of the same measure in other documents that are looked at


class Insights:
    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        document_id: int,
        text_id: int,
        answer: Answer,
        claims: Sequence[Claim],
        withheld: Sequence[Withheld] = (),
        new_state: DocumentState | None = None,
        agreements: Callable[[Claim], str | None] | None = None,
        *,
        kept: tuple[int, Sequence[Claim]] | None = None,
        degraded: bool = False,
        counts: bool = True,
        instead_of: tuple[str, str] = ("", ""),
        reason: str = "",
        execution: Execution | None = None,
    ) -> int:
        """Store an analysis, its claims and the document's new state, all or nothing.

        The same analyst, model and prompt version on the same document is stored once; a
        repeat only moves the state. `agreements` says of a claim whether another analyst
        agrees. `kept`: another analysis' id, and the claims of it that show beside this one's.
        `counts` False keeps it beside the analysis that counts now (an answer of which
        nothing stands in the document). `instead_of`: the analyst whose turn it was, and why
        it had no answer. `execution`: the analyst's, counted with a new
        analysis.

        Raises IllegalMove if the document cannot go to `new_state`.
        """
        key = {
            "document_id": document_id,
            "analyst": answer.analyst,
            "model": answer.model,
            "prompt_version": answer.prompt_version,
        }
        with self._database.transaction() as tx:
            lock_company(tx, document_id)
            tx.one("insights.lock_document", document_id=document_id)
            before = tx.one("insights.analysed_before", **key)
            assert before is not None
            stands_in = dict(zip(("instead_of", "instead_why"), instead_of, strict=True))
            if before["known"] is not None:
                analysis_id = int(before["known"])
                tx.run("insights.stands_in", id=analysis_id, **stands_in)
            else:
                meta = {**key, "text_id": text_id, "degraded": degraded, **stands_in}
                counted = before["current"]
                analysis_id = self._add_analysis(tx, meta, answer, counted, counts=counts)
                found: list[tuple[Claim, int | None]] = [(each, None) for each in claims]
                found += [(each, kept[0]) for each in kept[1]] if kept else []
                rows = [
                    claim_row(each, agreements(each) if agreements else None, taken_from)
                    for each, taken_from in found
                ]
                rows += [withheld_row(each) for each in withheld]
                ids = {"analysis_id": analysis_id, "document_id": document_id}
                if rows:
                    tx.run("insights.add", **ids, rows=as_json([_filled(row) for row in rows]))
            if new_state is not None:
                tx.run(
                    "insights.move_document", document_id=document_id, to=new_state, reason=reason
                )
            settle_filings(tx, document_id)
            if before["known"] is None and execution is not None:
                executed(tx, execution, read=1, claims=len(claims), withheld=len(withheld))
        return analysis_id

    def get(self, insight_id: int) -> StoredInsight | None:
        found = self._list("insights.get", id=insight_id)
        return found[0] if found else None

    def for_document(self, document_id: int) -> list[StoredInsight]:
        """All of its current analysis, claims first, then what was withheld."""
        return self._list("insights.for_document", document_id=document_id)

    def for_company(self, ticker: str, documents: int = 8) -> list[StoredInsight]:
        """The claims of its newest analysed documents, newest first; without those that another
        one replaced."""
        return self._list("insights.for_company", ticker=ticker.upper(), documents=documents)

    def unanswered(
        self, limit: int = 500, *, queued: bool = False, upgrade: bool = False
    ) -> list[int]:
        """Documents whose configured analysts have not answered yet, oldest first; without those
        on their way in a batch, and with those that only wait for one if they are `queued`.
        `upgrade`: also those that an analyst answered in another's stead."""
        rows = self._database.all(
            "insights.unanswered", limit=limit, queued=queued, upgrade=upgrade
        )
        return [int(row["document_id"]) for row in rows]

    def read_since(self, since: datetime, limit: int) -> list[int]:
        """Documents that an analysis was made of since then, oldest first."""
        rows = self._database.all("insights.read_since", since=since, limit=limit)
        return [int(row["document_id"]) for row in rows]

    def stand_ins(self, since: datetime) -> list[StandIn]:
        """Who was read by whom in whose stead in analyses made since then that count."""
        return [StandIn(**row) for row in self._database.all("insights.stand_ins", since=since)]

    def between(self, start: datetime, end: datetime) -> list[StoredInsight]:
        """What was claimed in documents published in [start, end), without those that another
        one replaced since."""
        return self._list("insights.between", start=start, end=end, status="claimed")

    def withheld_between(self, start: datetime, end: datetime) -> list[StoredInsight]:
        """What was withheld in documents published in [start, end)."""
        return self._list("insights.between", start=start, end=end, status="withheld")

    def previous_guidance(
        self, ticker: str, before: datetime, amends: Period | None = None
    ) -> tuple[Guidance, ...]:
        """The issuer's latest range published before then, per metric, period and basis.

        `amends`: the period of an amendment; what it amends is not previous to it."""
        found = self._list(
            "insights.previous_guidance",
            ticker=ticker.upper(),
            before=before,
            amends=amends.end if amends else None,
        )
        return tuple(each.claim for each in found if isinstance(each.claim, Guidance))

    def analyses(self, document_id: int) -> list[Analysis]:
        """Every analysis of a document, the current one first."""
        rows = self._database.all("insights.analyses_of_document", document_id=document_id)
        return [analysis_of(row) for row in rows]

    def evidence(self, insight_id: int) -> Evidence | None:
        """An insight with the words that bear it out and all that is known beside it."""
        with self._database.transaction() as tx:
            row = tx.one("insights.get", id=insight_id)
            if row is None:
                return None
            insight = insight_of(row)
            finder = insight.taken_from or insight.analysis_id
            analysis = tx.one("insights.analysis", id=finder)
            document = tx.one("documents.get", id=insight.document_id)
            assert analysis is not None
            assert document is not None
            start, end = row["span_start"], row["span_end"]
            cut = _Cutter(tx, row["text_id"])
            made = tx.one("insights.made_by", analysis_id=finder)
            return Evidence(
                insight=insight,
                document=document_of(document),
                analysis=analysis_of(analysis),
                quote=cut(start, end),
                before=cut(max(0, start - _AROUND), start),
                after=cut(end, end + _AROUND),
                context=tuple(cut(first, last) for first, last in row["context"]),
                withheld=tuple(
                    insight_of(each)
                    for each in tx.all("insights.withheld_beside", analysis_id=insight.analysis_id)
                    if each["id"] != insight_id
                ),
                made=max(1, made["items"]) if made else 1,
                paid=_paid(tx, analysis, document["sha256"]),
                analyses=tuple(
                    analysis_of(each)
                    for each in tx.all(
                        "insights.analyses_of_document", document_id=insight.document_id
                    )
                ),
                **_said_by_others(tx, row, finder),
                instead=tuple(
                    insight_of(each) for each in tx.all("insights.instead", id=insight_id)
                ),
            )

    def _add_analysis(
        self, tx: Tx, meta: Row, answer: Answer, counted: str | None, *, counts: bool
    ) -> int:
        """`counted`: whose analysis counted until now."""
        shows = counts and (counted in (None, LOCAL) or answer.analyst != LOCAL)
        if shows and counted is not None:
            tx.run("insights.retire_current", document_id=meta["document_id"])
        usage = answer.usage
        row = tx.one(
            "insights.add_analysis",
            **meta,
            **period_columns(answer.period),
            is_current=shows,
            is_results=answer.is_results,
            input_tokens=usage.input_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=usage.cost_usd,
            notes=as_json(answer.notes),
        )
        assert row is not None
        return int(row["id"])

    def _list(self, statement: str, **parameters: object) -> list[StoredInsight]:
        return [insight_of(row) for row in self._database.all(statement, **parameters)]


def _said_by_others(tx: Tx, row: Row, finder: int) -> dict[str, tuple[StoredInsight, ...]]:
    """Beside the insight in `row`, and in other documents of its company."""
    of = {name: row[name] for name in ("document_id", "kind", "metric")}
    beside = tx.all("insights.said_in_document", **of, theme=row["theme"], finder=finder)
    elsewhere = tx.all("insights.said_elsewhere", **of, ticker=row["ticker"], limit=_ELSEWHERE)
    return {
        "said_beside": tuple(insight_of(each) for each in beside),
        "said_elsewhere": tuple(insight_of(each) for each in elsewhere),
    }


def _paid(tx: Tx, analysis: Row, sha256: str | None) -> PaidFor | None:
    row = tx.one(
        "insights.paid_for",
        provider=analysis["analyst"],
        model=analysis["model"],
        prompt_version=analysis["prompt_version"],
        sha256=sha256,
    )
    return PaidFor(**row) if row else None


def _filled(row: Row) -> Row:
    """Without what has no value: there are 33 columns, and a claim fills a dozen."""
    return {name: value for name, value in row.items() if value is not None}


class _Cutter:
    """Cuts words out of a stored text without bringing all of it here."""

    def __init__(self, tx: Tx, text_id: int) -> None:
        self._tx = tx
        self._text_id = text_id

    def __call__(self, start: int, end: int) -> str:
        row = self._tx.one("insights.cut_text", text_id=self._text_id, start=start, end=end)
        return str(row["words"]) if row else ""
