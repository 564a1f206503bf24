"""What an answer of an HTTP gateway says of a delivery: a pure table of HTTP statuses (RFC 9110, section 15)."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from services.notify.channels.port import Accepted, Outcome, PermanentlyFailed, TemporarilyFailed, Throttled

DEFAULT_PAUSE = 5.0
LONGEST_PAUSE = 3600.0
"""Seconds. A gateway that asks for a longer pause is asked again after this one."""
MOST_REFERENCE = 150
_TEMPORARY = frozenset({401, 403, 404, 405, 407, 408, 409, 421, 423, 425})
"""The gateway's or our configuration is wrong, or it is not ready; the delivery itself may be good."""


def outcome_of(status: int, reference: str, retry_after: str, now: datetime) -> Outcome:
    """What became of a delivery.

    Args:
        status: the HTTP status.
        reference: the gateway's own id, from the body; empty if it gave none.
        retry_after: the header ``Retry-After``; empty if it was not sent.
        now: real time.
    """
    if 200 <= status < 300:
        return Accepted(reference[:MOST_REFERENCE])
    reason = f"HTTP {status}"
    if status == 429 or (status == 503 and retry_after):
        return Throttled(reason, pause_of(retry_after, now))
    if status >= 500 or status in _TEMPORARY or status < 400:
        return TemporarilyFailed(reason)
    return PermanentlyFailed(reason)


def pause_of(retry_after: str, now: datetime) -> float:
    """How long to wait, in seconds.

    Args:
        retry_after: seconds or a date, as in RFC 9110, section 10.2.3; anything else counts as 5 seconds.
        now: real time.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(text)
        seconds = (at - now).total_seconds()
    except (TypeError, ValueError):
        return DEFAULT_PAUSE
    return min(max(seconds, 0.0), LONGEST_PAUSE)
