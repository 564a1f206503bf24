"""The calendar file of an appointment (RFC 5545), which any calendar on a phone or a computer reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.intake.tickets.domain import Slot

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//motcua//appointments//VI"
ALARM_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar shows.

    Attributes:
        id: of the appointment; a file of the same id takes the place of an earlier one.
        moves: how often it was moved.
        slot: when.
        title: in a few words.
        place: the desk.
        note: what to know.
        address: of a web page about it.
        cancelled: whether it is to be struck out.
    """

    id: str
    moves: int
    slot: Slot
    title: str
    place: str
    note: str
    address: str
    cancelled: bool = False


def calendar_file(entry: Entry, now: datetime) -> bytes:
    """The file, with an alarm an hour before. Times are in UTC, so that it needs no rules of time zones.

    Args:
        entry: what it shows.
        now: when it is made.
    """
    # imported here, since it takes 0.06 s and few requests need it
    from icalendar import Alarm, Calendar, Event

    event = Event()
    event.add("uid", f"{entry.id}@motcua")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("sequence", entry.moves + entry.cancelled)
    event.add("dtstart", entry.slot.start.astimezone(UTC))
    event.add("dtend", entry.slot.end.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("location", entry.place)
    event.add("description", entry.note)
    event.add("url", entry.address)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if not entry.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.title)
        alarm.add("trigger", -ALARM_BEFORE)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
