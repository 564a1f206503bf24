"""What intake does when routing reports where a dossier is, how its clock stands, and how it ends.

Events may be late or come twice. A state changes only where the table of states leads to the new one. Place, clock and due time
each keep the time of the newest event applied to them, and ignore older events.
"""

from __future__ import annotations

from services.intake.documents.domain import REFUSED, STOP, DocumentType, moment_cause
from services.intake.documents.due import note_due
from services.intake.dossiers import store
from services.intake.dossiers.commands import (
    advance,
    apply_changes,
    back_at_desk_values,
    clock_values,
    due_values,
    is_older,
)
from services.intake.dossiers.domain import REFUSED_OUTCOME, State
from services.intake.dossiers.progress import lock_for_event
from services.intake.plugin_access import store as step_grants
from services.intake.supplements import store as supplements
from shared.messaging.event import Event
from shared.messaging.records import require_same
from shared.persistence.unit_of_work import UnitOfWork


def on_step_assigned(event: Event, work: UnitOfWork) -> None:
    """Records the agency and step where the dossier is, and lets that agency's software read the papers; not when it is over."""
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    if dossier.is_over:  # noted, so that the agency hears that the step is over, not that it is not known yet
        step_grants.revoke(work.connection, dossier.code, data["task"], data["agency"], data["assigned_at"])
        return
    step_grants.grant(work.connection, dossier.code, data["task"], data["agency"], data["assigned_at"])
    if is_older(data["assigned_at"], dossier.place_since):
        return
    place = {
        "place_agency": data["agency"],
        "place_step": data["name"],
        "place_due_at": data["due_at"],
        "place_since": data["assigned_at"],
    }
    # Only the first step changes the state: other agencies may go on while the citizen is waited for.
    states = (State.PROCESSING,) if dossier.state is State.RECEIVED else ()
    apply_changes(work, dossier, place, data["assigned_at"], states)


def on_dossier_paused(event: Event, work: UnitOfWork) -> None:
    """Pauses the clock: the time that follows is not counted."""
    dossier = lock_for_event(work, event.data["dossier"])
    if not dossier.is_over:
        at = event.data["paused_at"]
        apply_changes(work, dossier, clock_values(dossier, at, paused=True), at)


def on_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """Records the agency's apology and new promised time (NĐ 118/2025, article 19.6).

    Raises:
        shared.messaging.errors.Conflict: another apology of that moment is known.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    columns = ("dossier", "extended_at", "agency", "reason", "was_due_at", "due_at", "number")
    store.add_reappointment(work.connection, {name: data[name] for name in columns} | {"late": False})
    note_due(work, DocumentType.APOLOGY, dossier.code, moment_cause(data["extended_at"]))
    if not dossier.is_over:
        at = data["extended_at"]
        apply_changes(work, dossier, due_values(dossier, at, data["due_at"]), at)


def on_apology_explained(event: Event, work: UnitOfWork) -> None:
    """Records the agency's apology for a dossier that is late, and its new date. The due time stays: what is late stays late.

    Raises:
        shared.messaging.errors.Conflict: another apology of that moment is known.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    columns = ("dossier", "agency", "reason", "was_due_at", "due_at", "number")
    row = {name: data[name] for name in columns} | {"extended_at": data["signed_at"], "late": True}
    store.add_reappointment(work.connection, row)
    note_due(work, DocumentType.APOLOGY, dossier.code, moment_cause(data["signed_at"]))


def on_deadline_moved(event: Event, work: UnitOfWork) -> None:
    """Records that a deadline ends later, because its last day was declared off (Civil Code 2015, article 148.5).

    Raises:
        shared.messaging.errors.Conflict: the deadline is known to have moved to another time.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    columns = ("dossier", "deadline", "was_at", "moved_to", "moved_at")
    store.add_moved_deadline(work.connection, {name: data[name] for name in columns})
    if data["deadline"] == "supplement":
        supplements.move_end(work.connection, dossier.code, data["was_at"], data["moved_to"])
    elif not dossier.is_over:
        at = data["moved_at"]
        apply_changes(work, dossier, due_values(dossier, at, data["moved_to"]), at)


def on_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """Ends the dossier without a result; the citizen gets the papers back at the desk.

    Raises:
        shared.messaging.errors.Conflict: it is known to have ended for another cause.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    if dossier.stopped_at is not None:  # at which time does not matter: it may be stopped again after a restored backup
        require_same(f"the end of {dossier.code}", {"cause": dossier.stop_cause}, {"cause": data["cause"]})
    at = data["stopped_at"]
    values = {"stopped_at": at, "stop_cause": data["cause"], "stop_reason": data["reason"]}
    advance(work, dossier, State.STOPPED, at, **values, **back_at_desk_values(dossier, at))
    note_due(work, DocumentType.STOP_NOTICE, dossier.code, STOP)


def on_refusal_explained(event: Event, work: UnitOfWork) -> None:
    """Keeps who refused the dossier and why, in writing (NĐ 118/2025, article 19.3): the citizen reads it in the look-up and in form 03.

    Raises:
        shared.messaging.errors.Conflict: another refusal is known.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    given = {f"refusal_{name}": data[name] for name in ("agency", "document", "reason")}
    if dossier.refusal_reason is not None:
        known = {name: getattr(dossier, name) for name in given}
        require_same(f"the refusal of {dossier.code}", known, given)
        return
    store.change(work, dossier, **given)
    if dossier.outcome == REFUSED_OUTCOME:  # the refusal itself came first
        note_due(work, DocumentType.REFUSAL, dossier.code, REFUSED)


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """Records that the result is at the one-stop desk.

    Raises:
        shared.messaging.errors.Conflict: another result is known, of which the citizen may have been told.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    if (
        dossier.resolved_at is not None
    ):  # at which time does not matter: it may be decided again after a restored backup
        require_same(f"the result of {dossier.code}", {"outcome": dossier.outcome}, {"outcome": data["outcome"]})
    at = data["resolved_at"]
    values = {"resolved_at": at, "due_at": data["due_at"], "outcome": data["outcome"]}
    advance(work, dossier, State.RESOLVED, at, **values, **back_at_desk_values(dossier, at))
    if data["outcome"] == REFUSED_OUTCOME and dossier.refusal_reason is not None:  # else the explanation makes it due
        note_due(work, DocumentType.REFUSAL, dossier.code, REFUSED)
