"""Each of routing's event handlers under the bus's faults: duplicates, disorder, invalid events, newer senders."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from services.routing.handlers import HANDLERS
from shared.contracts import REGISTRY
from shared.messaging import restored
from shared.messaging.apply import Applier
from shared.messaging.event import Event
from tests.routing.service_fixture import (
    TO_THE_RESULT,
    RoutingFixture,
    decision,
    handed,
    published,
    received,
    with_unknown_field,
)
from tests.support.events import event

NAMES = sorted(set(HANDLERS) - set(restored.HANDLERS))  # what restores do is tested with the bus

ABOUT_APPLICATIONS = {
    *("dossier.filed", "dossier.accepted_online", "dossier.refused"),
    *("application.supplement_requested", "application.supplemented", "application.closed"),
}


def prepared(service: RoutingFixture, name: str) -> Event:
    """Brings a dossier to where an event of this name has its effect; returns the event."""
    if name == "procedure.published":
        return published()
    service.publish()
    if name == "dossier.received":
        return received()
    if name in ABOUT_APPLICATIONS:
        return _about_an_application(service, name)
    service.receive()
    if name.startswith("agency."):
        return _decision(service, name)
    service.complete("transfer")
    if name == "fee.paid":
        service.complete("assessment")
        task = service.complete("tax", "obligation", amount=12_500_000)
        return event(name, 2, obligation=task.obligation, paid_at=now_of(service))
    if name == "dossier.supplemented":
        service.request_supplement("assessment")
        return event(name, 2, supplemented_at=now_of(service))
    if name == "dossier.withdrawn":
        return event(name, 2, withdrawn_at=now_of(service))
    service.complete_steps("assessment:no_tax", *TO_THE_RESULT)
    return event(name, 2)


def _about_an_application(service: RoutingFixture, name: str) -> Event:
    """What its desk or its applicant does with an application that was filed."""
    if name == "dossier.filed":
        return event(name)
    service.apply(event("dossier.filed"))
    if name == "application.supplemented":
        service.apply(event("application.supplement_requested", 2))
    return event(name, 3)


def _decision(service: RoutingFixture, name: str) -> Event:
    """A decision of an agency's own software on its open step."""
    if name == "agency.obligation.requested":
        service.complete_steps("transfer", "assessment")
        return decision(name, service.step("tax"), outcome="obligation", amount=5_000_000)
    service.complete("transfer")
    if name == "agency.step.completed":
        return decision(name, service.step("assessment"), outcome="no_tax")
    return decision(name, service.step("assessment"))


def now_of(service: RoutingFixture) -> str:
    """The moment in the format of events."""
    return service.store.clock.now().isoformat()


def trace(service: RoutingFixture) -> object:
    """What an event changes in the store."""
    with service.store.read() as connection:
        counts = {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("procedure_version", "dossier", "task", "clock_interval", "handover", "outbox")
        }
        states = connection.exec_driver_sql("SELECT state FROM dossier").scalars().all()
        applications = connection.exec_driver_sql("SELECT * FROM application").all()
    return counts, states, [tuple(row) for row in applications]


def test_routing_handles_what_it_subscribes_to() -> None:
    assert tuple(sorted(HANDLERS)) == tuple(sorted(REGISTRY.subscriptions()["routing"]))


@pytest.mark.parametrize("name", NAMES)
def test_an_event_has_its_effect_and_a_duplicate_has_none(service: RoutingFixture, name: str) -> None:
    entry = prepared(service, name)
    untouched = trace(service)
    assert service.apply(entry).applied == 1
    after = trace(service)
    assert after != untouched
    outcome = service.apply(entry, entry)
    assert (outcome.applied, outcome.duplicates) == (0, 2)
    assert trace(service) == after


@pytest.mark.parametrize("name", NAMES)
def test_the_same_event_under_two_ids_has_its_effect_once(sqlite_service: RoutingFixture, name: str) -> None:
    service = sqlite_service
    entry = prepared(service, name)
    service.apply(entry)
    after = trace(service)
    again = Event("another-id", entry.source, entry.type, entry.time, entry.key, entry.sequence + 1, entry.data)
    assert service.apply(again).applied == 1
    assert trace(service) == after


@pytest.mark.parametrize("name", NAMES)
def test_a_newer_senders_event_is_understood(sqlite_service: RoutingFixture, name: str) -> None:
    service = sqlite_service
    assert service.applier.apply([with_unknown_field(prepared(service, name))]).applied == 1


