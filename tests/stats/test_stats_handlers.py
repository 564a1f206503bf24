from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.stats.facts.store import corrections, dossiers, messages, warnings
from services.stats.handlers import HANDLERS
from services.stats.migrations import metadata
from services.stats.worker import WORKER
from shared.contracts import REGISTRY
from shared.messaging import restored
from shared.messaging.event import Event
from shared.persistence.migrations import differences
from tests.stats.stored_facts import TABLES, facts, moment
from tests.support.events import event
from tests.support.service import ServiceUnderTest, with_unknown_fields, without

FACTS = HANDLERS.keys() - restored.HANDLERS.keys()
EVENTS = {name: event(name) for name in HANDLERS if name in FACTS}


def test_handlers_and_subscriptions_agree() -> None:
    assert sorted(HANDLERS) == list(REGISTRY.subscriptions()["stats"])
    assert WORKER.handlers is HANDLERS


def test_migrations_and_tables_agree(both: ServiceUnderTest) -> None:
    with both.store.read() as connection:
        assert differences(connection, metadata) == []


def test_every_fact_is_written_once(both: ServiceUnderTest) -> None:
    both.apply(*EVENTS.values())
    before = facts(both)
    assert both.apply(*EVENTS.values()).duplicates == len(EVENTS)
    assert facts(both) == before
    (dossier,) = before["dossier"]
    assert dossier["agency"] == "H57.10.01"
    assert dossier["handling_agency"] == "H57.30.01"
    (rated,) = before["rating"]
    assert (rated["score"], rated["corrected_score"], rated["corrected_at"]) == (
        5,
        None,
        moment("2025-12-05T10:00:00+07:00"),
    )
    assert dossier["returned_at"] == moment("2025-12-02T09:30:00+07:00")
    assert [len(rows) for rows in before.values()] == [1, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10, 1, 1]


def late(name: str, sequence: int, **data: Any) -> Event:
    return event(name, sequence, **({"dossier": "D-1"} | data))


def lateness(dossier: str) -> list[Event]:
    """The events of a dossier that goes overdue, is resolved late and returned."""
    overdue = {"due_at": "2025-12-04T17:30:00+07:00", "overdue_at": "2025-12-04T17:30:00+07:00"}
    resolved = {"due_at": "2025-12-05T17:30:00+07:00", "resolved_at": "2025-12-09T09:00:00+07:00", "on_time": False}
    return [
        late("dossier.received", 1, dossier=dossier),
        late("dossier.overdue", 1, dossier=dossier, **overdue),
        late("dossier.resolved", 2, dossier=dossier, **resolved),
        late("dossier.returned", 3, dossier=dossier),
        late("result.published", 3, dossier=dossier),
    ]


def test_the_order_of_events_does_not_matter(both: ServiceUnderTest) -> None:
    orders = list(itertools.permutations(range(5)))
    with both.store.uow() as work:
        for number, order in enumerate(orders):
            events = lateness(f"D-{number:03}")
            for place in order:
                HANDLERS[events[place].name](replace(events[place], data=REGISTRY.read(events[place])), work)
    rows = both.rows(dossiers)
    assert [row.pop("code") for row in rows] == [f"D-{number:03}" for number in range(len(orders))]
    for row, order in zip(rows, orders, strict=True):
        assert row == LATE_FACTS, order


LATE_FACTS = {
    "agency": "H57.10.01",
    "handling_agency": "H57.30.01",
    "field": "land",
    "procedure": "1.013831",
    "case": "transfer",
    "channel": "counter",
    "regulation": "nd118-2025",
    "fee": 100000,
    "received_at": moment("2025-11-20T08:15:00+07:00"),
    "promised_at": moment("2025-12-02T17:30:00+07:00"),
    "due_at": moment("2025-12-05T17:30:00+07:00"),
    "overdue_at": moment("2025-12-04T17:30:00+07:00"),
    "overdue_withdrawn_at": None,
    "resolved_at": moment("2025-12-09T09:00:00+07:00"),
    "outcome": "completed",
    "on_time": False,
    "index_on_time": True,
    "early": False,
    "supplement_requested_at": None,
    "supplement_last_requested_at": None,
    "supplemented_at": None,
    "extended_at": None,
    "due_before_extension": None,
    "clock": None,
    "on_saturday": False,
    "same_day": False,
    "stopped_at": None,
    "stop_cause": None,
    "stopped_on_time": None,
    "late_at": moment("2025-12-04T17:30:00+07:00"),
    "returned_at": moment("2025-12-02T09:30:00+07:00"),
    "return_method": "counter",
    "published_at": moment("2025-12-02T09:10:00+07:00"),
    "digitised": False,
    **dict.fromkeys(("apologised_at", "corrected_at", "paid_at", "rated_at", "score", "satisfied")),
    "handling_at": moment("2025-12-09T09:00:00+07:00"),
    "ended_at": moment("2025-12-02T09:30:00+07:00"),
}


