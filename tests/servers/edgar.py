"""A little EDGAR on the loopback interface, for invented companies.

Everything a filing shows at the SEC is rendered from one description of it: the company's
submissions JSON (column arrays), the filing's index in its three forms, its documents.
Faults are laid over single paths with `route` (see tests/servers/http.py).
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.servers.http import LoopbackServer, RecordedRequest, Reply

RELEASE = """<html><head><title>Document</title></head><body>
<p>Brightwater Stores, Inc. Reports Second Quarter Results</p>
<p>Net sales were $1,204.5 million, up 3.1% on the year. Diluted EPS was $0.87.</p>
</body></html>"""

COLUMNS = (
    "accessionNumber",
    "filingDate",
    "reportDate",
    "acceptanceDateTime",
    "act",
    "form",
    "fileNumber",
    "filmNumber",
    "items",
    "core_type",
    "size",
    "isXBRL",
    "isInlineXBRL",
    "primaryDocument",
    "primaryDocDescription",
)


@dataclass(frozen=True)
class FiledDocument:
    type: str
    filename: str
    content: bytes = b""
    description: str = ""


@dataclass(frozen=True)
class Filed:
    """One filing. `accepted` is US Eastern, as EDGAR writes it ("2026-08-19T06:45:14")."""

    accession: str
    accepted: str
    form: str = "8-K"
    items: str = "2.02,9.01"
    report_date: str = "2026-08-19"
    documents: tuple[FiledDocument, ...] = (
        FiledDocument("8-K", "brw-20260819.htm", b"<html><p>Item 2.02</p></html>", "8-K"),
        FiledDocument("EX-99.1", "q2release.htm", RELEASE.encode(), "PRESS RELEASE"),
        FiledDocument("GRAPHIC", "logo.jpg", b"\xff\xd8\xff", "GRAPHIC"),
    )

    @property
    def folder(self) -> str:
        return self.accession.replace("-", "")


@dataclass(frozen=True)
class Filer:
    """One company. `older` are further submissions pages: (name, filings)."""

    cik: int
    name: str
    tickers: tuple[str, ...]
    filings: tuple[Filed, ...]
    older: tuple[tuple[str, tuple[Filed, ...]], ...] = field(default=())


FEED_PATH = "/cgi-bin/browse-edgar"
ITEM_NAMES = {
    "2.02": "Results of Operations and Financial Condition",
    "7.01": "Regulation FD Disclosure",
    "8.01": "Other Events",
    "9.01": "Financial Statements and Exhibits",
}


@dataclass(frozen=True)
class Shown:
    """One entry of the feed of the latest filings. `updated` with its offset, as it writes it."""

    filer: Filer
    filed: Filed
    updated: str = ""
    role: str = "Filer"
    says_items: bool = True

    @property
    def stamp(self) -> str:
        return self.updated or f"{self.filed.accepted}-04:00"


class EdgarServer(LoopbackServer):
    """Serves both hosts of the SEC under one address."""

    def show(self, *entries: Shown) -> None:
        """What the feed of the latest filings holds now, newest first."""

        def page(request: RecordedRequest) -> Reply:
            start = int(request.query.get("start", ["0"])[0])
            count = int(request.query.get("count", ["40"])[0])
            body = feed_page(entries[start : start + count]).encode("iso-8859-1", "replace")
            return Reply(headers={"content-type": "application/atom+xml"}, body=body)

        self.route("GET", FEED_PATH, page)

    def add(self, filer: Filer) -> None:
        """Replace whatever was known of this company."""
        self.route("GET", submissions_path(filer.cik), Reply.json(submissions_json(filer)))
        for name, filings in filer.older:
            self.route("GET", f"/submissions/{name}", Reply.json(columns(filings)))
        for filed in (*filer.filings, *(f for _, page in filer.older for f in page)):
            self._add_filing(filer, filed)

    def _add_filing(self, filer: Filer, filed: Filed) -> None:
        folder = f"/Archives/edgar/data/{filer.cik}/{filed.folder}/"
        base = folder + filed.accession
        self.route("GET", f"{base}-index-headers.html", Reply.html(index_headers(filer, filed)))
        self.route("GET", f"{base}-index.html", Reply.html(index_page(filer, filed)))
        self.route("GET", f"{base}.txt", Reply(body=submission_text(filer, filed)))
        for document in filed.documents:
            self.route("GET", folder + document.filename, Reply(body=document.content))


def submissions_path(cik: int) -> str:
    return f"/submissions/CIK{cik:010d}.json"


def facts_path(cik: int) -> str:
    return f"/api/xbrl/companyfacts/CIK{cik:010d}.json"


def filing_path(cik: int, filed: Filed, ending: str) -> str:
    """`ending`: "-index.html", "-index-headers.html", ".txt", or a document's "/name"."""
    folder = f"/Archives/edgar/data/{cik}/{filed.folder}"
    return folder + ending if ending.startswith("/") else f"{folder}/{filed.accession}{ending}"


