"""Routes carried out: forks and joins, conditions, passing over, returns, postings, sub-dossiers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.routing.commands.complete import complete_task
from services.routing.commands.errors import StillPosted
from services.routing.store import dossiers
from services.routing.store.dossiers import Dossier
from tests.routing.route_builders import OTHER, begin, forked, procedure, step, sub_step
from tests.routing.service_fixture import CODE, DESK, RoutingFixture, at, complete, published

FUNERAL = "1.014028"


def open_steps(service: RoutingFixture) -> list[str]:
    """The open steps of a dossier, sorted by id."""
    return sorted(task.step for task in service.open_tasks())


def test_branches_begin_at_once_and_meet_at_the_join(service: RoutingFixture) -> None:
    begin(service, forked())
    service.complete("entry")
    assert open_steps(service) == ["police", "tax"]
    service.complete("tax")
    assert open_steps(service) == ["police"]
    service.complete("police")
    assert open_steps(service) == ["collect"]
    service.complete("collect")
    assert (service.dossier().state, service.event_names("dossier.resolved")) == ("resolved", ["dossier.resolved"])
    service.entries()


def test_the_clock_is_paused_while_only_uncounted_branches_are_open(service: RoutingFixture) -> None:
    steps = forked()
    steps[2] |= {"counted": False, "working_hours": 0}
    begin(service, steps)
    service.complete("entry")
    assert not service.dossier().paused
    service.complete("police")
    assert service.dossier().paused
    service.complete("tax")
    assert not service.dossier().paused
    assert [interval.reason for interval in service.intervals()] == ["", "tax", ""]


@pytest.mark.parametrize(
    ("when", "case", "passed"),
    [
        ({"cases": ["other"]}, "default", True),
        ({"cases": ["other"]}, "other", False),
        ({"chosen": "x"}, "default", True),
        ({"outcome": {"step": "entry", "in": ["thorough"]}}, "default", True),
        ({"outcome": {"step": "entry", "in": ["completed"]}}, "default", False),
        ({"amount_from": 1}, "default", True),
        ({"amount_below": 1}, "default", False),
    ],
)
def test_a_step_whose_condition_does_not_hold_is_passed_over(
    service: RoutingFixture, when: dict[str, Any], case: str, passed: bool
) -> None:
    begin(
        service,
        [
            step("entry", "one_stop_desk", {"completed": "check", "thorough": "check"}),
            step("check", "police", "collect", when=when, otherwise="collect"),
            step("collect", "one_stop_desk", "end"),
        ],
        case,
    )
    service.complete("entry")
    assert open_steps(service) == ["collect" if passed else "check"]
    if passed:
        (kept,) = [task for task in service.tasks() if task.step == "check"]
        assert (kept.state, kept.outcome, kept.note) == ("cancelled", None, "không cần thực hiện (điều kiện không có)")
        assert "check" not in [emitted.data["step"] for emitted in service.emitted("step.assigned")]


def test_a_condition_tests_the_amount_to_be_paid(service: RoutingFixture) -> None:
    obligation = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
    begin(
        service,
        [
            step(
                "tax",
                "tax",
                {"completed": "check", "obligation": "check"},
                hours=0,
                counted=False,
                obligation=obligation,
            ),
            step("check", "land_registry", "collect", when={"amount_from": 1000}, otherwise="collect"),
            step("collect", "one_stop_desk", "end"),
        ],
    )
    task = service.complete("tax", "obligation", 1000)
    service.pay(task.obligation, 1000)
    assert open_steps(service) == ["check"]


def test_a_return_reopens_the_earlier_step(service: RoutingFixture) -> None:
    begin(
        service,
        [
            step("entry", "one_stop_desk", "draft"),
            step("draft", "police", "sign"),
            step("sign", "peoples_committee", {"completed": "end", "returned": "draft"}, official_role="leader"),
        ],
    )
    service.complete_steps("entry", "draft", "sign:returned")
    assert open_steps(service) == ["draft"]
    assert service.step("draft").from_agency == "H12.31"
    service.complete_steps("draft", "sign")
    assert service.dossier().state == "resolved"
    assert [task.step for task in service.tasks()] == ["entry", "draft", "sign", "draft", "sign"]


def posted(service: RoutingFixture) -> None:
    begin(
        service,
        [
            step("entry", "one_stop_desk", "posting"),
            step("posting", "peoples_committee", "collect", hours=0, counted=False, wait_days=15),
            step("collect", "one_stop_desk", "end"),
        ],
    )
    service.complete("entry")


def test_a_posting_lasts_its_days(service: RoutingFixture) -> None:
    posted(service)
    task = service.step("posting")
    assert task.wait_until == at("2025-12-05 17:30")
    assert service.dossier().paused
    service.advance_to(at("2025-12-05 17:29"))
    with pytest.raises(StillPosted):
        service.complete("posting")
    service.advance_to(at("2025-12-05 17:30"))
    service.complete("posting")
    assert open_steps(service) == ["collect"]


def test_a_posting_is_not_overdue_before_it_can_be_completed(service: RoutingFixture) -> None:
    posted(service)
    service.advance_to(at("2025-12-06 08:00"))
    service.sweep()
    assert service.event_names("step.overdue") == []
    assert service.step("posting").due_at == at("2025-12-08 17:30")  # the working day after it
    service.advance_to(at("2025-12-08 17:31"))
    service.sweep()
    assert service.event_names("step.overdue", "dossier.overdue") == ["step.overdue"]


def test_a_posting_over_the_api(service: RoutingFixture) -> None:
    posted(service)
    client = service.client()
    answer = complete(client, service.step("posting").id, service.token("officer", "H12.31"))
    assert (answer.status_code, answer.json["until"]) == (409, "2025-12-05T17:30:00+07:00")


def subs(service: RoutingFixture) -> list[Dossier]:
    with service.store.read() as connection:
        return dossiers.subs_of(connection, CODE)


def with_sub(service: RoutingFixture) -> None:
    begin(service, sub_step(FUNERAL, completed="collect", refused="end"))
    service.complete("entry")


def test_a_sub_dossier_does_a_step(service: RoutingFixture) -> None:
    service.publish(FUNERAL)
    with_sub(service)
    (child,) = subs(service)
    assert (child.code, child.root, child.procedure, child.state) == (f"{CODE}/1", CODE, FUNERAL, "active")
    assert {task.step: task.state for task in service.open_tasks()} == {
        "funeral": "awaiting_sub",
        "examination": "open",
    }
    service.complete_steps("examination", "signing")
    (child,) = subs(service)
    assert child.state == "active"
    service.complete("hand-over")
    (child,) = subs(service)
    assert (child.state, child.outcome) == ("resolved", "completed")
    (parent,) = [task for task in service.tasks() if task.step == "funeral"]
    assert (parent.state, parent.outcome) == ("done", "completed")
    service.complete("collect")
    assert service.event_names("dossier.resolved") == ["dossier.resolved"]
    service.entries()


def test_the_sub_dossiers_outcome_is_the_steps(service: RoutingFixture) -> None:
    service.publish(FUNERAL)
    with_sub(service)
    service.complete_steps("examination", "signing:refused")
    assert (service.dossier().state, service.dossier().outcome) == ("resolved", "refused")
    assert service.event_names("dossier.resolved") == ["dossier.resolved"]


def test_events_of_a_sub_dossier_carry_the_citizens_code(service: RoutingFixture) -> None:
    service.publish(FUNERAL)
    with_sub(service)
    service.complete_steps("examination", "signing", "hand-over", "collect")
    assert service.emitted(code=f"{CODE}/1") == []
    steps = [emitted.data["step"] for emitted in service.emitted("step.completed")]
    assert steps == ["entry", "examination", "signing", "hand-over", "funeral", "collect"]
    client = service.client()
    shown = client.get(f"/routing/api/dossiers/{CODE}", headers=service.token("clerk", DESK)).json
    assert sorted(one["step"] for one in shown["steps"]) == sorted(steps)
    assert {one["dossier"] for one in shown["steps"]} == {CODE, f"{CODE}/1"}
    assert client.get(f"/routing/api/dossiers/{CODE}/1", headers=service.token("clerk", DESK)).status_code == 404


def test_a_supplement_for_a_sub_dossier_pauses_the_citizens_clock(service: RoutingFixture) -> None:
    service.publish(FUNERAL)
    with_sub(service)
    service.request_supplement("examination")
    assert (service.dossier().state, service.dossier().paused) == ("supplement", True)
    service.advance(timedelta(days=1))
    service.supplement()
    service.complete_steps("examination", "signing", "hand-over", "collect")
    assert service.dossier().state == "resolved"
    service.entries()


def test_a_sub_dossier_waits_for_its_procedure(service: RoutingFixture) -> None:
    begin(service, sub_step(FUNERAL, completed="collect", refused="end"))
    client = service.client()
    task = service.step("entry")
    answer = complete(client, task.id, service.token("officer", DESK))
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:not-yet")
    assert open_steps(service) == ["entry"]
    service.publish(FUNERAL)
    assert complete(client, task.id, service.token("officer", DESK)).status_code == 200
    assert open_steps(service) == ["examination", "funeral"]


def test_a_receipt_that_opens_a_sub_dossier_is_held_until_its_procedure_is_published(service: RoutingFixture) -> None:
    first, *rest = sub_step(FUNERAL, completed="collect", refused="end")
    made = procedure(rest)
    service.apply(published(OTHER, definition=made))
    assert service.receive(CODE, procedure=OTHER, case="default").queued == 1
    service.publish(FUNERAL)
    service.advance(60)
    service.applier.retry_due()
    assert open_steps(service) == ["examination", "funeral"]
    assert first["id"] == "entry"


def test_parallel_sub_dossiers_have_codes_of_their_own(service: RoutingFixture) -> None:
    service.publish(FUNERAL)
    sub = {"procedure": FUNERAL, "case": "default"}
    ends = {"completed": "collect", "refused": "collect"}
    begin(
        service,
        [
            step("entry", "one_stop_desk", ["one", "two"]),
            step("one", "labour", ends, hours=24, sub=sub),
            step("two", "labour", ends, hours=24, sub=sub),
            step("collect", "one_stop_desk", "end", join=True),
        ],
    )
    service.complete("entry")
    assert [child.code for child in subs(service)] == [f"{CODE}/1", f"{CODE}/2"]
    for child in subs(service):
        for name in ("examination", "signing", "hand-over"):
            (task,) = [task for task in service.open_tasks() if (task.dossier, task.step) == (child.code, name)]
            service.run(partial(complete_task, id_=task.id, outcome="completed", note="", amount=None, by="official-7"))
    service.complete("collect")
    assert service.event_names("dossier.resolved") == ["dossier.resolved"]
    service.entries()
