"""In which step a dossier waits uncounted, and when its clock resumes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.waiting import resumes_at, waiting_step
from tests.routing.domain.rule_fixtures import at

OVER = at("2025-12-05 17:30")
LATER = at("2025-12-19 17:30")


@dataclass(frozen=True)
class Open:
    step: str
    counted: bool = False
    wait_until: datetime | None = None


WORK = Open("work", counted=True)
TAX = Open("tax")
POSTING = Open("posting", wait_until=OVER)
LONGER = Open("longer", wait_until=LATER)

CASES = [
    # open steps, when, waiting step, resumes at
    ([], OVER, None, None),
    ([WORK], OVER, None, None),
    ([TAX], OVER, "tax", None),
    ([WORK, TAX], OVER, None, None),
    ([POSTING], OVER - timedelta(seconds=1), "posting", OVER),
    ([POSTING], OVER, None, OVER),
    ([POSTING, WORK], OVER - timedelta(seconds=1), None, None),
    ([POSTING, TAX], OVER - timedelta(seconds=1), "posting", None),
    ([POSTING, TAX], OVER, "tax", None),
    ([POSTING, LONGER], OVER, "longer", LATER),
    ([POSTING, LONGER], LATER, None, LATER),
]


@pytest.mark.parametrize(("open_steps", "when", "step", "resumed_at"), CASES)
def test_a_posting_is_uncounted_only_for_its_days(
    open_steps: list[Open], when: datetime, step: str | None, resumed_at: datetime | None
) -> None:
    assert waiting_step(open_steps, when) == step
    assert resumes_at(open_steps) == resumed_at


OPEN_STEPS = st.builds(
    Open,
    step=st.sampled_from("abc"),
    counted=st.just(False) | st.booleans(),
    wait_until=st.none() | st.integers(0, 50).map(lambda days: OVER + timedelta(days=days)),
)


@given(st.lists(OPEN_STEPS, max_size=4), st.integers(-1, 51))
def test_a_clock_that_resumes_by_itself_is_paused_exactly_until_then(open_steps: list[Open], days: int) -> None:
    resumed_at, moment = resumes_at(open_steps), OVER + timedelta(days=days)
    at_first, at_last = (
        waiting_step(open_steps, OVER - timedelta(days=2)),
        waiting_step(open_steps, OVER + timedelta(days=99)),
    )
    assert (resumed_at is not None) == (at_first is not None and at_last is None)
    if resumed_at is not None:
        assert (waiting_step(open_steps, moment) is None) == (moment >= resumed_at)
