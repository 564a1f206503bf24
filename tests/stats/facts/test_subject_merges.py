"""All facts: their events in any order, and any number of times, end in the same rows and the same totals."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.stats.facts.changes import CHANGES, Change
from services.stats.facts.complaints import COMPLAINTS, MOMENTS
from services.stats.facts.rows import Key, Row, Subject
from services.stats.facts.subjects import FAMILY
from services.stats.handlers import HANDLERS
from services.stats.measures.activities import read_events
from services.stats.measures.complaints import COUNTED, ComplaintTotals, count_complaints, list_complaints
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope
from services.stats.totals.places import NOWHERE
from services.stats.totals.tables import TOTALS
from services.stats.totals.writing import Differences, add
from shared.contracts import REGISTRY
from shared.messaging.event import Event
from tests.stats.stored_facts import TABLES, facts, forget_everything, kept_cells, moment, spread
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DAY = "2025-11-2{}T0{}:00:00+07:00"


def at(dice: random.Random) -> str:
    """A moment of some days."""
    return DAY.format(dice.randint(0, 5), dice.randint(0, 9))


def told(dice: random.Random) -> list[Event]:
    """Events about one of each thing, with times that differ, as their services say them."""
    story = [
        event("dossier.filed"),
        event("application.unanswered", alerted_at=at(dice)),
        event("application.unanswered", 2, alerted_at=at(dice)),
        event("application.overdue", overdue_at=at(dice)),
        event("application.overdue", 2, overdue_at=at(dice)),
        event(dice.choice(["dossier.refused", "application.closed", "dossier.accepted_online"])),
        event("step.completed", completed_at="2025-11-24T09:00:00+07:00", on_time=dice.random() < 0.5),
        event("step.overdue", overdue_at=at(dice)),
        event("fee.paid"),
        event("fee.refunded", payment=dice.choice(["P-1", None])),
        event("document.issued"),
        event("filing.declined", repeated=dice.random() < 0.5),
        event("rating.given", score=dice.randint(1, 5)),
        event("rating.corrected", 1, corrected_at=DAY.format(7, 1), score=2),
        event("rating.corrected", 2, corrected_at=DAY.format(7, 2), score=dice.choice([None, 4])),
        event("survey.closed"),
        event("ticket.issued"),
        event("ticket.called", waited=dice.randint(0, 20000)),
        event("ticket.called", 2, called_at="2025-11-20T08:50:00+07:00", counter=2, waited=900),
        event(dice.choice(["ticket.served", "ticket.missed", "ticket.cancelled"])),
        event("dossier.paused", paused_at=at(dice)),
        event("dossier.paused", 2, paused_at=at(dice)),
        event("dossier.resumed", resumed_at=at(dice), due_at="2025-12-04T17:30:00+07:00"),
    ]
    for number, day in enumerate(sorted(dice.sample(range(1, 6), dice.randint(1, 3)))):
        reported: dict[str, Any] = {
            "reported_at": f"2025-12-0{day}T08:00:00+07:00",
            "day": f"2025-12-0{day}",
            "reports": number + 1,
        }
        story.append(event("apology.missing", number + 1, apology="L-1", **reported))
    if dice.random() < 0.5:
        story.append(event("apology.signed", apology="L-1", signed_at="2025-12-07T09:00:00+07:00", agency="H57.20.01"))
    if dice.random() < 0.5:
        story.append(event("apology.withdrawn", apology="L-1", withdrawn_at="2025-12-08T09:00:00+07:00"))
    if dice.random() < 0.5:
        in_time: dict[str, Any] = {"outcome": "completed", "counted": True, "assigned_at": "2025-11-20T10:00:00+07:00"}
        story.append(event("step.overdue_withdrawn", completed_at="2025-11-24T09:00:00+07:00", **in_time))
    for state in dice.sample(["sent", "delivered", "returned", "failed", "skipped"], dice.randint(1, 5)):
        when: dict[str, Any] = {f"{state}_at": at(dice)}
        story.append(event(f"message.{state}", **when))
    return story


def merged(story: list[Event]) -> dict[tuple[Subject, Key], Row]:
    """The rows after events."""
    rows: dict[tuple[Subject, Key], Row] = {}
    for one in story:
        data: Mapping[str, Any] = REGISTRY.read(one)
        for change in CHANGES[one.name]:
            place = (change.subject, change.key_of(data))
            row = rows[place] if place in rows else change.subject.blank(place[1])
            rows[place] = change.subject.complete(dict(change.merge(row, data)))
    return rows


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_any_order_and_repetition_ends_in_the_same_rows_and_contributions(seed: int) -> None:
    dice = random.Random(seed)
    story = told(dice)
    again = [*story, *dice.choices(story, k=6)]
    dice.shuffle(again)
    one, other = merged(story), merged(again)
    assert one == other
    for (subject, _), row in one.items():
        blank = row == subject.complete(subject.blank(tuple(row[column.name] for column in subject.table.primary_key)))
        found = [] if blank else subject.contributions(row)
        assert {column for _, _, column, _ in found} <= set(subject.total.values if subject.total else ())
        assert {len(kinds) for _, kinds, _, _ in found} <= {len(subject.total.kinds) if subject.total else 0}


def test_every_subject_has_a_table_of_facts_and_is_changed_by_an_event() -> None:
    changed = {change.subject for changes in CHANGES.values() for change in changes}
    assert changed | {COMPLAINTS} == set(FAMILY.subjects)
    assert {subject.table for subject in FAMILY.subjects} <= set(TABLES)
    assert all(isinstance(change, Change) for changes in CHANGES.values() for change in changes)


def recounted(stats: ServiceUnderTest) -> dict[str, dict[Any, dict[str, int]]]:
    """The cells of all totals, from the facts."""
    dossiers = {row["code"]: FAMILY.dossiers.place(row, NOWHERE) for row in stats.rows(FAMILY.dossiers.table)}
    found = {total.name: Differences() for total in TOTALS}
    for subject in FAMILY.subjects:
        for row in stats.rows(subject.table):
            if subject.total is not None:
                dossier = dossiers.get(subject.dossier_of(row) or "", NOWHERE)
                add(found[subject.total.name], subject.contributions(row), subject.place(row, dossier), 1)
    return {name: _without_zeros(spread(differences)) for name, differences in found.items()}


def _without_zeros(cells: Mapping[Any, Mapping[str, int]]) -> dict[Any, dict[str, int]]:
    known = {key: {name: number for name, number in numbers.items() if number} for key, numbers in cells.items()}
    return {key: numbers for key, numbers in known.items() if numbers}


def kept(stats: ServiceUnderTest) -> dict[str, dict[Any, dict[str, int]]]:
    """The cells of all totals as they are kept."""
    return {total.name: kept_cells(stats, total) for total in TOTALS}


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_those_of_the_facts_however_events_come_in_batches(both: ServiceUnderTest, seed: int) -> None:
    events = [event(name) for name in sorted(CHANGES)] + [event(name) for name in sorted(HANDLERS) if "plaint." in name]
    events = [one for one in events if one.name in HANDLERS]
    shuffled, results = random.Random(seed), []
    for batches in (1, 7):
        forget_everything(both)
        shuffled.shuffle(events)
        size = -(-len(events) // batches)
        for begin in range(0, len(events), size):
            part = [_again(one, f"{seed}/{batches}") for one in events[begin : begin + size]]
            assert both.apply(*part, part[0]).parked == 0
        totals = kept(both)
        assert totals == recounted(both)
        assert all(totals.values()), "each table of totals has something"
        results.append((facts(both), totals))
    assert results[0] == results[1]


def _again(one: Event, name: str) -> Event:
    return Event(f"{one.id}/{name}", one.source, one.type, one.time, one.key, one.sequence, one.data)


HAPPENINGS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["lodged", "answered", "reopened", "overdue"]),
        st.integers(1, 9),
        st.sampled_from(["H57.10.01", "H57.20.01"]),
        st.booleans(),
    ),
    max_size=9,
    unique_by=lambda one: one[:3],
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=HAPPENINGS, first=st.integers(1, 9), days=st.integers(0, 4), data=st.data())
def test_each_complaint_counts_once_in_any_period(
    both: ServiceUnderTest,
    happened: list[tuple[int, str, int, str, bool]],
    first: int,
    days: int,
    data: st.DataObject,
) -> None:
    forget_everything(both)
    told = [_complaint(*one) for one in data.draw(st.permutations(happened))]
    for one in told:
        name = f"{len(both.rows(COMPLAINTS.table))}/{data.draw(st.uuids())}"
        both.apply(_again(one, name))
    period = Period(date(2025, 12, first), date(2025, 12, first) + timedelta(days=days))
    scope = Scope(period, moment("2026-02-01T08:00:00+07:00"), {})
    with both.store.read() as connection:
        found = count_complaints(connection, scope, read_events(scope.reader(connection), scope)[0])
        lists = {name: list_complaints(connection, name, scope, "", 10) for name in COUNTED}
    inside = [one for one in happened if first <= one[2] <= first + days]
    assert {name: getattr(found, name) for name in COUNTED} == {
        name: len({number for number, what, *_ in inside if what == name}) for name in COUNTED
    }
    assert {name: len(codes) for name, codes in lists.items()} == {name: getattr(found, name) for name in COUNTED}
    _check_answers(found, [one for one in inside if one[1] == "answered"])


def _check_answers(found: ComplaintTotals, answered: list[tuple[int, str, int, str, bool]]) -> None:
    late = {number for number, _, _, _, on_time in answered if not on_time}
    assert found.answered_on_time == len({number for number, *_ in answered} - late)
    agencies = {agency for *_, agency, _ in answered}
    by_agency = {agency: len({one[0] for one in answered if one[3] == agency}) for agency in sorted(agencies)}
    assert found.answered_by_agency == by_agency


def _complaint(number: int, what: str, day: int, agency: str, on_time: bool) -> Event:
    data: dict[str, Any] = {"complaint": f"P-{number}", "agency": agency}
    data[MOMENTS[what]] = datetime.fromisoformat(f"2025-12-0{day}T09:00:00+07:00").isoformat()
    if what == "answered":
        data["on_time"] = on_time
    return event(f"complaint.{what}", id=f"{what} {number} {day}", **data)
