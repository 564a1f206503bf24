"""Agencies with their own software: the events they get, the decisions they may make, and the answers to the ones they may not."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.commands.closure import refuse_dossier
from services.routing.commands.hand_over import resend
from services.routing.plugins import store as plugins
from services.routing.plugins.registry import plug_in
from services.routing.store.tasks import Task
from shared.messaging.event import Event
from tests.routing.route_builders import begin, forked
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TAX, RoutingFixture, at, complete, decision
from tests.support.events import event

REJECTED = "agency.decision.rejected"


def plugged(land: RoutingFixture) -> Task:
    """The land registry's own software has its step."""
    land.plug_in(REGISTRY)
    land.complete("transfer")
    return land.step("assessment")


def addressed(service: RoutingFixture) -> list[Event]:
    """The events that were sent to agencies' own software."""
    return [emitted for emitted in service.emitted() if emitted.name.startswith("agency.")]


def rejection(service: RoutingFixture) -> dict[str, Any]:
    (emitted,) = service.emitted(REJECTED)
    return emitted.data


def test_an_agencys_software_gets_its_step(land: RoutingFixture) -> None:
    task = plugged(land)
    (emitted,) = addressed(land)
    assert emitted.name == "agency.step.assigned"
    assert emitted.data == {
        "dossier": CODE,
        "task": task.id,
        "step": "assessment",
        "name": task.name,
        "agency": REGISTRY,
        "official_role": "officer",
        "procedure": "1.013831",
        "procedure_name": land.emitted("agency.step.assigned")[0].data["procedure_name"],
        "case": "transfer",
        "field": "land",
        "receiving_agency": DESK,
        "regulation": "nd118-2025",
        "counted": True,
        "assigned_at": "2025-11-20T08:15:00+07:00",
        "due_at": "2025-11-24T08:15:00+07:00",
        "wait_until": None,
        "outcomes": ["completed", "no_tax"],
        "obligation_outcome": None,
        "note": "",
    }
    assert land.topics()[-1] == f"agency.{REGISTRY}"


