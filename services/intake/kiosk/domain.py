"""Kiosks: how one is paired with its desk, and how fast it gives out numbers. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

KIOSKS = range(1, 21)
"""Numbers that the kiosks of one desk can have."""
ISSUE_WINDOW = timedelta(minutes=1)
MOST_TICKETS = 12
"""Numbers that one kiosk gives out in a window: more than visitors can take one after the other, less than a playing child would."""


class TooManyTickets(Exception):
    """A kiosk has given out very many numbers just now.

    Args:
        seconds: until it gives out the next.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A kiosk of a desk.

    Attributes:
        desk: code of the one-stop desk.
        number: among those of the desk.
        paired_at: since when a browser is paired as this kiosk; None while none is.
        code_until: until when the code for pairing it can be used; None without one.
    """

    desk: str
    number: int
    paired_at: datetime | None
    code_until: datetime | None


def issued_now(count: int, since: datetime | None, now: datetime) -> tuple[int, datetime]:
    """Counts one more number given out.

    Args:
        count: numbers of the present window.
        since: when it began; None before the first.
        now: real time.

    Returns:
        the count and the beginning of the window to be kept.

    Raises:
        TooManyTickets: this one is too many.
    """
    if since is None or not timedelta(0) <= now - since < ISSUE_WINDOW:
        return 1, now
    if count >= MOST_TICKETS:
        raise TooManyTickets(max(1, round((since + ISSUE_WINDOW - now).total_seconds())))
    return count + 1, since
