"""Routes as data, carried out: forks and joins, conditions, passing over, returns, postings, sub-dossiers."""

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
from tests.routing.service_fixture import CODE, DESK, World, at, complete, published

FUNERAL = "1.014028"


def standing(world: World) -> list[str]:
    """Where a dossier stands, in order of names."""
    return sorted(task.step for task in world.open_tasks())


def test_branches_begin_at_once_and_meet_at_the_join(world: World) -> None:
    begin(world, forked())
    world.complete("entry")
    assert standing(world) == ["police", "tax"]
    world.complete("tax")
    assert standing(world) == ["police"]
    world.complete("police")
    assert standing(world) == ["collect"]
    world.complete("collect")
    assert (world.dossier().state, world.said("dossier.resolved")) == ("resolved", ["dossier.resolved"])
    world.entries()


def test_the_clock_stands_while_only_uncounted_branches_are_open(world: World) -> None:
    steps = forked()
    steps[2] |= {"counted": False, "working_hours": 0}
    begin(world, steps)
    world.complete("entry")
    assert not world.dossier().paused
    world.complete("police")
    assert world.dossier().paused
    world.complete("tax")
    assert not world.dossier().paused
    assert [interval.reason for interval in world.intervals()] == ["", "tax", ""]


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
    world: World, when: dict[str, Any], case: str, passed: bool
) -> None:
    begin(
        world,
        [
            step("entry", "one_stop_desk", {"completed": "check", "thorough": "check"}),
            step("check", "police", "collect", when=when, otherwise="collect"),
            step("collect", "one_stop_desk", "end"),
        ],
        case,
    )
    world.complete("entry")
    assert standing(world) == ["collect" if passed else "check"]
    if passed:
        (kept,) = [task for task in world.tasks() if task.step == "check"]
        assert (kept.state, kept.outcome, kept.note) == ("cancelled", None, "không cần thực hiện (điều kiện không có)")
        assert "check" not in [said.data["step"] for said in world.emitted("step.assigned")]


