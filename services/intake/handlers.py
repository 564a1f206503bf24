"""What intake does when something happened elsewhere: the picture that the citizen sees is kept up to date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from services.intake.domain.states import State, leads_to
from services.intake.store import dossiers, money
from shared.bus.apply import Handler
from shared.bus.event import Event
from shared.store import UnitOfWork


def on_step_assigned(event: Event, work: UnitOfWork) -> None:
    """The dossier lies with an agency now: being processed, with the step's name and due time."""
    row = dossiers.lock_known(work.connection, event.data["dossier"])
    older = row.place_since is not None and event.data["assigned_at"] < row.place_since
    if older or not leads_to(State(row.state), State.RESOLVED):
        return
    place = {
        "place_agency": event.data["agency"],
        "place_step": event.data["name"],
        "place_due_at": event.data["due_at"],
        "place_since": event.data["assigned_at"],
    }
    begins = State(row.state) is State.RECEIVED
    then = State.PROCESSING if begins else None  # while a payment is waited for, other agencies may still go on
    dossiers.change(work.connection, row, then, event.data["assigned_at"], **place)


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """The citizen has to pay something; the dossier waits for it, unless it is over."""
    row = dossiers.lock_known(work.connection, event.data["dossier"])
    columns = ("dossier", "kind", "name", "amount", "agency", "requested_at")
    new = money.add_obligation(
        work.connection, {"id": event.data["obligation"], **{name: event.data[name] for name in columns}}
    )
    if new:
        _advance(work, row, State.OBLIGATION_REQUESTED, event.data["requested_at"], {})


def on_dossier_paused(event: Event, work: UnitOfWork) -> None:
    """The clock stands: what follows is not counted."""
    _set_clock(event, work, {"paused": True, "clock_changed_at": event.data["paused_at"]})


def on_dossier_resumed(event: Event, work: UnitOfWork) -> None:
    """The clock runs again, towards a later due time."""
    values = {"paused": False, "clock_changed_at": event.data["resumed_at"], "due_at": event.data["due_at"]}
    _set_clock(event, work, values)


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """The result lies at the one-stop desk, for the citizen to fetch."""
    row = dossiers.lock_known(work.connection, event.data["dossier"])
    values = {
        "resolved_at": event.data["resolved_at"],
        "due_at": event.data["due_at"],
        "outcome": event.data["outcome"],
        "paused": False,
        "place_agency": row.receiving_agency,
        "place_step": "",
        "place_due_at": None,
        "place_since": event.data["resolved_at"],
    }
    _advance(work, row, State.RESOLVED, event.data["resolved_at"], values)


def _set_clock(event: Event, work: UnitOfWork, values: Mapping[str, Any]) -> None:
    row = dossiers.lock_known(work.connection, event.data["dossier"])
    changed_at = row.clock_changed_at
    older = changed_at is not None and values["clock_changed_at"] < changed_at
    if not older and leads_to(State(row.state), State.RESOLVED):
        dossiers.change(work.connection, row, **values)


def _advance(work: UnitOfWork, row: Row[Any], then: State, at: Any, values: Mapping[str, Any]) -> None:
    if leads_to(State(row.state), then):
        dossiers.change(work.connection, row, then, at, **values)


HANDLERS: dict[str, Handler] = {
    "step.assigned": on_step_assigned,
    "obligation.requested": on_obligation_requested,
    "dossier.paused": on_dossier_paused,
    "dossier.resumed": on_dossier_resumed,
    "dossier.resolved": on_dossier_resolved,
}
