"""Rating keeps visits and what officials did, in whatever order the events come, and each once."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.officials.domain import Visit
from services.rating.officials.store import (
    completed_steps,
    dossier_officials,
    find_visit,
    parts_of_dossier,
    returned_steps,
    visits,
)
from services.rating.officials.work import ticket_hash
from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import Rating
from services.rating.ratings.store import rating_officials
from shared.messaging.event import Event
from tests.rating.support import invite
from tests.support.events import event
from tests.support.service import ServiceUnderTest

TICKET = "0b5f3c9a7d2e4f61a8c3d9e0b1f2a3c4"
CALLED: dict[str, Any] = {"act": "called", "counter": 2, "official": "clerk-1", "at": "2025-11-20T08:24:00+07:00"}
AGAIN: dict[str, Any] = {"act": "called", "counter": 3, "official": "clerk-2", "at": "2025-11-20T08:29:00+07:00"}
SERVED: dict[str, Any] = {"act": "served", "counter": 3, "official": "clerk-2", "at": "2025-11-20T08:32:00+07:00"}


def at_counter(sequence: int, act: dict[str, Any]) -> Event:
    return event("official.served", sequence, **act)


def received(sequence: int, official: str = "clerk-1", act: str = "received", **data: Any) -> Event:
    about = {"dossier": "D-1", "procedure": "1.013831", "field": "land"}
    return event("official.handled_dossier", sequence, act=act, official=official, **about | data)


def completed(sequence: int, official: str = "officer-9", **data: Any) -> Event:
    return event("official.completed_step", sequence, **{"dossier": "D-1", "official": official} | data)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_visit_is_known_by_its_last_official_in_any_order(
    rating: ServiceUnderTest, order: tuple[int, int, int]
) -> None:
    acts = (CALLED, AGAIN, SERVED)
    rating.apply(*(at_counter(number + 1, acts[place]) for number, place in enumerate(order)))
    (row,) = rating.rows(visits)
    assert (row["official"], row["counter"], row["number"]) == ("clerk-2", 3, "A012")
    assert (row["called_at"], row["served_at"]) == tuple(datetime.fromisoformat(one["at"]) for one in (AGAIN, SERVED))


def test_a_visit_keeps_no_ticket(both: ServiceUnderTest) -> None:
    both.apply(at_counter(1, CALLED), at_counter(2, SERVED))
    both.apply(at_counter(2, SERVED))
    (row,) = both.rows(visits)
    assert TICKET not in str(row)
    with both.store.read() as connection:
        found = find_visit(connection, ticket_hash(TICKET, both.context.settings.hash_key))
    assert found is not None
    assert (found.desk, found.counter, found.official) == ("H12.31.01", 3, "clerk-2")


moments = st.datetimes(datetime(2025, 1, 1), datetime(2025, 1, 2)).map(lambda at: at.astimezone())
whole = st.builds(
    Visit,
    st.just("h"),
    st.just("D"),
    st.integers(1, 3),
    st.just("A1"),
    st.sampled_from(["a", "b"]),
    called_at=moments,
    served_at=st.none() | moments,
)


@given(whole, whole, whole)
def test_what_is_known_of_a_visit_does_not_depend_on_the_order(one: Visit, two: Visit, three: Visit) -> None:
    if len({v.newest for v in (one, two, three)}) == 3:
        assert one.merged(two).merged(three) == three.merged(one).merged(two) == two.merged(three).merged(one)
    assert one.merged(one) == one


def test_a_rating_of_a_dossier_is_about_who_received_and_handled_it(both: ServiceUnderTest) -> None:
    both.apply(received(1), completed(1), completed(2, "leader-2", task="t-2"))
    both.apply(received(2, "clerk-5", "returned"))
    token = invite(both)
    both.store.run(lambda work: submit_rating(work, token, Rating(4)))
    known = {("clerk-1", "reception"), ("clerk-5", "reception"), ("leader-2", "handling"), ("officer-9", "handling")}
    assert {(row["official"], row["part"]) for row in both.rows(rating_officials)} == known


def test_officials_who_become_known_after_the_rating_are_added_to_it(both: ServiceUnderTest) -> None:
    token = invite(both)
    both.store.run(lambda work: submit_rating(work, token, Rating(4)))
    both.apply(completed(1), received(1))
    both.apply(completed(2), received(2))
    assert {(row["official"], row["part"]) for row in both.rows(rating_officials)} == {
        ("clerk-1", "reception"),
        ("officer-9", "handling"),
    }


def test_the_same_work_again_is_one_row_and_the_first_time_stays(both: ServiceUnderTest) -> None:
    late = "2025-11-22T09:00:00+07:00"
    both.apply(received(1, at=late), completed(1), completed(2))
    both.apply(received(2, at="2025-11-20T08:00:00+07:00"), received(3, at=late))
    assert len(both.rows(completed_steps)) == 1
    times = {row["part"]: row["at"] for row in both.rows(dossier_officials)}
    assert times["reception"] == datetime.fromisoformat("2025-11-20T08:00:00+07:00")
    with both.store.read() as connection:
        assert len(parts_of_dossier(connection, "D-1")) == 2
        assert parts_of_dossier(connection, "D-2") == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
def test_a_lateness_that_was_withdrawn_stays_withdrawn(both: ServiceUnderTest, order: tuple[int, ...]) -> None:
    moved = "2025-11-24T10:00:00+07:00"
    told = ({"timeliness": "late"}, {"timeliness": "on_time", "due_at": moved})
    both.apply(*(completed(number + 1, **told[place]) for number, place in enumerate(order)))
    (row,) = both.rows(completed_steps)
    assert (row["timeliness"], row["due_at"]) == ("on_time", datetime.fromisoformat(moved))


def test_a_step_of_another_dossier_is_parked(both: ServiceUnderTest) -> None:
    both.apply(completed(1))
    assert both.apply(completed(1, dossier="D-2")).parked == 1
    assert [row["dossier"] for row in both.rows(completed_steps)] == ["D-1"]


def test_work_may_come_back_several_times_and_each_counts_once(both: ServiceUnderTest) -> None:
    first = datetime.fromisoformat("2025-11-22T09:00:00+07:00")
    for number, at in enumerate((first, first, first + timedelta(days=1)), 1):
        both.apply(event("official.step_returned", number, returned_at=at.isoformat()))
    assert [row["returned_at"] for row in both.rows(returned_steps)] == [first, first + timedelta(days=1)]
