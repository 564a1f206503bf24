"""Normal forms of Vietnamese text: for storing, for comparing, for searching, and for codes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from shared.text import comparable_line

_NOT_IN_CODES = re.compile(r"[^a-z0-9]+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Combining marks of the five tones: huyền, sắc, ngã, hỏi, nặng."""
_Y_FOR_I = re.compile(r"^([bcdđghklmnpqrstvx]+|qu)y$")
"""A syllable whose only vowel is y, which is also spelt with i: ký and kí, lý and lí; but tay is not tai."""
_WORD = re.compile(r"\d+(?:\.\w+)+|[^\W_]+")


def normalise(text: str) -> str:
    """Return the text as one clean line (:func:`shared.text.comparable_line`); no text is refused, since imports do that before.

    Vietnamese letters can be typed composed or decomposed; storing one form gives equal content an equal digest.
    """
    return comparable_line(text)


def fold(text: str) -> str:
    """Return the form for comparing names: normalised, without case, with diacritics, and one spelling of each word.

    Two spellings of a word are one: i and y as the only vowel (``đăng kí``), and either place of a tone (``hoà``, ``hòa``).
    """
    return " ".join(map(_spelling, normalise(text).casefold().split()))


def words_of(text: str) -> list[tuple[str, str]]:
    """Return the words of a text for searching: each folded as by :func:`fold`, and without diacritics.

    Codes such as ``1.013831`` are one word. Signs that print as nothing are left out.
    """
    return [(found, plain(found)) for found in map(_spelling, _WORD.findall(normalise(text).casefold()))]


def plain(text: str) -> str:
    """Return the text without diacritics: ``đất`` is ``dat``."""
    return "".join(char for char in _decomposed(text) if not unicodedata.combining(char))


def slug(text: str) -> str:
    """Return an ASCII code for a Vietnamese name, as ``dat_dai`` for ``Đất đai``; empty if it has no letters or digits."""
    return _NOT_IN_CODES.sub("_", " ".join(map(_plain_word, text.casefold().split()))).strip("_")


@lru_cache(maxsize=10_000)
def _plain_word(word: str) -> str:
    return plain(word)


@lru_cache(maxsize=10_000)  # the language has fewer syllables than that
def _spelling(word: str) -> str:
    """A word in lower case with its tone after all letters, and with i where y is its only vowel."""
    if word.isascii() and not word.endswith("y"):
        return word
    apart = unicodedata.normalize("NFD", word)
    tones = "".join(char for char in apart if char in _TONES)
    letters = "".join(char for char in apart if char not in _TONES)
    return unicodedata.normalize("NFC", _Y_FOR_I.sub(r"\1i", letters)) + tones


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
