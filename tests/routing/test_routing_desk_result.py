"""A result that the desk handed over at once: routing logs its steps, and asks nobody to do them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.catalogue import load_builtin
from shared.catalogue.route_analysis import outcome_at_desk
from tests.routing.service_fixture import CODE, DESK, THURSDAY, RoutingFixture, at, received
from tests.support.events import event

COPIES = "2.000815"
FINISHED = {"procedure": COPIES, "case": "default", "finished_at": THURSDAY.isoformat()}


def test_the_steps_are_done_and_the_dossier_is_resolved_as_of_then(service: RoutingFixture) -> None:
    service.publish(COPIES)
    service.advance(timedelta(days=3))  # routing was down
    promised = at("2025-11-20 17:30").isoformat()
    assert service.apply(received(**FINISHED, promised_at=promised)).applied == 1
    dossier, (task,) = service.dossier(), service.tasks()
    assert (dossier.state, dossier.outcome, dossier.resolved_at, dossier.on_time) == (
        "resolved",
        "completed",
        THURSDAY,
        True,
    )
    assert (task.step, task.state, task.completed_by) == ("certify", "done", DESK)
    [resolved] = service.emitted("dossier.resolved")
    assert resolved.data["handed_over"] is True
    assert service.emitted("dossier.overdue") == []
    returned = event("dossier.returned", 2, dossier=CODE, procedure=COPIES, returned_at=THURSDAY.isoformat())
    assert service.apply(returned).applied == 1
    assert service.dossier().state == "returned"


def test_a_repeated_event_changes_nothing(service: RoutingFixture) -> None:
    service.publish(COPIES)
    once = received(**FINISHED)
    service.apply(once)
    before = service.event_names()
    service.apply(received(**FINISHED))
    assert service.event_names() == before


def test_a_route_that_leaves_the_desk_cannot_have_been_finished_there(sqlite_service: RoutingFixture) -> None:
    sqlite_service.publish()
    sqlite_service.apply(received(finished_at=THURSDAY.isoformat()))
    assert [error for _, error in sqlite_service.parked() if "finished at the desk" in error]


def test_only_certifications_are_finished_at_the_desk() -> None:
    found = {
        (one.code, case.code): outcome_at_desk(one.route(case.code)) for one in load_builtin() for case in one.cases
    }
    assert {key: outcome for key, outcome in found.items() if outcome} == {
        ("2.000815", "default"): "completed",
        ("2.000884", "default"): "completed",
    }


@pytest.mark.parametrize("name", ["agency.step.assigned", "agency.step.cancelled"])
def test_an_agency_with_software_of_its_own_hears_that_nothing_is_to_be_done(
    sqlite_service: RoutingFixture, name: str
) -> None:
    sqlite_service.publish(COPIES)
    sqlite_service.plug_in(DESK)
    sqlite_service.apply(received(**FINISHED))
    assert len(sqlite_service.emitted(name)) == 1
