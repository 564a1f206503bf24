"""A step begins: it is assigned to an agency, done by a sub-dossier, or passed over."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain import process
from services.routing.domain.agency_sending import SentStep, next_sending, sending_rules
from services.routing.domain.states import DossierState, TaskState
from services.routing.dossier import control_sheet, jurisdiction, reminders
from services.routing.dossier.transaction import DossierTransaction
from services.routing.plugins import sent_steps
from services.routing.plugins import store as plugins
from services.routing.plugins.sending import send_to_agency
from services.routing.store import definitions, dossiers, procedures, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import STEP, Task
from shared.catalogue import Procedure
from shared.catalogue.route import Step, SubProcedure
from shared.catalogue.route_analysis import last_outcomes
from shared.messaging.errors import NotYet
from shared.messaging.event import new_id


def assign(transaction: DossierTransaction, step: Step, note: str = "") -> Task:
    """Assigns a step to the agency that plays its role.

    Args:
        transaction: of the dossier.
        step: of the route.
        note: the remark of whoever did the previous step.

    Raises:
        jurisdiction.Unroutable: no agency can be found.
    """
    now = transaction.work.now
    agency = jurisdiction.agency_for(transaction.reference, step, transaction.dossier.receiving_agency, now)
    task = _task(transaction, step, agency, None, _waits_until(transaction, step, agency, now))
    return add_task(transaction, task.with_(due_at=restarted_due_at(transaction, task, step)), step, note)


def add_task(transaction: DossierTransaction, task: Task, step: Step | None, note: str = "") -> Task:
    """Stores a new task and hands it over: an entry in the control sheet, `step.assigned`, and an event to the agency's own software.

    Args:
        transaction: of the dossier.
        task: new.
        step: of the route; None for work that is no step of it, such as a correction.
        note: the remark of whoever did the previous step.
    """
    task = control_sheet.hand_over(transaction, task)
    task = task.with_(next_check_at=reminders.compute_next_check(transaction, task))
    tasks.add(transaction.connection, task)
    _update_handling_agency(transaction, step, task.agency)
    emit_assigned(transaction, task, task.assigned_at)
    notify_agency(transaction, task, step, note)
    return task


def emit_assigned(transaction: DossierTransaction, task: Task, at: datetime) -> None:
    """Emits `step.assigned`; `at` is when the step was assigned or sent again."""
    transaction.emit(
        "step.assigned",
        task=task.id,
        step=task.step,
        name=task.name,
        agency=task.agency,
        official_role=task.official_role,
        counted=task.counted,
        assigned_at=at,
        due_at=task.due_at,
        handling_agency=transaction.root.handling_agency,
    )


def notify_agency(transaction: DossierTransaction, task: Task, step: Step | None, note: str = "") -> None:
    """Sends a step to the agency's own software, if it takes part; a new round begins."""
    if step is None or task.agency not in transaction.work.attached(plugins.plugged_in):
        return
    event, now = _send_to_agency(transaction, task, step, note), transaction.work.now
    again_at = _next_sending(transaction, task, 1)
    sent_steps.begin_round(transaction.work, SentStep(task.id, task.agency, note, now, now, (event,), again_at))


def notify_agency_again(transaction: DossierTransaction, task: Task, step: Step, sent: SentStep) -> None:
    """Sends a step to the agency's own software once more in its round, as a new event; the earlier ones may still be answered."""
    event = _send_to_agency(transaction, task, step, sent.note)
    again_at = _next_sending(transaction, task, len(sent.events) + 1)
    sent_steps.write_sent_again(transaction.work, sent.sent_again(event, transaction.work.now, again_at))


def _next_sending(transaction: DossierTransaction, task: Task, sendings: int) -> datetime | None:
    now = transaction.work.now
    calendar = jurisdiction.calendar_of(transaction.reference, task.agency, now)
    return next_sending(sending_rules(), sendings, now, task.wait_until, calendar)


def _send_to_agency(transaction: DossierTransaction, task: Task, step: Step, note: str) -> str:
    """Sends the event; returns its id."""
    data = {
        "dossier": transaction.root.code,
        "task": task.id,
        "step": task.step,
        "name": task.name,
        "agency": task.agency,
        "official_role": task.official_role,
        "procedure": transaction.dossier.procedure,
        "procedure_name": transaction.procedure.name,
        "case": transaction.dossier.case,
        "field": transaction.dossier.field,
        "receiving_agency": transaction.root.receiving_agency,
        "regulation": transaction.root.regulation,
        "counted": task.counted,
        "assigned_at": task.assigned_at,
        "due_at": task.due_at,
        "wait_until": task.wait_until,
        "outcomes": list(step.outcomes),
        "obligation_outcome": step.obligation.outcome if step.obligation else None,
        "note": note,
    }
    event = send_to_agency(transaction.work, task.agency, "agency.step.assigned", data)
    assert event is not None, "the caller knows that the agency has own software"
    return event


def pass_over(transaction: DossierTransaction, step: Step) -> None:
    """Stores a step whose condition does not hold as cancelled, so that the dossier's history has no gaps."""
    now = transaction.work.now
    task = _task(transaction, step, transaction.sender, None, None)
    passed = {"state": TaskState.CANCELLED, "completed_at": now, "note": "không cần thực hiện (điều kiện không có)"}
    tasks.add(transaction.connection, task.with_(**passed))


