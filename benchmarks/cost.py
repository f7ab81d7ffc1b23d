"""What a scheduled week costs against asking naively: `python -m benchmarks.cost FOLDER`.

Every document of the folder is put to Claude as the product does it, up to the request that
would be sent; nothing is sent. Paid is what that request costs in a batch, naive is the whole
document shown, without a cache, alone, at the same prices. Both have the same answer.

Tokens are estimates, because nobody counts them offline: 3.5 characters each
(`earnings.analysts.prices`), for both sides alike. The answer is as long as what the local
rules found, written in the shape that is asked for, and half as long again (a model quotes
more). Of the questions of a batch so many as `--cache-hits` says (0.5; providers name 0.3 to
0.98) find the fixed part in the cache, the others write it there; below `--cache-minimum`
tokens nothing is cached at all. The schema is never taken for cached.

Exit codes: 0 the goal is reached, 1 it is not, 2 the folder cannot be measured on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.accuracy import NoPaidCalls, kind_of
from benchmarks.truth import BadFolder, load
from earnings.analysts import prompt as prompts
from earnings.analysts.answer_shape import schema
from earnings.analysts.base import AskedWith, Question, Usage
from earnings.analysts.claude_wire import ClaudeSetup
from earnings.analysts.essentials import essential
from earnings.analysts.local import Local
from earnings.analysts.prices import Prices, tokens_of
from earnings.analysts.savings import Saved, saved
from earnings.evidence import verify
from earnings.reading.base import Reading, UnreadableDocument
from earnings.reading.reader import read
from earnings.vocabulary import Claim, Figure, Guidance, Quote, RawDocument, Span
from settings.sections import ClaudeSettings

GOAL = Decimal("0.35")
WRITES_MORE = Decimal("1.5")  # a model's answer, of what the local rules found


@dataclass(frozen=True)
class Rules:
    """How a week is priced."""

    prices: Prices
    batch_share: Decimal
    cache_hits: Decimal
    cache_minimum: int
    max_characters: int


@dataclass(frozen=True)
class Line:
    """One document. `lost`: claims of the local rules whose words the model is not shown."""

    file: str
    characters: int
    shown: int
    claims: int
    lost: int
    saved: Saved


def measure(folder: Path, rules: Rules) -> list[Line]:
    """Raises BadFolder."""
    truths, _ = load(folder)
    found = (_line(folder / truth.file, truth.file, rules) for truth in truths)
    return [line for line in found if line is not None]


def _line(path: Path, name: str, rules: Rules) -> Line | None:
    """None for a document that cannot be read, or reports no results: nobody is asked."""
    try:
        content = path.read_bytes()
        reading = read(RawDocument(content, kind_of(path), title=path.name))
    except (OSError, UnreadableDocument):
        return None
    question = Question(hashlib.sha256(content).hexdigest(), reading, None, None)
    answer = Local().analyse(question, NoPaidCalls())
    if not answer.is_results:
        return None
    claims = verify(reading, answer.drafts).claims
    prompt = prompts.build(question, rules.max_characters)
    written = _answer_characters(reading, claims)
    return Line(
        file=name,
        characters=len(reading.text),
        shown=len(prompt.document),
        claims=len(claims),
        lost=sum(not _is_shown(claim, reading) for claim in claims),
        saved=_saved(prompt, written, rules),
    )


def _saved(prompt: prompts.Prompt, written: int, rules: Rules) -> Saved:
    shape = len(json.dumps(schema(), separators=(",", ":")))
    fixed = tokens_of(len(prompt.rules))
    fresh = tokens_of(shape + len(prompt.about) + len(prompt.document))
    share = rules.batch_share
    reads = int(fixed * rules.cache_hits)
    writes = fixed - reads
    if fixed < rules.cache_minimum:
        fresh, reads, writes = fresh + fixed, 0, 0
    out = int(WRITES_MORE * tokens_of(written))
    priced = rules.prices.usage(
        input_tokens=fresh, cache_write_tokens=writes, cache_read_tokens=reads, output_tokens=out
    )
    usage = Usage(fresh, writes, reads, out, priced.cost_usd * share)
    sent = shape + prompt.characters
    asked = AskedWith(
        sent_characters=sent,
        whole_characters=sent + prompt.left_out,
        input_usd=rules.prices.input_usd,
        output_usd=rules.prices.output_usd,
        batch_share=share,
    )
    return saved(usage, asked, in_batch=True)


def _is_shown(claim: Claim, reading: Reading) -> bool:
    context = () if isinstance(claim, Quote) else claim.context
    return all(_covered(span, essential(reading)) for span in (claim.span, *context))


def _covered(span: Span, shown: Sequence[Span]) -> bool:
    return any(each.start <= span.start and span.end <= each.end for each in shown)


def _answer_characters(reading: Reading, claims: Sequence[Claim]) -> int:
    """How long these claims are in the shape that a model answers in."""
    body: dict[str, list[dict[str, object]]] = {"figures": [], "guidance": [], "quotes": []}
    for claim in claims:
        words = reading.quote(claim.span)
        if isinstance(claim, Quote):
            item = {"theme": claim.theme, "speaker": claim.speaker or "", "quote": words}
            body["quotes"].append({**item})
            continue
        period = {
            "kind": claim.period.kind,
            "end": str(claim.period.end or ""),
            "label": claim.period.label,
        }
        common = {
            "metric": claim.metric,
            "scale": "millions",
            "unit": claim.unit,
            "basis": claim.basis,
            "period": period,
            "quote": words,
        }
        body["figures" if isinstance(claim, Figure) else "guidance"].append(
            {**common, **_values(claim)}
        )
    return len(json.dumps({"is_results": True, "period": {}, **body}, separators=(",", ":")))


def _values(claim: Figure | Guidance) -> dict[str, str]:
    names = ("value", "prior") if isinstance(claim, Figure) else _ENDS
    return {name: str(getattr(claim, name) or "") for name in names}


_ENDS = ("low", "high", "prior_low", "prior_high", "action")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.cost", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache-hits", type=Decimal, default=Decimal("0.5"))
    parser.add_argument("--cache-minimum", type=int, default=1024, help="tokens (model dependent)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    shipped = ClaudeSettings()
    prices = shipped.prices
    rules = Rules(
        prices=Prices(
            input_usd=prices.input_usd,
            cache_write_usd=prices.cache_write_usd,
            cache_read_usd=prices.cache_read_usd,
            output_usd=prices.output_usd,
        ),
        batch_share=prices.batch_share,
        cache_hits=args.cache_hits,
        cache_minimum=args.cache_minimum,
        max_characters=ClaudeSetup.max_document_characters,
    )
    try:
        lines = measure(args.folder, rules)
    except BadFolder as bad:
        print(f"error: {bad}", file=sys.stderr)
        return 2
    if not lines:
        print("error: nothing in the folder reports results", file=sys.stderr)
        return 2
    total = sum((line.saved for line in lines), Saved(Decimal(0)))
    if args.json:
        print(json.dumps(_as_json(lines, total), indent=2))
    else:
        _show(lines, total)
    return 0 if total.share is not None and total.share <= GOAL else 1


def _show(lines: Sequence[Line], total: Saved) -> None:
    print(
        f"{'document':44} {'characters':>10} {'shown':>8} {'claims':>7} {'lost':>5} {'of naive':>9}"
    )
    for line in lines:
        share = line.saved.share or Decimal(0)
        print(
            f"{line.file[-44:]:44} {line.characters:10,} {line.shown:8,} {line.claims:7} "
            f"{line.lost:5} {share:9.2f}"
        )
    print(
        f"\n{len(lines)} documents in batches: {total.paid:.4f} USD paid, {total.naive:.4f} naive: "
        f"{total.share:.3f} of it (goal {GOAL})\nsaved by trimming {total.trimming:.4f}, by the "
        f"cache {total.caching:.4f}, by batches {total.batching:.4f}; "
        f"{total.paid / len(lines):.4f} USD for a document"
    )


def _as_json(lines: Sequence[Line], total: Saved) -> dict[str, object]:
    return {
        "documents": len(lines),
        "paid_usd": f"{total.paid:.6f}",
        "naive_usd": f"{total.naive:.6f}",
        "share": f"{total.share:.4f}",
        "goal": str(GOAL),
        "saved_usd": {
            "trimming": f"{total.trimming:.6f}",
            "caching": f"{total.caching:.6f}",
            "batching": f"{total.batching:.6f}",
        },
        "claims": sum(line.claims for line in lines),
        "lost": sum(line.lost for line in lines),
    }


if __name__ == "__main__":
    raise SystemExit(main())
