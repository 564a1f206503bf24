"""Commands as actors give them: each checks access and then runs, for the API, the pages and agencies' own software alike.

All raise, besides what the command itself raises:

- UnknownTask, UnknownDossier: there is no such step or citizen's dossier.
- services.routing.access.AccessDenied: the actor may not do this.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.routing.access import Access
from services.routing.commands import claim as claims
from services.routing.commands import closure, complete, correct, extend, hand_over, supplements
from services.routing.commands.load import find_dossier, find_task
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork


def complete_task(work: UnitOfWork, access: Access, id_: str, outcome: str, note: str, amount: int | None) -> None:
    """Completes a step; see :func:`services.routing.commands.complete.complete_task`."""
    access.require_may_complete(find_task(work.connection, id_))
    complete.complete_task(work, id_, outcome, note, amount, access.actor.subject)


def request_supplement(work: UnitOfWork, access: Access, id_: str, reason: str, papers: Sequence[str]) -> Task:
    """Asks the citizen for more papers; see :func:`services.routing.commands.supplements.request_supplement`."""
    access.require_may_complete(find_task(work.connection, id_))
    return supplements.request_supplement(work, id_, reason, papers, access.actor.subject)


def refuse_dossier(work: UnitOfWork, access: Access, id_: str, reason: str, document: str) -> Task:
    """Refuses a dossier in writing; see :func:`services.routing.commands.closure.refuse_dossier`."""
    access.require_may_complete(find_task(work.connection, id_))
    return closure.refuse_dossier(work, id_, reason, document, access.actor.subject)


def accept_hand_over(work: UnitOfWork, access: Access, id_: str) -> Task:
    """Acknowledges a hand-over; see :func:`services.routing.commands.hand_over.accept`."""
    access.require_may_receive(find_task(work.connection, id_))
    return hand_over.accept(work, id_, access.actor.subject)


def refuse_hand_over(work: UnitOfWork, access: Access, id_: str, reason: str) -> Task:
    """Refuses a hand-over, or hands a step back; see :func:`services.routing.commands.hand_over.refuse`."""
    access.require_may_receive(find_task(work.connection, id_))
    return hand_over.refuse(work, id_, reason, access.actor.subject)


def resend(work: UnitOfWork, access: Access, id_: str, note: str) -> Task:
    """Sends a refused hand-over again; see :func:`services.routing.commands.hand_over.resend`."""
    access.require_may_resend(find_task(work.connection, id_))
    return hand_over.resend(work, id_, note, access.actor.subject)


def claim(work: UnitOfWork, access: Access, id_: str) -> Task:
    """Claims a step; see :func:`services.routing.commands.claim.claim`."""
    access.require_may_receive(find_task(work.connection, id_))
    return claims.claim(work, id_, access.actor.official)


def release(work: UnitOfWork, access: Access, id_: str) -> Task:
    """Releases a claimed step; see :func:`services.routing.commands.claim.release`."""
    access.require_may_receive(find_task(work.connection, id_))
    return claims.release(work, id_, access.actor.official)


def reassign(work: UnitOfWork, access: Access, id_: str, official: str, reason: str) -> Task:
    """Assigns a step to an official of the agency; see :func:`services.routing.commands.claim.reassign`."""
    access.require_may_lead(find_task(work.connection, id_).agency)
    return claims.reassign(work, id_, official, reason, access.actor.official)


def add_note(work: UnitOfWork, access: Access, id_: str, text: str) -> Task:
    """Adds a remark to a step, open or done."""
    access.require_may_read_task(find_task(work.connection, id_))
    return claims.add_note(work, id_, text, access.actor.subject)


def extend_dossier(work: UnitOfWork, access: Access, code: str, new_due_at: datetime, reason: str) -> Dossier:
    """Makes the one new appointment; see :func:`services.routing.commands.extend.extend_dossier`."""
    access.require_may_lead(find_dossier(work.connection, code).handling_agency)
    return extend.extend_dossier(work, code, new_due_at, reason, access.actor.subject)


def stop_dossier(work: UnitOfWork, access: Access, code: str, reason: str) -> Dossier:
    """Stops a dossier; see :func:`services.routing.commands.closure.stop_dossier`."""
    access.require_may_lead(find_dossier(work.connection, code).handling_agency)
    return closure.stop_dossier(work, code, reason, access.actor.subject)


def correct_result(work: UnitOfWork, access: Access, code: str, reason: str, own_error: bool) -> Task:
    """Opens the correction of a result; see :func:`services.routing.commands.correct.correct_result`."""
    access.require_may_correct(find_dossier(work.connection, code))
    return correct.correct_result(work, code, reason, own_error, access.actor.subject)
