"""What a text from outside becomes before anything else looks at it, by the kind of field.

| kind | used for | rule |
|---|---|---|
| text | notes, reasons, comments | Unicode NFC; lines end in ``\\n``; other white space controls become a space |
| line | names, addresses, papers | as a text, and each run of white space, line ends too, becomes one space |
| code | codes, secrets, identity numbers | full-width signs become ASCII, every dash and ``_`` a hyphen, no white space |

Signs that print as nothing are removed from all of them: they come with copied texts, and two texts that look alike must be alike.
Control characters that no keyboard and no copying makes (NUL, ESC, lone surrogates, private signs) are refused.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = (
    "\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), the interlinear and blank signs (U+FFF9 to U+FFFB, U+2800), without
the two joiners."""

_JOINERS = "\u200c\u200d"  # words in Arabic and Indic scripts are spelled with them
_JOINED = "\u0600-\u1fff\ua800-\uabff"
_INVISIBLE_SIGN = re.compile(f"[{_INVISIBLE}]")
_LONE_JOINER = re.compile(f"(?<![{_JOINED}])[{_JOINERS}]|[{_JOINERS}](?![{_JOINED}])")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile(r"[^\S\n ]")
_WHITE_SPACE = re.compile(r"\s+")
_DASHES = re.compile(
    "[_\u02d7\u058a\u05be\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2500\u2796\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d]"
)
_REFUSED = frozenset({"Cc", "Cs", "Co"})
_NO_CHARACTER = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_NOTHING = frozenset("MZC")
"""Major categories of characters that print nothing by themselves: marks, separators, controls."""


class UnprintableText(ValueError):
    """A text holds a character that cannot be printed and that no keyboard makes."""


def clean_text(text: str) -> str:
    """A text of one or more lines: NFC, without invisible signs, its lines ended by a line feed.

    Raises:
        UnprintableText: it holds NUL or another control character, a lone surrogate, or a private sign.
    """
    if text.isascii() and text.isprintable():
        return text
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if _INVISIBLE_SIGN.search(text) is None and text.replace("\n", "").isprintable():
        return text
    text = _SPACE.sub(" ", _LINE_END.sub("\n", text))
    text = unicodedata.normalize(
        "NFC", _remove_invisible(text)
    )  # a removed sign may have kept a letter and its mark apart
    if any(map(_is_refused, text)):
        raise UnprintableText("the text holds a character that cannot be printed")
    return text


def is_clean(text: str) -> bool:
    """Whether :func:`clean_text` would change nothing in a text, nor in any part of it. It may say no of a text that is clean."""
    return text.isprintable() and (
        text.isascii() or (unicodedata.is_normalized("NFC", text) and _INVISIBLE_SIGN.search(text) is None)
    )


def clean_line(text: str) -> str:
    """A text on one line: as :func:`clean_text`, trimmed, with each run of white space as one space.

    Raises:
        UnprintableText: as :func:`clean_text`.
    """
    return " ".join(clean_text(text).split())


def clean_code(text: str) -> str:
    """A code as a person types or pastes it: full-width signs as ASCII, every dash and underscore as a hyphen, no white space.

    Letter case is kept. What cannot be printed is removed too: a code with it is found or not found, but never an error.
    """
    if text.isascii():
        if text.isalnum():
            return text
    else:
        text = unicodedata.normalize("NFKC", _remove_invisible(text))
    text = _DASHES.sub("-", _WHITE_SPACE.sub("", text))
    text = text if text.isprintable() else "".join(char for char in text if char.isprintable())
    return text if text.isascii() else unicodedata.normalize("NFKC", text)  # what was apart may now combine


def has_unprintable(text: str) -> bool:
    """Whether :func:`clean_text` refuses a text."""
    try:
        clean_text(text)
    except UnprintableText:
        return True
    return False


def comparable_line(text: str) -> str:
    """As :func:`clean_line`, but what cannot be printed is left out: for comparing and searching, where nothing is refused."""
    try:
        return clean_line(text)
    except UnprintableText:
        return clean_line("".join(char for char in text if not _is_refused(char)))


def prints_something(text: str) -> bool:
    """Whether any character of a text prints something by itself."""
    return any(unicodedata.category(char)[0] not in _NOTHING for char in text)


def _is_refused(char: str) -> bool:
    return char != "\n" and (unicodedata.category(char) in _REFUSED or _NO_CHARACTER.match(char) is not None)


def _remove_invisible(text: str) -> str:
    return _LONE_JOINER.sub("", _INVISIBLE_SIGN.sub("", text))
