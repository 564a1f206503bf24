"""Ends before the route's: withdrawn by the citizen, stopped by a leader, refused in writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.routing.commands.closure import refuse_dossier, stop_dossier
from services.routing.commands.errors import NotInHand, NotOpen
from services.routing.domain.refusal import RefusalNotAllowed
from services.routing.domain.withdrawal import EndNotAllowed
from services.routing.store import dossiers
from tests.routing.route_builders import begin, forked, sub_step
from tests.routing.service_fixture import CODE, PROMISED, REGISTRY, TO_THE_RESULT, Client, Headers, World

FUNERAL = "1.014028"


def at_the_desk(land: World) -> None:
    """Nothing has happened yet."""


def paying(land: World) -> None:
    land.go_through("transfer", "assessment")
    land.complete("tax", "obligation", 5_000_000)


def waiting(land: World) -> None:
    land.complete("transfer")
    land.ask("assessment")


def uncounted(land: World) -> None:
    land.go_through("transfer", "assessment")


def resolved(land: World) -> None:
    land.go_through("transfer", "assessment:no_tax", *TO_THE_RESULT)


IN_HAND = [at_the_desk, paying, waiting, uncounted]


@pytest.mark.parametrize("come_to", IN_HAND)
def test_a_withdrawal_ends_the_dossier_wherever_it_stands(land: World, come_to: Callable[[World], None]) -> None:
    come_to(land)
    land.pass_(timedelta(hours=1))
    land.withdraw()
    dossier = land.dossier()
    assert (dossier.state, dossier.stop_cause, dossier.next_check_at, dossier.paused) == (
        "withdrawn",
        "withdrawn",
        None,
        False,
    )
    assert land.open_tasks() == []
    assert land.intervals()[-1].ends_at == dossier.stopped_at == land.store.clock.now()
    assert land.said("dossier.stopped") == ["dossier.stopped"]
    before = land.said()
    land.supply()
    land.withdraw(sequence=9)
    land.go_to(PROMISED + timedelta(days=20))
    assert land.sweep() == 0
    assert (land.dossier(), land.said()) == (dossier, before)


def test_after_the_result_a_withdrawal_changes_nothing(land: World) -> None:
    resolved(land)
    before = land.dossier()
    land.withdraw()
    assert land.dossier() == before
    assert land.said("dossier.stopped") == []


def test_a_payment_after_the_withdrawal_moves_nothing(land: World) -> None:
    paying(land)
    task = land.step("tax")
    land.withdraw()
    assert land.pay(task.obligation, 5_000_000).applied == 1
    assert land.dossier().state == "withdrawn"
    assert land.said()[-1] == "dossier.stopped"


def with_sub(world: World) -> None:
    """A dossier whose second step a sub-dossier does."""
    world.publish(FUNERAL)
    begin(world, sub_step(FUNERAL, completed="collect", refused="collect"))
    world.complete("entry")


def subs(world: World) -> list[str]:
    with world.store.read() as connection:
        return [sub.state for sub in dossiers.subs_of(connection, CODE)]


def test_a_withdrawal_takes_sub_dossiers_along(world: World) -> None:
    with_sub(world)
    assert subs(world) == ["active"]
    world.withdraw()
    assert (subs(world), world.open_tasks()) == (["stopped"], [])
    assert world.said("dossier.stopped", "dossier.resolved") == ["dossier.stopped"]


@pytest.mark.parametrize("come_to", IN_HAND)
def test_a_leader_stops_a_dossier_with_a_reason(land: World, come_to: Callable[[World], None]) -> None:
    come_to(land)
    with pytest.raises(EndNotAllowed, match="stop_without_reason"):
        land.run(lambda work: stop_dossier(work, CODE, " ", "leader-1"))
    land.run(lambda work: stop_dossier(work, CODE, "Tòa án yêu cầu", "leader-1"))
    dossier = land.dossier()
    assert (dossier.state, dossier.stop_cause, dossier.stopped_by) == ("stopped", "stopped", "leader-1")
    (said,) = land.emitted("dossier.stopped")
    assert (said.data["cause"], said.data["reason"], said.data["agency"]) == ("stopped", "Tòa án yêu cầu", REGISTRY)
    with pytest.raises(EndNotAllowed, match="dossier_ended"):
        land.run(lambda work: stop_dossier(work, CODE, "Lần nữa", "leader-1"))


def test_what_has_its_result_is_not_stopped(sqlite_land: World) -> None:
    resolved(sqlite_land)
    with pytest.raises(EndNotAllowed, match="dossier_ended"):
        sqlite_land.run(lambda work: stop_dossier(work, CODE, "Lý do", "leader-1"))


def test_a_dossier_stopped_late_was_late(land: World) -> None:
    land.go_to(PROMISED + timedelta(minutes=1))
    land.run(lambda work: stop_dossier(work, CODE, "Lý do", "leader-1"))
    assert land.said()[-2:] == ["dossier.overdue", "dossier.stopped"]
    assert land.dossier().on_time is False


def test_a_refusal_in_writing_is_the_result(land: World) -> None:
    land.complete("transfer")
    task = land.step("assessment")
    done = land.run(lambda work: refuse_dossier(work, task.id, "Đất đang tranh chấp", "12/TB-VPĐK", "leader-1"))
    assert (done.state, done.outcome, done.note) == ("done", "refused", "12/TB-VPĐK: Đất đang tranh chấp")
    dossier = land.dossier()
    assert (dossier.state, dossier.outcome, dossier.on_time) == ("resolved", "refused", True)
    assert land.said()[-2:] == ["step.completed", "dossier.resolved"]
    assert land.open_tasks() == []
    land.entries()


@pytest.mark.parametrize(
    ("reason", "document", "code"),
    [("Lý do", " ", "refusal_not_in_writing"), (" ", "12/TB", "refusal_without_reason")],
)
def test_a_refusal_needs_its_document_and_its_reason(sqlite_land: World, reason: str, document: str, code: str) -> None:
    task = sqlite_land.step("transfer")
    with pytest.raises(RefusalNotAllowed, match=code):
        sqlite_land.run(lambda work: refuse_dossier(work, task.id, reason, document, "leader-1"))
    assert sqlite_land.dossier().state == "active"


def test_a_refusal_ends_the_other_branches_too(world: World) -> None:
    begin(world, forked())
    world.complete("entry")
    task = world.step("police")
    world.run(lambda work: refuse_dossier(work, task.id, "Lý do", "12/TB", "leader-1"))
    assert {one.step: one.state for one in world.tasks()} == {"entry": "done", "police": "done", "tax": "cancelled"}
    assert world.said("dossier.resolved") == ["dossier.resolved"]


def test_a_refusal_within_a_sub_dossier_refuses_the_whole(world: World) -> None:
    with_sub(world)
    task = world.step("examination")
    world.run(lambda work: refuse_dossier(work, task.id, "Không thuộc đối tượng", "12/TB", "leader-1"))
    assert (world.dossier().state, world.dossier().outcome) == ("resolved", "refused")
    assert (subs(world), world.open_tasks()) == (["stopped"], [])
    assert world.said("dossier.resolved") == ["dossier.resolved"]


def test_a_dossier_refused_late_is_said_late_first(land: World) -> None:
    land.go_to(PROMISED + timedelta(minutes=1))
    task = land.step("transfer")
    land.run(lambda work: refuse_dossier(work, task.id, "Lý do", "12/TB", "leader-1"))
    assert land.said()[-3:] == ["dossier.overdue", "step.completed", "dossier.resolved"]
    assert land.dossier().on_time is False


def test_what_waits_for_papers_is_not_refused(sqlite_world: World) -> None:
    begin(sqlite_world, forked())
    sqlite_world.complete("entry")
    asking, other = sqlite_world.ask("police"), sqlite_world.step("tax")
    with pytest.raises(NotOpen):
        sqlite_world.run(lambda work: refuse_dossier(work, asking.id, "Lý do", "12/TB", "leader-1"))
    with pytest.raises(NotInHand):
        sqlite_world.run(lambda work: refuse_dossier(work, other.id, "Lý do", "12/TB", "leader-1"))


def test_stop_and_refusal_over_the_api(land: World, client: Client, officer: Headers) -> None:
    land.complete("transfer")
    leader = land.token("leader", REGISTRY, "leader-1")
    body = {"reason": "Lý do"}
    assert client.post(f"/routing/api/dossiers/{CODE}/stop", json=body, headers=officer).status_code == 403
    task = land.step("assessment")
    answer = client.post(f"/routing/api/tasks/{task.id}/refuse", json=body | {"document": "12/TB"}, headers=officer)
    assert (answer.status_code, answer.json["outcome"]) == (200, "refused")
    answer = client.post(f"/routing/api/dossiers/{CODE}/stop", json=body, headers=leader)
    assert (answer.status_code, answer.json["code"]) == (409, "dossier_ended")


def test_a_sub_dossier_that_is_not_fitting_is_never_opened(world: World) -> None:
    """The step has no outcome for a refusal, with which the sub-dossier may end."""
    world.publish(FUNERAL)
    begin(world, sub_step(FUNERAL, completed="collect"))
    client = world.client()
    task = world.step("entry")
    answer = client.post(
        f"/routing/api/tasks/{task.id}/complete",
        json={"outcome": "completed"},
        headers=world.token("officer", task.agency),
    )
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:unroutable")
    assert "no outcome refused of 1.014028" in answer.json["detail_en"]
    assert world.step("entry").state == "open"
