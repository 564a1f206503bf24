"""What a citizen's SMS asks for, who is never answered, and what may be kept of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.notify.channels.sms_folding import remove_diacritics
from services.notify.inbound.rules import Purpose
from shared.phones import NotAPhone, parse_phone
from shared.text import comparable_line

MAX_TEXT = 1000
"""Characters that are looked at; a longer text is nothing that we understand."""
SECRET_LENGTH = 8
"""Of the look-up secret that is printed on the receipt."""

_CODE = re.compile(r"[0-9A-Z][0-9A-Z./-]{5,58}[0-9]")
_SECRET = re.compile(rf"[0-9A-Z]{{{SECRET_LENGTH}}}")
_WORD = re.compile(r"[0-9A-Z./-]+")
_WRITTEN = re.compile(r"[^\s,:;]+")
_SCORE = re.compile(r"[1-5]")
_MOST_WORDS_OF_KEYWORD = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What a text asks for.

    Attributes:
        purpose: what it is for.
        code: of the dossier, in capitals; empty where none is needed.
        secret: of the dossier; empty where none is needed.
        score: of a rating, 1 (very dissatisfied) to 5 (very satisfied); 0 where none is given.
        words: of a complaint, as written; empty elsewhere.
    """

    purpose: Purpose
    code: str = ""
    secret: str = ""
    score: int = 0
    words: str = field(default="", repr=False)


UNKNOWN = Request(Purpose.UNKNOWN)


def understood(text: str, keywords: Mapping[str, Purpose]) -> Request:
    """What a text asks for. Capitals, diacritics, spaces and commas do not matter; a keyword may be written in several words.

    A word that is only part of a sentence stops or starts nothing: those keywords stand alone.

    Args:
        text: as it came.
        keywords: as :class:`services.notify.inbound.rules.InboundRules` has them.
    """
    words = _words(text)
    for taken in range(min(_MOST_WORDS_OF_KEYWORD, len(words)), 0, -1):
        purpose = keywords.get("".join(words[:taken]))
        if purpose is Purpose.COMPLAIN:
            return Request(purpose, words=_words_after(text, taken))
        if purpose is not None:
            return _asked(purpose, words[taken:])
    return UNKNOWN


def _words(text: str) -> list[str]:
    if len(text) > MAX_TEXT:
        return []
    found = _WORD.findall(remove_diacritics(comparable_line(text)).upper())
    return [word for word in (one.strip("./-") for one in found) if word]


def _words_after(text: str, taken: int) -> str:
    """What follows the keyword, as it was written, with diacritics and lines."""
    passed = 0
    for found in _WRITTEN.finditer(text):
        if passed >= taken:
            return text[found.start() :].strip()
        passed += len(_words(found[0]))
    return ""


def _asked(purpose: Purpose, words: Sequence[str]) -> Request:
    if purpose is Purpose.LOOK_UP:
        return _look_up(words)
    if purpose is Purpose.RATE:
        return _rating(words)
    return UNKNOWN if words else Request(purpose)


def _look_up(words: Sequence[str]) -> Request:
    """Code and secret; either may have been written with spaces or hyphens in it."""
    for length in (1, 2):
        secret = "".join(words[-length:]).replace("-", "")
        code = "-".join(words[:-length])
        if _SECRET.fullmatch(secret) and _CODE.fullmatch(code):
            return Request(Purpose.LOOK_UP, code, secret)
    return UNKNOWN


def _rating(words: Sequence[str]) -> Request:
    """Code, secret and score."""
    found = _look_up(words[:-1])
    if found is UNKNOWN or not _SCORE.fullmatch(words[-1]):
        return UNKNOWN
    return replace(found, purpose=Purpose.RATE, score=int(words[-1]))


def answerable_number(sender: str, own: Sequence[str]) -> str:
    """The number to which a reply may go, in national form; empty where none may.

    Machines are never answered, so that no two of them write to each other for ever: short codes, names in letters, numbers of fixed
    lines and of other countries, and our own number.

    Args:
        sender: as the network gives it.
        own: the numbers at which we are written to.
    """
    number = _mobile(sender)
    return "" if not number or number in map(_mobile, own) else number


def _mobile(text: str) -> str:
    try:
        phone = parse_phone(text)
    except NotAPhone:
        return ""
    return phone.number if phone.gets_sms else ""


def kept_text(request: Request) -> str:
    """What is kept of a text once it is answered: what it asked for. Secrets, scores, and what was not understood, are not kept:
    nobody may see how somebody has rated (NĐ 118/2025, Điều 29.3).

    Args:
        request: as :func:`understood` found it.
    """
    parts = [str(request.purpose), request.code, "*" * len(request.secret)]
    return "" if request.purpose is Purpose.UNKNOWN else " ".join(filter(None, parts))
