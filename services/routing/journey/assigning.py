"""A step begins: it is given to an agency, to a sub-dossier, or passed over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from services.routing import definitions
from services.routing.domain import process
from services.routing.domain.states import DossierState, TaskState
from services.routing.journey import places, sheet, watching
from services.routing.store import dossiers, people, procedures, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import STEP, Task
from shared.bus.errors import NotYet
from shared.bus.event import new_id
from shared.catalogue import Procedure
from shared.catalogue.graph import last_outcomes
from shared.catalogue.route import Step, Sub

if TYPE_CHECKING:
    from services.routing.journey.core import Journey


def assign(journey: Journey, step: Step, note: str = "") -> Task:
    """Gives a step to the agency that plays its role, and tells it.

    Args:
        journey: of the dossier.
        step: what is to be done.
        note: what whoever did the step before remarked.

    Raises:
        places.Unroutable: no agency can be found.
    """
    now = journey.work.now
    agency = places.agency_for(journey.reference, step, journey.dossier.receiving_agency, now)
    task = _task(journey, step, agency, None, _waits_until(journey, step, agency, now))
    return give(journey, task.with_(due_at=due_anew(journey, task, step)), step, note)


def give(journey: Journey, task: Task, step: Step | None, note: str = "") -> Task:
    """Keeps a task and hands it over: entry in the control sheet, `step.assigned`, and word to the agency's own software.

    Args:
        journey: of the dossier.
        task: new.
        step: of the route; None for work that is no step of it, such as a correction.
        note: what whoever did the step before remarked.
    """
    task = sheet.hand_over(journey, task)
    tasks.add(journey.connection, task)
    task = watching.look_again(journey, task)
    _keep_handling_agency(journey, step, task.agency)
    say_assigned(journey, task, task.assigned_at)
    tell_agency(journey, task, step, note)
    return task


def say_assigned(journey: Journey, task: Task, at: datetime) -> None:
    """Says that a step lies with its agency since a moment: its assignment, or when it was sent again."""
    journey.emit(
        "step.assigned",
        task=task.id,
        step=task.step,
        name=task.name,
        agency=task.agency,
        official_role=task.official_role,
        counted=task.counted,
        assigned_at=at,
        due_at=task.due_at,
    )


def tell_agency(journey: Journey, task: Task, step: Step | None, note: str = "") -> None:
    """Tells the agency's own software of a step, if it has any that takes part."""
    if step is None or not people.is_plugged_in(journey.connection, task.agency):
        return
    journey.emit(
        "agency.step.assigned",
        task=task.id,
        step=task.step,
        name=task.name,
        agency=task.agency,
        official_role=task.official_role,
        procedure=journey.dossier.procedure,
        procedure_name=journey.procedure.name,
        case=journey.dossier.case,
        field=journey.dossier.field,
        receiving_agency=journey.root.receiving_agency,
        regulation=journey.root.regulation,
        counted=task.counted,
        assigned_at=task.assigned_at,
        due_at=task.due_at,
        wait_until=task.wait_until,
        outcomes=list(step.outcomes),
        obligation_outcome=step.obligation.outcome if step.obligation else None,
        note=note,
    )


def pass_over(journey: Journey, step: Step) -> None:
    """Keeps that a step was not needed, so that the dossier's way can be read without gaps."""
    now = journey.work.now
    task = _task(journey, step, journey.giver, None, None)
    passed = {"state": TaskState.CANCELLED, "completed_at": now, "note": "không cần thực hiện (điều kiện không có)"}
    tasks.add(journey.connection, task.with_(**passed))


