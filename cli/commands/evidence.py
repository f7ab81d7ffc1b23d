"""`evidence ID`: the sentence behind a number, in its place, with who read it."""

from __future__ import annotations

import re

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.output import Output, Piece
from cli.printable import line, printable
from cli.session import Session
from cli.views import EvidenceView

LINES_AROUND = 4
SENTENCE_ENDS = (".", "!", "?", ".”", "!”", "?”")


def execute(session: Session) -> int:
    number = session.args.id
    with session.desk() as desk:
        evidence = desk.evidence(number)
    if evidence is None:
        raise Failure(
            ExitCode.UNKNOWN,
            "unknown_evidence",
            f"there is no evidence {number}",
            "scan and company print the numbers there are",
        )
    if session.output.as_json:
        session.output.document(evidence)
    else:
        show(session.output, evidence)
    return ExitCode.DONE


def show(output: Output, one: EvidenceView) -> None:
    sample = (Piece("  sample: an invented company", "warn"),) if one.is_sample else ()
    output.text((Piece(f"#{one.id}  ", "quiet"), Piece(one.company, "name"), *sample))
    output.text(one.claim, indent=4)
    if one.status == "withheld":
        output.text(Piece(f"▲ withheld, not claimed: {one.reason}", "warn"), indent=4)
    elif one.agreement == "differs":
        output.text(Piece("▲ another analyst read something else here", "warn"), indent=4)
    if one.superseded:
        output.text(Piece(f"▲ its document does not count: {one.superseded}", "warn"), indent=4)
    output.gap()
    # Without colour the mark would be lost: brackets stand in for it.
    open_mark, close_mark = ("", "") if output.has_color else ("⟦", "⟧")
    output.text(
        _before(one),
        Piece(f"{open_mark}{_lines(one.words)}{close_mark}", "mark"),
        _after(one),
        indent=4,
    )
    for words in one.context:
        output.text(Piece("read with: ", "quiet"), f"“{line(words)}”", indent=4)
    output.gap()
    for row in _facts(output, one):
        output.text(Piece(row, "quiet"), indent=4)
    _said_by_others(output, one)
    if one.filed:
        style = "warn" if one.filed.startswith("differs") else "quiet"
        output.text(Piece("as filed: ", "quiet"), Piece(one.filed, style), indent=4)
    for same in one.instead:
        told = "what counts instead" if same.counts else "replaces"
        where = f"evidence {same.evidence_id}, {same.document}"
        output.text(Piece(f"{told}: ", "quiet"), f"{same.claim} ({where})", indent=4)
    if one.withheld:
        output.gap()
        output.text("Withheld beside it, because the document does not bear it out:")
        for other in one.withheld:
            quote = f" (cited: “{printable(other.quote)}”)" if other.quote else ""
            output.text(f"{other.what}: {other.reason}{quote}", indent=4)


def _said_by_others(output: Output, one: EvidenceView) -> None:
    for verdict, heading in (
        ("agrees", "Who else said the same:"),
        ("differs", "Who contradicted it:"),
    ):
        found = [other for other in one.others if other.verdict == verdict]
        if not found:
            continue
        output.gap()
        output.text(heading)
        for other in found:
            where = f", in {line(other.document)}" if other.document else ""
            why = f"; withheld: {other.reason}" if other.reason else ""
            output.text(
                Piece(f"#{other.evidence_id}  ", "quiet"),
                f"{other.analyst}, {other.model}{where}: {other.what}{why}",
                indent=4,
            )
    if one.silent:
        output.gap()
        output.text(f"Read it too and said nothing of it: {', '.join(one.silent)}.")


def _before(one: EvidenceView) -> str:
    """The last lines before it, so that a row of a table keeps its heading."""
    text = _lines(one.before).lstrip()
    shown = "\n".join(text.split("\n")[-LINES_AROUND:])
    is_cut = len(shown) < len(text) or one.start > len(one.before)
    return f"… {shown}" if is_cut and shown.strip() else shown


def _after(one: EvidenceView) -> str:
    text = _lines(one.after).rstrip()
    shown = "\n".join(text.split("\n")[: LINES_AROUND + 1])
    is_cut = len(shown) < len(text) or not text.endswith(SENTENCE_ENDS)
    return f"{shown} …" if is_cut and shown.strip() else shown


def _lines(text: str) -> str:
    """Line by line, as in the document, without blanks at their ends and empty lines."""
    return re.sub(r"[ ]*\n\s*", "\n", re.sub(r"[ ]{2,}", " ", printable(text)))


def _facts(output: Output, one: EvidenceView) -> list[str]:
    published = f", published {output.when(one.published_at)}" if one.published_at else ""
    source = f", from {one.source}" if one.source else ""
    model = f", {one.model}" if one.model else ""
    prompt = f", prompt {one.prompt_version}" if one.prompt_version else ""
    cost = f", ${one.cost_usd}" if one.cost_usd else ""
    return [
        f"{one.document}, characters {one.start:,}–{one.end:,}{published}{source}",
        *([one.url] if one.url else []),
        f"sha256 {one.sha256 or '–'}, fetched {output.when(one.fetched_at)}",
        f"read by {one.analyst}{model}{prompt}{cost}",
        *([_paid(one)] if one.cost_usd and one.answer_items else []),
        *(line(note) for note in one.notes),
    ]


def _paid(one: EvidenceView) -> str:
    items = "1 item" if one.answer_items == 1 else f"{one.answer_items} items"
    way = {True: ", in a batch", False: ", asked singly", None: ""}[one.in_batch]
    cached = f" ({one.cached_tokens:,} from the cache)" if one.cached_tokens else ""
    return (
        f"that answer holds {items}: ${one.cost_share_usd} each; {one.input_tokens:,} tokens "
        f"read{cached}, {one.output_tokens:,} written{way}"
    )
