"""Ends without the route's result: withdrawn by the citizen, stopped by a leader, refused in writing."""

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
from tests.routing.service_fixture import CODE, PROMISED, REGISTRY, TO_THE_RESULT, Client, Headers, RoutingFixture

FUNERAL = "1.014028"


def at_the_desk(land: RoutingFixture) -> None:
    """Nothing has happened yet."""


def paying(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment")
    land.complete("tax", "obligation", 5_000_000)


def waiting(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.request_supplement("assessment")


def uncounted(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment")


def resolved(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT)


IN_HAND = [at_the_desk, paying, waiting, uncounted]


@pytest.mark.parametrize("prepare", IN_HAND)
def test_a_withdrawal_ends_the_dossier_in_any_open_state(
    land: RoutingFixture, prepare: Callable[[RoutingFixture], None]
) -> None:
    prepare(land)
    land.advance(timedelta(hours=1))
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
    assert land.event_names("dossier.stopped") == ["dossier.stopped"]
    before = land.event_names()
    land.supplement()
    land.withdraw(sequence=9)
    land.advance_to(PROMISED + timedelta(days=20))
    assert land.sweep() == 0
    assert (land.dossier(), land.event_names()) == (dossier, before)


def test_after_the_result_a_withdrawal_changes_nothing(land: RoutingFixture) -> None:
    resolved(land)
    before = land.dossier()
    land.withdraw()
    assert land.dossier() == before
    assert land.event_names("dossier.stopped") == []


def test_a_payment_after_the_withdrawal_changes_nothing(land: RoutingFixture) -> None:
    paying(land)
    task = land.step("tax")
    land.withdraw()
    assert land.pay(task.obligation, 5_000_000).applied == 1
    assert land.dossier().state == "withdrawn"
    assert land.event_names()[-1] == "dossier.stopped"


def with_sub(service: RoutingFixture) -> None:
    """A dossier whose second step a sub-dossier does."""
    service.publish(FUNERAL)
    begin(service, sub_step(FUNERAL, completed="collect", refused="collect"))
    service.complete("entry")


def subs(service: RoutingFixture) -> list[str]:
    with service.store.read() as connection:
        return [sub.state for sub in dossiers.subs_of(connection, CODE)]


def test_a_withdrawal_ends_sub_dossiers_too(service: RoutingFixture) -> None:
    with_sub(service)
    assert subs(service) == ["active"]
    service.withdraw()
    assert (subs(service), service.open_tasks()) == (["stopped"], [])
    assert service.event_names("dossier.stopped", "dossier.resolved") == ["dossier.stopped"]


@pytest.mark.parametrize("prepare", IN_HAND)
def test_a_leader_stops_a_dossier_with_a_reason(
    land: RoutingFixture, prepare: Callable[[RoutingFixture], None]
) -> None:
    prepare(land)
    with pytest.raises(EndNotAllowed, match="stop_without_reason"):
        land.run(lambda work: stop_dossier(work, CODE, " ", "leader-1"))
    land.run(lambda work: stop_dossier(work, CODE, "Tòa án yêu cầu", "leader-1"))
    dossier = land.dossier()
    assert (dossier.state, dossier.stop_cause, dossier.stopped_by) == ("stopped", "stopped", "leader-1")
    (emitted,) = land.emitted("dossier.stopped")
    assert (emitted.data["cause"], emitted.data["reason"], emitted.data["agency"]) == (
        "stopped",
        "Tòa án yêu cầu",
        REGISTRY,
    )
    with pytest.raises(EndNotAllowed, match="dossier_ended"):
        land.run(lambda work: stop_dossier(work, CODE, "Lần nữa", "leader-1"))


def test_a_dossier_with_a_result_cannot_be_stopped(sqlite_land: RoutingFixture) -> None:
    resolved(sqlite_land)
    with pytest.raises(EndNotAllowed, match="dossier_ended"):
        sqlite_land.run(lambda work: stop_dossier(work, CODE, "Lý do", "leader-1"))


def test_a_dossier_stopped_late_was_late(land: RoutingFixture) -> None:
    land.advance_to(PROMISED + timedelta(minutes=1))
    land.run(lambda work: stop_dossier(work, CODE, "Lý do", "leader-1"))
    assert land.event_names()[-3:] == ["dossier.overdue", "apology.withdrawn", "dossier.stopped"]
    assert land.dossier().on_time is False


def test_a_refusal_in_writing_is_the_result(land: RoutingFixture) -> None:
    land.complete("transfer")
    task = land.step("assessment")
    done = land.run(lambda work: refuse_dossier(work, task.id, "Đất đang tranh chấp", "12/TB-VPĐK", "leader-1"))
    assert (done.state, done.outcome, done.note) == ("done", "refused", "12/TB-VPĐK: Đất đang tranh chấp")
    dossier = land.dossier()
    assert (dossier.state, dossier.outcome, dossier.on_time) == ("resolved", "refused", True)
    ended = ["refusal.explained", "step.completed", "official.completed_step", "dossier.resolved"]
    assert land.event_names()[-4:] == ended
    explained = land.emitted()[-4].data
    expected = {"agency": REGISTRY, "document": "12/TB-VPĐK", "reason": "Đất đang tranh chấp"}
    assert {name: explained[name] for name in expected} == expected
    assert land.open_tasks() == []
    land.entries()


@pytest.mark.parametrize(
    ("reason", "document", "code"),
    [("Lý do", " ", "refusal_not_in_writing"), (" ", "12/TB", "refusal_without_reason")],
)
def test_a_refusal_needs_its_document_and_its_reason(
    sqlite_land: RoutingFixture, reason: str, document: str, code: str
) -> None:
    task = sqlite_land.step("transfer")
    with pytest.raises(RefusalNotAllowed, match=code):
        sqlite_land.run(lambda work: refuse_dossier(work, task.id, reason, document, "leader-1"))
    assert sqlite_land.dossier().state == "active"


def test_a_refusal_ends_the_other_branches_too(service: RoutingFixture) -> None:
    begin(service, forked())
    service.complete("entry")
    task = service.step("police")
    service.run(lambda work: refuse_dossier(work, task.id, "Lý do", "12/TB", "leader-1"))
    assert {one.step: one.state for one in service.tasks()} == {"entry": "done", "police": "done", "tax": "cancelled"}
    assert service.event_names("dossier.resolved") == ["dossier.resolved"]


def test_a_refusal_in_a_sub_dossier_refuses_the_whole_dossier(service: RoutingFixture) -> None:
    with_sub(service)
    task = service.step("examination")
    service.run(lambda work: refuse_dossier(work, task.id, "Không thuộc đối tượng", "12/TB", "leader-1"))
    assert (service.dossier().state, service.dossier().outcome) == ("resolved", "refused")
    assert (subs(service), service.open_tasks()) == (["stopped"], [])
    assert service.event_names("dossier.resolved") == ["dossier.resolved"]


def test_a_dossier_refused_late_is_announced_overdue_first(land: RoutingFixture) -> None:
    land.advance_to(PROMISED + timedelta(minutes=1))
    task = land.step("transfer")
    land.run(lambda work: refuse_dossier(work, task.id, "Lý do", "12/TB", "leader-1"))
    done = ["dossier.overdue", "step.completed", "official.completed_step"]
    assert land.event_names()[-5:] == [*done, "apology.withdrawn", "dossier.resolved"]
    assert land.dossier().on_time is False


def test_a_dossier_awaiting_a_supplement_cannot_be_refused(sqlite_service: RoutingFixture) -> None:
    begin(sqlite_service, forked())
    sqlite_service.complete("entry")
    asking, other = sqlite_service.request_supplement("police"), sqlite_service.step("tax")
    with pytest.raises(NotOpen):
        sqlite_service.run(lambda work: refuse_dossier(work, asking.id, "Lý do", "12/TB", "leader-1"))
    with pytest.raises(NotInHand):
        sqlite_service.run(lambda work: refuse_dossier(work, other.id, "Lý do", "12/TB", "leader-1"))


def test_stop_and_refusal_over_the_api(land: RoutingFixture, client: Client, officer: Headers) -> None:
    land.complete("transfer")
    leader = land.token("leader", REGISTRY, "leader-1")
    body = {"reason": "Lý do"}
    assert client.post(f"/routing/api/dossiers/{CODE}/stop", json=body, headers=officer).status_code == 403
    task = land.step("assessment")
    answer = client.post(f"/routing/api/tasks/{task.id}/refuse", json=body | {"document": "12/TB"}, headers=officer)
    assert (answer.status_code, answer.json["outcome"]) == (200, "refused")
    answer = client.post(f"/routing/api/dossiers/{CODE}/stop", json=body, headers=leader)
    assert (answer.status_code, answer.json["code"]) == (409, "dossier_ended")


def test_a_sub_dossier_with_unforeseen_outcomes_is_not_opened(service: RoutingFixture) -> None:
    """The step has no outcome for a refusal, with which the sub-dossier may end."""
    service.publish(FUNERAL)
    begin(service, sub_step(FUNERAL, completed="collect"))
    client = service.client()
    task = service.step("entry")
    answer = client.post(
        f"/routing/api/tasks/{task.id}/complete",
        json={"outcome": "completed"},
        headers=service.token("officer", task.agency),
    )
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:unroutable")
    assert "no outcome refused of 1.014028" in answer.json["detail_en"]
    assert service.step("entry").state == "open"
