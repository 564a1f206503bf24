"""1 July 2025: the regulation version in force at a dossier's receipt applies until its end."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from services.routing.domain.clock import Kind
from services.routing.domain.measures import Terms, by_law
from services.routing.domain.supplement import Request, SupplementNotAllowed, check_request, closes_at
from shared.calendar import TimeLimit
from tests.routing.domain.rule_fixtures import MOMENTS, OFFICE, REGULATIONS, at, interval_of

LAST, FIRST = "2025-06-30 09:00", "2025-07-01 09:00"
LIMIT = TimeLimit(working_days=10)


@pytest.mark.parametrize(
    ("received", "id", "article", "wait_article", "closing"),
    [(LAST, "nd61-2018", "17", None, None), (FIRST, "nd118-2025", "11.2c, 16.3", "19.5", "2025-07-22 23:59")],
)
def test_the_rules_of_the_day_of_receipt_hold_across_1_july_2025(
    received: str, id: str, article: str, wait_article: str | None, closing: str | None
) -> None:
    regulation = REGULATIONS.at(at(received))
    assert regulation.id == id
    # In flight: asked on 7 July, by when only the new decree is in force.
    asked = at("2025-07-07 09:00")
    desk = "H12.31.01"
    with pytest.raises(SupplementNotAllowed) as refused:
        check_request(regulation, Request(1, at("2025-07-04 09:00"), asked, desk, desk), OFFICE)
    assert (refused.value.regulation, refused.value.article) == (id, article)
    wait = regulation.find("supplement_wait_days")
    assert (wait.article if wait else None) == wait_article
    assert closes_at(regulation, asked, OFFICE) == (at(closing) if closing else None)


@pytest.mark.parametrize(
    ("received", "first", "restarted"),
    [(LAST, "2025-07-14 17:30", "2025-07-24 17:30"), (FIRST, "2025-07-15 17:30", "2025-07-24 17:30")],
)
def test_nd61_19_and_nd118_19_5_a_supplement_across_1_july_2025_restarts_by_the_dossiers_own_version(
    received: str, first: str, restarted: str
) -> None:
    regulation = REGULATIONS.at(at(received))
    promised = OFFICE.promise(at(received), LIMIT, regulation).at
    assert promised == at(first)
    intervals = [
        interval_of(Kind.COUNTED, received, "2025-07-03 09:00"),
        interval_of(Kind.SUPPLEMENT, "2025-07-03 09:00", "2025-07-10 09:00"),
        interval_of(Kind.COUNTED, "2025-07-10 09:00"),
    ]
    terms = Terms(promised, LIMIT, regulation)
    assert by_law(terms, intervals, OFFICE, at("2025-07-11 09:00")).due_at == at(restarted)


@given(MOMENTS)
def test_the_version_kept_is_that_of_the_local_day_of_receipt(received_at: datetime) -> None:
    expected = "nd61-2018" if received_at < at("2025-07-01 00:00") else "nd118-2025"
    assert REGULATIONS.at(received_at).id == expected
