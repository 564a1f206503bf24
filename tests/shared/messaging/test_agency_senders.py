"""Verification of senders: which events an agency may send, and that all others are parked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import REGISTRY
from shared.messaging import parked_events, retry_policy, retry_queue
from shared.messaging.apply import MAX_CRASHES, Applier
from shared.messaging.event import Event, Undecodable
from shared.messaging.port import Delivery
from shared.messaging.retry_policy import RetryPolicy
from shared.messaging.sender_identity import (
    AGENCY_EVENTS,
    AGENCY_TYPES,
    UNKNOWN_SENDER,
    SpoofedSender,
    agency_name,
    read_event,
    sender_by_key,
)
from shared.persistence.unit_of_work import UnitOfWork
from tests.shared.messaging.agency_support import COMPLETED, agency_event
from tests.support.events import deliveries, event
from tests.support.stores import HandClock, bus_store

CODES = st.from_regex(r"[A-Za-z0-9_-]{1,6}(\.[A-Za-z0-9_-]{1,6}){0,3}", fullmatch=True)
DOSSIER = "D-1"


@given(CODES, st.sampled_from(AGENCY_EVENTS))
def test_every_routing_key_of_an_agency_yields_its_code(code: str, name: str) -> None:
    assert sender_by_key(f"{agency_name(code)}.{name}") == code


@pytest.mark.parametrize(
    "key", ["", "agency", "agency.", "agency..step.completed", "step.completed", "dossier.filed.v1"]
)
def test_a_routing_key_without_a_code_has_an_unknown_sender(key: str) -> None:
    assert sender_by_key(key) == UNKNOWN_SENDER


@pytest.mark.parametrize("code", ["", ".", "H12.", ".H12", "H12..14", "H12.*", "#", "H12 14", "H12\n", "ệ", "x" * 101])
def test_a_code_must_fit_into_a_routing_key(code: str) -> None:
    with pytest.raises(ValueError, match="not an agency code"):
        agency_name(code)


def test_the_closed_list_matches_the_contracts() -> None:
    owned = [entry for entry in REGISTRY.by_name.values() if entry.owner == "agency"]
    assert {entry.type for entry in owned} == AGENCY_TYPES
    assert {entry.subscribers for entry in owned} == {("routing",)}


def test_an_agencys_own_event_is_read() -> None:
    for name in AGENCY_EVENTS:
        sent = agency_event("H12.14", name=f"agency.{name}")
        assert read_event(sent.to_json(), "H12.14") == sent


def test_a_services_own_event_is_read() -> None:
    received = event("dossier.received")
    assert read_event(received.to_json(), "") == received


GENUINE = agency_event("H12.14", DOSSIER)
SPOOFED_BY_AGENCY = {
    "another's source": replace(GENUINE, source="/agency/H12"),
    "the platform's source": replace(GENUINE, source="/motcua/routing"),
    "another's agency": replace(GENUINE, data={**GENUINE.data, "agency": "H12"}),
    "no agency": replace(GENUINE, data={name: value for name, value in GENUINE.data.items() if name != "agency"}),
    "a platform's type": replace(GENUINE, type="vn.motcua.dossier.received.v1"),
    "an addressed type": replace(GENUINE, type="vn.motcua.agency.step.assigned.v1"),
    "an unknown version": replace(GENUINE, type="vn.motcua.agency.step.completed.v2"),
    "another dossier's key": replace(GENUINE, key="D-2"),
}
SPOOFED_BY_SERVICE = {
    "an agency's source": replace(event("dossier.received"), source="/agency/H12"),
    "an agency's type": replace(GENUINE, source="/motcua/routing"),
    "an agency's whole event": GENUINE,
}


@pytest.mark.parametrize("spoofed", SPOOFED_BY_AGENCY.values(), ids=SPOOFED_BY_AGENCY.keys())
def test_an_event_that_is_not_the_agencys_own_is_refused(spoofed: Event) -> None:
    with pytest.raises(SpoofedSender, match=r"agency H12\.14 (used|sent|named)"):
        read_event(spoofed.to_json(), "H12.14")


@pytest.mark.parametrize("spoofed", SPOOFED_BY_SERVICE.values(), ids=SPOOFED_BY_SERVICE.keys())
def test_an_agency_event_of_a_service_is_refused(spoofed: Event) -> None:
    with pytest.raises(SpoofedSender, match="a service of the platform sent"):
        read_event(spoofed.to_json(), "")


def test_an_event_of_the_unknown_sender_is_refused() -> None:
    with pytest.raises(SpoofedSender, match="cannot be verified"):
        read_event(agency_event(UNKNOWN_SENDER).to_json(), UNKNOWN_SENDER)


def raw(**changes: Any) -> bytes:
    return json.dumps({**json.loads(GENUINE.to_json()), **changes}).encode()


DEEP = '{"x":' * 300 + "1" + "}" * 300
STRANGE = {
    "NUL in the id": raw(id="a\x00b"),
    "NUL in the key": raw(partitionkey="a\x00b"),
    "a sequence that is too large": raw(sequence="9" * 30),
    "a negative sequence": raw(sequence="-1"),
    "an infinite sequence": raw(sequence=0).replace(b'"sequence": 0', b'"sequence": 1e400'),
    "too deep": raw().replace(b'"data": {', b'"data": {"deep":' + DEEP.encode() + b","),
    "not JSON": b"\xff\x00",
    "a list": b"[]",
    "a number": b"7",
    "data of another kind": raw(data=["x"]),
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
def test_an_event_that_cannot_be_stored_is_undecodable(strange: bytes) -> None:
    with pytest.raises(Undecodable):
        read_event(strange, "H12.14")


class Routing:
    """A service that handles events of agencies and intake; it records what it applied, and raises what the test wants."""

    def __init__(self, url: str) -> None:
        self.hand = HandClock()
        self.store = bus_store(url, "routing", self.hand)
        self.applied: list[tuple[str, str]] = []
        self.raises: dict[str, Exception] = {}
        table = {COMPLETED: self.handle, "dossier.received": self.handle, "fee.paid": self.handle}
        self.applier = Applier(self.store, table, RetryPolicy(1.0, 60.0, 3, 3))

    def handle(self, received: Event, _work: UnitOfWork) -> None:
        if error := self.raises.get(received.name):
            raise error
        self.applied.append((received.source, received.id))

    def receive(self, *bodies: bytes, sender: str, attempts: int = 0) -> None:
        self.applier.apply([Delivery(body, tag, attempts, sender) for tag, body in enumerate(bodies, 1)])

    def parked(self) -> list[retry_queue.RetryEntry]:
        with self.store.read() as connection:
            return parked_events.oldest(connection)

    def replay(self) -> None:
        with self.store.uow() as unit:
            parked_events.replay(
                unit.connection, [row.id for row in parked_events.oldest(unit.connection)], unit.clock.wall()
            )
        self.applier.retry_due()


@pytest.fixture
def routing(bus_store_url: str) -> Iterator[Routing]:
    made = Routing(bus_store_url)
    yield made
    made.store.close()


def test_an_agencys_event_is_applied_once(routing: Routing) -> None:
    routing.receive(GENUINE.to_json(), GENUINE.to_json(), sender="H12.14")
    routing.receive(GENUINE.to_json(), sender="H12.14")
    assert routing.applied == [("/agency/H12.14", GENUINE.id)]
    assert routing.parked() == []


def test_spoofed_events_are_parked_once_and_never_applied_even_when_replayed(routing: Routing) -> None:
    bodies = [spoofed.to_json() for spoofed in SPOOFED_BY_AGENCY.values()]
    for _ in range(2):
        routing.receive(*bodies, sender="H12.14")
    assert [(row.kind, row.source) for row in routing.parked()] == [(retry_policy.SPOOFED, "/agency/H12.14")] * len(
        bodies
    )
    routing.replay()
    assert [row.kind for row in routing.parked()] == [retry_policy.SPOOFED] * len(bodies)
    assert routing.applied == []


def test_agency_events_of_a_service_are_parked_and_never_applied_even_when_replayed(routing: Routing) -> None:
    routing.receive(*(spoofed.to_json() for spoofed in SPOOFED_BY_SERVICE.values()), sender="")
    assert {row.kind for row in routing.parked()} == {retry_policy.SPOOFED}
    routing.replay()
    assert [row.kind for row in routing.parked()] == [retry_policy.SPOOFED] * len(SPOOFED_BY_SERVICE)
    assert routing.applied == []


def test_a_spoofed_event_does_not_block_the_genuine_one(routing: Routing) -> None:
    """Ids of answers can be guessed: the genuine event must still be applied after a spoofed one with its source and id."""
    routing.receive(GENUINE.to_json(), sender="H12")
    routing.receive(GENUINE.to_json(), sender="H12.14")
    assert routing.applied == [("/agency/H12.14", GENUINE.id)]
    assert [row.source for row in routing.parked()] == ["/agency/H12"]


def test_invalid_events_of_an_agency_are_parked_and_block_nothing(routing: Routing) -> None:
    broken = replace(GENUINE, id="broken", data={**GENUINE.data, "decided_at": "yesterday"})
    too_long = replace(GENUINE, id="long", data={**GENUINE.data, "note": "x" * 5000})
    nul = replace(GENUINE, id="nul", data={**GENUINE.data, "note": "a\x00b"})
    strange = list(STRANGE.values())
    received = event("dossier.received", dossier=DOSSIER)
    routing.receive(*strange, broken.to_json(), too_long.to_json(), nul.to_json(), sender="H12.14")
    routing.applier.apply(deliveries(received))
    routing.receive(GENUINE.to_json(), sender="H12.14")
    assert routing.applied == [(received.source, received.id), (GENUINE.source, GENUINE.id)]
    kinds = [row.kind for row in routing.parked()]
    assert (kinds.count(retry_policy.UNDECODABLE), kinds.count(retry_policy.PERMANENT), len(kinds)) == (
        len(strange),
        3,
        len(strange) + 3,
    )
    assert {row.source for row in routing.parked()} == {"/agency/H12.14"}


def test_platform_events_never_wait_for_an_agencys(routing: Routing) -> None:
    routing.raises[COMPLETED] = RuntimeError("a bug")
    routing.receive(GENUINE.to_json(), sender="H12.14")
    received = event("dossier.received", dossier=DOSSIER)
    routing.applier.apply(deliveries(received))
    assert routing.applied == [(received.source, received.id)]
    del routing.raises[COMPLETED]
    routing.hand.pass_(2.0)
    assert routing.applier.retry_due() == 1
    assert routing.applied[1:] == [(GENUINE.source, GENUINE.id)]


def test_agency_events_wait_for_queued_platform_events(routing: Routing) -> None:
    routing.raises["dossier.received"] = RuntimeError("a bug")
    received = event("dossier.received", dossier=DOSSIER)
    routing.applier.apply(deliveries(received))
    routing.receive(GENUINE.to_json(), sender="H12.14")
    assert routing.applied == []
    routing.raises.clear()
    routing.hand.pass_(2.0)
    routing.applier.retry_due()
    assert routing.applied == [(received.source, received.id), (GENUINE.source, GENUINE.id)]


def test_an_agencys_event_that_kills_workers_is_parked_with_its_source(routing: Routing) -> None:
    class Died(BaseException):
        """Stands for SIGKILL."""

    routing.applier.handlers = {COMPLETED: lambda _event, _work: (_ for _ in ()).throw(Died())}
    for _ in range(MAX_CRASHES):
        with pytest.raises(Died):
            routing.receive(GENUINE.to_json(), sender="H12.14", attempts=2)
    routing.receive(GENUINE.to_json(), sender="H12.14", attempts=2)
    assert [(row.kind, row.source, row.event_id) for row in routing.parked()] == [
        (retry_policy.CRASH, "/agency/H12.14", GENUINE.id)
    ]


def test_a_dead_letter_of_an_unknown_sender_is_never_applied(routing: Routing) -> None:
    received = event("dossier.received", dossier=DOSSIER)
    for body in (received.to_json(), GENUINE.to_json()):
        routing.applier.park(body, retry_policy.DEAD_LETTER, "delivery limit", UNKNOWN_SENDER)
    routing.replay()
    assert routing.applied == []
    assert [(row.kind, row.source) for row in routing.parked()] == [(retry_policy.SPOOFED, "/agency/?")] * 2
    routing.applier.apply(deliveries(received))
    routing.receive(GENUINE.to_json(), sender="H12.14")
    assert len(routing.applied) == 2
