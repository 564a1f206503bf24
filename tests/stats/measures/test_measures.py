"""Property tests: each number equals the length of its list, and both equal a reference count in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.stats.facts.dossier_clock import COUNTED, PAUSED, with_mark
from services.stats.facts.dossier_measures import MEASURES
from services.stats.facts.fees import PAYMENTS
from services.stats.facts.messages import MESSAGES
from services.stats.facts.ratings import RATINGS
from services.stats.facts.steps import STEPS, WARNINGS
from services.stats.facts.store import dossiers
from services.stats.measures.domain import Period, share
from services.stats.measures.lists import list_codes
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.summary import MessageTotals, StepTotals, summarise
from shared.runtime.clock import VIETNAM
from tests.stats.stored_facts import fold_totals, forget_everything, store_dossiers, store_rows
from tests.support.service import ServiceUnderTest

START = datetime(2025, 11, 1, tzinfo=VIETNAM)
Row = dict[str, Any]

moments = st.integers(0, 24 * 20).map(lambda hours: START + timedelta(hours=hours / 2))
maybe = st.none() | moments


@st.composite
def clocks(draw: st.DrawFn) -> str | None:
    """Any pauses and resumptions."""
    clock = None
    for at, state in draw(st.lists(st.tuples(moments, st.sampled_from([PAUSED, COUNTED])), max_size=5)):
        clock = with_mark(clock, at, state)
    return clock


@st.composite
def facts(draw: st.DrawFn) -> Row:
    """Any facts about a dossier, complete or not."""
    resolved_at, overdue_at = draw(maybe), draw(maybe)
    on_time = draw(st.booleans()) if resolved_at else None
    stopped_at = draw(maybe)
    stopped_on_time = draw(st.booleans()) if stopped_at else None
    late_at = (
        overdue_at or (resolved_at if on_time is False else None) or (stopped_at if stopped_on_time is False else None)
    )
    rated_at = draw(maybe)
    return {
        "agency": draw(st.sampled_from(["A", "B", None])),
        "handling_agency": draw(st.sampled_from(["A", "C", None])),
        "field": draw(st.sampled_from(["land", "justice", None])),
        "procedure": draw(st.sampled_from(["1.1", "1.2"])),
        "channel": draw(st.sampled_from(["counter", "online", "post"])),
        "received_at": draw(maybe),
        "overdue_at": overdue_at,
        "resolved_at": resolved_at,
        "on_time": on_time,
        "index_on_time": draw(st.none() | st.booleans()) if resolved_at else None,
        "stopped_at": stopped_at,
        "stopped_on_time": stopped_on_time,
        "extended_at": draw(maybe),
        "supplement_requested_at": draw(maybe),
        "supplemented_at": draw(maybe),
        "early": bool(on_time) and draw(st.booleans()),
        "late_at": late_at,
        "returned_at": draw(maybe),
        "return_method": draw(st.sampled_from(["counter", "electronic", "post"])),
        "published_at": draw(maybe),
        "due_at": draw(maybe),
        "outcome": draw(st.sampled_from(["completed", "refused"])) if resolved_at else None,
        "stop_cause": draw(st.sampled_from(["withdrawn", "no_supplement", "stopped"])) if stopped_at else None,
        "clock": draw(clocks()),
        "rated_at": rated_at,
        "score": draw(st.integers(1, 5)) if rated_at else None,
    }


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    """Any period of these days, at any time of observation, with any filters."""
    first = date(2025, 11, 1) + timedelta(days=draw(st.integers(0, 9)))
    period = Period(first, first + timedelta(days=draw(st.integers(0, 4))))
    options = {"agency": ["A", "B"], "handling_agency": ["A", "C"], "field": ["land"], "channel": ["online", "post"]}
    chosen = draw(st.lists(st.sampled_from(sorted(options)), unique=True, max_size=2))
    filters = {name: draw(st.sampled_from(options[name])) for name in chosen}
    return Scope(period, draw(moments), filters)


def reference_count(row: Row, scope: Scope) -> dict[str, bool]:
    """Whether each measure counts a dossier, computed in plain Python."""
    observed_until = scope.observed_until

    def during(moment: datetime | None) -> bool:
        return moment is not None and scope.period.first <= moment.astimezone(VIETNAM).date() <= scope.period.last

    def over(moment: datetime | None) -> bool:
        return moment is not None and moment < observed_until

    paused = False
    for mark in orjson.loads(row["clock"] or "[]"):
        time, state = mark.split(" ")
        if datetime.fromisoformat(time).replace(tzinfo=UTC) < observed_until:
            paused = state == PAUSED
    received, stopped = during(row["received_at"]), during(row["stopped_at"])
    ended = over(row["resolved_at"]) or over(row["returned_at"]) or over(row["stopped_at"])
    in_progress = over(row["received_at"]) and not ended
    known = row["received_at"] is not None
    resolved, rated = during(row["resolved_at"]), known and during(row.get("rated_at"))
    returned = during(row["returned_at"])
    return {
        "received": received,
        "received_online": received and row["channel"] == "online",
        "received_by_post": received and row["channel"] == "post",
        "received_on_saturday": received and row["received_at"].astimezone(VIETNAM).isoweekday() == 6,
        "due": known and during(row["due_at"]),
        "resolved": resolved,
        "on_time": resolved and row["on_time"],
        "index_on_time": resolved and bool(row["index_on_time"]),
        "early": resolved and row["early"],
        "resolved_late": resolved and not row["on_time"],
        "refused": resolved and row["outcome"] == "refused",
        "stopped": stopped,
        "withdrawn": stopped and row["stop_cause"] == "withdrawn",
        "closed_without_supplement": stopped and row["stop_cause"] == "no_supplement",
        "stopped_late": stopped and not row["stopped_on_time"],
        "extended": during(row["extended_at"]),
        "apologised": False,  # no letters are among these facts; see test_apology_facts
        "supplement_requested": during(row["supplement_requested_at"]),
        "late": during(row["late_at"]),
        "overdue": during(row["late_at"]) and row["overdue_at"] is not None,
        "in_progress": in_progress,
        "in_progress_overdue": in_progress and over(row["overdue_at"]),
        "awaiting_supplement": in_progress
        and over(row["supplement_requested_at"])
        and not over(row["supplemented_at"]),
        "paused": in_progress and paused,
        "corrected": False,
        "returned": returned,
        "returned_at_counter": returned and row["return_method"] == "counter",
        "returned_electronically": returned and row["return_method"] == "electronic",
        "returned_by_post": returned and row["return_method"] == "post",
        "same_day": returned and known and _day(row["received_at"]) == _day(row["returned_at"]),
        "returned_with_file": returned and row["published_at"] is not None,
        "published": during(row["published_at"]),
        "rated": rated,
        "satisfied": rated and row["score"] >= 4,
        "paid": known and during(row.get("paid_at")),
    }


def _day(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()


def fill(stats: ServiceUnderTest, rows: list[Row], paid: list[tuple[int, datetime, int]], folded: int = 0) -> None:
    """Stores facts; the differences of the first `folded` dossiers are folded into the totals, the others wait."""
    forget_everything(stats)
    for number, row in enumerate(rows):
        row["code"] = f"D-{number:03}"
        paid_at = [at for dossier, at, _ in paid if dossier == number]
        score = row.get("score")
        row |= {"paid_at": min(paid_at, default=None), "satisfied": None if score is None else score >= 4}
    store_dossiers(stats, rows[:folded])
    fold_totals(stats)
    store_dossiers(stats, rows)
    store_rows(stats, RATINGS, [_rating(row) for row in rows if row.get("rated_at")])
    given = [
        {"payment": f"P-{number}", "dossier": f"D-{dossier:03}", "amount": amount, "paid_at": at}
        for number, (dossier, at, amount) in enumerate(paid)
    ]
    store_rows(stats, PAYMENTS, given)


def _rating(row: Row) -> Row:
    names = ("agency", "procedure", "field", "score")
    about = {name: row[name] for name in names} | {"kind": "dossier", "channel": "web", "given_at": row["rated_at"]}
    return about | {"rating": f"R-{row['code']}", "dossier": row["code"]}


def asked_of(row: Row, name: str) -> Any:
    """What a filter compares; a dossier that nobody else handles is with the agency that has received it."""
    return row[name] or row["agency"] if name == "handling_agency" else row[name]


def check(
    stats: ServiceUnderTest, rows: list[Row], paid: list[tuple[int, datetime, int]], scope: Scope, folded: int
) -> None:
    fill(stats, rows, paid, folded)
    mine = [row for row in rows if all(asked_of(row, name) == value for name, value in scope.filters.items())]
    with stats.store.read() as connection:
        counted = count_measures(connection, scope)
        lists = {measure: list_codes(connection, measure, scope, "", 1000).codes for measure in MEASURES}
        summary = summarise(connection, scope)
    for measure in MEASURES:
        expected = [row["code"] for row in mine if reference_count(row, scope)[measure]]
        assert sorted(lists[measure]) == expected, measure
        assert counted[measure] == summary.counts[measure] == len(expected), measure
    assert counted["resolved"] == counted["on_time"] + counted["resolved_late"]
    first, last = scope.period.start, scope.period.end
    scores = [row["score"] for row in mine if row["rated_at"] is not None and first <= row["rated_at"] < last]
    assert summary.average_score == (round(sum(scores) / len(scores), 2) if scores else None)
    codes = {row["code"] for row in mine}
    amounts = [
        amount
        for dossier, at, amount in paid
        if scope.period.start <= at < scope.period.end and (f"D-{dossier:03}" in codes or not scope.filters)
    ]
    assert summary.online_share == share(counted["received_online"], counted["received"])
    assert summary.fees_paid == sum(amounts)
    assert sum(summary.by_channel.values()) == counted["received"]


many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
payments_of = st.lists(st.tuples(st.integers(0, 7), moments, st.integers(1, 10**9)), max_size=4)


@many
@given(rows=st.lists(facts(), max_size=8), paid=payments_of, scope=scopes(), folded=st.integers(0, 8))
def test_every_number_equals_the_length_of_its_list(
    stats: ServiceUnderTest, rows: list[Row], paid: list[tuple[int, datetime, int]], scope: Scope, folded: int
) -> None:
    check(stats, rows, paid, scope, folded)


@settings(many, max_examples=15)
@given(rows=st.lists(facts(), max_size=8), paid=payments_of, scope=scopes(), folded=st.integers(0, 8))
def test_every_number_equals_the_length_of_its_list_on_both_databases(
    both: ServiceUnderTest, rows: list[Row], paid: list[tuple[int, datetime, int]], scope: Scope, folded: int
) -> None:
    check(both, rows, paid, scope, folded)


@many
@given(rows=st.lists(facts(), max_size=8), first=st.integers(0, 9), middle=st.integers(0, 4), rest=st.integers(1, 4))
def test_the_numbers_of_two_adjacent_periods_add_up(
    stats: ServiceUnderTest, rows: list[Row], first: int, middle: int, rest: int
) -> None:
    """A dossier that goes overdue in one month and is resolved late in the next is late once."""
    fill(stats, rows, [])
    begin = date(2025, 11, 1) + timedelta(days=first)
    cut = begin + timedelta(days=middle)
    end = cut + timedelta(days=rest)
    now = START + timedelta(days=60)
    with stats.store.read() as connection:
        one, other, together = (
            count_measures(connection, Scope(period, now, {}))
            for period in (Period(begin, cut), Period(cut + timedelta(days=1), end), Period(begin, end))
        )
    of_a_moment = {"in_progress", "in_progress_overdue", "awaiting_supplement", "paused"}
    for measure in MEASURES.keys() - of_a_moment:
        assert one[measure] + other[measure] == together[measure], measure


@pytest.mark.parametrize("most", [1, 2, 7, 50])
def test_the_pages_of_a_list_make_up_the_list(stats: ServiceUnderTest, most: int) -> None:
    rows = [{"received_at": START + timedelta(hours=number)} for number in range(20)]
    fill(stats, rows, [])
    scope = Scope(Period(date(2025, 11, 1), date(2025, 11, 2)), START + timedelta(days=2), {})
    found: list[str] = []
    with stats.store.read() as connection:
        page = list_codes(connection, "received", scope, "", most)
        found += page.codes
        while page.next is not None:
            page = list_codes(connection, "received", scope, page.next, most)
            assert 0 < len(page.codes) <= most
            found += page.codes
    assert found == [f"D-{number:03}" for number in range(20)]


def test_messages_and_steps_of_a_period(both: ServiceUnderTest) -> None:
    message = {"dossier": "D-000", "kind": "received", "channel": "sms", "reason": ""}
    step = {"dossier": "D-000", "step": "assess", "outcome": "completed", "assigned_at": START}
    later = START + timedelta(days=40)
    fill(both, [{"agency": "A"}, {"agency": "B"}], [])
    store_rows(
        both,
        MESSAGES,
        [
            message | {"message": "1", "state": "sent", "segments": 2, "at": START, "state_at": START},
            message
            | {"message": "2", "state": "sent", "segments": 1, "at": START, "state_at": START, "dossier": "D-001"},
            message | {"message": "3", "state": "failed", "segments": 0, "at": START, "state_at": START},
            message | {"message": "4", "state": "sent", "segments": 9, "at": later, "state_at": later},
        ],
    )
    store_rows(
        both,
        STEPS,
        [
            step | {"task": "1", "agency": "X", "counted": True, "on_time": True, "completed_at": START},
            step | {"task": "2", "agency": "X", "counted": True, "on_time": False, "completed_at": START},
            step
            | {
                "task": "3",
                "agency": "Y",
                "counted": True,
                "on_time": True,
                "completed_at": START,
                "dossier": "D-001",
            },
            step | {"task": "4", "agency": "X", "counted": False, "on_time": False, "completed_at": START},
            step | {"task": "5", "agency": "X", "counted": True, "on_time": False, "completed_at": later},
        ],
    )
    period = Period(date(2025, 11, 1), date(2025, 11, 30))
    with both.store.read() as connection:
        everywhere = summarise(connection, Scope(period, later, {}))
        of_a = summarise(connection, Scope(period, later, {"agency": "A"}))
    assert everywhere.messages == MessageTotals(sent=2, delivered=0, returned=0, failed=1, skipped=0, segments=3)
    assert of_a.messages == MessageTotals(sent=1, delivered=0, returned=0, failed=1, skipped=0, segments=2)
    assert everywhere.steps == [StepTotals("X", completed=2, late=1), StepTotals("Y", completed=1, late=0)]
    assert of_a.steps == [StepTotals("X", completed=2, late=1)]


def test_warnings_and_corrections_of_a_period(both: ServiceUnderTest) -> None:
    later = START + timedelta(days=40)
    warning = {"agency": "X", "at": START, "dossier": "D-000", "withdrawn": False}
    fill(both, [{"agency": "A"}, {"agency": "B"}], [])
    store_rows(
        both,
        WARNINGS,
        [
            warning | {"id": "1", "kind": "step_due_soon"},
            warning | {"id": "2", "kind": "step_due_soon", "dossier": "D-001"},
            warning | {"id": "3", "kind": "step_returned"},
            warning | {"id": "4", "kind": "step_overdue", "at": later},
        ],
    )
    known = {"received_at": START, "corrected_at": START}
    store_dossiers(
        both,
        [known | {"code": "D-000", "agency": "A"}, {"code": "D-001", "agency": "B"} | known | {"corrected_at": later}],
    )
    scope = Scope(Period(date(2025, 11, 1), date(2025, 11, 30)), later, {})
    with both.store.read() as connection:
        everywhere = summarise(connection, scope)
        of_a = summarise(connection, Scope(scope.period, later, {"agency": "A"}))
        codes = list_codes(connection, "corrected", scope, "", 10).codes
    none = {"step_due_soon": 0, "step_overdue": 0, "dossier_due_soon": 0, "step_returned": 0}
    assert everywhere.warnings == none | {"step_due_soon": 2, "step_returned": 1}
    assert of_a.warnings == none | {"step_due_soon": 1, "step_returned": 1}
    assert (everywhere.counts["corrected"], codes) == (1, ["D-000"])


def test_the_reference_count_has_every_measure() -> None:
    row: Row = dict.fromkeys(column.name for column in dossiers.columns)
    words: Callable[..., dict[str, bool]] = reference_count
    scope = Scope(Period(date(2025, 11, 1), date(2025, 11, 1)), START, {})
    assert words(row, scope).keys() == MEASURES.keys()