def columns(filings: Iterable[Filed]) -> dict[str, list[object]]:
    """Column arrays, newest first, with all the columns of the real thing."""
    rows = sorted(filings, key=lambda filed: filed.accepted, reverse=True)
    table: dict[str, list[object]] = {name: [] for name in COLUMNS}
    for filed in rows:
        values: dict[str, object] = {
            "accessionNumber": filed.accession,
            "filingDate": filed.accepted[:10],
            "reportDate": filed.report_date,
            "acceptanceDateTime": f"{filed.accepted}.000Z",
            "act": "34",
            "form": filed.form,
            "items": filed.items,
            "core_type": filed.form,
            "size": sum(len(document.content) for document in filed.documents),
            "isXBRL": 1,
            "primaryDocument": filed.documents[0].filename if filed.documents else "",
        }
        for name in COLUMNS:
            table[name].append(values.get(name, ""))
    return table


def submissions_json(filer: Filer) -> dict[str, object]:
    files = [
        {
            "name": name,
            "filingCount": len(filings),
            "filingFrom": min(filed.accepted[:10] for filed in filings),
            "filingTo": max(filed.accepted[:10] for filed in filings),
        }
        for name, filings in filer.older
    ]
    return {
        "cik": f"{filer.cik:010d}",
        "entityType": "operating",
        "sic": "5331",
        "name": filer.name,
        "tickers": list(filer.tickers),
        "exchanges": ["NYSE" for _ in filer.tickers],
        "fiscalYearEnd": "0201",
        "formerNames": [],
        "filings": {"recent": columns(filer.filings), "files": files},
    }


def _header(filer: Filer, filed: Filed, kind: str) -> str:
    stamp = "".join(c for c in filed.accepted if c.isdigit())
    return (
        f"<SEC-DOCUMENT>{filed.accession}{kind} : {stamp[:8]}\n"
        f"<SEC-HEADER>{filed.accession}.hdr.sgml : {stamp[:8]}\n"
        f"<ACCEPTANCE-DATETIME>{stamp}\n"
        f"ACCESSION NUMBER:\t\t{filed.accession}\n"
        f"CONFORMED SUBMISSION TYPE:\t{filed.form}\n"
        f"FILER:\n\n\tCOMPANY DATA:\n\t\tCOMPANY CONFORMED NAME:\t\t\t{filer.name}\n"
        "</SEC-HEADER>\n"
    )


def _document_head(number: int, document: FiledDocument) -> str:
    described = f"<DESCRIPTION>{document.description}\n" if document.description else ""
    return (
        f"<DOCUMENT>\n<TYPE>{document.type}\n<SEQUENCE>{number}\n"
        f"<FILENAME>{document.filename}\n{described}<TEXT>\n"
    )


def index_headers(filer: Filer, filed: Filed) -> str:
    parts = [html.escape(_header(filer, filed, "-index.html"), quote=False)]
    for number, document in enumerate(filed.documents, 1):
        head = html.escape(_document_head(number, document), quote=False)
        link = (
            f'<a href="{document.filename}">Document {number} - file: {document.filename}</a><br>'
        )
        parts.append(f"{head}{link}\n&lt;/DOCUMENT&gt;\n")
    title = f"SEC EDGAR Submission {filed.accession}"
    return (
        f"<HTML><HEAD><TITLE>{title}</TITLE>\n<!--\n<SEC-HEADER>\n<TYPE>{filed.form}\n"
        f"</SEC-HEADER>\n-->\n</HEAD><BODY>\n<PRE>{''.join(parts)}&lt;/SEC-DOCUMENT&gt;"
        "</PRE></BODY></HTML>\n"
    )


def index_page(filer: Filer, filed: Filed) -> str:
    folder = f"/Archives/edgar/data/{filer.cik}/{filed.folder}/"
    data_types = ("EX-101", "XML")
    shown = [d for d in filed.documents if not d.type.startswith(data_types)]
    data = [d for d in filed.documents if d.type.startswith(data_types)]
    whole = FiledDocument("", f"{filed.accession}.txt", b"", "Complete submission text file")
    return (
        f"<!DOCTYPE HTML><html><head><title>EDGAR Filing Documents for {filed.accession}</title>"
        "</head><body><div class='nav'><table><tr><td>Home</td></tr></table></div>"
        f"<div id='formName'><strong>Form {filed.form}</strong></div>"
        f"<p>Document Format Files</p>{_table(folder, [*shown, whole])}"
        f"<p>Data Files</p>{_table(folder, data)}"
        f"<div>{html.escape(filer.name)} (Filer)</div></body></html>"
    )


