"""The meaning of the portal's answers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from shared.national_portal.rules import Rules
from shared.runtime.http_call import Answer

RETRY_STATUSES = frozenset({408, 425, 429})
MAX_REASON_LENGTH = 300


class Meaning(Enum):
    """The result of an attempt to send a message."""

    DONE = "done"
    ALREADY_THERE = "already there"
    NOT_THERE = "not there"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reply:
    """A parsed answer.

    Attributes:
        meaning: RETRY is retried without limit; REFUSED needs an operator after some attempts.
        reason: the portal's message, for people.
    """

    meaning: Meaning
    reason: str = ""


def parse_reply(answer: Answer, rules: Rules) -> Reply:
    """Parses an answer of the portal. Only ``error_code`` 0 is a success, whatever the HTTP status is.

    Args:
        answer: the HTTP response.
        rules: the portal's error codes.
    """
    fields = _json(answer.body)
    code, message = _code(fields), str(fields.get("message") or fields.get("error_message") or "")
    reason = f"HTTP {answer.status}" + (f", error_code {code}" if code else "") + (f": {message}" if message else "")
    if answer.status >= 500 or answer.status in RETRY_STATUSES:
        return Reply(Meaning.RETRY, reason)
    if answer.status in (200, 201) and code == "0":
        return Reply(Meaning.DONE)
    if code in rules.already_there:
        return Reply(Meaning.ALREADY_THERE, reason)
    if code in rules.not_there:
        return Reply(Meaning.NOT_THERE, reason)
    if answer.status >= 300 or code in rules.wrong_data:
        return Reply(Meaning.REFUSED, reason)
    return Reply(Meaning.RETRY, reason if fields else f"HTTP {answer.status}: not an answer of the portal")


def without_personal_data(reason: str, values: Iterable[str]) -> str:
    """Removes personal data from a reason, because the portal may repeat what it received.

    Args:
        reason: the portal's message.
        values: the personal data in the request.
    """
    for value in sorted({value for value in values if value}, key=len, reverse=True):
        reason = reason.replace(value, "…")
    return reason[:MAX_REASON_LENGTH]


def _json(body: bytes) -> dict[str, object]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _code(fields: dict[str, object]) -> str:
    """The error code as text; 0, "0" and "00" all give "0"."""
    code = fields.get("error_code")
    text = "" if code is None or isinstance(code, bool) else str(code).strip()
    return "0" if text and not text.strip("0") else text
