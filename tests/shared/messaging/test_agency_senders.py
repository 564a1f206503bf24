"""Who really said it: what an agency may say, and what becomes of everything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import REGISTRY
from shared.messaging import retry_queue
from shared.messaging.apply import MAX_CRASHES, Applier
from shared.messaging.event import Event, Undecodable
from shared.messaging.port import Delivery
from shared.messaging.retry_queue import RetryPolicy
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
from tests.shared.messaging.agency_support import COMPLETED, said
from tests.support.events import deliveries, event
from tests.support.stores import HandClock, bus_store

CODES = st.from_regex(r"[A-Za-z0-9_-]{1,6}(\.[A-Za-z0-9_-]{1,6}){0,3}", fullmatch=True)
DOSSIER = "D-1"


@given(CODES, st.sampled_from(AGENCY_EVENTS))
def test_the_code_comes_back_out_of_every_key_that_an_agency_may_write(code: str, name: str) -> None:
    assert sender_by_key(f"{agency_name(code)}.{name}") == code


@pytest.mark.parametrize(
    "key", ["", "agency", "agency.", "agency..step.completed", "step.completed", "dossier.filed.v1"]
)
def test_a_key_that_names_nobody_has_an_unknown_sender(key: str) -> None:
    assert sender_by_key(key) == UNKNOWN_SENDER


@pytest.mark.parametrize("code", ["", ".", "H12.", ".H12", "H12..14", "H12.*", "#", "H12 14", "H12\n", "ệ", "x" * 101])
def test_what_cannot_be_part_of_a_key_is_no_code(code: str) -> None:
    with pytest.raises(ValueError, match="no agency's code"):
        agency_name(code)


def test_the_closed_list_is_what_the_contracts_hold() -> None:
    owned = [entry for entry in REGISTRY.by_name.values() if entry.owner == "agency"]
    assert {entry.type for entry in owned} == AGENCY_TYPES
    assert {entry.subscribers for entry in owned} == {("routing",)}


def test_what_an_agency_says_in_its_own_name_is_read() -> None:
    for name in AGENCY_EVENTS:
        told = said("H12.14", name=f"agency.{name}")
        assert read_event(told.to_json(), "H12.14") == told


def test_what_a_service_says_is_read() -> None:
    received = event("dossier.received")
    assert read_event(received.to_json(), "") == received


TRUE = said("H12.14", DOSSIER)
FORGED = {
    "another's source": replace(TRUE, source="/agency/H12"),
    "the platform's source": replace(TRUE, source="/motcua/routing"),
    "another's agency": replace(TRUE, data={**TRUE.data, "agency": "H12"}),
    "no agency": replace(TRUE, data={name: value for name, value in TRUE.data.items() if name != "agency"}),
    "a platform's type": replace(TRUE, type="vn.motcua.dossier.received.v1"),
    "an addressed type": replace(TRUE, type="vn.motcua.agency.step.assigned.v1"),
    "an unknown version": replace(TRUE, type="vn.motcua.agency.step.completed.v2"),
    "another dossier's key": replace(TRUE, key="D-2"),
}
PRETENDED = {
    "an agency's source": replace(event("dossier.received"), source="/agency/H12"),
    "an agency's type": replace(TRUE, source="/motcua/routing"),
    "an agency's whole event": TRUE,
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_an_agency_that_says_what_is_not_its_own_is_refused(forged: Event) -> None:
    with pytest.raises(SpoofedSender, match=r"agency H12\.14 (used|sent|named)"):
        read_event(forged.to_json(), "H12.14")


@pytest.mark.parametrize("pretended", PRETENDED.values(), ids=PRETENDED.keys())
def test_a_service_that_speaks_for_an_agency_is_refused(pretended: Event) -> None:
    with pytest.raises(SpoofedSender, match="platform's own"):
        read_event(pretended.to_json(), "")


def test_nobody_speaks_as_the_unknown_sender() -> None:
    with pytest.raises(SpoofedSender, match="cannot be verified"):
        read_event(said(UNKNOWN_SENDER).to_json(), UNKNOWN_SENDER)


def raw(**changes: Any) -> bytes:
    return json.dumps({**json.loads(TRUE.to_json()), **changes}).encode()


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
def test_what_no_store_could_keep_is_unreadable(strange: bytes) -> None:
    with pytest.raises(Undecodable):
        read_event(strange, "H12.14")


class Routing:
    """A service that hears agencies and intake; it notes what it applied, and raises what it is told to."""

    def __init__(self, url: str) -> None:
        self.hand = HandClock()
        self.store = bus_store(url, "routing", self.hand)
        self.applied: list[tuple[str, str]] = []
        self.raises: dict[str, Exception] = {}
        table = {COMPLETED: self.handle, "dossier.received": self.handle, "fee.paid": self.handle}
        self.applier = Applier(self.store, table, RetryPolicy(1.0, 60.0, 3, 3))

    def handle(self, told: Event, _work: UnitOfWork) -> None:
        if error := self.raises.get(told.name):
            raise error
        self.applied.append((told.source, told.id))

    def hear(self, *bodies: bytes, sender: str, attempts: int = 0) -> None:
        self.applier.apply([Delivery(body, tag, attempts, sender) for tag, body in enumerate(bodies, 1)])

    def parked(self) -> list[retry_queue.RetryEntry]:
        with self.store.read() as connection:
            return retry_queue.parked(connection)

    def replay(self) -> None:
        with self.store.uow() as unit:
            retry_queue.replay(
                unit.connection, [row.id for row in retry_queue.parked(unit.connection)], unit.clock.wall()
            )
        self.applier.retry_due()


@pytest.fixture
def routing(bus_store_url: str) -> Iterator[Routing]:
    made = Routing(bus_store_url)
    yield made
    made.store.close()


def test_an_agencys_event_is_applied_once(routing: Routing) -> None:
    routing.hear(TRUE.to_json(), TRUE.to_json(), sender="H12.14")
    routing.hear(TRUE.to_json(), sender="H12.14")
    assert routing.applied == [("/agency/H12.14", TRUE.id)]
    assert routing.parked() == []


def test_everything_forged_is_parked_once_and_never_applied_not_even_when_replayed(routing: Routing) -> None:
    bodies = [forged.to_json() for forged in FORGED.values()]
    for _ in range(2):
        routing.hear(*bodies, sender="H12.14")
    assert [(row.kind, row.source) for row in routing.parked()] == [(retry_queue.SPOOFED, "/agency/H12.14")] * len(
        bodies
    )
    routing.replay()
    assert [row.kind for row in routing.parked()] == [retry_queue.SPOOFED] * len(bodies)
    assert routing.applied == []


def test_a_service_that_pretends_is_parked_and_never_applied_not_even_when_replayed(routing: Routing) -> None:
    routing.hear(*(pretended.to_json() for pretended in PRETENDED.values()), sender="")
    assert {row.kind for row in routing.parked()} == {retry_queue.SPOOFED}
    routing.replay()
    assert [row.kind for row in routing.parked()] == [retry_queue.SPOOFED] * len(PRETENDED)
    assert routing.applied == []


def test_a_forged_event_takes_no_ones_place(routing: Routing) -> None:
    """Ids of answers can be guessed: the true one must still be applied after a false one with its source and id."""
    routing.hear(TRUE.to_json(), sender="H12")
    routing.hear(TRUE.to_json(), sender="H12.14")
    assert routing.applied == [("/agency/H12.14", TRUE.id)]
    assert [row.source for row in routing.parked()] == ["/agency/H12"]


def test_poison_of_an_agency_is_parked_and_holds_up_nobody(routing: Routing) -> None:
    broken = replace(TRUE, id="broken", data={**TRUE.data, "decided_at": "yesterday"})
    too_long = replace(TRUE, id="long", data={**TRUE.data, "note": "x" * 5000})
    nul = replace(TRUE, id="nul", data={**TRUE.data, "note": "a\x00b"})
    strange = list(STRANGE.values())
    received = event("dossier.received", dossier=DOSSIER)
    routing.hear(*strange, broken.to_json(), too_long.to_json(), nul.to_json(), sender="H12.14")
    routing.applier.apply(deliveries(received))
    routing.hear(TRUE.to_json(), sender="H12.14")
    assert routing.applied == [(received.source, received.id), (TRUE.source, TRUE.id)]
    kinds = [row.kind for row in routing.parked()]
    assert (kinds.count(retry_queue.UNDECODABLE), kinds.count(retry_queue.PERMANENT), len(kinds)) == (
        len(strange),
        3,
        len(strange) + 3,
    )
    assert {row.source for row in routing.parked()} == {"/agency/H12.14"}


def test_what_the_platform_says_of_a_dossier_never_waits_behind_an_agency(routing: Routing) -> None:
    routing.raises[COMPLETED] = RuntimeError("a bug")
    routing.hear(TRUE.to_json(), sender="H12.14")
    received = event("dossier.received", dossier=DOSSIER)
    routing.applier.apply(deliveries(received))
    assert routing.applied == [(received.source, received.id)]
    del routing.raises[COMPLETED]
    routing.hand.pass_(2.0)
    assert routing.applier.retry_due() == 1
    assert routing.applied[1:] == [(TRUE.source, TRUE.id)]


def test_an_agency_waits_behind_what_the_platform_could_not_apply_yet(routing: Routing) -> None:
    routing.raises["dossier.received"] = RuntimeError("a bug")
    received = event("dossier.received", dossier=DOSSIER)
    routing.applier.apply(deliveries(received))
    routing.hear(TRUE.to_json(), sender="H12.14")
    assert routing.applied == []
    routing.raises.clear()
    routing.hand.pass_(2.0)
    routing.applier.retry_due()
    assert routing.applied == [(received.source, received.id), (TRUE.source, TRUE.id)]


def test_an_agencys_event_that_workers_die_of_is_parked_under_its_name(routing: Routing) -> None:
    class Died(BaseException):
        """Stands for SIGKILL."""

    routing.applier.handlers = {COMPLETED: lambda _event, _work: (_ for _ in ()).throw(Died())}
    for _ in range(MAX_CRASHES):
        with pytest.raises(Died):
            routing.hear(TRUE.to_json(), sender="H12.14", attempts=2)
    routing.hear(TRUE.to_json(), sender="H12.14", attempts=2)
    assert [(row.kind, row.source, row.event_id) for row in routing.parked()] == [
        (retry_queue.CRASH, "/agency/H12.14", TRUE.id)
    ]


def test_a_dead_letter_of_an_unknown_sender_speaks_for_nobody(routing: Routing) -> None:
    received = event("dossier.received", dossier=DOSSIER)
    for body in (received.to_json(), TRUE.to_json()):
        routing.applier.park(body, retry_queue.DEAD_LETTER, "given up", UNKNOWN_SENDER)
    routing.replay()
    assert routing.applied == []
    assert [(row.kind, row.source) for row in routing.parked()] == [(retry_queue.SPOOFED, "/agency/?")] * 2
    routing.applier.apply(deliveries(received))
    routing.hear(TRUE.to_json(), sender="H12.14")
    assert len(routing.applied) == 2
