"""Documents: found, fetched, read; each stored once under the name its source gives it.

Every method is one transaction, every change of state compare-and-set: False (or None)
says that somebody else moved the document first, and nothing was changed. `execution`: whose
work it was; counted with its effect, and only if there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from earnings.vocabulary import Company, DocumentState, Headline, Lead, RawDocument
from storage.database import Database, Row, Tx, as_json
from storage.errors import SERVICE, Conflict
from storage.executions import Execution, executed
from storage.headlines import add_headlines


@dataclass(frozen=True)
class StoredDocument:
    """A document without its bytes and text, which are asked for apart."""

    id: int
    source: str
    external_id: str
    ticker: str | None
    company: str | None  # its name
    title: str
    url: str
    published_at: datetime | None
    discovered_at: datetime
    reported_at: datetime  # published_at, or discovered_at where nobody said
    is_sample: bool
    details: dict[str, str]
    state: DocumentState
    state_since: datetime
    reason: str  # why it was refused, is irrelevant or failed
    attempts: int  # failures so far
    sha256: str | None
    content_type: str | None
    size_bytes: int | None
    fetched_at: datetime | None
    text_id: int | None
    superseded_by: int | None = None  # the document that counts instead
    superseded_why: str | None = None  # an earnings.superseding.Why

    @property
    def is_filed_as_results(self) -> bool:
        """Whether its source vouches for it being results: all do, but for filings under items
        that can be anything."""
        items = self.details.get("items")
        return not items or "2.02" in items.split(",")

    @property
    def is_amendment(self) -> bool:
        return self.details.get("form", "").endswith("/A")

    @property
    def lead(self) -> Lead:
        """As its source listed it: what fetching it needs."""
        return Lead(
            source=self.source,
            external_id=self.external_id,
            title=self.title,
            url=self.url,
            published_at=self.published_at,
            ticker=self.ticker,
            is_sample=self.is_sample,
            details=self.details,
        )


@dataclass(frozen=True)
class StoredText:
    id: int
    document_id: int
    reader: str
    text: str


@dataclass(frozen=True)
class Recorded:
    """What was new of what was found: ids of documents, and how many headlines."""

    documents: tuple[int, ...]
    headlines: int = 0


class Documents:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- finding ------------------------------------------------------------------------

    def cursor(self, source: str, scope: str) -> str | None:
        """Up to where `source` was asked about `scope`."""
        row = self._database.one("documents.cursor", source=source, scope=scope)
        return row["cursor"] if row else None

    def record(
        self,
        source: str,
        scope: str,
        leads: Sequence[Lead],
        cursor: str | None,
        expected_cursor: str | None,
        execution: Execution | None = None,
    ) -> list[int]:
        """`record_found` of leads alone; the ids of new documents."""
        found = self.record_found(source, scope, leads, (), cursor, expected_cursor, execution)
        return list(found.documents)

    def record_found(
        self,
        source: str,
        scope: str,
        leads: Sequence[Lead],
        headlines: Sequence[Headline],
        cursor: str | None,
        expected_cursor: str | None,
        execution: Execution | None = None,
    ) -> Recorded:
        """Store what was found and move the cursor, together; what of it is new.

        If another process moved the cursor meanwhile, its place stands: the documents are
        stored all the same, for a document found twice is one document, and a headline too.
        """
        with self._database.transaction() as tx:
            told = add_headlines(tx, headlines)
            found = [self._add(tx, lead) for lead in leads]
            tx.run("documents.begin_cursor", source=source, scope=scope)
            tx.run(
                "documents.move_cursor",
                source=source,
                scope=scope,
                cursor=cursor,
                expected=expected_cursor,
            )
            new = tuple(each for each in found if each is not None)
            if execution is not None:
                executed(tx, execution, found=len(new) + told)
        return Recorded(new, told)

    # ---- the way of one document --------------------------------------------------------

    def stored_fetch(
        self,
        document_id: int,
        raw: RawDocument,
        sha256: str,
        fetched_at: datetime,
        execution: Execution | None = None,
    ) -> bool:
        """Its bytes are kept and it is FETCHED; False if it was past that already."""
        with self._database.transaction() as tx:
            moved = tx.run(
                "documents.fetched",
                id=document_id,
                sha256=sha256,
                content_type=raw.content_type,
                size_bytes=len(raw.content),
                fetched_at=fetched_at,
                title=raw.title,
                content=raw.content,
            )
            if moved and execution is not None:
                executed(tx, execution, read=1)
        return moved == 1

    def stored_text(
        self, document_id: int, text: str, reader: str, *, marks: Sequence[tuple[int, int]] = ()
    ) -> int:
        """Its text is kept and it is READ; the id that spans refer to. `marks`: in order, from
        which character on it is of which second of a recording.

        Repeating it gives the same id. Raises Conflict if the same reader derived another
        text before: spans count on the first, so a changed reader needs a new name.
        """
        with self._database.transaction() as tx:
            new = tx.one(
                "documents.derived",
                id=document_id,
                text=text,
                reader=reader,
                starts=[start for start, _ in marks] or None,
                seconds=[second for _, second in marks] or None,
            )
            if new is not None:
                return int(new["id"])
            old = tx.one("documents.same_text", id=document_id, text=text, reader=reader)
            if old is None or not old["same"]:
                raise Conflict(
                    SERVICE,
                    f"document {document_id}: reader {reader} derived another text than before",
                    fix="Give the changed reader a new version.",
                )
            tx.run("documents.derived_before", id=document_id, text_id=old["id"])
            return int(old["id"])

    def move(
        self,
        document_id: int,
        from_states: Iterable[DocumentState],
        to: DocumentState,
        reason: str = "",
        execution: Execution | None = None,
    ) -> bool:
        """Raises IllegalMove if the drawing in docs/states.md has no such move."""
        states = list(from_states)
        with self._database.transaction() as tx:
            moved = tx.run("documents.move", id=document_id, to=to, reason=reason, states=states)
            if moved and execution is not None:
                executed(tx, execution, read=1)
        return moved == 1

    def retry(self, document_id: int) -> DocumentState | None:
        """Take a FAILED one up again from where its stored parts allow; None if it is not
        FAILED (any more)."""
        row = self._database.one("documents.retry", id=document_id)
        return DocumentState(row["state"]) if row else None

    def attribute(
        self,
        document_id: int,
        company: Company | None = None,
        *,
        published_at: datetime | None = None,
        title: str = "",
    ) -> None:
        """Add what reading taught about it; None and "" leave what is known."""
        with self._database.transaction() as tx:
            if company is not None:
                self._know(tx, company.ticker, company.name, company.is_sample)
            tx.run(
                "documents.attribute",
                id=document_id,
                ticker=company.ticker.upper() if company else None,
                published_at=published_at,
                title=title,
            )

    # ---- looking ------------------------------------------------------------------------

    def get(self, document_id: int) -> StoredDocument | None:
        return self._first("documents.get", id=document_id)

    def several(self, document_ids: Sequence[int]) -> list[StoredDocument]:
        """Those of them that exist, in this order."""
        if not document_ids:
            return []
        found = {each.id: each for each in self._list("documents.several", ids=list(document_ids))}
        return [found[each] for each in dict.fromkeys(document_ids) if each in found]

    def find(self, source: str, external_id: str) -> StoredDocument | None:
        return self._first("documents.find", source=source, external_id=external_id)

    def raw(self, document_id: int) -> bytes | None:
        """The bytes as they came; None before it was fetched."""
        row = self._database.one("documents.raw", id=document_id)
        return bytes(row["content"]) if row else None

    def text(self, document_id: int) -> StoredText | None:
        """The text in force; None before it was read."""
        row = self._database.one("documents.text", id=document_id)
        return StoredText(**row) if row else None

    def pending(self, limit: int = 1000, max_attempts: int = 5) -> list[int]:
        """Ids of documents with work left, oldest first, but not those that failed
        `max_attempts` times."""
        rows = self._database.all("documents.pending", limit=limit, max_attempts=max_attempts)
        return [row["id"] for row in rows]

    def find_same(self, sha256: str, but: int | None = None) -> list[int]:
        """Ids of the documents with these very bytes, oldest first, without `but`."""
        rows = self._database.all("documents.same_content", sha256=sha256, but=but)
        return [row["id"] for row in rows]

    def of_company(self, ticker: str, limit: int = 50) -> list[StoredDocument]:
        """Newest first."""
        return self._list("documents.of_company", ticker=ticker.upper(), limit=limit)

    def recent(self, limit: int = 50) -> list[StoredDocument]:
        """Newest first."""
        return self._list("documents.recent", limit=limit)

    def in_state(self, state: DocumentState, limit: int = 50) -> list[StoredDocument]:
        """Newest first."""
        return self._list("documents.in_state", state=state, limit=limit)

    def by_state(self) -> dict[DocumentState, int]:
        """How many stand in each state."""
        rows = self._database.all("documents.by_state", states=list(DocumentState))
        return {DocumentState(row["state"]): row["documents"] for row in rows}

    def superseded_between(self, start: datetime, end: datetime) -> list[StoredDocument]:
        """Filings published in [start, end) that do not count, because another one does."""
        return self._list("documents.superseded_between", start=start, end=end)

    # ---- within -------------------------------------------------------------------------

    def _add(self, tx: Tx, lead: Lead) -> int | None:
        if lead.ticker:
            self._know(tx, lead.ticker, lead.ticker.upper(), lead.is_sample)
        row = tx.one(
            "documents.add",
            source=lead.source,
            external_id=lead.external_id,
            ticker=lead.ticker.upper() if lead.ticker else None,
            title=lead.title,
            url=lead.url,
            published_at=lead.published_at,
            is_sample=lead.is_sample,
            details=as_json(lead.details),
        )
        return row["id"] if row else None

    def _know(self, tx: Tx, ticker: str, name: str, is_sample: bool) -> None:
        tx.run("companies.add_unknown", ticker=ticker.upper(), name=name, is_sample=is_sample)

    def _first(self, statement: str, **parameters: object) -> StoredDocument | None:
        found = self._list(statement, **parameters)
        return found[0] if found else None

    def _list(self, statement: str, **parameters: object) -> list[StoredDocument]:
        return [document_of(row) for row in self._database.all(statement, **parameters)]


def document_of(row: Row) -> StoredDocument:
    """A row of the view `document_listing`."""
    return StoredDocument(**{**row, "state": DocumentState(row["state"])})
