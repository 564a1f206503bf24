"""Vietnamese text as data: one spelling for storing, one for comparing, one for codes."""

from __future__ import annotations

import re
import unicodedata

_NOT_IN_CODES = re.compile(r"[^a-z0-9]+")


def normalise(text: str) -> str:
    """Return the text in NFC with every run of white space made one space and the ends trimmed.

    The same Vietnamese letter can be typed composed or decomposed; stored texts use the composed form (Unicode NFC) so
    that equal content has an equal digest.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return the form in which two names are compared: tidy and without case; diacritics stay significant."""
    return normalise(normalise(text).casefold())


def slug(text: str) -> str:
    """Return an ASCII code for a Vietnamese name, as ``dat_dai`` for ``Đất đai``; empty if nothing is left of it."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_IN_CODES.sub("_", letters).strip("_")
