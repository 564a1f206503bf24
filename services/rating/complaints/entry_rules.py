"""Reads the limits of filing complaints from ``data/complaint_entry.json``, and finds the agency for what names none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from shared.agencies import Agencies, Agency
from shared.agencies.roles import OBSERVER_ROLE, ONE_STOP_DESK
from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "complaint_entry.json"
LARGEST = 20 << 20
"""Bytes of a file that no rule may exceed: what the web server receives at once."""


@dataclass(frozen=True, slots=True)
class EntryRules:
    """Limits since a day.

    Attributes:
        valid_from: the first day.
        file_bytes: the largest file.
        files: how many files a complaint, or an addition to it, may have.
        lodged_of_address: how many complaints one network address may lodge in a window of the throttle.
        unsent: how long files of a form that is not sent are kept.
        call_minutes: the longest call that may be noted.
        calls_kept: how long what was said in a call is kept.
        sms_agency: code of the agency that gets complaints by SMS; empty for the one-stop desk at the top.
    """

    valid_from: date
    file_bytes: int
    files: int
    lodged_of_address: int
    unsent: timedelta
    call_minutes: int
    calls_kept: timedelta
    sms_agency: str


@cache
def _all() -> tuple[EntryRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> EntryRules:
    return EntryRules(
        valid_from=one.day("valid_from"),
        file_bytes=one.integer("file_bytes", 1, LARGEST),
        files=one.integer("files", 1),
        lodged_of_address=one.integer("lodged_of_address", 1),
        unsent=timedelta(hours=one.integer("unsent_hours", 1)),
        call_minutes=one.integer("call_minutes", 1),
        calls_kept=timedelta(days=one.integer("calls_kept_days", 1)),
        sms_agency=one.optional_text("sms_agency") or "",
    )


def entry_rules(on: date) -> EntryRules:
    """The limits in force on a day; before the first ones, the first."""
    return in_force(_all(), on)


def addressable(agencies: Agencies, on: date) -> list[Agency]:
    """The agencies to which people may address a complaint, by name: all that serve people on a day."""
    found = (one for one in agencies.all(on) if OBSERVER_ROLE not in one.roles)
    return sorted(found, key=lambda one: (ONE_STOP_DESK not in one.roles, one.name))


def central_desk(agencies: Agencies, on: date) -> str:
    """Code of the one-stop desk at the top: it passes on what names no agency. Empty where there is no desk.

    The fewest agencies stand above it; of several the first by code.
    """
    desks = [one for one in agencies.all(on) if ONE_STOP_DESK in one.roles]
    return min(desks, key=lambda one: (len(agencies.ancestors(one.code, on)), one.code)).code if desks else ""


def sms_agency(agencies: Agencies, on: date) -> str:
    """Code of the agency that gets complaints by SMS."""
    return entry_rules(on).sms_agency or central_desk(agencies, on)