@pytest.mark.parametrize("name", NAMES)
def test_an_event_that_breaks_its_contract_is_parked(sqlite_service: RoutingFixture, name: str) -> None:
    service = sqlite_service
    entry = prepared(service, name)
    untouched = trace(service)
    key = REGISTRY.by_name[name].key
    data = {field: value for field, value in entry.data.items() if field != key}
    broken = Event("broken", entry.source, entry.type, entry.time, entry.key, entry.sequence, data)
    assert service.apply(broken, b"{not json").parked == 2
    assert trace(service) == untouched
    assert {state for state, _ in service.parked()} == {"parked"}


@pytest.mark.parametrize("name", NAMES)
def test_an_event_whose_handler_has_a_bug_is_held_and_leaves_nothing(sqlite_service: RoutingFixture, name: str) -> None:
    service = sqlite_service
    entry = prepared(service, name)
    untouched = trace(service)

    def buggy(event: Event, work: object) -> None:
        HANDLERS[name](event, work)  # type: ignore[arg-type]
        raise ZeroDivisionError("a bug after the work was done")

    applier = Applier(service.store, {**HANDLERS, name: buggy})
    assert applier.apply(handed(entry)).queued == 1
    assert trace(service) == untouched
    assert service.parked() == [("waiting", "ZeroDivisionError: a bug after the work was done")]
    service.advance(5)
    assert service.applier.retry_due() == 1  # the bug is fixed
    assert trace(service) != untouched


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_procedure_and_dossiers_may_come_in_any_order(service: RoutingFixture, order: tuple[int, ...]) -> None:
    events = [published(), received(), received("000.00.14.H57-251120-0119")]
    for place in order:
        service.apply(events[place])
    for _ in range(3):
        service.advance(60)
        service.applier.retry_due()
    assert service.parked() == []
    assert service.event_names() == ["step.assigned"]
    assert service.event_names(code="000.00.14.H57-251120-0119") == ["step.assigned"]


def test_the_return_waits_for_the_receipt_and_for_the_result(sqlite_service: RoutingFixture) -> None:
    service = sqlite_service
    assert service.apply(event("dossier.returned", 2)).queued == 1
    assert service.receive().queued == 1  # the procedure is not there yet either
    service.publish()
    service.advance(60)
    service.applier.retry_due()
    assert service.dossier().state == "active"
    service.complete("transfer")
    service.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        service.complete(step)
    service.advance(60)
    service.applier.retry_due()
    assert service.dossier().state == "returned"
    assert service.parked() == []


@pytest.mark.parametrize(
    ("name", "fields", "state"),
    [
        ("dossier.withdrawn", {"withdrawn_at": "2025-11-20T08:15:00+07:00"}, "withdrawn"),
        ("dossier.supplemented", {"supplemented_at": "2025-11-20T08:15:00+07:00"}, "active"),
        ("dossier.returned", {}, "active"),
        ("fee.paid", {}, "active"),
    ],
)
def test_an_event_that_overtakes_the_receipt_waits_for_it(
    service: RoutingFixture, name: str, fields: dict[str, Any], state: str
) -> None:
    service.publish()
    assert service.apply(event(name, 2, **fields)).queued == 1
    service.receive()
    service.advance(60)
    service.applier.retry_due()
    assert service.dossier().state == state
    assert len(service.parked()) == (0 if state == "withdrawn" else 1), "the others wait for more than the receipt"


def test_an_acceptance_after_the_completion_is_rejected(service: RoutingFixture) -> None:
    service.publish()
    service.receive()
    service.complete("transfer")
    task = service.step("assessment")
    service.plug_in(task.agency)
    service.apply(decision("agency.step.completed", task, outcome="no_tax"), decision("agency.step.accepted", task))
    assert service.event_names("agency.decision.rejected") == ["agency.decision.rejected"]
    assert service.step("printing").state == "open"
    assert service.parked() == []


def test_a_decision_about_an_unknown_step_is_rejected(service: RoutingFixture) -> None:
    service.publish()
    service.receive()
    service.complete("transfer")
    task = service.step("assessment")
    service.plug_in(task.agency)
    service.apply(decision("agency.step.accepted", replace(task, id="of-another-time")))
    (emitted,) = service.emitted("agency.decision.rejected")
    assert emitted.data["code"] == "unknown_step"
