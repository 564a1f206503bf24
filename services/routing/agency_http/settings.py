"""Reads the numbers of `data/agency_http.json`."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

from services.routing.agency_http.domain import HttpRules
from shared.data_files import read_record

_FILE = Path(__file__).parent.parent / "data" / "agency_http.json"


@cache
def http_rules() -> HttpRules:
    """The product's own numbers, read once."""
    return load_http_rules(_FILE)


def load_http_rules(file: Path) -> HttpRules:
    """Reads the numbers from a file.

    Raises:
        shared.data_files.DataError: lists all faults.
    """
    record = read_record(file)
    record.optional_text("note")
    rules = HttpRules(
        retries=tuple(timedelta(seconds=one.integer("seconds", 1)) for one in record.records("retries", at_least=1)),
        jitter=record.integer("jitter_percent", 0, 100) / 100,
        longest_retry_after=timedelta(seconds=record.integer("longest_retry_after_seconds", 1)),
        call=timedelta(seconds=record.integer("call_seconds", 1, 60)),
        lease=timedelta(seconds=record.integer("lease_seconds", 30)),
        give_up_after=timedelta(hours=record.integer("give_up_after_hours", 1)),
        disable_after=timedelta(hours=record.integer("disable_after_hours", 1)),
        old_secret=timedelta(hours=record.integer("old_secret_hours", 1)),
        keep=timedelta(days=record.integer("keep_days", 1)),
    )
    record.done()
    record.raise_faults()
    return rules
