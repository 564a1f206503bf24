"""The clock of simulations: it stands still until it is moved, for all processes at once, and sweeps follow."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.runtime.clock import VIETNAM, ClockError
from shared.runtime.settings import SettingsError, read_settings
from shared.runtime.stepped_clock import BackwardStep, SteppedClock, parse_stepped_clock
from shared.runtime.workers.stepped_sweeps import SteppedSweeps
from tests.support.processes import REPOSITORY, python

SETTING = "stepped:2016-01-04T07:30+07:00"
START = datetime(2016, 1, 4, 7, 30, tzinfo=VIETNAM)
HOUR = timedelta(hours=1)


def stepped(tmp_path: Path) -> SteppedClock:
    return parse_stepped_clock(SETTING, tmp_path / "clock.step")


def test_time_stands_still_until_it_is_moved_and_never_goes_back(tmp_path: Path) -> None:
    clock = stepped(tmp_path)
    assert clock.virtual
    assert clock.now() == clock.now() == START
    clock.move(START + HOUR)
    assert clock.now() == START + HOUR
    with pytest.raises(BackwardStep):
        clock.move(START)
    assert clock.now() == START + HOUR


MOVE = """
import sys
from datetime import timedelta
from pathlib import Path
from shared.runtime.stepped_clock import parse_stepped_clock
clock = parse_stepped_clock(sys.argv[1], Path(sys.argv[2]))
clock.move(clock.now() + timedelta(hours=1))
"""


def test_all_processes_see_the_new_time_and_a_new_one_goes_on_where_it_is(tmp_path: Path) -> None:
    clock = stepped(tmp_path)
    subprocess.run(python("-c", MOVE, SETTING, str(tmp_path / "clock.step")), cwd=REPOSITORY, timeout=60, check=True)
    assert clock.now() == START + HOUR
    assert stepped(tmp_path).now() == START + HOUR


def test_microseconds_and_times_before_1970_are_kept(tmp_path: Path) -> None:
    clock = parse_stepped_clock("stepped:1960-01-01T00:00+07:00", tmp_path / "clock.step")
    assert clock.now() == datetime(1960, 1, 1, tzinfo=VIETNAM)
    exact = datetime(2016, 2, 29, 11, 59, 59, 999_999, tzinfo=VIETNAM)
    clock.move(exact)
    assert clock.now() == exact


@pytest.mark.parametrize("text", ["stepped:", "stepped:tomorrow", "stepped:2016-01-04T07:30"])
def test_a_wrong_setting_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ClockError, match=r"stepped|offset"):
        parse_stepped_clock(text, tmp_path / "clock.step")


@pytest.mark.parametrize("mode", ["embedded", "production"])
def test_it_is_for_demonstrations_alone(mode: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_CLOCK is refused"):
        read_settings({"MOTCUA_MODE": mode, "MOTCUA_DATA": str(tmp_path), "MOTCUA_CLOCK": SETTING})


def test_sweeps_are_woken_at_each_new_moment_and_it_is_known_when_all_have_finished(tmp_path: Path) -> None:
    clock = stepped(tmp_path)
    sweeps, seen = SteppedSweeps(clock, "routing"), clock.seen_by("routing")
    left, woken = {"steps": 2, "dossiers": 0}, []

    def run(name: str) -> int:
        left[name] = max(left[name] - 1, 0)
        return left[name]

    loops = {name: sweeps.watched(name, lambda name=name: run(name)) for name in left}  # type: ignore[misc]
    sweeps.subscribe([lambda: woken.append(clock.now())])
    sweeps.look()
    assert woken == [START]
    assert loops["dossiers"]() == 0
    assert loops["steps"]() == 1
    sweeps.look()
    assert seen.read() < START, "a sweep has more to do"
    assert loops["steps"]() == 0
    sweeps.look()
    assert seen.read() == START
    clock.move(START + HOUR)
    sweeps.look()
    assert woken == [START, START + HOUR]
    assert seen.read() == START, "nobody has looked at the new moment yet"
    for loop in loops.values():
        loop()
    sweeps.look()
    assert seen.read() == START + HOUR


def test_a_service_without_sweeps_is_always_up_to_date(tmp_path: Path) -> None:
    clock = stepped(tmp_path)
    SteppedSweeps(clock, "stats").look()
    assert clock.seen_by("stats").read() == START
