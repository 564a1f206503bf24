"""What the answers of a chat service mean for a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from services.notify.channels.chat.connection import Answer
from services.notify.channels.port import Accepted, InDoubt, Outcome, PermanentlyFailed, TemporarilyFailed, Throttled
from shared.data_files import Record, read_record

ANSWERS_FILE = Path(__file__).parent.parent.parent / "data" / "chat_answers.json"
MAX_REFERENCE = 200
MAX_PAUSE_SECONDS = 3600.0


class Meaning(StrEnum):
    """What an error code means."""

    EXPIRED = "expired"
    THROTTLED = "throttled"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class AnswerCode:
    """An error code.

    Attributes:
        meaning: what it means for the delivery.
        reason: in words, as stored and shown.
    """

    meaning: Meaning
    reason: str


@dataclass(frozen=True, slots=True)
class TokenExpired:
    """The access token must be renewed; then the message is sent again."""

    reason: str


@cache
def built_in_answers() -> Mapping[int, AnswerCode]:
    """The codes of ``data/chat_answers.json``.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    record = read_record(ANSWERS_FILE)
    record.optional_text("note")
    answers = read_codes(record)
    record.done()
    record.raise_faults()
    return answers


def read_codes(record: Record) -> Mapping[int, AnswerCode]:
    """The entry ``answers`` of a record; it may be missing."""
    found: dict[int, AnswerCode] = {}
    for entry in record.records("answers", named_by="code"):
        code, meaning = entry.integer("code", least=-1_000_000), entry.text("meaning", [*Meaning])
        if code in found:
            entry.fault("code", "is there twice")
        found[code] = AnswerCode(Meaning(meaning) if meaning in [*Meaning] else Meaning.TEMPORARY, entry.text("reason"))
        entry.done()
    return found


def read_answer(answer: Answer, codes: Mapping[int, AnswerCode], retry_seconds: float) -> Outcome | TokenExpired:
    """What became of a message.

    Args:
        answer: to the request that sent it.
        codes: what error codes mean.
        retry_seconds: how long to wait where the service takes no more and does not say for how long.
    """
    pause = min(answer.retry_after or retry_seconds, MAX_PAUSE_SECONDS)
    if answer.status == 401:
        return TokenExpired("the access token is refused (401)")
    if answer.status == 429 or (answer.status == 503 and answer.retry_after):
        return Throttled(f"the chat service takes no more for now ({answer.status})", pause)
    if answer.status in (502, 504):
        return InDoubt(f"a gateway before the chat service got no answer from it ({answer.status})")
    if answer.status >= 500:
        return TemporarilyFailed(f"the chat service has an error ({answer.status})")
    content = _object(answer.body)
    code = content.get("error")
    if answer.status == 200 and type(code) is int and code == 0:
        return Accepted(_reference(content))
    if type(code) is int and code != 0:
        return _by_code(code, codes, pause)
    if answer.status == 200:
        return InDoubt("the chat service's answer cannot be read")
    return PermanentlyFailed(f"the chat service refuses the message ({answer.status})")


def _by_code(code: int, codes: Mapping[int, AnswerCode], pause: float) -> Outcome | TokenExpired:
    known = codes.get(code, AnswerCode(Meaning.TEMPORARY, "an error that is not in the list"))
    reason = f"chat: {known.reason} ({code})"
    match known.meaning:
        case Meaning.EXPIRED:
            return TokenExpired(reason)
        case Meaning.THROTTLED:
            return Throttled(reason, pause)
        case Meaning.PERMANENT:
            return PermanentlyFailed(reason)
        case Meaning.TEMPORARY:
            return TemporarilyFailed(reason)


def _reference(content: Mapping[str, Any]) -> str:
    data = content.get("data")
    reference = data.get("msg_id") if isinstance(data, dict) else None
    return reference if isinstance(reference, str) and len(reference) <= MAX_REFERENCE else ""


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
