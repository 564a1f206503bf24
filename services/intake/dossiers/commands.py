"""Changes of a dossier that events cause: its state, its clock and its due time. Late and repeated events change nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.intake.dossiers import store
from services.intake.dossiers.domain import Progress, State, leads_to
from services.intake.plugin_access import store as step_grants
from shared.persistence.unit_of_work import UnitOfWork


def advance(work: UnitOfWork, dossier: Progress, new_state: State, at: datetime, **values: Any) -> None:
    """Moves a dossier to a state if the table of states leads there, with other columns; else does nothing.

    At the end of a dossier, the step grants of agencies' software end too.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        new_state: the state that the event reports.
        at: business time of the event.
        **values: other columns.
    """
    if leads_to(dossier.state, new_state):
        # whoever has a result was processed, even if the event that tells of it was lost and comes later or never
        unheard = dossier.state is State.RECEIVED and new_state is State.RESOLVED
        store.change(work, dossier, new_state, at, (State.PROCESSING,) if unheard else (), **values)
        if new_state in (State.RESOLVED, State.STOPPED):
            step_grants.revoke_all(work, dossier.code, at)


def apply_changes(
    work: UnitOfWork,
    dossier: Progress,
    values: dict[str, Any],
    at: datetime,
    states: tuple[State, ...] = (),
) -> None:
    """Changes columns, and the state where one is given; does nothing when there is nothing to change.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        values: columns.
        at: business time of the change of state.
        states: the states to pass, the new one last; empty to keep the state.
    """
    if states:
        store.change(work, dossier, states[-1], at, states[:-1], **values)
    elif values:
        store.change(work, dossier, **values)


def is_older(at: datetime, newest: datetime | None) -> bool:
    """Whether an event happened before the newest one applied."""
    return newest is not None and at < newest


def clock_values(dossier: Progress, at: datetime, paused: bool) -> dict[str, Any]:
    """Columns that pause the clock or let it run; none when a newer event was applied."""
    return {} if is_older(at, dossier.clock_changed_at) else {"paused": paused, "clock_changed_at": at}


def due_values(dossier: Progress, at: datetime, due_at: datetime) -> dict[str, Any]:
    """Columns that set the due time; none when a newer event was applied."""
    return {} if is_older(at, dossier.due_changed_at) else {"due_at": due_at, "due_changed_at": at}


def back_at_desk_values(dossier: Progress, at: datetime) -> dict[str, Any]:
    """Columns that put a dossier back at its receiving desk, with a stopped wait."""
    return {
        "place_agency": dossier.receiving_agency,
        "place_step": "",
        "place_due_at": None,
        "place_since": at,
        "paused": False,
    }
