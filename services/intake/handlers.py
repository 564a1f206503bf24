"""What intake does when something happened elsewhere: the picture that the citizen sees is kept up to date.

News may be late or come twice. A state changes only where the closed table of states leads to the new one; beside it each picture
of its own (place, clock, due time, whose a step is) keeps the time of its newest news, and older news leaves it alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State, leads_to
from services.intake.payments import store as money
from services.intake.plugin_access import store as access
from services.intake.supplements import store as supplements
from services.intake.supplements.domain import after_supplement
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

RESULT_READY = "result_ready"
"""The kind of notify's message that tells of the result."""


def on_step_assigned(event: Event, work: UnitOfWork) -> None:
    """The dossier lies with an agency now: being processed, with the step's name and due time; its service may read the papers."""
    data, row = event.data, dossiers.lock_known(work.connection, event.data["dossier"])
    if _is_over(row):
        return
    access.begin(work.connection, row.code, data["task"], data["agency"], data["assigned_at"])
    if _is_older(data["assigned_at"], row.place_since):
        return
    place = {
        "place_agency": data["agency"],
        "place_step": data["name"],
        "place_due_at": data["due_at"],
        "place_since": data["assigned_at"],
    }
    begins = State(row.state) is State.RECEIVED
    then = State.PROCESSING if begins else None  # while the citizen is waited for, other agencies may still go on
    dossiers.change(work.connection, row, then, data["assigned_at"], **place)


def on_step_completed(event: Event, work: UnitOfWork) -> None:
    """The agency has done its step, and has no business with the papers any more."""
    _end_access(event, work, event.data["completed_at"])


def on_step_returned(event: Event, work: UnitOfWork) -> None:
    """The agency has handed its step back."""
    _end_access(event, work, event.data["returned_at"])


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """The citizen has to pay something; the dossier waits for it, unless it is over or waits for his papers first."""
    row = dossiers.lock_known(work.connection, event.data["dossier"])
    columns = ("dossier", "kind", "name", "amount", "agency", "requested_at")
    new = money.add_obligation(
        work.connection, {"id": event.data["obligation"], **{name: event.data[name] for name in columns}}
    )
    if new and State(row.state) is not State.SUPPLEMENT_REQUESTED:
        _advance(work, row, State.OBLIGATION_REQUESTED, event.data["requested_at"])


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The citizen has to hand in more, at the desk (NĐ 118/2025, article 19.5); until he has, the step is not the agency's."""
    data, row = event.data, dossiers.lock_known(work.connection, event.data["dossier"])
    state, at = State(row.state), data["requested_at"]
    asked_already = state is State.SUPPLEMENT_REQUESTED
    answered = row.supplemented_at is not None and at <= row.supplemented_at
    if answered or not (asked_already or leads_to(state, State.SUPPLEMENT_REQUESTED)):
        return
    columns = ("dossier", "task", "agency", "reason", "requested_at", "until")
    request = {name: data[name] for name in columns} | {"papers": orjson.dumps(data["papers"]).decode()}
    if not supplements.ask(work.connection, request):
        return
    access.end(work.connection, row.code, data["task"], data["agency"], at)
    then = None if asked_already else State.SUPPLEMENT_REQUESTED
    _change(work, row, then, at, _clock(row, at, paused=True))


def on_dossier_paused(event: Event, work: UnitOfWork) -> None:
    """The clock stands: what follows is not counted."""
    row = dossiers.lock_known(work.connection, event.data["dossier"])
    if not _is_over(row):
        _change(work, row, None, None, _clock(row, event.data["paused_at"], paused=True))


def on_dossier_resumed(event: Event, work: UnitOfWork) -> None:
    """The clock runs again, towards a later due time; after a supplement the agency that asked for it goes on."""
    data, row = event.data, dossiers.lock_known(work.connection, event.data["dossier"])
    if _is_over(row):
        return
    at = data["resumed_at"]
    values = _clock(row, at, paused=False) | _due(row, at, data["due_at"])
    then = _go_on(work, row, at, values) if data["supplemented"] else ()
    _change(work, row, then[-1] if then else None, at, values, then[:-1])


def on_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """The agency apologises and promises anew (NĐ 118/2025, article 19.6)."""
    data, row = event.data, dossiers.lock_known(work.connection, event.data["dossier"])
    columns = ("dossier", "extended_at", "agency", "reason", "was_due_at", "due_at")
    supplements.reappoint(work.connection, {name: data[name] for name in columns})
    if not _is_over(row):
        _change(work, row, None, None, _due(row, data["extended_at"], data["due_at"]))