def test_what_was_asked_to_be_paid_decides(world: World) -> None:
    obligation = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
    begin(
        world,
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
    task = world.complete("tax", "obligation", 1000)
    world.pay(task.obligation, 1000)
    assert standing(world) == ["check"]


def test_a_return_opens_the_earlier_step_anew(world: World) -> None:
    begin(
        world,
        [
            step("entry", "one_stop_desk", "draft"),
            step("draft", "police", "sign"),
            step("sign", "peoples_committee", {"completed": "end", "returned": "draft"}, official_role="leader"),
        ],
    )
    world.go_through("entry", "draft", "sign:returned")
    assert standing(world) == ["draft"]
    assert world.step("draft").from_agency == "H12.31"
    world.go_through("draft", "sign")
    assert world.dossier().state == "resolved"
    assert [task.step for task in world.tasks()] == ["entry", "draft", "sign", "draft", "sign"]


def posted(world: World) -> None:
    begin(
        world,
        [
            step("entry", "one_stop_desk", "posting"),
            step("posting", "peoples_committee", "collect", hours=0, counted=False, wait_days=15),
            step("collect", "one_stop_desk", "end"),
        ],
    )
    world.complete("entry")


def test_a_posting_lasts_its_days(world: World) -> None:
    posted(world)
    task = world.step("posting")
    assert task.wait_until == at("2025-12-05 17:30")
    assert world.dossier().paused
    world.go_to(at("2025-12-05 17:29"))
    with pytest.raises(StillPosted):
        world.complete("posting")
    world.go_to(at("2025-12-05 17:30"))
    world.complete("posting")
    assert standing(world) == ["collect"]


def test_a_posting_is_no_agencys_lateness_until_it_can_be_taken_down(world: World) -> None:
    posted(world)
    world.go_to(at("2025-12-06 08:00"))
    world.sweep()
    assert world.said("step.overdue") == []
    assert world.step("posting").due_at == at("2025-12-08 17:30")  # the working day after it
    world.go_to(at("2025-12-08 17:31"))
    world.sweep()
    assert world.said("step.overdue", "dossier.overdue") == ["step.overdue"]


def test_a_posting_over_the_api(world: World) -> None:
    posted(world)
    client = world.client()
    answer = complete(client, world.step("posting").id, world.token("officer", "H12.31"))
    assert (answer.status_code, answer.json["until"]) == (409, "2025-12-05T17:30:00+07:00")


def subs(world: World) -> list[Dossier]:
    with world.store.read() as connection:
        return dossiers.subs_of(connection, CODE)


def with_sub(world: World) -> None:
    begin(world, sub_step(FUNERAL, completed="collect", refused="end"))
    world.complete("entry")


def test_a_sub_dossier_does_a_step(world: World) -> None:
    world.publish(FUNERAL)
    with_sub(world)
    (child,) = subs(world)
    assert (child.code, child.root, child.procedure, child.state) == (f"{CODE}/1", CODE, FUNERAL, "active")
    assert {task.step: task.state for task in world.open_tasks()} == {"funeral": "awaiting_sub", "examination": "open"}
    world.go_through("examination", "signing")
    (child,) = subs(world)
    assert child.state == "active"
    world.complete("hand-over")
    (child,) = subs(world)
    assert (child.state, child.outcome) == ("resolved", "completed")
    (parent,) = [task for task in world.tasks() if task.step == "funeral"]
    assert (parent.state, parent.outcome) == ("done", "completed")
    world.complete("collect")
    assert world.said("dossier.resolved") == ["dossier.resolved"]
    world.entries()


def test_the_sub_dossiers_outcome_is_the_steps(world: World) -> None:
    world.publish(FUNERAL)
    with_sub(world)
    world.go_through("examination", "signing:refused")
    assert (world.dossier().state, world.dossier().outcome) == ("resolved", "refused")
    assert world.said("dossier.resolved") == ["dossier.resolved"]


def test_all_of_a_sub_dossier_is_said_under_the_citizens_code(world: World) -> None:
    world.publish(FUNERAL)
    with_sub(world)
    world.go_through("examination", "signing", "hand-over", "collect")
    assert world.emitted(code=f"{CODE}/1") == []
    steps = [said.data["step"] for said in world.emitted("step.completed")]
    assert steps == ["entry", "examination", "signing", "hand-over", "funeral", "collect"]
    client = world.client()
    shown = client.get(f"/routing/api/dossiers/{CODE}", headers=world.token("clerk", DESK)).json
    assert sorted(one["step"] for one in shown["steps"]) == sorted(steps)
    assert {one["dossier"] for one in shown["steps"]} == {CODE, f"{CODE}/1"}
    assert client.get(f"/routing/api/dossiers/{CODE}/1", headers=world.token("clerk", DESK)).status_code == 404


def test_a_supplement_for_a_sub_dossier_stops_the_citizens_clock(world: World) -> None:
    world.publish(FUNERAL)
    with_sub(world)
    world.ask("examination")
    assert (world.dossier().state, world.dossier().paused) == ("supplement", True)
    world.pass_(timedelta(days=1))
    world.supply()
    world.go_through("examination", "signing", "hand-over", "collect")
    assert world.dossier().state == "resolved"
    world.entries()


def test_a_sub_dossier_waits_for_its_procedure(world: World) -> None:
    begin(world, sub_step(FUNERAL, completed="collect", refused="end"))
    client = world.client()
    task = world.step("entry")
    answer = complete(client, task.id, world.token("officer", DESK))
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:not-yet")
    assert standing(world) == ["entry"]
    world.publish(FUNERAL)
    assert complete(client, task.id, world.token("officer", DESK)).status_code == 200
    assert standing(world) == ["examination", "funeral"]


def test_a_receipt_that_opens_a_sub_dossier_is_held_until_its_procedure_is_there(world: World) -> None:
    first, *rest = sub_step(FUNERAL, completed="collect", refused="end")
    made = procedure(rest)
    world.apply(published(OTHER, definition=made))
    assert world.receive(CODE, procedure=OTHER, case="default").queued == 1
    world.publish(FUNERAL)
    world.pass_(60)
    world.applier.retry_due()
    assert standing(world) == ["examination", "funeral"]
    assert first["id"] == "entry"


def test_parallel_sub_dossiers_have_codes_of_their_own(world: World) -> None:
    world.publish(FUNERAL)
    sub = {"procedure": FUNERAL, "case": "default"}
    ends = {"completed": "collect", "refused": "collect"}
    begin(
        world,
        [
            step("entry", "one_stop_desk", ["one", "two"]),
            step("one", "labour", ends, hours=24, sub=sub),
            step("two", "labour", ends, hours=24, sub=sub),
            step("collect", "one_stop_desk", "end", join=True),
        ],
    )
    world.complete("entry")
    assert [child.code for child in subs(world)] == [f"{CODE}/1", f"{CODE}/2"]
    for child in subs(world):
        for name in ("examination", "signing", "hand-over"):
            (task,) = [task for task in world.open_tasks() if (task.dossier, task.step) == (child.code, name)]
            world.run(partial(complete_task, id_=task.id, outcome="completed", note="", amount=None, by="official-7"))
    world.complete("collect")
    assert world.said("dossier.resolved") == ["dossier.resolved"]
    world.entries()
