"""How many tokens a text is, without any model's own vocabulary.

Vocabularies differ; what they share is where a text is cut first: at the border of letters,
digits, marks and blanks. No token crosses it but a blank or one mark before a word. Between
one token a piece and short pieces of it lie the bounds: what must fit is counted by `most`, what
was read is checked against `least`.
"""

from __future__ import annotations

from earnings.regexes import lazy_regex

_PIECE = lazy_regex(
    r"(?P<word>[^\W\d_]+)|(?P<digits>\d+)|(?P<blank>[ \t]+)|(?P<line>\s+)|[^\w\s]|_"
)
# A mark right before a letter may be one token with the word.
_FLOOR = lazy_regex(r"[^\W\d_]+|\d{1,3}|[^\w\s]+(?![^\W\d_])")

_LETTERS = 5  # of a word, in a token; English words are mostly one, names two
_SURE = 0.9  # of the floor: for vocabularies that join what others cut


def most_tokens(text: str, *, digits: int = 1) -> int:
    """Rather too many than too few. `digits`: how many of them make a token; many small models
    take each by itself."""
    count = 0
    for piece in _PIECE.finditer(text):
        kind, length = piece.lastgroup, piece.end() - piece.start()
        if kind == "word":
            count += -(-length // _LETTERS)
        elif kind == "digits":
            count += -(-length // digits)
        elif kind == "blank":
            # A blank goes with the word or mark after it, not with a number.
            count += length > 1 or text[piece.end() : piece.end() + 1].isdigit()
        else:
            count += 1
    return count


def least_tokens(text: str) -> int:
    """Rather too few than too many: who counted fewer has not read all of it."""
    return int(sum(1 for _ in _FLOOR.finditer(text)) * _SURE)
