"""A legal hold: a dossier whose personal data are kept beyond their time, for a complaint, a court or an inspection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from shared.runtime.clock import VIETNAM


class AlreadyErased(Exception):
    """The dossier's personal data were erased: there is nothing left to hold."""


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A row of `legal_hold`; the fields are the columns, in their order.

    Attributes:
        agency: the receiving desk of the dossier or application.
        held_by, ended_by: subjects of the leaders' tokens; the second is empty while nobody has ended it.
        until: when it ends by itself; None until somebody ends it.
        ended_at: when somebody ended it; None while nobody has.
    """

    id: str
    dossier: str
    agency: str
    reason: str
    held_at: datetime
    held_by: str
    until: datetime | None
    ended_at: datetime | None
    ended_by: str

    def in_force(self, now: datetime) -> bool:
        """Whether the dossier must not be erased."""
        return self.ended_at is None and (self.until is None or now < self.until)

    @property
    def last_day(self) -> date | None:
        """The last day of the period, in Vietnam."""
        return (self.until.astimezone(VIETNAM) - timedelta(microseconds=1)).date() if self.until else None


def hold_reason(text: str) -> str:
    """The complaint, the case or the inspection.

    Raises:
        InvalidField: it is missing, too long, or cannot be printed.
    """
    reason = plain_text(text, "reason", MAX_NOTE)
    if not reason:
        raise InvalidField("reason", "Phải nêu lý do.", "The reason is missing.")
    return reason


def end_of_hold(last_day: date | None, today: date) -> datetime | None:
    """When a hold ends by itself: after its last day.

    Args:
        last_day: None until somebody ends it.
        today: the business day.

    Raises:
        InvalidField: the day has passed.
    """
    if last_day is None:
        return None
    if last_day < today or last_day.year > today.year + 50:
        raise InvalidField(
            "until", "Chọn ngày từ hôm nay trở đi, trong 50 năm.", "A day from today on, within 50 years."
        )
    return datetime.combine(last_day + timedelta(days=1), time(), VIETNAM)
