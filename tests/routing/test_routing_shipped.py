"""Every built-in route, for every case and every choice of linked procedures, carried out from the receipt to the result."""

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
from tests.routing.service_fixture import DESK, RoutingFixture
from tests.support.events import event

ALL = load_builtin()
BY_CODE = {procedure.code: procedure for procedure in ALL}
COMBINATIONS = [
    (procedure, case.code, sorted(chosen))
    for procedure in ALL
    for case in procedure.cases
    for chosen in (procedure.linked.choices() if procedure.linked else [frozenset[str]()])
]


def named(combinations: Iterable[tuple[Procedure, str, list[str]]]) -> list[Any]:
    """Procedures with case and choice, as parameters with readable ids."""
    return [pytest.param(*one, id=f"{one[0].code}-{one[1]}-{'+'.join(one[2])}") for one in combinations]


CHOICES = named(COMBINATIONS)
LINKED_AND_FORKED = named(one for one in COMBINATIONS if one[0].code in ("2.002621", "1.011537", "1.013978"))
AMOUNT = 3_000_000


def walk(service: RoutingFixture, procedure: Procedure, case: str, chosen: list[str], last: bool) -> None:
    """Takes the first, or the last, outcome of every step until there is a result; a repeated step takes its first."""
    subs = {step.sub.procedure for step in procedure.route(case).steps if step.sub}
    for code in (procedure.code, *subs):
        service.publish(code)
    outcome = service.receive(procedure=procedure.code, case=case, chosen=chosen, field=procedure.field)
    assert outcome.applied == 1, service.parked()
    for number in range(60):
        todo = [task for task in service.open_tasks() if task.state != TaskState.AWAITING_SUB]
        if not todo:
            break
        _go_on(service, todo[-1] if last else todo[0], last and number < 8, number)
    _check(service)


def _go_on(service: RoutingFixture, task: Task, last: bool, number: int) -> None:
    if task.state == TaskState.AWAITING_PAYMENT:
        assert service.pay(task.obligation, AMOUNT, sequence=number + 10).applied == 1
        return
    step = _step_of(service, task)
    outcome = list(step.outcomes)[-1 if last else 0]
    amount = AMOUNT if step.obligation and outcome == step.obligation.outcome else None

    def complete() -> None:
        service.run(lambda work: complete_task(work, task.id, outcome, "", amount, "official-7"))

    if task.wait_until is not None and task.wait_until > service.store.clock.now():
        with pytest.raises(StillPosted):
            complete()
        service.advance_to(task.wait_until)
    complete()


def _step_of(service: RoutingFixture, task: Task) -> Step:
    pinned = service.dossier(task.dossier)
    return BY_CODE[pinned.procedure].route(pinned.case).step(task.step)


def _check(service: RoutingFixture) -> None:
    dossier = service.dossier()
    assert dossier.state == "resolved"
    assert service.open_tasks() == []
    assert service.event_names("dossier.resolved", "dossier.stopped") == ["dossier.resolved"]
    assert service.parked() == []
    assert service.entries()
    assert service.apply(event("dossier.returned", 90, returned_at=service.store.clock.now().isoformat())).applied == 1
    assert service.dossier().state == "returned"


@pytest.mark.parametrize(("procedure", "case", "chosen"), CHOICES)
def test_the_default_outcomes_reach_the_result(
    sqlite_service: RoutingFixture, procedure: Procedure, case: str, chosen: list[str]
) -> None:
    walk(sqlite_service, procedure, case, chosen, last=False)
    assert sqlite_service.dossier().receiving_agency == DESK
    done = {task.step for task in sqlite_service.tasks() if task.state == TaskState.DONE}
    for step in procedure.route(case).steps:
        if step.when is not None and step.when.chosen is not None:
            assert (step.id in done) == (step.when.chosen in chosen)


@pytest.mark.parametrize(("procedure", "case", "chosen"), CHOICES)
def test_the_last_outcomes_reach_a_result(
    sqlite_service: RoutingFixture, procedure: Procedure, case: str, chosen: list[str]
) -> None:
    walk(sqlite_service, procedure, case, chosen, last=True)


@pytest.mark.parametrize(("procedure", "case", "chosen"), LINKED_AND_FORKED)
def test_linked_and_forked_routes_on_either_store(
    service: RoutingFixture, procedure: Procedure, case: str, chosen: list[str]
) -> None:
    walk(service, procedure, case, chosen, last=True)
