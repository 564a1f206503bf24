"""What an answer of the portal means. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from shared.national_portal.http_call import Answer
from shared.national_portal.rules import Rules

TRY_AGAIN = frozenset({408, 425, 429})
MOST_REASON = 300


class Meaning(Enum):
    """What has become of a message."""

    DONE = "done"
    ALREADY_THERE = "already there"
    NOT_THERE = "not there"
    AGAIN = "again"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reply:
    """An answer, understood.

    Attributes:
        meaning: see there; AGAIN is tried again for ever, REFUSED is what a person must mend.
        reason: what the portal said, for people.
    """

    meaning: Meaning
    reason: str = ""


def parse_reply(answer: Answer, rules: Rules) -> Reply:
    """Reads an answer of the portal: only ``error_code`` 0 is a success, whatever the HTTP status says beside it.

    Args:
        answer: as it came.
        rules: the portal's error codes.
    """
    said = _json(answer.body)
    code, message = _code(said), str(said.get("message") or said.get("error_message") or "")
    reason = f"HTTP {answer.status}" + (f", error_code {code}" if code else "") + (f": {message}" if message else "")
    if answer.status >= 500 or answer.status in TRY_AGAIN:
        return Reply(Meaning.AGAIN, reason)
    if answer.status in (200, 201) and code == "0":
        return Reply(Meaning.DONE)
    if code in rules.already_there:
        return Reply(Meaning.ALREADY_THERE, reason)
    if code in rules.not_there:
        return Reply(Meaning.NOT_THERE, reason)
    if answer.status >= 300 or code in rules.wrong_data:
        return Reply(Meaning.REFUSED, reason)
    return Reply(Meaning.AGAIN, reason if said else f"HTTP {answer.status}: not an answer of the portal")


def without_personal_data(reason: str, values: Iterable[str]) -> str:
    """A reason that may be stored and shown: the portal may have repeated what it was sent.

    Args:
        reason: as the portal gave it.
        values: the personal data that it was sent.
    """
    for value in sorted({value for value in values if value}, key=len, reverse=True):
        reason = reason.replace(value, "…")
    return reason[:MOST_REASON]


def _json(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _code(said: dict[str, object]) -> str:
    """The error code; 0, "0" and "00" are the same."""
    code = said.get("error_code")
    text = "" if code is None or isinstance(code, bool) else str(code).strip()
    return "0" if text and not text.strip("0") else text