def open_sub(journey: Journey, step: Step) -> None:
    """Opens the sub-dossier that does a step, at the step's agency, and begins its way.

    Raises:
        NotYet: the sub-dossier's procedure is not known here yet.
        places.Unroutable: it may end in a way that the step does not foresee, or no agency can be found.
    """
    sub = step.sub
    if sub is None:
        raise ValueError(f"step {step.id} has no sub-dossier")
    version, procedure = _procedure_of_sub(journey, step, sub)
    now = journey.work.now
    agency = places.agency_for(journey.reference, step, journey.dossier.receiving_agency, now)
    task = _task(journey, step, agency, due_of(journey, step, agency, now), None)
    number = len(dossiers.subs_of(journey.connection, journey.root.code)) + 1
    child = _child(journey, task, procedure, version, sub.case, f"{journey.root.code}/{number}")
    tasks.add(journey.connection, task.with_(state=TaskState.AWAITING_SUB, sub=child.code))
    dossiers.add(journey.connection, child)
    way = journey.way_of(child)
    way.giver = journey.giver
    way.carry_out(process.begin(way.route, way.facts()))
    journey.take_root(way.root)


def _procedure_of_sub(journey: Journey, step: Step, sub: Sub) -> tuple[int, Procedure]:
    """The newest version of a sub-dossier's procedure; the step must have an outcome for every end that it may come to."""
    version = procedures.newest_version(journey.connection, sub.procedure)
    procedure = version and definitions.find_procedure(journey.connection, sub.procedure, version)
    if not version or not procedure:
        raise NotYet(f"procedure {sub.procedure} is not known yet")
    try:
        lacking = last_outcomes(procedure.route(sub.case)) - set(step.outcomes)
    except LookupError as error:
        raise places.Unroutable(f"the route cannot go on: {error}") from error
    if lacking:
        ends = ", ".join(sorted(lacking))
        raise places.Unroutable(
            f'the route cannot go on: step "{step.id}" has no outcome {ends} of {sub.procedure} version {version}'
        )
    return version, procedure


def _child(journey: Journey, task: Task, procedure: Procedure, version: int, case: str, code: str) -> Dossier:
    now = journey.work.now
    due_at = task.due_at or journey.root.due_at
    return Dossier(
        code=code,
        root=journey.root.code,
        parent_task=task.id,
        procedure=procedure.code,
        version=version,
        case=procedure.case(case).code,
        chosen="[]",
        field=procedure.field,
        receiving_agency=task.agency,
        handling_agency=task.agency,
        regulation=journey.root.regulation,
        remote=journey.root.remote,
        received_at=now,
        promised_at=due_at,
        due_at=due_at,
        index_due_at=due_at,
        state=DossierState.ACTIVE,
        paused=False,
    )


def _task(journey: Journey, step: Step, agency: str, due_at: datetime | None, wait_until: datetime | None) -> Task:
    return Task(
        id=new_id(),
        dossier=journey.dossier.code,
        root=journey.root.code,
        kind=STEP,
        step=step.id,
        name=step.task,
        agency=agency,
        official_role=step.official_role,
        state=TaskState.OPEN,
        counted=step.counted,
        from_agency=journey.giver,
        assigned_at=journey.work.now,
        due_at=due_at,
        wait_until=wait_until,
    )


def due_of(journey: Journey, step: Step, agency: str, now: datetime) -> datetime | None:
    """By when a step that begins now is to be done, by its agency's calendar; None where its time is not counted."""
    if not step.counted or not step.working_hours:
        return None
    return places.calendar_of(journey.reference, agency, now).add_working_hours(now, step.working_hours).at


def due_anew(journey: Journey, task: Task, step: Step) -> datetime | None:
    """By when a step that its agency gets now is to be done: a public posting so long after its end as practice allows."""
    if task.wait_until is None:
        return due_of(journey, step, task.agency, journey.work.now)
    calendar = places.calendar_of(journey.reference, task.agency, task.wait_until)
    return calendar.add_working_days(task.wait_until, sheet.practice().posting_done_days).at


def _waits_until(journey: Journey, step: Step, agency: str, now: datetime) -> datetime | None:
    if not step.wait_days:
        return None
    return places.calendar_of(journey.reference, agency, now).add_calendar_days(now, step.wait_days).at


def _keep_handling_agency(journey: Journey, step: Step | None, agency: str) -> None:
    """The handling agency may have been merged since the receipt."""
    if step is None or journey.dossier.handling_agency == agency:
        return
    if step.agency_role == process.handling_step(journey.route, journey.facts()).agency_role:
        journey.set(handling_agency=agency)
