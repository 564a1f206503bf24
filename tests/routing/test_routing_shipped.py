"""Every shipped route, for every case and every choice of linked procedures, carried out from the receipt to the result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from services.routing.commands.complete import complete_task
from services.routing.commands.errors import StillPosted
from services.routing.domain.states import TaskState
from services.routing.store.tasks import Task
from shared.catalogue import Procedure, load_builtin
from shared.catalogue.route import Step
from tests.routing.service_fixture import DESK, World
from tests.support.events import event

ALL = load_builtin()
BY_CODE = {procedure.code: procedure for procedure in ALL}
WAYS = [
    (procedure, case.code, sorted(chosen))
    for procedure in ALL
    for case in procedure.cases
    for chosen in (procedure.linked.choices() if procedure.linked else [frozenset[str]()])
]


def named(ways: Iterable[tuple[Procedure, str, list[str]]]) -> list[Any]:
    """Ways as parameters with readable names."""
    return [pytest.param(*way, id=f"{way[0].code}-{way[1]}-{'+'.join(way[2])}") for way in ways]


CHOICES = named(WAYS)
LINKED_AND_FORKED = named(way for way in WAYS if way[0].code in ("2.002621", "1.011537", "1.013978"))
AMOUNT = 3_000_000


def walk(world: World, procedure: Procedure, case: str, chosen: list[str], last: bool) -> None:
    """Takes the first, or the last, outcome of every step until there is a result; a step done twice takes its first."""
    subs = {step.sub.procedure for step in procedure.route(case).steps if step.sub}
    for code in (procedure.code, *subs):
        world.publish(code)
    outcome = world.receive(procedure=procedure.code, case=case, chosen=chosen, field=procedure.field)
    assert outcome.applied == 1, world.parked()
    for number in range(60):
        todo = [task for task in world.open_tasks() if task.state != TaskState.AWAITING_SUB]
        if not todo:
            break
        _go_on(world, todo[-1] if last else todo[0], last and number < 8, number)
    _check(world)


def _go_on(world: World, task: Task, last: bool, number: int) -> None:
    if task.state == TaskState.AWAITING_PAYMENT:
        assert world.pay(task.obligation, AMOUNT, sequence=number + 10).applied == 1
        return
    step = _step_of(world, task)
    outcome = list(step.outcomes)[-1 if last else 0]
    amount = AMOUNT if step.obligation and outcome == step.obligation.outcome else None

    def complete() -> Task:
        return world.run(lambda work: complete_task(work, task.id, outcome, "", amount, "official-7"))

    if task.wait_until is not None and task.wait_until > world.store.clock.now():
        with pytest.raises(StillPosted):
            complete()
        world.go_to(task.wait_until)
    complete()


def _step_of(world: World, task: Task) -> Step:
    pinned = world.dossier(task.dossier)
    return BY_CODE[pinned.procedure].route(pinned.case).step(task.step)


def _check(world: World) -> None:
    dossier = world.dossier()
    assert dossier.state == "resolved"
    assert world.open_tasks() == []
    assert world.said("dossier.resolved", "dossier.stopped") == ["dossier.resolved"]
    assert world.parked() == []
    assert world.entries()
    assert world.apply(event("dossier.returned", 90, returned_at=world.store.clock.now().isoformat())).applied == 1
    assert world.dossier().state == "returned"


@pytest.mark.parametrize(("procedure", "case", "chosen"), CHOICES)
def test_the_plain_way(sqlite_world: World, procedure: Procedure, case: str, chosen: list[str]) -> None:
    walk(sqlite_world, procedure, case, chosen, last=False)
    assert sqlite_world.dossier().receiving_agency == DESK
    done = {task.step for task in sqlite_world.tasks() if task.state == TaskState.DONE}
    for step in procedure.route(case).steps:
        if step.when is not None and step.when.chosen is not None:
            assert (step.id in done) == (step.when.chosen in chosen)


@pytest.mark.parametrize(("procedure", "case", "chosen"), CHOICES)
def test_the_way_of_returns_refusals_and_payments(
    sqlite_world: World, procedure: Procedure, case: str, chosen: list[str]
) -> None:
    walk(sqlite_world, procedure, case, chosen, last=True)


@pytest.mark.parametrize(("procedure", "case", "chosen"), LINKED_AND_FORKED)
def test_linked_and_forked_ways_on_either_store(
    world: World, procedure: Procedure, case: str, chosen: list[str]
) -> None:
    walk(world, procedure, case, chosen, last=True)
