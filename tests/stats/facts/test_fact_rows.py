"""The rows of a transaction and their totals: batches, events tried again alone, places that move, several writers at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.stats.facts.dossiers import DOSSIERS, contributions, place, received
from services.stats.facts.rows import FactRows, Family, Row, Subject
from services.stats.facts.store import dossiers, payments
from services.stats.facts.subjects import facts_of
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope, count_measures
from services.stats.totals import tables, writing
from services.stats.totals.places import level_of
from services.stats.totals.spans import block
from services.stats.totals.tables import agency_pairs
from services.stats.totals.writing import Differences, add
from shared.contracts import make_event
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.stats.stored_facts import kept_cells, spread, store_dossiers
from tests.support.service import ServiceUnderTest

START = datetime(2025, 11, 3, 8, tzinfo=VIETNAM)
SCOPE = Scope(Period(date(2025, 11, 1), date(2025, 11, 30)), START + timedelta(days=20), {})
RECEIVED = {
    **{"receiving_agency": "H57.10.01", "field": "dat_dai", "procedure": "1.004269", "case": "c", "channel": "counter"},
    **{
        "regulation": "r",
        "fee": 0,
        "parts": [],
        "digitised": False,
        "received_at": START,
        "promised_at": START + timedelta(days=3),
    },
}


def totals(stats: ServiceUnderTest) -> dict[tuple[Any, ...], dict[str, int]]:
    """The cells of dossiers that are not zero."""
    return kept_cells(stats, tables.DOSSIERS)


def recounted(stats: ServiceUnderTest) -> dict[tuple[Any, ...], dict[str, int]]:
    """The same from the facts."""
    found: Differences = Counter()
    for row in stats.rows(dossiers):
        add(found, contributions(row), place(row), 1)
    cells = spread(found)
    kept = {key: {name: number for name, number in numbers.items() if number} for key, numbers in cells.items()}
    return {key: numbers for key, numbers in kept.items() if numbers}


def assigned(code: str, agency: str, hours: int) -> Event:
    """A step was assigned."""
    at = START + timedelta(hours=hours)
    data = {
        "dossier": code,
        "task": f"{code}-{hours}",
        "step": "s",
        "name": "n",
        "agency": "X",
        "official_role": "officer",
    }
    return make_event(
        "step.assigned",
        data | {"counted": True, "assigned_at": at, "handling_agency": agency},
        source="/motcua/routing",
        time=at,
    )


def resolved(code: str, hours: int) -> Event:
    """The result is there."""
    at = START + timedelta(hours=hours)
    data = {"dossier": code, "outcome": "granted", "agency": "H57.30.01", "promised_at": START + timedelta(days=3)}
    data |= {"due_at": START + timedelta(days=3), "resolved_at": at, "on_time": True, "index_on_time": True}
    return make_event("dossier.resolved", data, source="/motcua/routing", time=at)


def paid(code: str, hours: int) -> Event:
    """A fee was paid."""
    at = START + timedelta(hours=hours)
    data = {"dossier": code, "payment": f"P-{code}-{hours}", "obligation": None, "amount": 5, "method": "cash"}
    return make_event("fee.paid", data | {"paid_at": at}, source="/motcua/intake", time=at)


def test_several_events_of_a_dossier_in_one_batch_are_one_row_and_its_totals(both: ServiceUnderTest) -> None:
    both.apply(resolved("D-1", 50), paid("D-1", 3), paid("D-1", 1), assigned("D-1", "H57.20.01", 1), paid("D-2", 1))
    store_received(both, "D-1")
    assert len(both.rows(dossiers)) == 2
    assert totals(both) == recounted(both) != {}
    with both.store.read() as connection:
        counts = count_measures(connection, SCOPE)
        of_agency = count_measures(connection, Scope(SCOPE.period, SCOPE.as_of, {"handling_agency": "H57.30.01"}))
        before = count_measures(connection, Scope(SCOPE.period, SCOPE.as_of, {"handling_agency": "H57.20.01"}))
    assert (counts["received"], counts["on_time"], counts["paid"], counts["in_progress"]) == (1, 1, 1, 0)
    assert of_agency == counts
    assert set(before.values()) == {0}, "what was counted at the agency that was known before has moved"


def store_received(stats: ServiceUnderTest, code: str) -> None:
    """Applies that a dossier was received."""

    def write(work: UnitOfWork) -> None:
        facts_of(work).change(DOSSIERS, (code,), lambda row: received(row, RECEIVED))

    stats.store.run(write)


def test_an_event_that_fails_in_a_batch_leaves_nothing_and_the_others_count(both: ServiceUnderTest) -> None:
    refused = resolved("D-1", 50)
    refused.data["outcome"] = "refused"
    outcome = both.apply(resolved("D-1", 50), refused, resolved("D-2", 60))
    assert (outcome.applied, outcome.parked) == (2, 1)
    assert totals(both) == recounted(both) != {}
    assert {row["code"]: row["outcome"] for row in both.rows(dossiers)} == {"D-1": "granted", "D-2": "granted"}


def test_an_event_that_is_tried_again_alone_counts_as_in_a_batch(both: ServiceUnderTest) -> None:
    event = resolved("D-1", 50)
    both.store.run(lambda work: both.applier.handle(event, work))
    assert totals(both) == recounted(both) != {}


def test_a_transaction_that_is_rolled_back_leaves_no_totals(both: ServiceUnderTest) -> None:
    def write(work: UnitOfWork) -> None:
        facts_of(work).change(DOSSIERS, ("D-1",), lambda row: {**row, "received_at": START})
        facts_of(work).flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        both.store.run(write)
    assert totals(both) == {}
    assert both.rows(agency_pairs) == []


def _payment(row: Row) -> list[tuple[int, tuple[str, ...], str, int]]:
    day = row["paid_at"].astimezone(VIETNAM).toordinal()
    return [(day, ("payment", ""), "number", 1), (day, ("payment", ""), "amount", row["amount"])]


PAYMENTS = Subject(payments, tables.EVENTS, _payment, dossier_column="dossier")
WITH_PAYMENTS = Family(DOSSIERS, (PAYMENTS,))


def with_payments(work: UnitOfWork) -> FactRows:
    """Rows of dossiers and of payments, which move with them."""
    return FactRows(work, WITH_PAYMENTS)


@pytest.mark.parametrize("together", [False, True])
def test_what_belongs_to_a_dossier_moves_with_its_place(both: ServiceUnderTest, together: bool) -> None:
    payment = {"payment": "P-1", "dossier": "D-1", "obligation": None, "amount": 3_000_000_000, "paid_at": START}

    def pay(work: UnitOfWork) -> None:
        work.attached(with_payments).change(PAYMENTS, ("P-1",), lambda _: payment, dossier="D-1")

    def move(agency: str) -> Any:
        def work_of(work: UnitOfWork) -> None:
            work.attached(with_payments).change(DOSSIERS, ("D-1",), lambda row: {**row, "agency": agency})

        return work_of

    def all_at_once(work: UnitOfWork) -> None:
        move("A")(work)
        pay(work)
        move("B")(work)

    for step in (all_at_once,) if together else (pay, move("A"), move("B"), pay):
        both.store.run(step)
    cells = kept_cells(both, tables.EVENTS)
    assert {(cell[3], *numbers.items()) for cell, numbers in cells.items() if cell[0] == 3} == {
        ("B", ("number", 1), ("amount", 3_000_000_000))
    }
    assert len(cells) == 2 + 3 + 5 * 4, "levels of detail with their lengths"


@pytest.mark.parametrize("fold_from", [1, 7])
def test_writers_of_the_same_places_do_not_lose_or_block_each_other(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, fold_from: int
) -> None:
    """Several dossiers of the same place, and the same new dossier, by several transactions at once, which fold all the time."""
    monkeypatch.setattr(writing, "FOLD_FROM", fold_from)
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            for turn in range(6):

                def change(work: UnitOfWork, turn: int = turn) -> None:
                    facts = facts_of(work)
                    codes = [f"D-{turn}", f"D-{number}-{turn}"]
                    for code in codes if number % 2 else reversed(codes):
                        facts.change(DOSSIERS, (code,), lambda row: grown(row, number))

                both.store.run(change)
        except (SQLAlchemyError, LookupError) as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {row["fee"] for row in both.rows(dossiers) if row["code"].count("-") == 1} == {4}
    assert totals(both) == recounted(both) != {}


def grown(row: Row, _: int) -> Mapping[str, Any]:
    """A row that tells how often it was changed."""
    return {**row, "received_at": START, "agency": "A", "fee": (row["fee"] or 0) + 1}


def test_the_same_dossiers_have_one_number_however_they_are_asked_for(both: ServiceUnderTest) -> None:
    rows = [
        {"code": f"D-{number}", "received_at": START, "agency": agency, "handling_agency": handling, "field": "f"}
        for number, (agency, handling) in enumerate([("A", "X"), ("A", None), (None, "X"), (None, None)])
    ]
    store_dossiers(both, rows)

    def number(agencies: frozenset[str] | None = None, **filters: str) -> int:
        with both.store.read() as connection:
            return count_measures(connection, Scope(SCOPE.period, SCOPE.as_of, filters, agencies))["received"]

    assert (number(), number(frozenset({"A"})), number(frozenset({"X"})), number(frozenset({"Z"}))) == (
        4,
        2,
        2,
        0,
    )
    assert (number(agency="A"), number(agency="A", handling_agency="X"), number(field="f")) == (2, 1, 4)
    assert number(frozenset({"X"}), field="f", agency="A") == 1
    with both.store.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM dossier_total WHERE block < {block(level_of(frozenset()), (1, 0))}"))
    assert number() == 4, "questions about everything read the cells of all agencies together"