def open_sub(transaction: DossierTransaction, step: Step) -> DossierTransaction:
    """Opens the sub-dossier that does a step, at the step's agency.

    Returns:
        The sub-dossier, whose route has not begun yet.

    Raises:
        NotYet: the sub-dossier's procedure is not known here yet.
        jurisdiction.Unroutable: the step lacks an outcome of the sub-dossier's procedure, or no agency can be found.
    """
    sub = step.sub
    if sub is None:
        raise ValueError(f"step {step.id} has no sub-dossier")
    version, procedure = _procedure_of_sub(transaction, step, sub)
    now = transaction.work.now
    agency = jurisdiction.agency_for(transaction.reference, step, transaction.dossier.receiving_agency, now)
    task = _task(transaction, step, agency, step_due_at(transaction, step, agency, now), None)
    number = len(dossiers.subs_of(transaction.connection, transaction.root.code)) + 1
    child = _child(transaction, task, procedure, version, sub.case, f"{transaction.root.code}/{number}")
    tasks.add(transaction.connection, task.with_(state=TaskState.AWAITING_SUB, sub=child.code))
    dossiers.add(transaction.connection, child)
    opened = transaction.for_dossier(child)
    opened.sender = transaction.sender
    return opened


def _procedure_of_sub(transaction: DossierTransaction, step: Step, sub: SubProcedure) -> tuple[int, Procedure]:
    """The newest version of a sub-dossier's procedure; the step must have an outcome for each of its possible last outcomes."""
    version = procedures.newest_version(transaction.connection, sub.procedure)
    procedure = version and definitions.find_pinned(transaction.work, sub.procedure, version)
    if not version or not procedure:
        raise NotYet(f"procedure {sub.procedure} is not known yet")
    try:
        lacking = last_outcomes(procedure.route(sub.case)) - set(step.outcomes)
    except LookupError as error:
        raise jurisdiction.Unroutable(f"the route cannot go on: {error}") from error
    if lacking:
        ends = ", ".join(sorted(lacking))
        raise jurisdiction.Unroutable(
            f'the route cannot go on: step "{step.id}" has no outcome {ends} of {sub.procedure} version {version}'
        )
    return version, procedure


def _child(
    transaction: DossierTransaction, task: Task, procedure: Procedure, version: int, case: str, code: str
) -> Dossier:
    now = transaction.work.now
    due_at = task.due_at or transaction.root.due_at
    return Dossier(
        code=code,
        root=transaction.root.code,
        parent_task=task.id,
        procedure=procedure.code,
        version=version,
        case=procedure.case(case).code,
        chosen="[]",
        field=procedure.field,
        receiving_agency=task.agency,
        handling_agency=task.agency,
        regulation=transaction.root.regulation,
        remote=transaction.root.remote,
        received_at=now,
        promised_at=due_at,
        due_at=due_at,
        index_due_at=due_at,
        state=DossierState.ACTIVE,
        paused=False,
    )


def _task(
    transaction: DossierTransaction, step: Step, agency: str, due_at: datetime | None, wait_until: datetime | None
) -> Task:
    return Task(
        id=new_id(),
        dossier=transaction.dossier.code,
        root=transaction.root.code,
        kind=STEP,
        step=step.id,
        name=step.task,
        agency=agency,
        official_role=step.official_role,
        state=TaskState.OPEN,
        counted=step.counted,
        from_agency=transaction.sender,
        desk=transaction.root.receiving_agency,
        escalation=transaction.root.escalation,
        assigned_at=transaction.work.now,
        due_at=due_at,
        wait_until=wait_until,
    )


def step_due_at(transaction: DossierTransaction, step: Step, agency: str, now: datetime) -> datetime | None:
    """When a step that begins now is due, by its agency's calendar; None where its time is not counted."""
    if not step.counted or not step.working_hours:
        return None
    return jurisdiction.calendar_of(transaction.reference, agency, now).add_working_hours(now, step.working_hours).at


def restarted_due_at(transaction: DossierTransaction, task: Task, step: Step) -> datetime | None:
    """When a step that its agency gets now is due; a public posting is due a set number of working days after its end."""
    if task.wait_until is None:
        return step_due_at(transaction, step, task.agency, transaction.work.now)
    calendar = jurisdiction.calendar_of(transaction.reference, task.agency, task.wait_until)
    return calendar.add_working_days(task.wait_until, control_sheet.operational_settings().posting_done_days).at


def _waits_until(transaction: DossierTransaction, step: Step, agency: str, now: datetime) -> datetime | None:
    if not step.wait_days:
        return None
    return jurisdiction.calendar_of(transaction.reference, agency, now).add_calendar_days(now, step.wait_days).at


def _update_handling_agency(transaction: DossierTransaction, step: Step | None, agency: str) -> None:
    """Updates the handling agency, which may have been merged since the receipt."""
    if step is None or transaction.dossier.handling_agency == agency:
        return
    if step.agency_role == process.handling_step(transaction.route, transaction.facts_of([])).agency_role:
        transaction.set(handling_agency=agency)
