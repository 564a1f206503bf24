"""What intake does when an agency requests papers, and when routing resumes the clock.

Events may be late or come twice; see :mod:`services.intake.dossiers.events`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from services.intake.documents.domain import DocumentType
from services.intake.documents.due import note_due
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.commands import apply_changes, clock_values, due_values
from services.intake.dossiers.domain import Progress, State, leads_to
from services.intake.dossiers.progress import lock_for_event
from services.intake.payments import store as payments
from services.intake.plugin_access import store as step_grants
from services.intake.supplements import store
from services.intake.supplements.domain import moved_end, states_after_supplement
from shared.messaging.event import Event
from shared.messaging.records import require_same
from shared.persistence.unit_of_work import UnitOfWork


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """Waits for papers at the desk (NĐ 118/2025, article 19.5). Until they come, the step is not the agency's.

    Raises:
        shared.messaging.errors.Conflict: another request of this step is known.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    columns = ("dossier", "task", "agency", "reason", "requested_at")
    request = {name: data[name] for name in columns} | {"papers": orjson.dumps(data["papers"]).decode()}
    request |= {"first_until": data["until"]}
    known = store.find_request(work.connection, data["task"])
    if known is not None:
        require_same(f"the request of step {known.task}", asdict(known), request)
        return
    at, waiting = data["requested_at"], dossier.state is State.SUPPLEMENT_REQUESTED
    answered = dossier.supplemented_at is not None and at <= dossier.supplemented_at
    if answered or not (waiting or leads_to(dossier.state, State.SUPPLEMENT_REQUESTED)):
        return
    moves = dossiers.moved_deadlines_of(work.connection, dossier.code)
    ends = {one.was_at: one.moved_to for one in moves if one.deadline == "supplement"}
    store.add_request(work.connection, request | {"until": moved_end(data["until"], ends)})
    note_due(work, DocumentType.SUPPLEMENT_REQUEST, dossier.code, data["task"])
    step_grants.revoke(work.connection, dossier.code, data["task"], data["agency"], at)
    states = () if waiting else (State.SUPPLEMENT_REQUESTED,)
    apply_changes(work, dossier, clock_values(dossier, at, paused=True), at, states)


def on_dossier_resumed(event: Event, work: UnitOfWork) -> None:
    """Lets the clock run towards a later due time; after a supplement the agency that requested it goes on."""
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    if dossier.is_over:
        return
    at = data["resumed_at"]
    values = clock_values(dossier, at, paused=False) | due_values(dossier, at, data["due_at"])
    states = _close_supplement(work, dossier, at, values) if data["supplemented"] else ()
    apply_changes(work, dossier, values, at, states)


def _close_supplement(work: UnitOfWork, dossier: Progress, at: datetime, values: dict[str, Any]) -> tuple[State, ...]:
    """Closes the requests that routing reports as answered. Usually they are closed already, at the desk.

    Args:
        work: the transaction.
        dossier: locked.
        at: when routing resumed.
        values: columns to change; gets `supplemented_at` if the desk has not set it.

    Returns:
        the states to pass, if the dossier still waits for papers.
    """
    requests = store.requests_of(work.connection, dossier.code)
    for request in requests:
        if request.requested_at <= at:
            step_grants.restore(work.connection, request.task, request.requested_at, at)
    closed = store.close_requests_until(work.connection, dossier.code, at)
    if closed or dossier.supplemented_at is None:
        values["supplemented_at"] = at
    still_open = any(request.supplemented_at is None and request.requested_at > at for request in requests)
    if dossier.state is not State.SUPPLEMENT_REQUESTED or still_open:
        return ()
    return states_after_supplement(payments.has_unpaid_obligation(work.connection, dossier.code))
