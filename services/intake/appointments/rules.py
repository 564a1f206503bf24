"""Reads the rules of appointments from ``data/appointments.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "appointments.json"
ANY = "*"
DAY_MINUTES = 24 * 60
_NUMBERS = (
    ("days_ahead", 1, 90),
    ("notice_minutes", 0, None),
    ("early_minutes", 0, DAY_MINUTES),
    ("cancel_until_minutes", 0, None),
    ("open_per_phone", 1, 20),
    ("bookings_per_phone", 1, None),
    ("most_moves", 0, None),
    ("no_show_limit", 1, None),
    ("no_show_days", 1, None),
    ("block_days", 1, None),
    ("remind_days", 1, 30),
    ("remind_hour", 0, 23),
    ("move_days", 1, 90),
    ("move_notice_minutes", 0, None),
    ("phone_days", 1, None),
)
"""Entries after the slots and their places, in the order of the fields: name, least, most."""


@dataclass(frozen=True, slots=True)
class AppointmentRules:
    """Rules since a day.

    Attributes:
        valid_from: the first day.
        slot_minutes: how long a slot is.
        capacity: places of each group in a slot, unless `places` has another number.
        places: (desk, group) → places; ``*`` stands for any.
        days_ahead: how many days ahead one may book.
        notice_minutes: how long before a slot begins one may still book it.
        early_minutes: how long before the slot one may check in.
        cancel_until_minutes: how long before the slot one may still cancel or move.
        open_per_phone: appointments to come that one telephone number may have.
        bookings_per_phone: that one number may book within 24 hours, whatever becomes of them: each sends it a message.
        most_moves: how often one appointment may be moved by its citizen.
        no_show_limit: who has missed so many …
        no_show_days: … within so many days …
        block_days: … cannot book for so many days after the last one.
        remind_days: how many days before the visit the reminder is sent …
        remind_hour: … from which hour on.
        move_days: until how many days after a day that was closed its appointments are moved.
        move_notice_minutes: how long before the new slot the citizen is told at least.
        phone_days: how many days after the visit the telephone number is erased.
    """

    valid_from: date
    slot_minutes: int
    capacity: int
    places: Mapping[tuple[str, str], int]
    days_ahead: int
    notice_minutes: int
    early_minutes: int
    cancel_until_minutes: int
    open_per_phone: int
    bookings_per_phone: int
    most_moves: int
    no_show_limit: int
    no_show_days: int
    block_days: int
    remind_days: int
    remind_hour: int
    move_days: int
    move_notice_minutes: int
    phone_days: int

    def capacity_of(self, desk: str, group: str) -> int:
        """Places of a group in each slot of a desk; 0 where no appointments are given. The most exact entry decides."""
        keys = ((desk, group), (desk, ANY), (ANY, group), (ANY, ANY))
        return next((self.places[key] for key in keys if key in self.places), self.capacity)

    @property
    def known_by_phone(self) -> timedelta:
        """For how long after a missed visit the hash of its telephone number may matter for the no-show rule."""
        return timedelta(days=self.no_show_days + self.block_days)


@cache
def _all() -> tuple[AppointmentRules, ...]:
    return read_rules(FILE, parse_rules)


def parse_rules(one: Record) -> AppointmentRules:
    """The rules in a record; they are valid only if it has no faults."""
    return AppointmentRules(
        one.day("valid_from"),
        one.integer("slot_minutes", 5, DAY_MINUTES),
        one.integer("capacity", 0, 1000),
        dict(map(_place, one.records("places"))),
        *(one.integer(name, least, most) for name, least, most in _NUMBERS),
    )


def _place(one: Record) -> tuple[tuple[str, str], int]:
    found = (one.text("desk"), one.text("group")), one.integer("capacity", 0, 1000)
    one.done()
    return found


def appointment_rules(on: date) -> AppointmentRules:
    """The rules in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
