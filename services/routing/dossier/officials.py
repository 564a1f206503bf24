"""Tells rating and stats what officials did: for the yearly assessment, their own numbers, and ratings about the right ones."""

from __future__ import annotations

from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import control_sheet
from services.routing.store.tasks import Task

SOFTWARE = "agency:"
"""Begins the identifier of an agency's software that names no official."""


def emit_completed(transaction: DossierTransaction, task: Task) -> None:
    """Tells which official did a step, and whether in time; nothing where software or the desk as a whole did it.

    Args:
        transaction: of the dossier.
        task: as it was done, with its due time by the calendar in force.
    """
    official = _official(transaction, task.completed_by or "")
    if not official or task.completed_at is None:
        return
    timed = task.counted and task.due_at is not None
    transaction.emit(
        "official.completed_step",
        task=task.id,
        step=task.step,
        agency=task.agency,
        official=official,
        procedure=transaction.dossier.procedure,
        field=transaction.dossier.field,
        due_at=task.due_at,
        completed_at=task.completed_at,
        timeliness=("on_time" if task.on_time else "late") if timed else "uncounted",
        decision=task.outcome or "",
    )


def emit_returned(transaction: DossierTransaction, task: Task) -> None:
    """Tells whose work comes back, as an agency refuses what they handed over; nothing where that was nobody in particular.

    Args:
        transaction: of the dossier.
        task: which is refused.
    """
    sender = control_sheet.last_sender(transaction.work, transaction.root.code, task.id)
    if official := _official(transaction, sender):
        about = {"task": task.id, "agency": task.from_agency, "official": official}
        transaction.emit("official.step_returned", **about, returned_at=transaction.work.now)


def _official(transaction: DossierTransaction, by: str) -> str:
    """The identifier of an official, without spaces whatever an agency's software puts there; empty if it is none."""
    if by == transaction.root.receiving_agency or by.startswith(SOFTWARE):
        return ""
    return "_".join(by.split())
