"""A time that has run out did so at its deadline, whenever it is noticed: here the worker is down for days."""

from __future__ import annotations

from services.routing.domain.states import TaskState
from tests.routing.service_fixture import PROMISED, RoutingFixture, at

RESTART = "2025-12-20 09:00"


def test_an_overdue_dossier_is_overdue_since_its_due_time(land: RoutingFixture) -> None:
    land.advance_to(at(RESTART))
    land.sweep()
    assert land.dossier().overdue_at == land.dossier().due_at == PROMISED
    (emitted,) = land.emitted("dossier.overdue")
    assert emitted.data["overdue_at"] == emitted.data["due_at"] == "2025-12-02T17:30:00+07:00"


def test_an_overdue_step_is_overdue_since_its_due_time_and_told_now(land: RoutingFixture) -> None:
    land.advance_to(at(RESTART))
    land.sweep()
    assert land.step("transfer").overdue_at == land.step("transfer").due_at == at("2025-11-20 14:15")
    (emitted,) = land.emitted("step.overdue")
    assert emitted.data["due_at"] == "2025-11-20T14:15:00+07:00"
    assert emitted.data["warned_at"] == "2025-12-20T09:00:00+07:00"


def test_a_hand_over_lapsed_when_it_was_to_be_acknowledged(land: RoutingFixture) -> None:
    land.complete("transfer")
    due_at = land.step("assessment").receipt_due_at
    land.advance_to(at(RESTART))
    land.sweep()
    (lapsed,) = [entry for entry in land.entries() if entry.kind == "lapsed"]
    assert (lapsed.at, lapsed.result) == (due_at, "late")
    assert land.step("assessment").lapsed_at == due_at


def test_a_dossier_without_supplement_was_stopped_at_the_end_of_the_wait(land: RoutingFixture) -> None:
    land.complete("transfer")
    task = land.request_supplement("assessment")
    until = land.dossier().supplement_until
    land.advance_to(at(RESTART))
    land.sweep()
    dossier = land.dossier()
    assert (dossier.state, dossier.stopped_at, dossier.on_time) == ("stopped", until, True)
    assert land.intervals()[-1].ends_at == until
    (closed,) = [one for one in land.tasks() if one.id == task.id]
    assert (closed.state, closed.completed_at) == (TaskState.CANCELLED, until)
    assert land.emitted("dossier.stopped")[0].data["stopped_at"] == f"{until:%Y-%m-%dT%H:%M:%S}+07:00"


def test_papers_that_came_too_late_do_not_move_the_end(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.request_supplement("assessment")
    until = land.dossier().supplement_until
    land.advance_to(at(RESTART))
    land.supplement()
    assert (land.dossier().state, land.dossier().stopped_at) == ("stopped", until)
