"""The correction of the agency's own error in a result: three working days, no change of a final state (article 23.1)."""

from __future__ import annotations

import pytest

from services.routing.commands.correct import correct_result
from services.routing.commands.errors import NotAllowed
from services.routing.commands.hand_over import refuse
from services.routing.commands.sweeps import check_calendar
from services.routing.domain.correction import CorrectionNotAllowed
from services.routing.store.tasks import Task
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TO_THE_RESULT, Client, RoutingFixture, complete
from tests.routing.test_routing_day_off import declare_off
from tests.support.events import event


def finished(land: RoutingFixture, returned: bool = True) -> RoutingFixture:
    land.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT)
    if returned:
        land.apply(event("dossier.returned", 8, returned_at=land.store.clock.now().isoformat()))
    return land


def correct(service: RoutingFixture, own: bool = True) -> Task:
    return service.run(lambda work: correct_result(work, CODE, "Sai diện tích", own, "clerk-1"))


@pytest.mark.parametrize("returned", [False, True])
def test_a_correction_is_assigned_to_the_handling_agency_and_changes_no_state(
    land: RoutingFixture, returned: bool
) -> None:
    finished(land, returned)
    before = land.dossier()
    task = correct(land)
    assert (task.kind, task.agency, task.from_agency) == ("correction", REGISTRY, DESK)
    assert task.due_at is not None
    assert task.due_at.isoformat() == "2025-11-25T17:30:00+07:00"  # Friday, Monday, Tuesday
    assert land.entries()[-1].by == "clerk-1"
    land.run(lambda work: None)
    done = land.complete("correction")
    assert (done.state, done.on_time) == ("done", True)
    (emitted,) = land.emitted("dossier.corrected")
    assert (emitted.data["correction"], emitted.data["on_time"], emitted.data["agency"]) == (task.id, True, REGISTRY)
    after = land.dossier()
    assert (after.state, after.outcome, after.resolved_at) == (before.state, before.outcome, before.resolved_at)
    assert land.event_names("dossier.resolved") == ["dossier.resolved"]
    land.entries()


def test_a_second_correction_waits_for_the_first(land: RoutingFixture) -> None:
    finished(land)
    task = correct(land)
    with pytest.raises(CorrectionNotAllowed) as refused:
        correct(land)
    assert refused.value.code == "correction_already_open"
    assert [one.id for one in land.open_tasks()] == [task.id]
    land.complete("correction")
    assert correct(land).id != task.id


def test_a_late_correction_is_measured_and_has_reminders(land: RoutingFixture) -> None:
    finished(land)
    task = correct(land)
    assert task.due_at is not None
    land.advance_to(task.due_at)
    land.advance(60)
    land.sweep()
    assert [emitted.data["task"] for emitted in land.emitted("step.overdue")] == [task.id]
    assert land.complete("correction").on_time is False
    assert land.emitted("dossier.corrected")[0].data["on_time"] is False


def test_a_correction_that_was_completed_after_a_day_off_was_in_time(land: RoutingFixture) -> None:
    finished(land)
    task = correct(land)
    assert task.due_at is not None
    land.advance_to(task.due_at)
    land.advance(3600)
    land.sweep()
    land.complete("correction")
    declare_off(land, task.due_at.date())
    assert check_calendar(land.context) == 1
    assert [one.on_time for one in land.tasks() if one.id == task.id] == [True]
    (emitted,) = land.emitted("step.overdue_withdrawn")
    assert (emitted.data["task"], emitted.data["completed_at"]) == (task.id, None)


def test_without_a_result_there_is_nothing_to_correct(sqlite_land: RoutingFixture) -> None:
    with pytest.raises(CorrectionNotAllowed, match="correction_without_result"):
        correct(sqlite_land)


def test_only_the_agencys_own_error_is_corrected(sqlite_land: RoutingFixture) -> None:
    finished(sqlite_land)
    with pytest.raises(CorrectionNotAllowed) as refused:
        correct(sqlite_land, own=False)
    assert (refused.value.code, refused.value.article) == ("correction_of_others_error", "23.1")


def test_a_correction_is_neither_refused_nor_supplemented_nor_paid(sqlite_land: RoutingFixture) -> None:
    finished(sqlite_land)
    task = correct(sqlite_land)
    client, officer = sqlite_land.client(), sqlite_land.token("officer", REGISTRY)
    assert complete(client, task.id, officer, "rework").status_code == 422
    assert complete(client, task.id, officer, amount=5).status_code == 422
    with pytest.raises(NotAllowed, match="refusal_of_own_work"):
        sqlite_land.run(lambda work: refuse(work, task.id, "Không phải lỗi của chúng tôi", "officer-1"))
    assert sqlite_land.step("correction").state == "open"


def test_corrections_over_the_api(land: RoutingFixture, client: Client) -> None:
    body, path = {"reason": "Sai tên"}, f"/routing/api/dossiers/{CODE}/correct"
    clerk = land.token("clerk", DESK)
    assert client.post(path, json=body, headers=clerk).status_code == 409
    finished(land)
    answer = client.post(path, json=body, headers=clerk)
    assert (answer.status_code, answer.json["kind"], answer.json["outcomes"]) == (201, "correction", ["completed"])
    assert client.post(path, json=body, headers=land.token("clerk", "H12.20")).status_code == 403
    assert complete(client, answer.json["id"], land.token("officer", REGISTRY)).json["state"] == "done"
