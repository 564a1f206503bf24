"""The closing of a clerk's day: what the drawer should hold, what was counted, and why they differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.intake.payments.ledger.domain import Account, Line


class DayClosed(ValueError):
    """The clerk's day is closed, which is final."""


class DayNotOver(ValueError):
    """The day has not come yet, so its cash cannot be counted."""


class ReasonNeeded(ValueError):
    """The counted cash differs from the recorded, and nobody says why.

    Args:
        recorded: VND.
    """

    def __init__(self, recorded: int) -> None:
        super().__init__(f"{recorded} VND are recorded")
        self.recorded = recorded


@dataclass(frozen=True, slots=True)
class Closing:
    """A row of `day_closing`; the fields are the columns, in their order. It never changes.

    Attributes:
        id: a UUID.
        desk, clerk, day: whose drawer of which business day.
        recorded, counted: VND.
        reason: why they differ; empty where they do not.
        closed_at: business time.
    """

    id: str
    desk: str
    clerk: str
    day: date
    recorded: int
    counted: int
    reason: str
    closed_at: datetime


def closing_lines(recorded: int, counted: int) -> tuple[Line, ...]:
    """The posting of a closing: the difference is booked, then the counted cash is handed in, and the drawer is empty.

    Args:
        recorded: VND in the drawer by the ledger.
        counted: VND found.

    Returns:
        the lines; none where nothing moved.
    """
    difference = counted - recorded
    lines = (
        Line(Account.CASH, difference),
        Line(Account.CASH_DIFFERENCE, -difference),
        Line(Account.TREASURY, counted),
        Line(Account.CASH, -counted),
    )
    return tuple(line for line in lines if line.amount)
