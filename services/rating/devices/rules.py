"""Reads how devices work from ``data/devices.json``. Another number is a change of data, not of code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from services.rating.ratings.domain import Label
from shared.data_files import Record, read_record

RULES_FILE = Path(__file__).parent.parent / "data" / "devices.json"


@dataclass(frozen=True, slots=True)
class DeviceRules:
    """How devices work.

    Attributes:
        rotate_after: how old a token becomes before it is replaced, real time.
        old_token_for: how long the replaced token is still good, real time.
        poll, contact: how often a device asks what its counter does, and reports how it is.
        batch: ratings at most in one delivery.
        ask_for: how long a visitor is asked after they were served.
        still_ask_for: how long, when the next one was called meanwhile.
        tickets_for: how long after its last call a counter counts as one that calls numbers.
        official_for: how long after a call a rating without a number is about the official who called at that counter.
        gap: the least time between two ratings without a number.
        thanks, courtesy: how long a page thanks, and waits for an answer about the courtesies.
        late_after: the age at which a delivered rating is marked as late.
        oldest: the age beyond which the time of a rating is not believed.
        clock_tolerance: how far in the future a rating may seem to be.
        silent_after: working time without a word from a device after which it is flagged.
        courtesies: name → label of what officials are to say (3X), in the order in which they are asked.
    """

    rotate_after: timedelta
    old_token_for: timedelta
    poll: timedelta
    contact: timedelta
    batch: int
    ask_for: timedelta
    still_ask_for: timedelta
    tickets_for: timedelta
    official_for: timedelta
    gap: timedelta
    thanks: timedelta
    courtesy: timedelta
    late_after: timedelta
    oldest: timedelta
    clock_tolerance: timedelta
    silent_after: timedelta
    courtesies: Mapping[str, Label] = field(hash=False)


@cache
def device_rules() -> DeviceRules:
    """The rules in force."""
    return read_rules(read_record(RULES_FILE))


def read_rules(record: Record) -> DeviceRules:
    """The rules of a data file.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record.optional_text("note")
    rules = DeviceRules(
        rotate_after=timedelta(days=record.integer("rotate_days", least=1)),
        old_token_for=timedelta(days=record.integer("old_token_days", least=1)),
        poll=timedelta(seconds=record.integer("poll_seconds", least=1)),
        contact=timedelta(seconds=record.integer("contact_seconds", least=1)),
        batch=record.integer("batch", least=1, most=MOST_IN_BATCH),
        ask_for=timedelta(minutes=record.integer("ask_minutes", least=1)),
        still_ask_for=timedelta(seconds=record.integer("still_ask_seconds")),
        tickets_for=timedelta(hours=record.integer("tickets_hours", least=1)),
        official_for=timedelta(minutes=record.integer("official_minutes", least=1)),
        gap=timedelta(seconds=record.integer("gap_seconds", least=1)),
        thanks=timedelta(seconds=record.integer("thanks_seconds", least=1)),
        courtesy=timedelta(seconds=record.integer("courtesy_seconds", least=5)),
        late_after=timedelta(hours=record.integer("late_hours", least=1)),
        oldest=timedelta(days=record.integer("oldest_days", least=1)),
        clock_tolerance=timedelta(seconds=record.integer("clock_tolerance_seconds")),
        silent_after=timedelta(minutes=record.integer("silent_minutes", least=1)),
        courtesies={one.text("name"): _label(one) for one in record.records("courtesies", named_by="name")},
    )
    record.done()
    record.raise_faults()
    return rules


def _label(entry: Record) -> Label:
    label = Label(entry.text("vi"), entry.text("en"))
    entry.done()
    return label


MOST_IN_BATCH = 200
"""What one request may deliver at most, whatever the data says."""
