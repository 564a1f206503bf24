"""Hand-overs between agencies: taken, refused with a reason, and sent again (form 06)."""

from __future__ import annotations

from services.routing.commands.errors import NotAllowed
from services.routing.commands.opening import again, check_in_hands, open_task
from services.routing.domain.handover import HandoverKind
from services.routing.journey import assigning, places, sheet, watching
from services.routing.store import tasks
from services.routing.store.tasks import STEP, Task
from shared.store import UnitOfWork


def accept(work: UnitOfWork, id_: str, by: str) -> Task:
    """The agency acknowledges that it has what it was given; once more changes nothing.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: it was refused before, and not sent again.
    """
    journey, task = open_task(work, id_)
    check_in_hands(task)
    taken = sheet.taken_by(journey, task, by)
    if taken:
        tasks.change(work.connection, id_, **taken)
        watching.look_again(journey, task.with_(**taken))
    return again(work, id_)


def refuse(work: UnitOfWork, id_: str, reason: str, by: str) -> Task:
    """The agency does not take it, or hands it back; it lies with whoever gave it, until it is sent again.

    Args:
        work: the transaction.
        id_: the step.
        reason: why.
        by: who refuses.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: it was refused before, or never came from another agency.
        services.routing.domain.handover.HandoverNotAllowed: without a reason.
    """
    journey, task = open_task(work, id_)
    check_in_hands(task)
    if task.agency == task.from_agency or task.kind != STEP:
        raise NotAllowed(
            "refusal_of_own_work", "Bước này do chính cơ quan chuyển đến", "The step came from the agency itself"
        )
    sheet.write(journey, task, HandoverKind.REFUSED, by, task.receipt_due_at, reason)
    refused = {"refused_at": work.now, "refusal": reason, "official": None, "look_at": None}
    tasks.change(work.connection, id_, **refused)
    journey.emit("step.returned", task=task.id, step=task.step, agency=task.agency, returned_at=work.now)
    return again(work, id_)


def resend(work: UnitOfWork, id_: str, note: str, by: str) -> Task:
    """Whoever gave it sends it again; its time runs anew from now.

    Args:
        work: the transaction.
        id_: the step.
        note: what has changed; the receiving agency reads it.
        by: who sends.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: nobody refused it.
    """
    journey, task = open_task(work, id_)
    if task.refused_at is None:
        raise NotAllowed("resend_of_accepted", "Bước này không bị từ chối nhận", "Nobody refused this step")
    step = journey.route.step(task.step)
    task = task.with_(agency=places.carried_on_by(journey.reference, task.agency, work.now))
    sheet.write(journey, task, HandoverKind.RESENT, by, None, note)
    sent = {
        "agency": task.agency,
        "refused_at": None,
        "refusal": None,
        "accepted_at": None,
        "accepted_by": None,
        "lapsed_at": None,
        "receipt_due_at": sheet.receipt_due(journey, task),
        "due_at": assigning.due_anew(journey, task, step),
        **watching.promised_anew(task),
    }
    tasks.change(work.connection, id_, **sent)
    fresh = watching.look_again(journey, task.with_(**sent))
    assigning.say_assigned(journey, fresh, work.now)
    assigning.tell_agency(journey, fresh, step, note)
    return again(work, id_)
