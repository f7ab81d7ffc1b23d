"""How a company may be called, and how easily each name is mistaken for something else.

"Costco Wholesale" is also "Costco", because what is left out only says what it is; "Dollar
General" is never "Dollar". A name of ordinary words needs more around it than a coined one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from earnings.mentions.style import words_of
from earnings.mentions.words import DESCRIPTORS, LEGAL, ORDINARY, PEOPLE_AND_PLACES


class Kind(StrEnum):
    COINED = "coined"  # means nothing else: Walmart, Ross Stores
    PHRASE = "phrase"  # ordinary words together: Best Buy, Five Below
    PERSON = "person"  # also somebody's name, or a place's: Ross, Casey's, Burlington
    WORD = "word"  # an ordinary word, or two letters: Target, Gap, RH


@dataclass(frozen=True)
class Name:
    """`words` are folded; `spelling` is how the company writes it."""

    ticker: str
    words: tuple[str, ...]
    spelling: tuple[str, ...]
    kind: Kind
    is_short: bool = False  # the first words of a longer one: American Eagle


def names_of(ticker: str, name: str, aliases: Iterable[str] = ()) -> tuple[Name, ...]:
    """The longest first, so that "Ross Stores" is found before "Ross"."""
    found: dict[tuple[str, ...], Name] = {}
    whole, *short = _forms(name)
    for spelling in (whole, *(_split(alias) for alias in aliases), *short):
        if spelling:
            folded = tuple(word.casefold() for word in spelling)
            made = Name(ticker, folded, spelling, kind_of(spelling), spelling in short)
            found.setdefault(folded, made)
    return tuple(sorted(found.values(), key=lambda one: -len(one.words)))


def kind_of(spelling: tuple[str, ...]) -> Kind:
    kinds = [_kind(word) for word in spelling]
    if len(kinds) == 1:
        return kinds[0]
    if len(kinds) > 2 or Kind.COINED in kinds or Kind.PERSON in kinds:
        return Kind.COINED
    return Kind.PHRASE


def is_ordinary(word: str) -> bool:
    """Also in another form: stores, advanced, saver's."""
    plain = word.casefold().removesuffix("'s").removesuffix("'")
    forms = {plain, plain.removesuffix("s"), plain.removesuffix("es")}
    for ending in ("ed", "ing", "er", "ers"):
        if plain.endswith(ending):
            stem = plain.removesuffix(ending)
            forms |= {stem, f"{stem}e"}
    return bool(forms & ORDINARY)


def _kind(word: str) -> Kind:
    base = re.sub(r"'s?$", "", word, flags=re.IGNORECASE)
    plain = re.sub(r"[^\w]", "", base.casefold())
    if re.search(r"[a-z][A-Z]", base):
        return Kind.COINED  # GameStop, eBay
    if plain in PEOPLE_AND_PLACES:
        return Kind.PERSON
    if is_ordinary(base) or len(plain) <= 2 or (len(plain) == 3 and not base.isupper()):
        return Kind.WORD
    return Kind.COINED


def _forms(name: str) -> list[tuple[str, ...]]:
    written = whole = _split(name)
    while len(whole) > 1 and whole[-1].casefold().rstrip(".") in LEGAL:
        whole = whole[:-1]
    named_the = whole[:1] == ("The",) and len(whole) > 2
    whole = whole[1:] if named_the else whole
    forms = [whole]
    if named_the:
        forms.append(("The", *whole))  # The Container Store
    if len(whole) == 1 and len(written) > 1 and _kind(whole[0]) is Kind.WORD:
        forms.append(written)  # On Holding, Visa Inc
    if len(whole) > 2 and _kind(whole[1]) is not Kind.PERSON:
        forms.append(whole[:2])  # Academy Sports, American Eagle
    rest = [word.casefold() for word in whole[1:]]
    if rest and all(word in DESCRIPTORS for word in rest) and _kind(whole[0]) is not Kind.WORD:
        forms.append(whole[:1])
    elif rest and re.match(r"[A-Z]{2}'s$", whole[0]):
        forms.append(whole[:1])  # BJ's
    return forms


def _split(name: str) -> tuple[str, ...]:
    return tuple(word.text for word in words_of(name))
