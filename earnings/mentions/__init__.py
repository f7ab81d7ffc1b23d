"""Which companies a headline is about: by ticker, or by a name that is meant as one.

`names.py` says how a company may be called and how easily each name is mistaken for something
else, `style.py` cuts a title into words, `finder.py` decides, `words.py` holds the words.
"""

from __future__ import annotations

from earnings.mentions.finder import Mentions

__all__ = ["Mentions"]
