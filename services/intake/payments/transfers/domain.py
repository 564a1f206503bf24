"""One payment that has to be paid on: to whom, by when, and whether it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.calendar import WorkingCalendar
from shared.regulations import Regulation

LIMIT = "online_fee_transfer_working_hours"


class NothingToTransfer(ValueError):
    """None of the payments waits for being paid on."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A row of `fee_transfer`; the fields are the columns, in their order.

    Attributes:
        payment: which payment is paid on.
        desk: that accounts for it.
        recipient: the agency to whose account it goes: who asked for the obligation, or the desk for a filing fee.
        dossier: its code.
        amount: VND that were paid.
        paid_at: business time.
        due_at: until when it is paid on; None where the regulation sets no limit.
        transferred_at, transferred_by, reference: when, by whom, and the number of the bank's order; None while it waits.
        transferred: VND that were paid on: less what went back to the payer; None while it waits.
    """

    payment: str
    desk: str
    recipient: str
    dossier: str
    amount: int
    paid_at: datetime
    due_at: datetime | None
    transferred_at: datetime | None = None
    transferred_by: str | None = None
    reference: str | None = None
    transferred: int | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether it is, or was, paid on too late."""
        return self.due_at is not None and (self.transferred_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Overdue:
    """What one desk should have paid on by now.

    Attributes:
        desk: its code.
        payments: how many.
        amount: VND.
        oldest: when the oldest of them was due.
    """

    desk: str
    payments: int
    amount: int
    oldest: datetime


def due_of(paid_at: datetime, calendar: WorkingCalendar, regulation: Regulation) -> datetime | None:
    """Until when a payment is paid on (NĐ 118/2025, article 24.3); None without such a limit.

    Args:
        paid_at: aware.
        calendar: the desk's working time.
        regulation: in force when it was paid.
    """
    hours = regulation.find(LIMIT)
    return calendar.add_working_hours(paid_at, hours.count).at if hours is not None else None
