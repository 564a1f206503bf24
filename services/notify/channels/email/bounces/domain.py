"""Reading a bounce: which delivery it is about, and whether it is final (RFC 3464)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from services.notify.channels.email.bounces.address import BouncedDelivery
from services.notify.channels.email.status_codes import in_words, status_of

MAX_BYTES = 2 << 20
"""A longer report is read up to here: its status comes before the returned e-mail."""
RECIPIENT_HEADERS = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Original-Recipient")
"""Where mail servers write to whom they delivered."""


class NotUnderstood(ValueError):
    """The e-mail is no report about a delivery of ours; the text says why, without repeating any of it."""


class Fate(StrEnum):
    """What became of an e-mail, as the report says."""

    FAILED = "failed"
    DELIVERED = "delivered"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report about a delivery.

    Attributes:
        delivery: the delivery and its provider.
        fate: what became of it.
        reason: of a failure, without the address.
        at: when the mail server gave up, as it says; None if it does not.
    """

    delivery: BouncedDelivery
    fate: Fate
    reason: str
    at: datetime | None


def read_bounce(content: bytes, find: Callable[[str], BouncedDelivery | None], recipient: str = "") -> Bounce:
    """Reads a report.

    Args:
        content: the e-mail as it arrived.
        find: the delivery that a genuine bounce address names; see :func:`services.notify.channels.email.bounces.address.find_delivery`.
        recipient: to whom the mail server delivered it, if it says so beside the e-mail.

    Raises:
        NotUnderstood: it is no report, or names no delivery of ours.
    """
    message = email.message_from_bytes(content[:MAX_BYTES], policy=email.policy.compat32)
    blocks = _status_blocks(message)
    if not blocks:
        raise NotUnderstood("it has no delivery status")
    delivery = next(filter(None, map(find, _places(message, blocks, recipient))), None)
    if delivery is None:
        raise NotUnderstood("it names no delivery, or its code is wrong")
    recipients = [block for block in blocks if _text(block, "Action")]
    if not recipients:
        raise NotUnderstood("its delivery status names no action")
    failed = next((block for block in recipients if _action(block) == "failed"), None)
    if failed is not None:
        return Bounce(delivery, Fate.FAILED, _reason(failed), _time(failed, message))
    done = next((block for block in recipients if _action(block) == "delivered"), None)
    if done is not None:
        return Bounce(delivery, Fate.DELIVERED, "", _time(done, message))
    return Bounce(delivery, Fate.UNDECIDED, "", None)  # delayed, relayed, expanded


def _status_blocks(message: email.message.Message) -> list[email.message.Message]:
    """The blocks of header fields of the first delivery status: one about the report, then one for each recipient."""
    if message.get_content_type() == "multipart/report":
        for part in message.walk():
            if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
                payload = part.get_payload()
                return [block for block in payload if isinstance(block, email.message.Message)] if payload else []
    return []


def _places(message: email.message.Message, blocks: list[email.message.Message], recipient: str) -> Iterator[str]:
    """The texts in which the delivery may be named. All are checked, since each code proves itself."""
    yield recipient
    for name in RECIPIENT_HEADERS:
        yield from map(str, message.get_all(name, ()))
    for block in blocks:
        yield _text(block, "Original-Envelope-Id")


def _reason(block: email.message.Message) -> str:
    status = status_of(_text(block, "Status"))
    words = in_words(status) or "the mail server could not deliver it"
    return f"{words} ({status})" if status else words


def _action(block: email.message.Message) -> str:
    return _text(block, "Action").strip().lower()


def _text(block: email.message.Message, name: str) -> str:
    return str(block.get(name, ""))


def _time(block: email.message.Message, message: email.message.Message) -> datetime | None:
    for text in (_text(block, "Last-Attempt-Date"), _text(message, "Date")):
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if found.tzinfo is not None:
            return found
    return None
