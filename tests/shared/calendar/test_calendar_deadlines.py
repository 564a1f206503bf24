"""Legal moments are compared by the minute, as receipts print them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.calendar import TIMEZONE
from shared.calendar.deadlines import is_past, past_from

DUE = datetime(2025, 12, 2, 17, 30, tzinfo=TIMEZONE)


@pytest.mark.parametrize(
    ("seconds", "past"), [(-60, False), (0, False), (6, False), (24, False), (59.999999, False), (60, True), (61, True)]
)
def test_a_moment_is_past_from_the_next_minute_on(seconds: float, past: bool) -> None:
    moment = DUE + timedelta(seconds=seconds)
    assert is_past(DUE, moment) is past
    assert (moment >= past_from(DUE)) is past


def test_the_seconds_of_a_deadline_do_not_count_either() -> None:
    assert not is_past(DUE, DUE + timedelta(seconds=59))
    assert not is_past(DUE + timedelta(seconds=1), DUE + timedelta(seconds=59))
    assert past_from(DUE + timedelta(seconds=1)) == DUE + timedelta(minutes=1)
