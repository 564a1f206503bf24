"""Normal forms of Vietnamese text: for storing, for comparing, and for codes."""

from __future__ import annotations

import re
import unicodedata

_NOT_IN_CODES = re.compile(r"[^a-z0-9]+")


def normalise(text: str) -> str:
    """Return the text in Unicode NFC, trimmed, with each run of white space replaced by one space.

    Vietnamese letters can be typed composed or decomposed; storing one form gives equal content an equal digest.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return the form for comparing names: normalised, without case, with diacritics."""
    return normalise(normalise(text).casefold())


def slug(text: str) -> str:
    """Return an ASCII code for a Vietnamese name, as ``dat_dai`` for ``Đất đai``; empty if it has no letters or digits."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_IN_CODES.sub("_", letters).strip("_")
