"""The rules of appointments: slots of a day, which are open and free, when one may book, cancel and check in, where a closed day's go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.intake.appointments.rules import AppointmentRules
from services.intake.tickets.domain import Slot, local_day
from shared.calendar import TIMEZONE, DayInfo

SHOWN_REASON = 200
"""Characters of the reason for closing a day."""


class State(StrEnum):
    """Of an appointment. ``booked`` is to come; ``arrived`` has checked in; ``missed`` did not in time, and may still arrive that day."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    MISSED = "missed"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.BOOKED: frozenset({State.ARRIVED, State.MISSED, State.CANCELLED}),
    State.MISSED: frozenset({State.ARRIVED}),
    State.ARRIVED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""State → the states that may follow it."""

BY_CITIZEN, DAY_CLOSED = "citizen", "closed"
"""Why an appointment was moved or cancelled."""


class UnknownAppointment(LookupError):
    """There is no appointment with this code."""


class SlotNotOffered(Exception):
    """The slot does not exist, is over, too far ahead, or the desk is closed then."""


class SlotFull(Exception):
    """All places of the slot are taken."""


class TooManyAppointments(Exception):
    """The telephone number has as many appointments to come as one may have, or has booked as many in a day as one may."""


class PhoneBlocked(Exception):
    """The telephone number has missed too many appointments.

    Args:
        until: the first moment at which it may book again.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__(f"blocked until {until.isoformat()}")
        self.until = until


class NoMobilePhone(Exception):
    """No message can be sent to the number."""


class TooManyBookings(Exception):
    """Too many appointments were booked from one address.

    Args:
        seconds: until one may try again.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class NotChangeable(Exception):
    """The appointment is over, was cancelled, or begins too soon to be changed.

    Args:
        state: its state.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class MovedTooOften(Exception):
    """The citizen has moved the appointment as often as one may."""


class NotCheckInTime(Exception):
    """It is too early, or another day than that of the appointment.

    Args:
        opens: from when on one may check in.
        start: of the slot.
    """

    def __init__(self, opens: datetime, start: datetime) -> None:
        super().__init__(f"from {opens.isoformat()}")
        self.opens = opens
        self.start = start


@dataclass(frozen=True, slots=True)
class Closing:
    """A day or part of one on which a desk gives no appointments, by decision of the desk: `start` (inclusive) to `end` (exclusive)."""

    start: datetime
    end: datetime

    def overlaps(self, slot: Slot) -> bool:
        """Whether a slot is not open because of it."""
        return self.start < slot.end and slot.start < self.end


def slots_of(day: DayInfo, minutes: int) -> list[Slot]:
    """The slots of a day: whole ones within each session of the desk's calendar, from its opening on."""
    found = []
    midnight = datetime.combine(day.date, time(), TIMEZONE)
    for session in day.sessions:
        for start in range(session.start, session.end - minutes + 1, minutes):
            begins = midnight + timedelta(minutes=start)
            found.append(Slot(begins, begins + timedelta(minutes=minutes)))
    return found


def is_open(slot: Slot, day: DayInfo, closings: Iterable[Closing]) -> bool:
    """Whether the desk is open during the whole slot; also true for slots that were cut by earlier rules.

    Args:
        slot: any.
        day: of the desk's calendar.
        closings: of the desk.
    """
    local = slot.start.astimezone(TIMEZONE)
    begins = local.hour * 60 + local.minute
    ends = begins + int((slot.end - slot.start).total_seconds() // 60)
    within = any(session.start <= begins and ends <= session.end for session in day.sessions)
    return within and not any(closing.overlaps(slot) for closing in closings)


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot that is offered, with its free places."""

    slot: Slot
    free: int


def offers_of(
    day: DayInfo, closings: Sequence[Closing], taken: Mapping[datetime, int], rules: AppointmentRules, capacity: int
) -> list[Offer]:
    """The open slots of a day with their free places, full ones too.

    Args:
        day: of the desk's calendar.
        closings: of the desk.
        taken: places taken, by the start of the slot.
        rules: in force on the day.
        capacity: places of the group in each slot.
    """
    open_slots = (slot for slot in slots_of(day, rules.slot_minutes) if is_open(slot, day, closings))
    return [Offer(slot, max(0, capacity - taken.get(slot.start, 0))) for slot in open_slots] if capacity else []


def first_start(now: datetime, rules: AppointmentRules) -> datetime:
    """The earliest start of a slot that may be booked now."""
    return now + timedelta(minutes=rules.notice_minutes)


def bookable_days(now: datetime, rules: AppointmentRules) -> list[date]:
    """The days, open or not, for which one may book now."""
    today = local_day(now)
    return [today + timedelta(days=number) for number in range(rules.days_ahead + 1)]


def blocked_until(missed: Sequence[datetime], now: datetime, rules: AppointmentRules) -> datetime | None:
    """Until when a telephone number cannot book, by the no-show rule; None if it can.

    It is blocked for `block_days` after a visit that was missed, if that was the `no_show_limit`-th within `no_show_days`.

    Args:
        missed: when the visits began that its owner missed.
        now: business time.
        rules: in force.
    """
    starts = sorted(missed)
    for last in range(len(starts) - 1, rules.no_show_limit - 2, -1):
        first = starts[last - rules.no_show_limit + 1]
        until = starts[last] + timedelta(days=rules.block_days)
        if starts[last] - first <= timedelta(days=rules.no_show_days) and until > now:
            return until
    return None


def may_change(state: State, slot: Slot, now: datetime, rules: AppointmentRules) -> bool:
    """Whether the citizen may still cancel or move an appointment."""
    return state is State.BOOKED and now <= slot.start - timedelta(minutes=rules.cancel_until_minutes)


def check_in_opens(slot: Slot, rules: AppointmentRules) -> datetime:
    """From when on one may check in for a slot."""
    return slot.start - timedelta(minutes=rules.early_minutes)


def misses_at(slot: Slot, late_minutes: int) -> datetime:
    """The moment from which on who has not checked in has missed the visit."""
    return slot.end + timedelta(minutes=late_minutes)


def remind_at(slot: Slot, booked_at: datetime, rules: AppointmentRules) -> datetime | None:
    """When to send the reminder; None if the visit was booked, or moved, so late that the message about that is reminder enough."""
    day = local_day(slot.start) - timedelta(days=rules.remind_days)
    moment = datetime.combine(day, time(rules.remind_hour), TIMEZONE)
    return moment if booked_at < moment else None


def where_to_move(
    slot: Slot, now: datetime, rules: AppointmentRules, offers: Callable[[date], Iterable[Offer]]
) -> Iterable[Slot]:
    """The slots to which an appointment of a closed slot is moved, the best first: the next free ones after it.

    Never an earlier one: who does not read the message in time comes on the old day, and still has the appointment.

    Args:
        slot: the closed one.
        now: business time.
        rules: in force.
        offers: the open slots of a day.
    """
    least = max(slot.start, now + timedelta(minutes=rules.move_notice_minutes))
    day = local_day(least)
    last = local_day(slot.start) + timedelta(days=rules.move_days)
    while day <= last:
        yield from (offer.slot for offer in offers(day) if offer.free and offer.slot.start >= least)
        day += timedelta(days=1)