def detour(dossier: str) -> list[Event]:
    """The events of a dossier that waits for papers, is extended, still goes overdue, and is stopped."""
    overdue: dict[str, Any] = {"due_at": "2025-12-09T17:30:00+07:00", "overdue_at": "2025-12-09T17:30:00+07:00"}
    return [
        event("dossier.received", 1, dossier=dossier),
        event("supplement.requested", 1, dossier=dossier),
        event("dossier.supplemented", 2, dossier=dossier),
        event("dossier.extended", 2, dossier=dossier),
        event("dossier.overdue", 3, dossier=dossier, agency="H57.40.01", **overdue),
        event("dossier.stopped", 4, dossier=dossier, cause="stopped", on_time=False),
    ]


def test_the_order_of_events_of_a_detour_does_not_matter(both: ServiceUnderTest) -> None:
    orders = list(itertools.permutations(range(6)))[::7]
    with both.store.uow() as work:
        for number, order in enumerate(orders):
            events = detour(f"D-{number:03}")
            for place in (*order, *order[:2]):
                HANDLERS[events[place].name](replace(events[place], data=REGISTRY.read(events[place])), work)
    rows = both.rows(dossiers)
    assert [row.pop("code") for row in rows] == [f"D-{number:03}" for number in range(len(orders))]
    for row, order in zip(rows, orders, strict=True):
        assert row == DETOUR_FACTS, order


DETOUR_FACTS = LATE_FACTS | {
    "due_at": moment("2025-12-09T17:30:00+07:00"),
    "overdue_at": moment("2025-12-09T17:30:00+07:00"),
    "late_at": moment("2025-12-09T17:30:00+07:00"),
    "supplement_requested_at": moment("2025-11-21T09:00:00+07:00"),
    "supplement_last_requested_at": moment("2025-11-21T09:00:00+07:00"),
    "due_before_extension": moment("2025-12-04T17:30:00+07:00"),
    "supplemented_at": moment("2025-11-25T09:00:00+07:00"),
    "extended_at": moment("2025-12-02T10:00:00+07:00"),
    "stopped_at": moment("2025-12-08T17:30:00+07:00"),
    "stop_cause": "stopped",
    "stopped_on_time": False,
    **dict.fromkeys(("resolved_at", "outcome", "on_time", "early", "returned_at")),
    **dict.fromkeys(("return_method", "published_at", "same_day")),
    "handling_at": moment("2025-12-08T17:30:00+07:00"),
    "ended_at": moment("2025-12-08T17:30:00+07:00"),
}