def test_agencies_without_software_get_no_events(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment")
    land.withdraw()
    assert addressed(land) == []


def test_a_decision_has_the_same_effect_as_the_api(land: RoutingFixture) -> None:
    task = plugged(land)
    assert land.apply(decision("agency.step.accepted", task, by="cb-1")).applied == 1
    assert land.step("assessment").accepted_by == f"{REGISTRY}:cb-1"
    assert land.apply(decision("agency.step.completed", task, outcome="no_tax", note="Đủ điều kiện")).applied == 1
    done = land.tasks()[1]
    assert (done.state, done.outcome, done.note) == ("done", "no_tax", "Đủ điều kiện")
    assert land.step("printing").agency == REGISTRY
    assert land.emitted("agency.step.assigned")[-1].data["note"] == "Đủ điều kiện"
    assert land.event_names(REJECTED) == []
    land.entries()


def test_an_agency_requests_an_obligation(land: RoutingFixture) -> None:
    land.plug_in(TAX)
    land.complete_steps("transfer", "assessment")
    task = land.step("tax")
    assert land.emitted("agency.step.assigned")[0].data["obligation_outcome"] == "obligation"
    land.apply(decision("agency.obligation.requested", task, outcome="obligation", amount=7_000_000, by=""))
    waiting = land.step("tax")
    assert (waiting.state, waiting.amount, waiting.completed_by) == ("awaiting_payment", 7_000_000, f"agency:{TAX}")
    land.pay(waiting.obligation, 7_000_000)
    assert land.step("printing").state == "open"


def test_an_agency_returns_a_step_and_gets_it_again(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.step.returned", task, reason="Thiếu bản đồ"))
    assert land.step("assessment").refusal == "Thiếu bản đồ"
    assert land.event_names("step.returned") == ["step.returned"]
    land.apply(decision("agency.step.completed", task, outcome="no_tax"))
    assert rejection(land)["code"] == "step_refused"
    land.run(lambda work: resend(work, task.id, "Đã kèm", "clerk-1"))
    assert land.emitted("agency.step.assigned")[-1].data["note"] == "Đã kèm"


def test_an_agency_requests_a_supplement_and_gets_the_step_again_when_it_has_come(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.supplement.requested", task, papers=["Hợp đồng"], reason="Thiếu"))
    assert land.dossier().state == "supplement"
    assert land.emitted("supplement.requested")[0].data["papers"] == ["Hợp đồng"]
    land.supplement()
    sent = land.emitted("agency.step.assigned")
    assert [emitted.data["task"] for emitted in sent] == [task.id, task.id]
    again = {"papers": ["Hợp đồng"], "reason": "Thiếu", "in_reply_to": sent[1].id}
    land.apply(decision("agency.supplement.requested", task, id="second", **again))
    assert (rejection(land)["code"], land.dossier().state) == ("supplement_already_requested", "active")


def test_a_step_that_is_no_longer_needed_is_cancelled(land: RoutingFixture) -> None:
    task = plugged(land)
    land.advance(60)
    land.withdraw()
    (emitted,) = land.emitted("agency.step.cancelled")
    assert emitted.data == {
        "dossier": CODE,
        "task": task.id,
        "agency": REGISTRY,
        "reason": "withdrawn",
        "cancelled_at": "2025-11-20T08:16:00+07:00",
    }


def test_a_refusal_cancels_the_other_branchs_step(sqlite_service: RoutingFixture) -> None:
    sqlite_service.plug_in("G01.12.31")
    begin(sqlite_service, forked())
    sqlite_service.complete("entry")
    police, tax = sqlite_service.step("police"), sqlite_service.step("tax")
    sqlite_service.run(lambda work: refuse_dossier(work, tax.id, "Lý do", "12/TB", "leader-1"))
    (emitted,) = sqlite_service.emitted("agency.step.cancelled")
    assert (emitted.data["task"], emitted.data["reason"]) == (police.id, "refused")


REFUSED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "unknown outcome": ("agency.step.completed", "unknown_outcome", {"outcome": "refused"}),
    "amount where none is": ("agency.obligation.requested", "amount_not_allowed", {"outcome": "no_tax", "amount": 5}),
    "another's step": ("agency.step.completed", "not_your_step", {"agency": TAX, "outcome": "no_tax"}),
    "no step": ("agency.step.completed", "unknown_step", {"task": "none", "outcome": "no_tax"}),
    "another dossier's": ("agency.step.completed", "unknown_step", {"dossier": f"{CODE}9", "outcome": "no_tax"}),
    "without papers": ("agency.supplement.requested", "supplement_without_content", {"papers": [" "], "reason": "x"}),
}


@pytest.mark.parametrize("fault", list(REFUSED))
def test_a_forbidden_decision_is_rejected_and_changes_nothing(land: RoutingFixture, fault: str) -> None:
    name, code, data = REFUSED[fault]
    land.plug_in(TAX)
    task = plugged(land)
    before, entries = land.tasks(), land.entries()
    made = decision(name, task, **data)
    assert land.apply(made).applied == 1
    about = data.get("dossier", CODE)
    (emitted,) = land.emitted(REJECTED, code=about)
    assert (emitted.data["code"], emitted.data["decision"], emitted.data["task"]) == (
        code,
        made.id,
        data.get("task", task.id),
    )
    assert land.topics()[-1] == f"agency.{data.get('agency', REGISTRY)}"
    assert emitted.data["message_vi"]
    assert emitted.data["message_en"]
    assert (land.tasks(), land.entries(), land.parked()) == (before, entries, [])


def test_a_decision_that_comes_too_late_is_rejected(land: RoutingFixture) -> None:
    task = plugged(land)
    land.complete("assessment", "no_tax")
    land.apply(decision("agency.step.completed", task, outcome="no_tax"))
    assert (rejection(land)["code"], rejection(land)["message_en"]) == (
        "step_not_open",
        "The step was completed by official-7 at 08:15 on 20/11/2025.",
    )


def test_an_id_that_was_used_for_another_step_is_refused_and_told(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.step.completed", task, id="same", outcome="no_tax"))
    printing = land.step("printing")
    before, entries = land.tasks(), land.entries()
    reused = decision("agency.step.completed", printing, id="same", outcome="completed", by="cb-2")
    for _ in range(2):  # the second is a redelivery
        assert land.apply(reused).applied == 0
    assert rejection(land) == {
        "dossier": CODE,
        "task": printing.id,
        "agency": REGISTRY,
        "decision": "same",
        "code": "decision_id_reused",
        "message_vi": rejection(land)["message_vi"],
        "message_en": "The id of this decision was used before for another one; this one has no effect: send it under an id of its own",
        "rejected_at": "2025-11-20T08:15:00+07:00",
    }
    assert land.topics()[-1] == f"agency.{REGISTRY}"
    assert (land.tasks(), land.entries(), land.parked()) == (before, entries, [])
    land.apply(decision("agency.step.completed", printing, id="its own", outcome="completed", by="cb-2"))
    assert land.step("checking").state == "open"


def test_the_same_decision_again_is_not_told(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.step.completed", task, outcome="no_tax"))
    again = decision("agency.step.completed", task, outcome="no_tax", decided_at="2025-11-21T09:09:09+07:00")
    assert land.apply(again).duplicates == 1
    assert land.event_names(REJECTED) == []


def test_an_agency_that_has_no_software_any_more_is_not_told_of_a_reused_id(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.step.accepted", task, id="same"))
    land.run(lambda work: plugins.unplug(work.connection, REGISTRY, work.now))
    land.apply(decision("agency.step.completed", task, id="same", outcome="no_tax"))
    assert (land.event_names(REJECTED), land.step("assessment").state) == ([], "open")


def test_a_rejected_decision_on_a_late_dossier_leaves_nothing_behind(land: RoutingFixture) -> None:
    """A hand-over that is out of order is detected only inside the transaction, after `dossier.overdue` was emitted."""
    task = plugged(land)
    land.advance_to(at("2025-12-03 08:00"))
    land.apply(decision("agency.step.returned", task, reason="Thiếu bản đồ"))
    before = land.event_names()
    land.apply(decision("agency.step.completed", task, outcome="no_tax"))
    assert land.event_names() == [*before, REJECTED]
    assert land.dossier().overdue_at is None
    land.entries()


def test_an_agency_cannot_decide_for_another(land: RoutingFixture) -> None:
    task = plugged(land)
    forged = decision("agency.step.completed", task, outcome="no_tax")
    stranger = Event("x", f"/agency/{TAX}", forged.type, forged.time, forged.key, forged.sequence, forged.data)
    assert land.apply(stranger).parked == 1
    assert land.step("assessment").state == "open"


def test_an_unplugged_agency_gets_no_more_events(land: RoutingFixture) -> None:
    task = plugged(land)
    heard = len(addressed(land))
    assert land.run(lambda work: plugins.unplug(work.connection, REGISTRY, work.now))
    land.apply(decision("agency.step.completed", task, outcome="refused"))
    land.withdraw()
    assert len(addressed(land)) == heard
    land.plug_in(REGISTRY)
    assert not land.run(lambda work: plugins.unplug(work.connection, TAX, work.now))


def test_agencies_with_and_without_software_share_a_route(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.step.completed", task, outcome="completed"))
    obliged = land.complete("tax", "obligation", 5_000_000)  # at the tax office's worklist
    assert land.apply(event("fee.paid", 7, obligation=obliged.obligation, amount=5_000_000)).applied == 1
    for name in ("printing", "checking"):
        land.apply(decision("agency.step.completed", land.step(name), outcome="completed"))
    land.complete("signing")  # by the leader, at a desk
    land.apply(decision("agency.step.completed", land.step("hand-over"), outcome="completed"))
    land.complete("receive-result")
    assert land.dossier().state == "resolved"
    assert [emitted.data["step"] for emitted in land.emitted("agency.step.assigned")] == [
        "assessment",
        "printing",
        "checking",
        "signing",
        "hand-over",
    ]
    land.entries()


def test_software_completes_a_leaders_step_only_if_its_grant_includes_signing(land: RoutingFixture) -> None:
    """Who signs is the law's leader; an agency's own system may sign in its own house where its grant says so."""
    plugged(land)
    land.complete_steps("assessment:no_tax", "printing", "checking")
    signing = land.step("signing")
    land.apply(decision("agency.step.completed", signing, outcome="completed", id="first"))
    assert (rejection(land)["code"], land.step("signing").state) == ("step_of_leader", "open")
    client, software = land.client(), land.token("agency", REGISTRY, f"agency:{REGISTRY}")
    answer = complete(client, signing.id, software)
    assert (answer.status_code, answer.json["roles"]) == (403, ["leader"])
    plug_in(land.store, TAX, signs=True)
    assert complete(client, signing.id, software).status_code == 403, "the grant is another agency's"
    plug_in(land.store, REGISTRY, signs=True)
    plug_in(land.store, REGISTRY)
    land.apply(decision("agency.step.completed", signing, outcome="completed", id="second"))
    assert land.step("hand-over").agency == REGISTRY


def test_a_grant_to_sign_ends_with_the_registration(land: RoutingFixture) -> None:
    plug_in(land.store, REGISTRY, signs=True)
    land.run(lambda work: plugins.unplug(work.connection, REGISTRY, work.now))
    plug_in(land.store, REGISTRY)
    with land.store.read() as connection:
        assert not plugins.signs(connection, REGISTRY)
    plug_in(land.store, REGISTRY, signs=True)
    plug_in(land.store, REGISTRY, signs=False)
    with land.store.read() as connection:
        assert not plugins.signs(connection, REGISTRY)


def test_a_long_identifier_of_an_official_is_not_truncated(land: RoutingFixture) -> None:
    task = plugged(land)
    land.apply(decision("agency.step.accepted", task, by="c" * 200))
    assert land.step("assessment").accepted_by == f"{REGISTRY}:{'c' * 200}"
    land.entries()
