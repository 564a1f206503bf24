"""How pages of appointments write days and slots, and how addresses name a slot."""

from __future__ import annotations

from datetime import date, datetime

from services.intake.tickets.domain import Slot
from shared.calendar import TIMEZONE
from shared.web.language import text
from shared.web.pages import written_date

MAX_NAME = 90
"""Characters of a procedure's name beside the other facts of a visit."""
IN_ADDRESS = "%Y%m%dT%H%M"
_WEEKDAYS = (
    ("Thứ Hai", "Monday"),
    ("Thứ Ba", "Tuesday"),
    ("Thứ Tư", "Wednesday"),
    ("Thứ Năm", "Thursday"),
    ("Thứ Sáu", "Friday"),
    ("Thứ Bảy", "Saturday"),
    ("Chủ nhật", "Sunday"),
)


def shown_day(day: date) -> str:
    """A day with its weekday, in the language of the page: Thứ Hai, 24/11/2025."""
    return f"{text(*_WEEKDAYS[day.weekday()])}, {written_date(day)}"


def shown_slot(slot: Slot) -> str:
    """The times of a slot: 09:00–09:30."""
    return f"{slot.start.astimezone(TIMEZONE):%H:%M}–{slot.end.astimezone(TIMEZONE):%H:%M}"


def short_name(name: str) -> str:
    """The beginning of a procedure's name, whose whole may fill a page."""
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME].rpartition(' ')[0].rstrip(' ,;')}…"


def slot_address(slot: Slot) -> str:
    """A slot as a part of an address: 20251124T0900."""
    return f"{slot.start.astimezone(TIMEZONE):{IN_ADDRESS}}"


def start_in(address: str) -> datetime | None:
    """The start of the slot that a part of an address names; None if it names none."""
    try:
        start = datetime.strptime(address, IN_ADDRESS).replace(tzinfo=TIMEZONE)
    except ValueError:
        return None
    return start if f"{start:{IN_ADDRESS}}" == address else None


def day_in(address: str) -> date | None:
    """The day that an address asks for; None if it names none."""
    try:
        return date.fromisoformat(address)
    except ValueError:
        return None
