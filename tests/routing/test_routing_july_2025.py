"""1 July 2025: a dossier received at a district's desk under the old decree goes on with the successors, under its own rules."""

from __future__ import annotations

import pytest

from services.routing.commands.correct import correct_result
from services.routing.commands.hand_over import refuse, resend
from services.routing.domain.supplement import SupplementNotAllowed
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TO_THE_RESULT, RoutingFixture, at, complete, decision
from tests.support.events import event

OLD_DESK = "000.00.34.H04"
OLD_REGISTRY = "001.34.13.H04"


@pytest.fixture
def flight(service: RoutingFixture) -> RoutingFixture:
    """Received on the last day of the three levels."""
    service.advance_to(at("2025-06-30 08:00"))
    service.publish()
    outcome = service.receive(
        receiving_agency=OLD_DESK,
        received_at="2025-06-30T08:00:00+07:00",
        promised_at="2025-07-10T17:00:00+07:00",
        regulation="nd61-2018",
    )
    assert outcome.applied == 1
    return service


def test_the_dossier_begins_at_the_old_agencies(flight: RoutingFixture) -> None:
    assert (flight.step("transfer").agency, flight.dossier().handling_agency) == (OLD_DESK, OLD_REGISTRY)
    flight.complete("transfer")
    assert flight.step("assessment").agency == OLD_REGISTRY


def test_after_the_merger_the_successors_finish_the_dossier(flight: RoutingFixture) -> None:
    flight.complete("transfer")
    flight.advance_to(at("2025-07-02 08:00"))
    client, officer = flight.client(), flight.token("officer", REGISTRY, "officer-1")
    old = flight.step("assessment")
    assert complete(client, old.id, officer, "no_tax").status_code == 200
    for name in ("printing", "checking", "signing", "hand-over"):
        task = flight.step(name)
        assert task.agency == REGISTRY
        flight.complete(name)
    assert flight.step("receive-result").agency == DESK
    flight.complete("receive-result")
    dossier = flight.dossier()
    assert (dossier.state, dossier.on_time, dossier.regulation) == ("resolved", True, "nd61-2018")
    assert (dossier.receiving_agency, dossier.handling_agency) == (OLD_DESK, REGISTRY)
    flight.entries()


def test_the_dossiers_own_decree_applies(flight: RoutingFixture) -> None:
    flight.complete("transfer")
    flight.advance_to(at("2025-07-02 08:00"))
    flight.request_supplement("assessment")
    assert flight.dossier().supplement_until is None, "the old decree sets no end of the wait"
    flight.advance_to(at("2025-07-28 08:00"))
    flight.supplement()
    task = flight.step("assessment")
    assert (task.state, task.agency) == ("open", REGISTRY)
    with pytest.raises(SupplementNotAllowed) as refused:
        flight.request_supplement("assessment")
    assert (refused.value.regulation, refused.value.article) == ("nd61-2018", "17")
    assert flight.dossier().due_at > at("2025-08-06 00:00"), "counted from zero, by the old decree too"


def test_a_refused_hand_over_is_sent_to_the_successor(flight: RoutingFixture) -> None:
    flight.complete("transfer")
    task = flight.step("assessment")
    flight.run(lambda work: refuse(work, task.id, "Đang sáp nhập", "officer-1"))
    flight.advance_to(at("2025-07-01 08:00"))
    flight.run(lambda work: resend(work, task.id, "Chuyển cơ quan mới", "clerk-1"))
    assert flight.step("assessment").agency == REGISTRY
    assert [(entry.kind.value, entry.to_agency) for entry in flight.entries()][-2:] == [
        ("refused", OLD_REGISTRY),
        ("resent", REGISTRY),
    ]


def test_the_successors_software_decides_on_steps_of_the_old_agency(flight: RoutingFixture) -> None:
    flight.complete("transfer")
    task = flight.step("assessment")
    flight.advance_to(at("2025-07-01 08:00"))
    flight.plug_in(REGISTRY)
    flight.apply(decision("agency.step.completed", task, agency=REGISTRY, outcome="no_tax"))
    assert flight.step("printing").agency == REGISTRY


def test_a_leader_of_the_successor_reassigns_the_old_steps(flight: RoutingFixture) -> None:
    flight.complete("transfer")
    flight.advance_to(at("2025-07-01 08:00"))
    client, leader = flight.client(), flight.token("leader", REGISTRY, "leader-1")
    client.put("/routing/api/officials/officer-1", json={"role": "officer"}, headers=leader)
    body = {"official": "officer-1", "reason": "Việc cũ"}
    path = f"/routing/api/tasks/{flight.step('assessment').id}/assign"
    assert client.post(path, json=body, headers=leader).json["official"] == "officer-1"


def test_reminders_continue_after_the_merger(flight: RoutingFixture) -> None:
    flight.complete("transfer")
    flight.advance_to(at("2025-07-04 08:00"))
    flight.sweep()
    assert flight.event_names("step.overdue") == ["step.overdue"]


def test_an_error_found_after_the_merger_is_corrected_by_the_successor(flight: RoutingFixture) -> None:
    flight.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT)
    flight.apply(event("dossier.returned", 9, returned_at=flight.store.clock.now().isoformat()))
    assert flight.dossier().handling_agency == OLD_REGISTRY
    flight.advance_to(at("2025-07-07 08:00"))
    task = flight.run(lambda work: correct_result(work, CODE, "Sai tên", True, "clerk-1"))
    assert (task.agency, task.due_at) == (REGISTRY, None), "the old decree sets no time for it"
    assert flight.complete("correction").on_time is True
