"""The clock: real, virtual and shared between processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.runtime.clock import VIETNAM, Clock, ClockError, parse_clock

ANCHOR = 1_700_000_000.0


class Source:
    def __init__(self) -> None:
        self.seconds = ANCHOR

    def __call__(self) -> float:
        return self.seconds


def test_virtual_time_runs_at_its_rate_and_real_time_is_left_alone() -> None:
    source = Source()
    clock = parse_clock("2016-01-04T07:30+07:00@5000", source=source)
    assert clock.virtual
    assert clock.now() == datetime(2016, 1, 4, 7, 30, tzinfo=VIETNAM)
    source.seconds += 2
    assert clock.now() == datetime(2016, 1, 4, 7, 30, tzinfo=VIETNAM) + timedelta(seconds=10_000)
    assert clock.wall() == datetime.fromtimestamp(ANCHOR + 2, UTC)
    assert clock.real_seconds(timedelta(hours=1)) == pytest.approx(0.72)


def test_all_processes_of_a_platform_read_the_same_time(tmp_path: Path) -> None:
    first, second = Source(), Source()
    second.seconds += 10  # a process that starts ten seconds later
    a = parse_clock("2016-01-04T07:30+07:00@100", tmp_path / "clock.anchor", first)
    b = parse_clock("2016-01-04T07:30+07:00@100", tmp_path / "clock.anchor", second)
    first.seconds = second.seconds
    assert a.now() == b.now()


def test_a_changed_setting_starts_again(tmp_path: Path) -> None:
    source = Source()
    parse_clock("2016-01-04T07:30+07:00@100", tmp_path / "clock.anchor", source)
    source.seconds += 50
    later = parse_clock("2017-01-04T07:30+07:00@100", tmp_path / "clock.anchor", source)
    assert later.now() == datetime(2017, 1, 4, 7, 30, tzinfo=VIETNAM)


def test_real_time_is_in_vietnams_zone() -> None:
    source = Source()
    now = Clock(source=source).now()
    assert now.utcoffset() == timedelta(hours=7)
    assert now.timestamp() == ANCHOR


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("2016-01-04T07:30+07:00", "START@RATE"),
        ("2016-01-04T07:30@5000", "offset"),
        ("yesterday@5000", "START@RATE"),
        ("2016-01-04T07:30+07:00@fast", "START@RATE"),
        ("2016-01-04T07:30+07:00@0", "rate"),
        ("2016-01-04T07:30+07:00@-1", "rate"),
    ],
)
def test_a_bad_setting_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ClockError, match=complaint):
        parse_clock(text)
