"""A repeat says the same under the same id; other contents under a known id are refused and told, or parked, never dropped silently."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from shared.contracts import REGISTRY
from shared.messaging import inbox, parked_events, retry_policy, retry_queue
from shared.messaging.apply import Applier, Outcome
from shared.messaging.event import Event
from shared.messaging.port import Delivery
from shared.messaging.retry_policy import RetryPolicy
from shared.messaging.reused_ids import REASON
from shared.messaging.sender_identity import AGENCY_EVENTS, sender_by_source
from shared.messaging.tables import inbox as inbox_table
from shared.persistence.unit_of_work import UnitOfWork
from tests.shared.messaging.agency_support import COMPLETED, agency_event
from tests.support.events import event
from tests.support.stores import HandClock, bus_store

FIRST = agency_event("H12.14", "D-1")
OTHERS = {
    "another step": replace(FIRST, data={**FIRST.data, "task": "another"}),
    "another outcome": replace(FIRST, data={**FIRST.data, "outcome": "refused"}),
    "another event": replace(FIRST, data={**FIRST.data, "in_reply_to": "another"}),
    "another note": replace(FIRST, data={**FIRST.data, "note": "Đã sửa"}),
    "another dossier": replace(FIRST, key="D-2", data={**FIRST.data, "dossier": "D-2"}),
    "another kind": replace(FIRST, type="vn.motcua.agency.step.accepted.v1"),
}
RECEIVED = event("dossier.received", 1, dossier="D-1")


class Receiver:
    """A service that handles events of an agency and of intake; it notes what it applied and refused."""

    def __init__(self, url: str, *, tells: bool = True) -> None:
        self.hand = HandClock()
        self.store = bus_store(url, "routing", self.hand)
        self.applied: list[Event] = []
        self.refused: list[Event] = []
        self.fails: set[str] = set()
        names = (COMPLETED, "agency.step.accepted", "dossier.received", "fee.paid")
        refuse = self._refuse if tells else None
        handlers = dict.fromkeys(names, self._handle)
        self.applier = Applier(self.store, handlers, RetryPolicy(1.0, 60.0, 3, 3), refuse=refuse)

    def _handle(self, received: Event, work: UnitOfWork) -> None:
        if received.name in self.fails:
            raise RuntimeError("a bug")
        work.after_commit(lambda: self.applied.append(received))

    def _refuse(self, received: Event, work: UnitOfWork) -> None:
        work.after_commit(lambda: self.refused.append(received))

    def receive(self, *events: Event | bytes) -> Outcome:
        bodies = [entry if isinstance(entry, bytes) else entry.to_json() for entry in events]
        senders = [sender_by_source(json.loads(body)["source"]) for body in bodies]
        return self.applier.apply(
            [Delivery(body, tag, 0, sender) for tag, (body, sender) in enumerate(zip(bodies, senders, strict=True), 1)]
        )

    def parked(self) -> list[retry_queue.RetryEntry]:
        with self.store.read() as connection:
            return parked_events.oldest(connection)

    def of_decisions(self) -> list[tuple[str, Any]]:
        return [(entry.key, entry.data["task"]) for entry in self.applied]


@pytest.fixture
def receiver(bus_store_url: str) -> Iterator[Receiver]:
    made = Receiver(bus_store_url)
    yield made
    made.store.close()


def rewritten(sent: Event, **changes: Any) -> bytes:
    """The same decision as another program writes it: fields in another order, other attributes."""
    raw = json.loads(sent.to_json()) | changes
    raw["data"] = dict(sorted(raw["data"].items(), reverse=True))
    return json.dumps(dict(sorted(raw.items(), reverse=True)), indent=1).encode()


def test_a_repeat_in_other_words_is_a_repeat(receiver: Receiver) -> None:
    """Order of fields, time, sequence and the time of the decision are new when a program decides a step again after a crash."""
    again = {**FIRST.data, "decided_at": "2025-11-21T09:00:07+07:00"}
    receiver.receive(FIRST)
    outcome = receiver.receive(
        FIRST,
        rewritten(FIRST, time="2025-11-21T09:00:07+07:00", sequence="7", later=1),
        rewritten(replace(FIRST, data=again)),
    )
    assert (outcome.applied, outcome.duplicates, outcome.parked) == (0, 3, 0)
    assert (len(receiver.applied), receiver.refused, receiver.parked()) == (1, [], [])


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "later"])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_another_decision_under_a_known_id_is_refused_once(receiver: Receiver, other: Event, together: bool) -> None:
    batches = [(FIRST, other)] if together else [(FIRST,), (other,)]
    for batch in batches:
        receiver.receive(*batch)
    receiver.receive(other, FIRST, other)  # the broker delivers again what was not acknowledged
    assert [entry.data["task"] for entry in receiver.applied] == [FIRST.data["task"]]
    assert [(entry.id, entry.type, entry.key) for entry in receiver.refused] == [(FIRST.id, other.type, other.key)]
    assert receiver.refused[0].data["task"] == other.data["task"]
    assert receiver.parked() == []


def test_each_other_content_is_refused_for_itself(receiver: Receiver) -> None:
    receiver.receive(FIRST, *OTHERS.values(), *OTHERS.values())
    said = ("task", "outcome", "in_reply_to", "note")
    assert [(entry.key, entry.type, *(entry.data.get(name) for name in said)) for entry in receiver.refused] == [
        (
            entry.key,
            entry.type,
            *(entry.data[name] if "accepted" not in entry.type or name != "outcome" else None for name in said),
        )
        for entry in OTHERS.values()
    ]
    assert len(receiver.applied) == 1


def test_two_agencies_may_use_one_id(receiver: Receiver) -> None:
    receiver.receive(FIRST, agency_event("H12.15", "D-1"))
    assert (len(receiver.applied), receiver.refused) == (2, [])


def test_a_decision_that_waits_for_its_retry_keeps_its_id(receiver: Receiver) -> None:
    receiver.fails = {COMPLETED}
    receiver.receive(FIRST)
    other = OTHERS["another step"]
    receiver.receive(other)
    receiver.receive(OTHERS["another outcome"], OTHERS["another outcome"])
    assert [entry.data["task"] for entry in receiver.refused] == ["another", FIRST.data["task"]]
    receiver.fails = set()
    receiver.hand.pass_(2.0)
    assert receiver.applier.retry_due() == 1
    assert receiver.of_decisions() == [("D-1", FIRST.data["task"])]


def test_other_contents_as_a_dead_letter_are_refused_too(receiver: Receiver) -> None:
    receiver.receive(FIRST)
    other = OTHERS["another step"]
    receiver.applier.park(other.to_json(), retry_policy.DEAD_LETTER, "delivery limit", "H12.14")
    receiver.applier.park(FIRST.to_json(), retry_policy.DEAD_LETTER, "delivery limit", "H12.14")
    assert [entry.data["task"] for entry in receiver.refused] == ["another"]
    assert receiver.parked() == []


def test_other_contents_that_break_the_contract_are_parked(receiver: Receiver) -> None:
    broken = replace(FIRST, data={name: value for name, value in FIRST.data.items() if name != "task"})
    receiver.receive(FIRST, broken, broken)
    receiver.receive(broken)
    assert [(row.kind, row.source, row.reason) for row in receiver.parked()] == [
        (retry_policy.CONFLICT, FIRST.source, REASON)
    ]
    assert (len(receiver.applied), receiver.refused) == (1, [])


def test_nothing_is_dropped_where_nobody_tells(bus_store_url: str) -> None:
    silent = Receiver(bus_store_url, tells=False)
    silent.receive(FIRST, OTHERS["another step"])
    assert [row.body for row in silent.parked()] == [OTHERS["another step"].to_json().decode()]
    silent.store.close()


def test_other_contents_of_a_service_are_parked_and_hold_back_what_follows(receiver: Receiver) -> None:
    other = replace(RECEIVED, data=RECEIVED.data | {"case": "another"})
    outcome = receiver.receive(RECEIVED, other)
    assert (outcome.applied, outcome.duplicates, outcome.parked) == (1, 0, 1)
    receiver.receive(other, RECEIVED)
    (parked,) = receiver.parked()
    assert (parked.kind, parked.source, parked.key, parked.sequence) == ("conflict", RECEIVED.source, "D-1", 1)
    follows = event("dossier.received", 2, dossier="D-1")
    assert receiver.receive(follows).queued == 1
    with receiver.store.uow() as unit:
        parked_events.replay(unit.connection, [parked.id], unit.clock.wall())
    assert receiver.applier.retry_due() == 2
    assert [(entry.id, entry.data["case"]) for entry in receiver.applied] == [
        (RECEIVED.id, RECEIVED.data["case"]),
        (RECEIVED.id, "another"),
        (follows.id, follows.data["case"]),
    ]


def test_a_service_that_sends_again_what_it_published_repeats_itself(receiver: Receiver) -> None:
    receiver.receive(RECEIVED, RECEIVED)
    outcome = receiver.receive(replace(RECEIVED, sequence=9), rewritten(RECEIVED))
    assert (outcome.duplicates, receiver.parked(), len(receiver.applied)) == (2, [], 1)


def test_what_was_taken_without_its_contents_counts_as_the_same(receiver: Receiver) -> None:
    """An event that never came, and that a person has given up, may still come."""
    receiver.receive(FIRST)
    with receiver.store.uow() as unit:
        unit.connection.execute(update(inbox_table).values(content=None))
    receiver.receive(OTHERS["another step"])
    assert (len(receiver.applied), receiver.refused, receiver.parked()) == (1, [], [])


def test_a_restored_store_takes_the_first_that_comes(receiver: Receiver) -> None:
    receiver.receive(FIRST)
    with receiver.store.uow() as unit:  # the backup was made before the first came
        unit.connection.execute(inbox_table.delete())
    receiver.receive(OTHERS["another step"], FIRST)
    assert receiver.of_decisions() == [("D-1", FIRST.data["task"]), ("D-1", "another")]
    assert [entry.data["task"] for entry in receiver.refused] == [FIRST.data["task"]]


def test_every_kind_of_decision_may_be_made_again_later() -> None:
    for name in AGENCY_EVENTS:
        entry = REGISTRY.by_name[f"agency.{name}"]
        assert entry.anew == ("decided_at",)
        assert set(entry.anew) <= set(entry.schema.fields)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
DATA = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)


@given(DATA, DATA)
def test_contents_are_the_same_exactly_if_the_data_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = (inbox.content_of(replace(RECEIVED, data=data)) for data in (one, other))
    assert (first == second) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))
    assert first == inbox.content_of(replace(RECEIVED, data=dict(reversed(list(one.items())))))


def test_the_contents_are_written_with_the_claim(receiver: Receiver) -> None:
    receiver.receive(FIRST, RECEIVED)
    with receiver.store.read() as connection:
        rows = connection.execute(select(inbox_table.c.event_id, inbox_table.c.content)).all()
    assert {row.event_id: row.content for row in rows} == {
        FIRST.id: inbox.content_of(FIRST),
        RECEIVED.id: inbox.content_of(RECEIVED),
    }
