"""Each of routing's consumers with what a bus may do to it: duplicates, disorder, poison, newer senders."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from services.routing.handlers import HANDLERS
from shared.contracts import REGISTRY
from shared.messaging.apply import Applier
from shared.messaging.event import Event
from tests.routing.service_fixture import (
    TO_THE_RESULT,
    World,
    decision,
    handed,
    published,
    received,
    with_unknown_field,
)
from tests.support.events import event

NAMES = sorted(HANDLERS)


def prepared(world: World, name: str) -> Event:
    """Brings a dossier to where an event of this name has its effect; returns the event."""
    if name == "procedure.published":
        return published()
    world.publish()
    if name == "dossier.received":
        return received()
    world.receive()
    if name.startswith("agency."):
        return _decision(world, name)
    world.complete("transfer")
    if name == "fee.paid":
        world.complete("assessment")
        task = world.complete("tax", "obligation", amount=12_500_000)
        return event(name, 2, obligation=task.obligation, paid_at=now_of(world))
    if name == "dossier.supplemented":
        world.ask("assessment")
        return event(name, 2, supplemented_at=now_of(world))
    if name == "dossier.withdrawn":
        return event(name, 2, withdrawn_at=now_of(world))
    world.go_through("assessment:no_tax", *TO_THE_RESULT)
    return event(name, 2)


def _decision(world: World, name: str) -> Event:
    """What an agency's own software decides about the step that it has."""
    if name == "agency.obligation.requested":
        world.go_through("transfer", "assessment")
        return decision(name, world.step("tax"), outcome="obligation", amount=5_000_000)
    world.complete("transfer")
    if name == "agency.step.completed":
        return decision(name, world.step("assessment"), outcome="no_tax")
    return decision(name, world.step("assessment"))


def now_of(world: World) -> str:
    """The moment, as events say it."""
    return world.store.clock.now().isoformat()


def trace(world: World) -> object:
    """What an event leaves behind."""
    with world.store.read() as connection:
        counts = {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("procedure_version", "dossier", "task", "clock_interval", "handover", "outbox")
        }
        states = connection.exec_driver_sql("SELECT state FROM dossier").scalars().all()
    return counts, states


def test_routing_handles_what_it_subscribes_to() -> None:
    assert tuple(NAMES) == tuple(sorted(REGISTRY.subscriptions()["routing"]))


@pytest.mark.parametrize("name", NAMES)
def test_an_event_has_its_effect_and_a_duplicate_has_none(world: World, name: str) -> None:
    entry = prepared(world, name)
    untouched = trace(world)
    assert world.apply(entry).applied == 1
    after = trace(world)
    assert after != untouched
    outcome = world.apply(entry, entry)
    assert (outcome.applied, outcome.duplicates) == (0, 2)
    assert trace(world) == after


@pytest.mark.parametrize("name", NAMES)
def test_the_same_said_twice_under_two_ids_has_its_effect_once(sqlite_world: World, name: str) -> None:
    world = sqlite_world
    entry = prepared(world, name)
    world.apply(entry)
    after = trace(world)
    again = Event("another-id", entry.source, entry.type, entry.time, entry.key, entry.sequence + 1, entry.data)
    assert world.apply(again).applied == 1
    assert trace(world) == after


@pytest.mark.parametrize("name", NAMES)
def test_a_newer_senders_event_is_understood(sqlite_world: World, name: str) -> None:
    world = sqlite_world
    assert world.applier.apply([with_unknown_field(prepared(world, name))]).applied == 1


@pytest.mark.parametrize("name", NAMES)
def test_an_event_that_breaks_its_contract_is_parked(sqlite_world: World, name: str) -> None:
    world = sqlite_world
    entry = prepared(world, name)
    untouched = trace(world)
    key = REGISTRY.by_name[name].key
    data = {field: value for field, value in entry.data.items() if field != key}
    broken = Event("broken", entry.source, entry.type, entry.time, entry.key, entry.sequence, data)
    assert world.apply(broken, b"{not json").parked == 2
    assert trace(world) == untouched
    assert {state for state, _ in world.parked()} == {"parked"}


@pytest.mark.parametrize("name", NAMES)
def test_an_event_whose_handler_has_a_bug_is_held_and_leaves_nothing(sqlite_world: World, name: str) -> None:
    world = sqlite_world
    entry = prepared(world, name)
    untouched = trace(world)

    def buggy(event: Event, work: object) -> None:
        HANDLERS[name](event, work)  # type: ignore[arg-type]
        raise ZeroDivisionError("a bug after the work was done")

    applier = Applier(world.store, {**HANDLERS, name: buggy})
    assert applier.apply(handed(entry)).queued == 1
    assert trace(world) == untouched
    assert world.parked() == [("waiting", "ZeroDivisionError: a bug after the work was done")]
    world.pass_(5)
    assert world.applier.retry_due() == 1  # the bug is mended
    assert trace(world) != untouched


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_procedure_and_dossiers_may_come_in_any_order(world: World, order: tuple[int, ...]) -> None:
    events = [published(), received(), received("000.00.14.H57-251120-0119")]
    for place in order:
        world.apply(events[place])
    for _ in range(3):
        world.pass_(60)
        world.applier.retry_due()
    assert world.parked() == []
    assert world.said() == ["step.assigned"]
    assert world.said(code="000.00.14.H57-251120-0119") == ["step.assigned"]


def test_the_return_waits_for_the_receipt_and_for_the_result(sqlite_world: World) -> None:
    world = sqlite_world
    assert world.apply(event("dossier.returned", 2)).queued == 1
    assert world.receive().queued == 1  # the procedure is not there yet either
    world.publish()
    world.pass_(60)
    world.applier.retry_due()
    assert world.dossier().state == "active"
    world.complete("transfer")
    world.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        world.complete(step)
    world.pass_(60)
    world.applier.retry_due()
    assert world.dossier().state == "returned"
    assert world.parked() == []


@pytest.mark.parametrize(
    ("name", "fields", "state"),
    [
        ("dossier.withdrawn", {"withdrawn_at": "2025-11-20T08:15:00+07:00"}, "withdrawn"),
        ("dossier.supplemented", {"supplemented_at": "2025-11-20T08:15:00+07:00"}, "active"),
        ("dossier.returned", {}, "active"),
        ("fee.paid", {}, "active"),
    ],
)
def test_what_overtakes_the_receipt_waits_for_it(world: World, name: str, fields: dict[str, Any], state: str) -> None:
    world.publish()
    assert world.apply(event(name, 2, **fields)).queued == 1
    world.receive()
    world.pass_(60)
    world.applier.retry_due()
    assert world.dossier().state == state
    assert len(world.parked()) == (0 if state == "withdrawn" else 1), "the others wait for more than the receipt"


def test_an_acceptance_that_comes_after_the_completion_is_answered(world: World) -> None:
    world.publish()
    world.receive()
    world.complete("transfer")
    task = world.step("assessment")
    world.plug_in(task.agency)
    world.apply(decision("agency.step.completed", task, outcome="no_tax"), decision("agency.step.accepted", task))
    assert world.said("agency.decision.rejected") == ["agency.decision.rejected"]
    assert world.step("printing").state == "open"
    assert world.parked() == []


def test_a_decision_about_what_is_not_there_is_answered(world: World) -> None:
    world.publish()
    world.receive()
    world.complete("transfer")
    task = world.step("assessment")
    world.plug_in(task.agency)
    world.apply(decision("agency.step.accepted", replace(task, id="of-another-time")))
    (said,) = world.emitted("agency.decision.rejected")
    assert said.data["code"] == "unknown_step"
