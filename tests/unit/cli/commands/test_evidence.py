"""`evidence ID`: the sentence behind a number."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cli.exit_codes import ExitCode
from cli.views import EvidenceView, InsteadView, WithheldView
from tests.unit.cli.fakes import NOON, FakeDesk, typed

EVIDENCE = EvidenceView(
    id=9,
    ticker="NGST",
    company="Northgate Stores",
    claim="Operating margin 6.0 to 6.3%, fiscal 2026",
    status="claimed",
    document="Third quarter results.html",
    words="We now expect full-year operating margin of 6.0% to 6.3%,  reflecting tariff costs.",
    before="Turning to the outlook. ",
    after=" That compares with our prior range.",
    start=18204,
    end=18324,
    sha256="9f2c" * 16,
    url="https://www.sec.gov/x.htm",
    fetched_at=NOON,
    analyst="claude",
    model="claude-sonnet-5-5",
    prompt_version="v14",
    cost_usd=Decimal("0.0118"),
)


def test_sentence_is_marked_in_its_place() -> None:
    """Brackets where there is no colour, so that the mark is never lost."""
    shown = typed("evidence 9", FakeDesk(evidence_view=EVIDENCE))

    assert shown.code == ExitCode.DONE
    assert (
        "Turning to the outlook. ⟦We now expect full-year operating margin of 6.0% to 6.3%, "
        "reflecting tariff costs.⟧ That compares with our prior range." in shown.out
    )


def test_cut_surroundings_are_marked() -> None:
    """An ellipsis where the document goes on, none where it begins or a sentence ends."""
    middle = replace(EVIDENCE, after=" That compares with our pri")
    assert "… Turning to" in typed("evidence 9", FakeDesk(evidence_view=middle)).out
    assert "our pri …" in typed("evidence 9", FakeDesk(evidence_view=middle)).out
    begin = replace(EVIDENCE, start=len(EVIDENCE.before))
    assert "…" not in typed("evidence 9", FakeDesk(evidence_view=begin)).out.split("\n\n")[1]


def test_row_of_a_table_stands_among_its_rows() -> None:
    """Lines are kept, a few on either side, so that heading and columns can be seen."""
    one = replace(
        EVIDENCE,
        before="far\n\nTitle\n(In thousands)\n \n13 Weeks Ended\nMay 2 | May 3\n",
        words="Net sales | $318 | $322",
        after="\nCost of sales | 197 | 194\nA\nB\nC\nD\nE",
    )
    block = typed("evidence 9", FakeDesk(evidence_view=one)).out.split("\n\n")[1]

    assert [row.strip() for row in block.splitlines()] == [
        "… (In thousands)",
        "13 Weeks Ended",
        "May 2 | May 3",
        "⟦Net sales | $318 | $322⟧",
        "Cost of sales | 197 | 194",
        "A",
        "B",
        "C …",
    ]


def test_what_gives_a_number_its_meaning() -> None:
    """A row of a table is read with its heading and its scale."""
    one = replace(EVIDENCE, context=("October 31, 2026", "(in\nmillions)"))
    text = typed("evidence 9", FakeDesk(evidence_view=one)).out

    assert "read with: “October 31, 2026”" in text
    assert "read with: “(in millions)”" in text


def test_sentence_is_coloured_on_a_terminal() -> None:
    """There the mark is a colour."""
    shown = typed("evidence 9", FakeDesk(evidence_view=EVIDENCE), terminal=True)

    assert "⟦" not in shown.out
    assert "\x1b[30;43m" in shown.out
    assert (
        "⟦" in typed("evidence 9 --no-color", FakeDesk(evidence_view=EVIDENCE), terminal=True).out
    )


def test_what_is_known_beside_it() -> None:
    """Document, characters, hash, when it was fetched, who read it, for how much."""
    text = typed("evidence 9", FakeDesk(evidence_view=EVIDENCE)).out

    for words in (
        "Third quarter results.html, characters 18,204–18,324",
        "https://www.sec.gov/x.htm",
        f"sha256 {'9f2c' * 16}, fetched 2026-11-20T12:00:00Z",
        "read by claude, claude-sonnet-5-5, prompt v14, $0.0118",
    ):
        assert words in text


def test_withheld_beside_it() -> None:
    """What the same analyst claimed and could not show."""
    beside = WithheldView("adjusted EPS $3.10", "its number is not there", "we \x1b[2Jearned")
    text = typed("evidence 9", FakeDesk(evidence_view=replace(EVIDENCE, withheld=(beside,)))).out

    assert "adjusted EPS $3.10: its number is not there (cited: “we earned”)" in text


def test_withheld_itself_is_not_a_claim() -> None:
    """Asked for by its number it says so, with the reason."""
    one = replace(EVIDENCE, status="withheld", reason="its words are not in the document", words="")
    text = typed("evidence 9", FakeDesk(evidence_view=one)).out

    assert "withheld, not claimed: its words are not in the document" in text


def test_sample_and_disagreement() -> None:
    """Both are said where they matter."""
    one = replace(EVIDENCE, is_sample=True, agreement="differs")
    text = typed("evidence 9", FakeDesk(evidence_view=one)).out

    assert "sample: an invented company" in text
    assert "another analyst" in text


def test_unknown() -> None:
    """Exit 4, in both forms."""
    assert typed("evidence 7").code == ExitCode.UNKNOWN
    assert typed("evidence 7 --json").error["code"] == "unknown_evidence"


def test_json() -> None:
    """The same in one document, with what surrounds the sentence apart from it."""
    document = typed("evidence 9 --json", FakeDesk(evidence_view=EVIDENCE)).json

    assert document["before"] == "Turning to the outlook. "
    assert (document["start"], document["end"]) == (18204, 18324)
    assert document["cost_usd"] == "0.0118"


def test_a_claim_of_an_amended_filing_points_at_the_one_that_counts() -> None:
    """And the other way round: nobody quotes a figure that was corrected since."""
    counts = InsteadView(12, "Net sales $20.93 bn", "LOW: 8-K/A of 2025-05-21", counts=True)
    old = replace(EVIDENCE, superseded="amended by document 4", instead=(counts,))
    text = typed("evidence 9", FakeDesk(evidence_view=old)).out
    assert "its document does not count: amended by document 4" in text
    assert "what counts instead: Net sales $20.93 bn (evidence 12, LOW: 8-K/A of 2025" in text
    new = replace(EVIDENCE, instead=(replace(counts, counts=False),))
    text = typed("evidence 9", FakeDesk(evidence_view=new)).out
    assert "replaces: Net sales $20.93 bn (evidence 12" in text
    assert "does not count" not in text


def test_what_the_10_q_says_stands_beside_it() -> None:
    """Agreement and disagreement are both said; nothing is replaced."""
    said = "differs: NetIncomeLoss $50.0 m (10-Q of 2026-11-20, 0001990001-26-000060)"
    text = typed("evidence 9", FakeDesk(evidence_view=replace(EVIDENCE, filed=said))).out
    assert "as filed: differs: NetIncomeLoss $50.0 m (10-Q of 2026-11-20" in text
    assert "as filed" not in typed("evidence 9", FakeDesk(evidence_view=EVIDENCE)).out
