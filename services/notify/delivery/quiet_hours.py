"""Reads the quiet hours from ``data/quiet_hours.json``: other hours, or another urgent kind of message, are a change of data."""

from __future__ import annotations

from datetime import date, time
from functools import cache
from pathlib import Path

from services.notify.delivery.domain import QuietHours
from shared.data_files import Record, read_record

QUIET_HOURS_FILE = Path(__file__).parent.parent / "data" / "quiet_hours.json"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"


@cache
def quiet_hours() -> QuietHours:
    """The quiet hours in force.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return parse_quiet_hours(read_record(QUIET_HOURS_FILE))


def parse_quiet_hours(record: Record) -> QuietHours:
    """The quiet hours of a data file.

    Args:
        record: ``from`` and ``until`` (HH:MM, Vietnam's time), ``valid_from`` (a day) and ``urgent`` (kinds of messages).

    Raises:
        shared.data_files.DataError: with every fault.
    """
    for remark in ("source", "certainty"):
        record.optional_text(remark)
    since = record.text("valid_from", pattern=r"\d{4}-\d{2}-\d{2}", like="a day")
    begins = record.text("from", pattern=_TIME, like="HH:MM")
    ends = record.text("until", pattern=_TIME, like="HH:MM")
    urgent = record.texts("urgent")
    record.done()
    record.raise_faults()
    return QuietHours(
        time.fromisoformat(begins), time.fromisoformat(ends), date.fromisoformat(since), frozenset(urgent)
    )
