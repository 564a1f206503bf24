"""What is offered: the groups of a desk that give appointments, and the open and free slots of its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from services.intake.appointments import closing_store, store
from services.intake.appointments.domain import (
    Closing,
    Offer,
    SlotNotOffered,
    bookable_days,
    first_start,
    is_open,
    offers_of,
)
from services.intake.appointments.rules import appointment_rules
from services.intake.tickets.domain import Slot, local_day
from services.intake.tickets.groups import DeskServices, Group, desk_services
from shared.agencies import Agencies, UnknownAgency
from shared.agencies.roles import ONE_STOP_DESK
from shared.calendar import TIMEZONE, CalendarRangeError, DayInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayOffer:
    """A day on which one may book, or not.

    Attributes:
        day: the desk's calendar of it.
        offers: the slots that are open and begin late enough; empty on a closed day.
        closed_here: whether the desk itself has closed it, or a part of it.
    """

    day: DayInfo
    offers: Sequence[Offer]
    closed_here: bool

    @property
    def free(self) -> int:
        """Free places of the day."""
        return sum(offer.free for offer in self.offers)


def bookable_groups(desk: str, day: date) -> list[Group]:
    """The service groups of a desk for which appointments are given."""
    rules = appointment_rules(day)
    return [group for group in desk_services(desk, day).groups if rules.capacity_of(desk, group.code)]


def services_on(desk: str, moment: datetime) -> DeskServices:
    """The groups and rules of a desk on the day of a visit."""
    return desk_services(desk, local_day(moment))


def desk_day(agencies: Agencies, desk: str, day: date) -> DayInfo | None:
    """A day of a desk's calendar; None if there is no such one-stop desk on it, or its year is not recorded."""
    try:
        if ONE_STOP_DESK not in agencies.get(desk, day).roles:
            return None
        return agencies.calendar(desk, day).day(day)
    except (UnknownAgency, CalendarRangeError):
        return None


def days_offered(connection: Connection, agencies: Agencies, desk: str, group: str, now: datetime) -> list[DayOffer]:
    """All days for which one may book now a visit of a group, open or not, in order of time."""
    return _days(connection, agencies, desk, group, bookable_days(now, appointment_rules(local_day(now))), now)


def offered_slot(
    connection: Connection, agencies: Agencies, desk: str, group: str, start: datetime, now: datetime
) -> Slot:
    """The slot that begins at a moment, if it is offered now; it may be full.

    Raises:
        SlotNotOffered: it is not.
    """
    day = local_day(start)
    if day in bookable_days(now, appointment_rules(local_day(now))):
        for found in _days(connection, agencies, desk, group, [day], now):
            for offer in found.offers:
                if offer.slot.start == start:
                    return offer.slot
    raise SlotNotOffered


def offers_on(
    connection: Connection, agencies: Agencies, desk: str, group: str, day: date, now: datetime
) -> Sequence[Offer]:
    """The open slots of a day, however far ahead, for an appointment that has to be moved."""
    return [offer for found in _days(connection, agencies, desk, group, [day], now) for offer in found.offers]


def closed_slots(
    connection: Connection, agencies: Agencies, slots: Sequence[tuple[str, Slot]], now: datetime
) -> list[tuple[str, Slot]]:
    """Of some slots to come, each with its desk, those during which the desk is not open, by its calendar or its own closings."""
    closings: dict[str, list[Closing]] = {}
    for one in closing_store.closings_of(connection, {desk for desk, _ in slots}, now):
        closings.setdefault(one.desk, []).append(Closing(one.start, one.end))
    found = []
    for desk, slot in slots:
        day = desk_day(agencies, desk, local_day(slot.start))
        if day is None or not is_open(slot, day, closings.get(desk, ())):
            found.append((desk, slot))
    return found


def _days(
    connection: Connection, agencies: Agencies, desk: str, group: str, days: Sequence[date], now: datetime
) -> list[DayOffer]:
    begins = datetime.combine(days[0], time(), TIMEZONE)
    ends = datetime.combine(days[-1] + _DAY, time(), TIMEZONE)
    taken = store.taken_places(connection, desk, group, begins, ends)
    closings = _closings(connection, desk, now)
    found = []
    for day in days:
        info = desk_day(agencies, desk, day)
        if info is None:
            continue
        rules = appointment_rules(day)
        known = any(one.code == group for one in desk_services(desk, day).groups)
        capacity = rules.capacity_of(desk, group) if known else 0
        offers = offers_of(info, closings, taken, rules, capacity)
        least = first_start(now, rules)
        midnight = datetime.combine(day, time(), TIMEZONE)
        closed_here = any(one.start < midnight + _DAY and midnight < one.end for one in closings)
        found.append(DayOffer(info, [offer for offer in offers if offer.slot.start >= least], closed_here))
    return found


def _closings(connection: Connection, desk: str, now: datetime) -> list[Closing]:
    return [Closing(one.start, one.end) for one in closing_store.closings_of(connection, [desk], now)]