def on_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """The dossier ends without a result; the citizen gets his papers back at the desk."""
    data, row = event.data, dossiers.lock_known(work.connection, event.data["dossier"])
    values = {"stopped_at": data["stopped_at"], "stop_cause": data["cause"], "stop_reason": data["reason"]}
    _advance(work, row, State.STOPPED, data["stopped_at"], **values, **_back_at_desk(row, data["stopped_at"]))


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """The result lies at the one-stop desk, for the citizen to fetch."""
    data, row = event.data, dossiers.lock_known(work.connection, event.data["dossier"])
    values = {"resolved_at": data["resolved_at"], "due_at": data["due_at"], "outcome": data["outcome"]}
    _advance(work, row, State.RESOLVED, data["resolved_at"], **values, **_back_at_desk(row, data["resolved_at"]))


def on_message_sent(event: Event, work: UnitOfWork) -> None:
    """The citizen was told that the result is there: from now on it may be handed over early (NĐ 118/2025, article 22.5)."""
    data = event.data
    if data["kind"] != RESULT_READY:
        return
    row = dossiers.lock_known(work.connection, data["dossier"])
    if row.result_told_at is None or data["sent_at"] < row.result_told_at:
        dossiers.change(work.connection, row, result_told_at=data["sent_at"])


def _is_over(row: Row[Any]) -> bool:
    return not leads_to(State(row.state), State.RESOLVED)


def _is_older(at: datetime, newest: datetime | None) -> bool:
    return newest is not None and at < newest


def _clock(row: Row[Any], at: datetime, paused: bool) -> dict[str, Any]:
    return {} if _is_older(at, row.clock_changed_at) else {"paused": paused, "clock_changed_at": at}


def _due(row: Row[Any], at: datetime, due_at: datetime) -> dict[str, Any]:
    return {} if _is_older(at, row.due_changed_at) else {"due_at": due_at, "due_changed_at": at}


def _back_at_desk(row: Row[Any], at: datetime) -> dict[str, Any]:
    place = {"place_agency": row.receiving_agency, "place_step": "", "place_due_at": None, "place_since": at}
    return place | {"paused": False}


def _go_on(work: UnitOfWork, row: Row[Any], at: datetime, values: dict[str, Any]) -> tuple[State, ...]:
    """The supplement is complete, says routing; usually intake knows, since it was handed in here.

    Returns:
        the states that the dossier passes, if it still waits.
    """
    asked = supplements.requests(work.connection, row.code)
    for request in asked:
        if request.requested_at <= at:
            access.give_back(work.connection, request.task, request.requested_at, at)
    open_before = supplements.answer_older(work.connection, row.code, at)
    if open_before or row.supplemented_at is None:
        values["supplemented_at"] = at
    still_open = any(one.supplemented_at is None and one.requested_at > at for one in asked)
    if State(row.state) is not State.SUPPLEMENT_REQUESTED or still_open:
        return ()
    return after_supplement(money.owes(work.connection, row.code))


def _end_access(event: Event, work: UnitOfWork, at: datetime) -> None:
    data = event.data
    access.end(work.connection, data["dossier"], data["task"], data["agency"], at)


def _advance(work: UnitOfWork, row: Row[Any], then: State, at: datetime, **values: Any) -> None:
    if leads_to(State(row.state), then):
        dossiers.change(work.connection, row, then, at, **values)
        if then in (State.RESOLVED, State.STOPPED):
            access.end_all(work.connection, row.code, at)


def _change(
    work: UnitOfWork,
    row: Row[Any],
    then: State | None,
    at: datetime | None,
    values: dict[str, Any],
    through: tuple[State, ...] = (),
) -> None:
    if then is not None or values:
        dossiers.change(work.connection, row, then, at, through, **values)


HANDLERS: dict[str, Handler] = {
    "step.assigned": on_step_assigned,
    "step.completed": on_step_completed,
    "step.returned": on_step_returned,
    "obligation.requested": on_obligation_requested,
    "supplement.requested": on_supplement_requested,
    "dossier.paused": on_dossier_paused,
    "dossier.resumed": on_dossier_resumed,
    "dossier.extended": on_dossier_extended,
    "dossier.stopped": on_dossier_stopped,
    "dossier.resolved": on_dossier_resolved,
    "message.sent": on_message_sent,
}