@pytest.mark.parametrize(("on_time", "late_at"), [(True, None), (False, moment("2025-12-04T17:30:00+07:00"))])
def test_a_stopped_dossier_is_late_if_the_event_says_so(
    both: ServiceUnderTest, on_time: bool, late_at: datetime | None
) -> None:
    both.apply(event("dossier.received", 1), event("dossier.stopped", 1, on_time=on_time))
    (row,) = both.rows(dossiers)
    assert (row["stopped_on_time"], row["late_at"], row["resolved_at"]) == (on_time, late_at, None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_extended_dossier_is_on_time_by_its_new_due_time(both: ServiceUnderTest, order: tuple[int, int]) -> None:
    events = (
        event("dossier.extended", 1),
        event("dossier.resolved", 2, due_at="2025-12-09T17:30:00+07:00", resolved_at="2025-12-09T09:00:00+07:00"),
    )
    with both.store.uow() as work:
        for place in order:
            HANDLERS[events[place].name](replace(events[place], data=REGISTRY.read(events[place])), work)
    (row,) = both.rows(dossiers)
    assert (row["on_time"], row["early"], row["late_at"]) == (True, False, None)
    assert row["due_at"] == moment("2025-12-09T17:30:00+07:00")


@pytest.mark.parametrize("index_on_time", [True, False, None])
def test_on_time_by_law_and_by_index_are_independent(stats: ServiceUnderTest, index_on_time: bool | None) -> None:
    stats.apply(event("dossier.resolved", 1, on_time=True, index_on_time=index_on_time))
    (row,) = stats.rows(dossiers)
    assert (row["on_time"], row["index_on_time"]) == (True, index_on_time)


def test_the_first_request_and_the_last_supplement_are_kept(both: ServiceUnderTest) -> None:
    days = (25, 21, 27)
    for number, day in enumerate(days):
        moment_of = f"2025-11-{day}T09:00:00+07:00"
        both.apply(event("supplement.requested", number + 1, requested_at=moment_of, task=str(day)))
        both.apply(event("dossier.supplemented", number + 1, supplemented_at=moment_of))
    (row,) = both.rows(dossiers)
    assert row["supplement_requested_at"] == moment("2025-11-21T09:00:00+07:00")
    assert row["supplemented_at"] == moment("2025-11-27T09:00:00+07:00")


@pytest.mark.parametrize(
    ("name", "kind", "again"),
    [
        ("step.due_soon", "step_due_soon", {"due_at": "2025-12-21T10:00:00+07:00"}),
        ("step.overdue", "step_overdue", {"task": "another"}),
        ("dossier.due_soon", "dossier_due_soon", {"due_at": "2025-12-21T10:00:00+07:00"}),
        ("step.returned", "step_returned", {"returned_at": "2025-12-21T10:00:00+07:00"}),
    ],
)
def test_a_repeated_warning_counts_once(both: ServiceUnderTest, name: str, kind: str, again: dict[str, Any]) -> None:
    example = REGISTRY.by_name[name].schema.load(REGISTRY.by_name[name].example)
    both.apply(event(name, 1), event(name, 2))
    (row,) = both.rows(warnings)
    assert (row["kind"], row["dossier"], row["agency"]) == (kind, example["dossier"], example["agency"])
    assert (row["task"], row["step"], row["due_at"]) == tuple(example.get(key) for key in ("task", "step", "due_at"))
    assert row["at"] == example[{"step.returned": "returned_at", "step.overdue": "due_at"}.get(name, "warned_at")]
    both.apply(event(name, 3, **again))
    assert len(both.rows(warnings)) == 2


def test_a_repeated_correction_counts_once(both: ServiceUnderTest) -> None:
    both.apply(
        event("dossier.corrected", 1), event("dossier.corrected", 2), event("dossier.corrected", 3, correction="c")
    )
    assert len(both.rows(corrections)) == 2


def test_without_an_overdue_event_a_dossier_resolved_late_became_late_at_its_due_time(stats: ServiceUnderTest) -> None:
    received, _, resolved, *_ = lateness("D-1")
    stats.apply(received, resolved)
    (row,) = stats.rows(dossiers)
    assert row["late_at"] == moment("2025-12-05T17:30:00+07:00")
    assert row["overdue_at"] is None


@pytest.mark.parametrize(
    ("resolved_at", "early"), [("2025-12-02T09:00:00+07:00", True), ("2025-12-04T09:00:00+07:00", False)]
)
def test_a_dossier_resolved_in_time_is_not_late(stats: ServiceUnderTest, resolved_at: str, early: bool) -> None:
    stats.apply(late("dossier.resolved", 1, resolved_at=resolved_at))
    (row,) = stats.rows(dossiers)
    assert (row["on_time"], row["early"], row["late_at"]) == (True, early, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("message.sent", ("sent", "", 1)),
        ("message.failed", ("failed", "provider refused the number", 0)),
        ("message.skipped", ("skipped", "not a mobile number", 0)),
        ("message.delivered", ("delivered", "", 0)),
        ("message.returned", ("returned", "mailbox unknown", 0)),
    ],
)
def test_messages_by_final_state(stats: ServiceUnderTest, name: str, expected: tuple[str, str, int]) -> None:
    stats.apply(EVENTS[name])
    (row,) = stats.rows(messages)
    assert (row["state"], row["reason"], row["segments"]) == expected


LIFE = (
    event("message.sent", 1, sent_at="2025-11-20T08:15:04+07:00", segments=2),
    event("message.failed", 2, failed_at="2025-11-20T09:00:00+07:00", channel="email"),
    event("message.delivered", 3, delivered_at="2025-11-20T10:00:00+07:00"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(LIFE)))))
def test_a_message_counts_once_by_what_is_known_last_in_any_order(
    stats: ServiceUnderTest, order: tuple[int, ...]
) -> None:
    for number in order:
        stats.apply(LIFE[number])
    (row,) = stats.rows(messages)
    assert (row["state"], row["segments"], row["channel"], row["reason"]) == ("delivered", 2, "sms", "")
    assert (row["at"], row["state_at"]) == (
        moment("2025-11-20T08:15:04+07:00"),
        moment("2025-11-20T10:00:00+07:00"),
    )
    assert stats.retry_rows() == []


def test_unknown_fields_of_events_are_ignored(stats: ServiceUnderTest) -> None:
    outcome = stats.apply(*map(with_unknown_fields, EVENTS.values()))
    assert outcome.applied == len(EVENTS)


def test_an_invalid_event_is_parked_and_the_others_are_applied(stats: ServiceUnderTest) -> None:
    broken = []
    for name in EVENTS:
        key = REGISTRY.by_name[name].key
        data: dict[str, Any] = {key: f"broken-{name}"}
        broken.append(without(event(name, **data), key))
    outcome = stats.apply(b"[]", *broken, *EVENTS.values())
    assert (outcome.parked, outcome.applied) == (1 + len(broken), len(EVENTS))
    assert [row["code"] for row in stats.rows(dossiers)] == [EVENTS["dossier.received"].key]


def test_no_personal_data_can_be_stored(stats: ServiceUnderTest) -> None:
    columns = {column.name for table in TABLES for column in table.columns}
    assert not columns & {"name", "phone", "email", "address", "text", "comment", "applicant"}
