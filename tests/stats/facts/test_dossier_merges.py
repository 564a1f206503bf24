"""Facts about dossiers: their events in any order, and any number of times, end in the same row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.facts import dossiers
from services.stats.facts.dossier_measures import MEASURES, STOCKS
from services.stats.facts.dossiers import DOSSIERS, contributions, place
from services.stats.facts.rows import Row
from services.stats.totals.places import Place
from shared.messaging.errors import Conflict
from shared.runtime.clock import VIETNAM

START = datetime(2025, 11, 3, 8, tzinfo=VIETNAM)
Told = tuple[Callable[[Row, Mapping[str, Any]], Row], dict[str, Any]]


def at(hours: int) -> datetime:
    """A time after the receipt."""
    return START + timedelta(hours=hours)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """The events of one dossier, as routing and intake say them."""
    promised = draw(st.integers(24, 72))
    due = promised
    told: list[Told] = []
    about = {"receiving_agency": "A", "field": "land", "procedure": "1.1"}
    received = about | {"case": "c", "channel": "counter", "regulation": "r", "fee": 0}
    received |= {"digitised": draw(st.booleans())}
    told.append((dossiers.received, received | {"received_at": START, "promised_at": at(promised)}))
    for agency, hours in (("H-1", 1), ("H-2", 20))[: draw(st.integers(0, 2))]:
        told.append((dossiers.assigned, {"handling_agency": agency, "assigned_at": at(hours)}))
    if draw(st.booleans()):
        told.append((dossiers.assigned, {"handling_agency": None, "assigned_at": at(2)}))
    for _ in range(draw(st.integers(0, 2))):
        told.append((dossiers.supplement_requested, {"requested_at": at(draw(st.integers(2, 20)))}))
        told.append((dossiers.supplemented, {"supplemented_at": at(draw(st.integers(20, 30)))}))
    if draw(st.booleans()):
        due += draw(st.integers(1, 40))
        moved = {"was_due_at": at(promised), "due_at": at(due)}
        told.append((dossiers.extended, {"extended_at": at(draw(st.integers(5, 20))), **moved}))
    if draw(st.booleans()):
        due += 24
        told.append((dossiers.deadline_moved, {"deadline": "result", "moved_to": at(due)}))
        told.append((dossiers.deadline_moved, {"deadline": "step", "moved_to": at(999)}))
    ended = draw(st.integers(10, 150))
    on_time = ended <= due
    if not on_time:
        told.append((dossiers.overdue, {"agency": "S-1", "due_at": at(due), "overdue_at": at(due)}))
    if draw(st.booleans()):
        outcome = {"agency": "H-2", "promised_at": at(promised), "due_at": at(due), "resolved_at": at(ended)}
        outcome |= {"outcome": "granted", "on_time": on_time, "index_on_time": draw(st.booleans())}
        told.append((dossiers.resolved, outcome))
        method = draw(st.sampled_from(["counter", "post"]))
        told.append((dossiers.returned, about | {"returned_at": at(ended + 5), "method": method}))
        told.append((dossiers.published, {"published_at": at(ended + 1)}))
    elif draw(st.booleans()):
        stop = {"agency": "H-2", "stopped_at": at(ended), "cause": "withdrawn", "on_time": on_time, "due_at": at(due)}
        told.append((dossiers.stopped, stop | {"index_on_time": draw(st.booleans())}))
    for _ in range(draw(st.integers(0, 2))):
        told.append((dossiers.paid, {"paid_at": at(draw(st.integers(1, 9)))}))
        told.append((dossiers.apologised, {"signed_at": at(draw(st.integers(150, 160)))}))
        told.append((dossiers.corrected, {"corrected_at": at(draw(st.integers(160, 170)))}))
    return told


def apply(told: list[Told]) -> Row:
    """The row after events."""
    row: Row = DOSSIERS.blank(("D-1",))
    for merge, data in told:
        row = DOSSIERS.complete(dict(merge(row, data)))
    return row


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_order_and_repetition_ends_in_the_same_row(data: st.DataObject) -> None:
    told = data.draw(histories())
    again: list[Told] = data.draw(st.lists(st.sampled_from(told), max_size=4))
    repeated = data.draw(st.permutations([*told, *again]))
    assert apply(list(repeated)) == apply(told)


def test_the_handling_agency_is_the_one_said_last_and_never_that_of_a_late_step_once_it_is_known() -> None:
    first = (dossiers.assigned, {"handling_agency": "H-1", "assigned_at": at(1)})
    merged = (dossiers.assigned, {"handling_agency": "H-2", "assigned_at": at(9)})
    late = (dossiers.overdue, {"agency": "S-1", "due_at": at(5), "overdue_at": at(5)})
    assert apply([late])["handling_agency"] == "S-1"
    assert apply([late, merged, first])["handling_agency"] == apply([first, late, merged])["handling_agency"] == "H-2"


@pytest.mark.parametrize(
    ("merge", "data"),
    [
        (
            dossiers.stopped,
            {
                **{"agency": "H", "stopped_at": at(9), "cause": "stopped", "on_time": True, "due_at": at(20)},
                "index_on_time": True,
            },
        ),
        (dossiers.returned, {"receiving_agency": "B", "field": "land", "procedure": "1.1", "returned_at": at(9)}),
    ],
)
def test_what_contradicts_is_refused(merge: Callable[..., Row], data: dict[str, Any]) -> None:
    known = {"agency": "A", "field": "land", "procedure": "1.1", "stop_cause": "withdrawn"}
    with pytest.raises(Conflict):
        merge({**DOSSIERS.blank(("D-1",)), **known}, data)


@settings(max_examples=200, deadline=None)
@given(told=histories())
def test_a_dossier_leaves_each_state_once_after_it_has_entered_it(told: list[Told]) -> None:
    row = apply(told)
    for name in STOCKS:
        flows = [(day, number) for day, _, column, number in contributions(row) if column == name]
        assert [number for _, number in flows] in ([], [1], [1, -1])
        assert flows == sorted(flows), name


def test_a_dossier_of_which_nothing_is_known_contributes_nothing_and_is_nowhere() -> None:
    blank = DOSSIERS.complete(DOSSIERS.blank(("D-1",)))
    assert contributions(blank) == []
    assert place(blank) == Place("", "", "", "", "")


def test_what_is_counted_follows_from_the_times_and_what_is_said_of_them() -> None:
    row = apply(
        [
            (dossiers.received, RECEIVED),
            (dossiers.overdue, {"agency": "S-1", "due_at": at(24), "overdue_at": at(24)}),
            (dossiers.supplement_requested, {"requested_at": at(2)}),
            (dossiers.supplemented, {"supplemented_at": at(40)}),
        ]
    )
    day = START.date().toordinal()
    found = {(column, there - day): number for there, _, column, number in contributions(row)}
    assert found == {
        ("received", 0): 1,
        ("in_progress", 0): 1,
        ("supplement_requested", 0): 1,
        ("awaiting_supplement", 0): 1,
        ("awaiting_supplement", 2): -1,
        ("due", 1): 1,
        ("late", 1): 1,
        ("overdue", 1): 1,
        ("in_progress_overdue", 1): 1,
    }
    assert {column for _, _, column, _ in contributions(row)} <= MEASURES.keys()


RECEIVED = {
    **{"receiving_agency": "A", "field": "land", "procedure": "1.1", "case": "c", "channel": "counter"},
    **{"regulation": "r", "fee": 0, "received_at": START, "promised_at": at(24), "digitised": False},
}