def _table(folder: str, documents: Sequence[FiledDocument]) -> str:
    rows = "".join(
        f"<tr><td scope='row'>{number if document.type else '&nbsp;'}</td>"
        f"<td scope='row'>{html.escape(document.description)}</td>"
        f"<td scope='row'><a href='{'/ix?doc=' if document.type == '8-K' else ''}{folder}"
        f"{document.filename}'>{document.filename}</a> &nbsp;</td>"
        f"<td scope='row'>{document.type or '&nbsp;'}</td>"
        f"<td scope='row'>{len(document.content) or '&nbsp;'}</td></tr>"
        for number, document in enumerate(documents, 1)
    )
    heads = "<th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th>"
    return f"<table class='tableFile'><tr>{heads}</tr>{rows}</table>"


def submission_text(filer: Filer, filed: Filed) -> bytes:
    parts = [_header(filer, filed, ".txt").encode()]
    for number, document in enumerate(filed.documents, 1):
        parts.append(_document_head(number, document).encode())
        parts.append(document.content + b"\n</TEXT>\n</DOCUMENT>\n")
    return b"".join([*parts, b"</SEC-DOCUMENT>\n"])


def feed_page(entries: Sequence[Shown]) -> str:
    newest = entries[0].stamp if entries else "2026-08-19T12:00:00-04:00"
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">\n<title>Latest Filings</title>\n'
        '<link rel="self" href="/cgi-bin/browse-edgar?action=getcurrent"/>\n'
        f"<updated>{newest}</updated>\n{''.join(map(_feed_entry, entries))}</feed>\n"
    )


def _feed_entry(entry: Shown) -> str:
    filer, filed = entry.filer, entry.filed
    items = [item for item in filed.items.split(",") if item] if entry.says_items else []
    lines = "".join(f"\n<br>Item {item}: {ITEM_NAMES.get(item, 'Other')}" for item in items)
    summary = (
        f" <b>Filed:</b> {filed.accepted[:10]} <b>AccNo:</b> {filed.accession} "
        f"<b>Size:</b> 200 KB{lines}\n"
    )
    title = html.escape(f"{filed.form} - {filer.name} ({filer.cik:010d}) ({entry.role})")
    link = f"https://www.sec.gov/Archives/edgar/data/{filer.cik}/{filed.folder}/"
    return (
        f'<entry>\n<title>{title}</title>\n<link rel="alternate" type="text/html" '
        f'href="{link}{filed.accession}-index.htm"/>\n'
        f'<summary type="html">\n{html.escape(summary)}</summary>\n'
        f"<updated>{entry.stamp}</updated>\n"
        f'<category scheme="https://www.sec.gov/" label="form type" term="{filed.form}"/>\n'
        f"<id>urn:tag:sec.gov,2008:accession-number={filed.accession}</id>\n</entry>\n"
    )


def refusal_page(kind: str) -> str:
    """A page as the SEC's site makes them. `kind`: "undeclared", "rate" or "maintenance"."""
    title, heading = {
        "undeclared": (
            "Your Request Originates from an Undeclared Automated Tool",
            "Your Request Originates from an Undeclared Automated Tool",
        ),
        "rate": ("Request Rate Threshold Exceeded", "You’ve Exceeded the SEC’s Traffic Limit"),
        "maintenance": ("File Unavailable", "This page is temporarily unavailable"),
    }[kind]
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">'
        f"<html><head><title>SEC.gov | {title}</title><style>p {{font-size:14px}}</style></head>"
        f'<body><div id="header">SEC</div><div id="content"><h1>{heading}</h1>'
        "<p>Invented words where the real page explains itself.</p></div></body></html>"
    )


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


BRIGHTWATER = Filer(
    cik=1990001,
    name="BRIGHTWATER STORES INC",
    tickers=("BRW",),
    filings=(
        Filed("0001990001-26-000031", "2026-08-19T06:45:14"),
        Filed("0001990001-26-000030", "2026-08-05T16:20:00", items="7.01,8.01,9.01"),
        Filed("0001990001-26-000017", "2026-05-20T07:02:28", report_date="2026-05-20"),
        Filed("0001990001-26-000012", "2026-04-02T17:01:00", form="DEF 14A", items=""),
    ),
)
