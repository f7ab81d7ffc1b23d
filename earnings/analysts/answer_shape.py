"""The shape a language model must answer in, and its JSON schema.

The schema sent to the provider is generated from these models, so the two cannot part.
Structured outputs accept only part of JSON Schema: every object closed, every field required,
no bounds, no patterns, at most 16 unions. Hence no nulls here ("" is "not stated") and
numbers as strings, copied as printed with their scale beside them, so that the multiplying
is ours and exact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr
from pydantic.json_schema import WithJsonSchema

from earnings.vocabulary import Basis, GuidanceAction, Metric, PeriodKind, Theme, Unit


class Scale(StrEnum):
    ONES = "ones"
    THOUSANDS = "thousands"
    MILLIONS = "millions"
    BILLIONS = "billions"


def _words(words: Iterable[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [word.value for word in words]})


# A word arrives as plain text and is looked up later: one unknown metric must cost that one
# item, not the whole paid answer.
_MetricWord = Annotated[StrictStr, _words(Metric)]
_UnitWord = Annotated[StrictStr, _words(Unit)]
_ScaleWord = Annotated[StrictStr, _words(Scale)]
_BasisWord = Annotated[StrictStr, _words(Basis)]
# Sales of a month are read by rules alone, so no model is told of that kind.
_KINDS = tuple(kind for kind in PeriodKind if kind is not PeriodKind.MONTH)
_KindWord = Annotated[StrictStr, _words(_KINDS)]
_ActionWord = Annotated[StrictStr, _words(GuidanceAction)]
_ThemeWord = Annotated[StrictStr, _words(Theme)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})


class PeriodAnswer(_Shape):
    kind: _KindWord
    end: StrictStr = Field(description="Last day of the period, YYYY-MM-DD, or empty")
    label: StrictStr = Field(description="The issuer's own name for it, or empty")


class FigureAnswer(_Shape):
    metric: _MetricWord
    value: StrictStr = Field(description="The number as printed: digits, a point, a minus")
    prior: StrictStr = Field(description="The same period a year ago as stated there, or empty")
    scale: _ScaleWord
    unit: _UnitWord
    basis: _BasisWord
    period: PeriodAnswer
    quote: StrictStr = Field(description="The sentence or table row, copied exactly")


class GuidanceAnswer(_Shape):
    metric: _MetricWord
    low: StrictStr = Field(description="Low end as printed, or empty")
    high: StrictStr = Field(description="High end as printed, or empty")
    prior_low: StrictStr = Field(description="Low end of the previous range if stated, or empty")
    prior_high: StrictStr = Field(description="High end of the previous range if stated, or empty")
    scale: _ScaleWord
    unit: _UnitWord
    basis: _BasisWord
    period: PeriodAnswer
    action: _ActionWord
    quote: StrictStr = Field(description="The sentence or table row, copied exactly")


class QuoteAnswer(_Shape):
    theme: _ThemeWord
    speaker: StrictStr = Field(description="Who is quoted, or empty")
    quote: StrictStr = Field(description="The words, copied exactly")


class ModelAnswer(_Shape):
    """What a language model is asked for, about one document."""

    is_results: StrictBool = Field(description="Does the document report results of a period?")
    period: PeriodAnswer
    figures: list[FigureAnswer]
    guidance: list[GuidanceAnswer]
    quotes: list[QuoteAnswer]


@lru_cache(1)  # generating it takes longer than reading a release
def schema() -> dict[str, object]:
    """The JSON schema of `ModelAnswer`, in the part of the language providers accept."""
    return ModelAnswer.model_json_schema()


@lru_cache(1)
def plain_schema() -> dict[str, object]:
    """The same schema without the names that only people read: where every token counts."""
    plain = _untitled(schema())
    assert isinstance(plain, dict)
    return plain


@lru_cache(1)
def asked_in_words() -> str:
    """The schema for models that are held to it by nothing else, or are not told of it."""
    shape = json.dumps(plain_schema(), separators=(",", ":"))
    return (
        f"# The shape of the answer\n\nOne JSON object of this schema, and nothing else:\n{shape}\n"
    )


def _untitled(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: _untitled(each)
            for key, each in value.items()
            if not (key == "title" and isinstance(each, str))
        }
    return [_untitled(each) for each in value] if isinstance(value, list) else value
