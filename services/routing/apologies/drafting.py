"""Drafts of apologies follow the lateness of their dossier: drafted when it becomes late, moved or withdrawn when it was not."""

from __future__ import annotations

from datetime import datetime

from services.routing.apologies import store
from services.routing.apologies.domain import (
    REQUIRED,
    ApologyKind,
    ApologyState,
    StepTime,
    WithdrawalCause,
    responsible_agency,
)
from services.routing.apologies.store import Apology
from services.routing.domain.rules import required
from services.routing.domain.states import TaskState
from services.routing.dossier import jurisdiction
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from services.routing.store.tasks import STEP
from shared.agencies import UnknownAgency
from shared.calendar.deadlines import is_past, past_from
from shared.messaging.event import new_id


def draft(transaction: DossierTransaction, missed_at: datetime, holder: str) -> bool:
    """Drafts the apology for a lateness, once; returns whether it is new.

    Args:
        transaction: of the citizen's dossier or a sub-dossier of it.
        missed_at: the due time, or the date of the apology before, that was not kept.
        holder: the agency that has the dossier.
    """
    if required(transaction.regulation, REQUIRED) is None:
        return False
    code = transaction.root.code
    earlier = store.late_of(transaction.connection, code)
    if any(one.state == ApologyState.DRAFT for one in earlier):
        return False
    store.add(
        transaction.connection,
        Apology(
            id=new_id(),
            dossier=code,
            kind=ApologyKind.LATE,
            lateness=len(earlier) + 1,
            state=ApologyState.DRAFT,
            agency=_responsible(transaction, holder),
            missed_at=missed_at,
            cause="",
            reason="",
            new_due_at=None,
            revision=1,
            drafted_at=transaction.work.now,
        ),
    )
    return True


def _responsible(transaction: DossierTransaction, holder: str) -> str:
    """The agency that made the dossier late; a step that its agency has refused is its sender's."""
    steps = [
        StepTime(one.from_agency if one.refused_at is not None else one.agency, one.due_at, one.completed_at)
        for one in tasks.of_root(transaction.connection, transaction.root.code)
        if one.kind == STEP and one.counted and one.due_at is not None and one.state != TaskState.CANCELLED
    ]
    try:
        found = responsible_agency(steps, transaction.work.now, transaction.calendar, holder)
    except UnknownAgency:
        found = holder  # a desk that the data has lost: the lateness is entered all the same
    return jurisdiction.current_agency(transaction.reference, found, transaction.work.now)


def follow(transaction: DossierTransaction, missed_at: datetime | None) -> None:
    """Moves the draft of a dossier whose lateness began later than announced, or withdraws it if the dossier was not late.

    A signed letter stays: the citizen has it. A draft that follows one is about the date of that letter, see :func:`follow_promise`.

    Args:
        transaction: of the citizen's dossier.
        missed_at: since when it is late now; None if it is not.
    """
    found = store.late_of(transaction.connection, transaction.root.code)
    if any(one.state == ApologyState.SIGNED for one in found):
        return
    for one in found:
        if one.state == ApologyState.DRAFT and missed_at is None:
            _withdraw(transaction, one, WithdrawalCause.DEADLINE_MOVED)
        elif one.state == ApologyState.DRAFT:
            store.change(transaction.connection, one.id, missed_at=missed_at, revision=one.revision + 1)


def follow_promise(transaction: DossierTransaction) -> bool:
    """Does the same for a draft about the date of an earlier letter, if that day was declared off since; returns whether it changed."""
    found = store.late_of(transaction.connection, transaction.root.code)
    signed = [one for one in found if one.state == ApologyState.SIGNED]
    drafts = [one for one in found if one.state == ApologyState.DRAFT]
    if not signed or not drafts:
        return False
    moved_to = transaction.calendar.rolled(drafts[0].missed_at)
    if moved_to == drafts[0].missed_at:
        return False
    if is_past(moved_to, transaction.work.now):
        store.change(transaction.connection, drafts[0].id, missed_at=moved_to, revision=drafts[0].revision + 1)
    else:
        _withdraw(transaction, drafts[0], WithdrawalCause.DEADLINE_MOVED)
        store.change(transaction.connection, signed[-1].id, check_at=past_from(moved_to))
    return True


def close(transaction: DossierTransaction) -> None:
    """The dossier has its result or its end: a draft that nobody has signed is withdrawn, and no date is watched any more."""
    for one in store.late_of(transaction.connection, transaction.root.code):
        if one.state == ApologyState.DRAFT:
            _withdraw(transaction, one, WithdrawalCause.ENDED)
        elif one.check_at is not None:
            store.change(transaction.connection, one.id, check_at=None)


def _withdraw(transaction: DossierTransaction, apology: Apology, cause: WithdrawalCause) -> None:
    now = transaction.work.now
    store.change(
        transaction.connection,
        apology.id,
        state=ApologyState.WITHDRAWN,
        withdrawn_at=now,
        withdrawn_cause=cause,
        revision=apology.revision + 1,
    )
    transaction.emit(
        "apology.withdrawn",
        apology=apology.id,
        agency=apology.agency,
        was_due_at=apology.missed_at,
        cause=cause,
        withdrawn_at=now,
    )
