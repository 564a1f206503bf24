"""Where a dossier waits uncounted, and when that ends by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.waiting import resumes_at, waiting_step
from tests.routing.domain.law import at

OVER = at("2025-12-05 17:30")
LATER = at("2025-12-19 17:30")


@dataclass(frozen=True)
class Stand:
    step: str
    counted: bool = False
    wait_until: datetime | None = None


WORK = Stand("work", counted=True)
TAX = Stand("tax")
POSTING = Stand("posting", wait_until=OVER)
LONGER = Stand("longer", wait_until=LATER)

CASES = [
    # standing at, when, waits in, runs again at
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


@pytest.mark.parametrize(("standing", "when", "step", "again"), CASES)
def test_a_posting_is_uncounted_only_for_its_days(
    standing: list[Stand], when: datetime, step: str | None, again: datetime | None
) -> None:
    assert waiting_step(standing, when) == step
    assert resumes_at(standing) == again


STANDS = st.builds(
    Stand,
    step=st.sampled_from("abc"),
    counted=st.just(False) | st.booleans(),
    wait_until=st.none() | st.integers(0, 50).map(lambda days: OVER + timedelta(days=days)),
)


@given(st.lists(STANDS, max_size=4), st.integers(-1, 51))
def test_what_runs_again_by_itself_waits_until_then_and_no_longer(standing: list[Stand], days: int) -> None:
    again, moment = resumes_at(standing), OVER + timedelta(days=days)
    at_first, at_last = (
        waiting_step(standing, OVER - timedelta(days=2)),
        waiting_step(standing, OVER + timedelta(days=99)),
    )
    assert (again is not None) == (at_first is not None and at_last is None)
    if again is not None:
        assert (waiting_step(standing, moment) is None) == (moment >= again)
