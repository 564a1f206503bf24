"""What a text for the public may still tell of persons: a warning for the publisher, who decides.

Pure. It finds what has a form: telephone numbers, identity numbers, e-mail addresses, codes of dossiers, and names that are known. What
else betrays a person, only people see.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.catalogue.text import words_of


class Found(StrEnum):
    """What was found."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    EMAIL = "email"
    DOSSIER = "dossier"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a text that may name a person.

    Attributes:
        found: what it looks like.
        text: as it stands there, or the name that stands there in another spelling.
    """

    found: Found
    text: str


_DOSSIER = re.compile(r"(?<![\w.])(?:[A-Za-z0-9]{1,4}\.)+[A-Za-z0-9]{1,4}-[0-9]{6}-[0-9]{3,6}(?![\w])")
_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.,/-])\+?[0-9](?:[ .\-]?[0-9]){7,13}(?![\w/])")
_PHONE = re.compile(r"(?:\+?84|0)[1-9][0-9]{7,9}")
_DATE = re.compile(r"[0-3]?[0-9][.\-][01]?[0-9][.\-][12][0-9]{3}")
_ID_DIGITS = (9, 12)
"""Of the old and the new identity card; 10 and 13 are a tax code's, which may be a person's too."""
_TAX_DIGITS = (10, 13)


def personal_data_in(text: str, names: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What in a text may name a person, each once, in order of its kinds.

    Args:
        text: for the public.
        names: of the complainant and of officials; also found without diacritics and in another case.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = [Finding(Found.DOSSIER, one.group()) for one in _DOSSIER.finditer(plain)]
    rest = _DOSSIER.sub(" ", plain)
    found += [Finding(Found.EMAIL, one.group()) for one in _EMAIL.finditer(rest)]
    rest = _EMAIL.sub(" ", rest)
    found += [one for match in _NUMBER.finditer(rest) if (one := _number(match.group())) is not None]
    found += [Finding(Found.NAME, name) for name in names if _is_named(plain, name)]
    return tuple(dict.fromkeys(found))


def _number(written: str) -> Finding | None:
    if _DATE.fullmatch(written):
        return None
    digits = re.sub(r"[ .\-]", "", written)
    if _PHONE.fullmatch(digits):
        return Finding(Found.PHONE, written)
    if len(digits) in _ID_DIGITS or len(digits) in _TAX_DIGITS:
        return Finding(Found.ID_NUMBER, written)
    return None


def _is_named(text: str, name: str) -> bool:
    """Whether the words of a name, or its last two, stand together in a text."""
    words = [plain for _, plain in words_of(name)]
    if len(words) < 2:  # a single given name is also an ordinary word
        return False
    haystack = f" {' '.join(plain for _, plain in words_of(text))} "
    return f" {' '.join(words)} " in haystack or f" {' '.join(words[-2:])} " in haystack
