"""Claims within an agency: claim, release, reassignment by a leader; and remarks on steps."""

from __future__ import annotations

from services.routing.access import require_not_claimed_by_another
from services.routing.commands.errors import ClaimedByAnother, NotAllowed
from services.routing.commands.load import find_task, load_task, require_not_refused
from services.routing.domain.states import OPEN_STATES
from services.routing.domain.step_permissions import Official, Reassignment, check_reassignment, may_do
from services.routing.dossier import control_sheet, reminders
from services.routing.dossier.jurisdiction import day_of
from services.routing.staff import officials
from services.routing.staff.commands import official_unknown
from services.routing.staff.substitution import leave_calendar
from services.routing.store import tasks
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork


def claim(work: UnitOfWork, id_: str, by: Official) -> Task:
    """An official claims a step, which also acknowledges the hand-over; claiming it again changes nothing.

    Raises:
        UnknownTask, NotOpen: as they say.
        ClaimedByAnother: a colleague has claimed it and is not absent.
        NotAllowed: the official's role is too low, or the hand-over was refused.
    """
    transaction, task = load_task(work, id_)
    require_not_refused(task)
    require_not_claimed_by_another(work.connection, task, by, day_of(work.now))
    if not may_do([by.role], task.official_role):
        raise NotAllowed(
            "claim_by_lower_rank", "Không đủ thẩm quyền làm bước này", "Your role is too low for this step"
        )
    officials.save(work.connection, by, work.now)
    changed = {"official": by.subject, **control_sheet.record_receipt(transaction, task, by.subject)}
    tasks.change(work.connection, id_, **changed)
    reminders.schedule_next_check(transaction, task.with_(**changed))
    return find_task(work.connection, id_)


def release(work: UnitOfWork, id_: str, by: Official) -> Task:
    """An official gives a claimed step back to the unit; a leader may do so for anybody.

    Raises:
        UnknownTask, NotOpen: as they say.
        ClaimedByAnother: a colleague has claimed it.
    """
    _, task = load_task(work, id_)
    if task.official is None:
        return task
    if task.official != by.subject and by.role != "leader":
        raise ClaimedByAnother(task.official)
    tasks.change(work.connection, id_, official=None)
    return find_task(work.connection, id_)


def reassign(work: UnitOfWork, id_: str, to: str, reason: str, by: Official) -> Task:
    """A leader gives a step to an official of the agency.

    Args:
        work: the transaction.
        id_: the step.
        to: the official's identifier.
        reason: why; stored as a remark.
        by: the leader.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: no such official is known.
        services.routing.domain.step_permissions.ReassignmentNotAllowed: as it says.
    """
    _, task = load_task(work, id_, OPEN_STATES)
    official = officials.find(work.connection, to, by.agency) or officials.find(work.connection, to, task.agency)
    if official is None:
        raise official_unknown(to)
    today = day_of(work.now)
    leave = leave_calendar(work.connection, official.agency, today)
    own = work.reference.agencies.handled_by(by.agency, today)
    check_reassignment(
        Reassignment(
            agency=by.agency if task.agency in own else task.agency,  # it may have been merged into the leader's
            official_role=task.official_role,
            by=by,
            to=official,
            to_absent=leave.absence_of(to, today) is not None,
            reason=reason,
        )
    )
    tasks.change(work.connection, id_, official=to)
    tasks.add_note(work.connection, id_, work.now, by.subject, f"Phân công cho {to}: {reason}")
    return find_task(work.connection, id_)


def add_note(work: UnitOfWork, id_: str, text: str, by: str) -> Task:
    """Adds a remark to a step, open or done."""
    task = find_task(work.connection, id_)
    tasks.add_note(work.connection, id_, work.now, by, text)
    return task
