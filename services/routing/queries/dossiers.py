"""A dossier as the API and the pages show it: its steps with those of its sub-dossiers, and its clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.routing.domain import clock
from services.routing.domain.clock import Interval, Kind
from services.routing.dossier.jurisdiction import receiving_calendar, terms_of
from services.routing.queries.due_date_explanation import explanation
from services.routing.queries.procedures import ProcedureCache
from services.routing.queries.steps import StepView, step_values
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from shared.calendar import Note
from shared.runtime.reference_data import Reference


@dataclass(frozen=True, kw_only=True)
class IntervalView(Interval):
    """An interval of the clock, with its working minutes by the receiving agency's calendar."""

    working_minutes: int


@dataclass(frozen=True, slots=True)
class ClockView:
    """A dossier's clock in working minutes, up to now.

    Attributes:
        explanation: the sentences that explain the due time where it is not the first promise.
    """

    intervals: list[IntervalView]
    counted_minutes: int
    uncounted_minutes: int
    supplement_minutes: int
    promised_at: datetime
    due_at: datetime
    index_due_at: datetime
    paused: bool
    overdue_at: datetime | None
    supplement_until: datetime | None
    extended_at: datetime | None
    extended_from: datetime | None
    explanation: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class DossierView:
    """A citizen's dossier.

    Attributes:
        procedure_name, case_name: in words; the case's name is empty for a procedure's only case.
        chosen: codes of the linked procedures that the citizen chose.
        papers: names of the papers that belong to the case; what was handed in is known to intake alone.
    """

    code: str
    procedure: str
    procedure_name: str
    version: int
    case: str
    case_name: str
    field: str
    receiving_agency: str
    handling_agency: str
    regulation: str
    remote: bool
    received_at: datetime
    state: str
    outcome: str | None
    resolved_at: datetime | None
    on_time: bool | None
    index_on_time: bool | None
    returned_at: datetime | None
    stopped_at: datetime | None
    stop_cause: str | None
    chosen: list[str]
    papers: list[str]
    steps: list[StepView]
    clock: ClockView


def dossier_view(connection: Connection, dossier: Dossier, reference: Reference, now: datetime) -> DossierView:
    """A dossier with its steps, those of its sub-dossiers, and its clock.

    Args:
        connection: for the routes and the clock.
        dossier: the citizen's, as just read.
        reference: for the receiving agency's calendar.
        now: up to when the last interval is counted.
    """
    known = ProcedureCache(connection)
    procedure = known.get(dossier.procedure, dossier.version)
    case = procedure.case(dossier.case)
    return DossierView(
        code=dossier.code,
        procedure=dossier.procedure,
        procedure_name=procedure.name,
        version=dossier.version,
        case=dossier.case,
        case_name=case.name if len(procedure.cases) > 1 else "",
        field=dossier.field,
        receiving_agency=dossier.receiving_agency,
        handling_agency=dossier.handling_agency,
        regulation=dossier.regulation,
        remote=dossier.remote,
        received_at=dossier.received_at,
        state=dossier.state,
        outcome=dossier.outcome,
        resolved_at=dossier.resolved_at,
        on_time=dossier.on_time,
        index_on_time=dossier.index_on_time,
        returned_at=dossier.returned_at,
        stopped_at=dossier.stopped_at,
        stop_cause=dossier.stop_cause,
        chosen=json.loads(dossier.chosen),
        papers=[paper.name for paper in procedure.accepted_papers(dossier.case)],
        steps=_steps(connection, dossier, known, now),
        clock=_clock(connection, dossier, known, reference, now),
    )


def _steps(connection: Connection, dossier: Dossier, known: ProcedureCache, now: datetime) -> list[StepView]:
    parts = {part.code: part for part in (dossier, *dossiers.subs_of(connection, dossier.code))}
    steps = tasks.of_root(connection, dossier.code)
    notes = tasks.notes_of(connection, [task.id for task in steps])
    views = []
    for task in steps:
        part = parts[task.dossier]
        step = known.step_of(task, part.procedure, part.version, part.case)
        views.append(StepView(**step_values(task, step, now), notes=tuple(notes.get(task.id, ()))))
    return views


def _clock(
    connection: Connection, dossier: Dossier, known: ProcedureCache, reference: Reference, now: datetime
) -> ClockView:
    intervals = dossiers.intervals_of(connection, dossier.code)
    calendar = receiving_calendar(reference, dossier)
    terms = terms_of(reference, dossier, known.get(dossier.procedure, dossier.version))
    return ClockView(
        intervals=[
            IntervalView(
                part.kind,
                part.reason,
                part.begins_at,
                part.ends_at,
                working_minutes=clock.minutes_of(part, calendar, now),
            )
            for part in intervals
        ],
        counted_minutes=clock.minutes(intervals, Kind.COUNTED, calendar, now),
        uncounted_minutes=clock.minutes(intervals, Kind.UNCOUNTED, calendar, now),
        supplement_minutes=clock.minutes(intervals, Kind.SUPPLEMENT, calendar, now),
        promised_at=dossier.promised_at,
        due_at=dossier.due_at,
        index_due_at=dossier.index_due_at,
        paused=dossier.paused,
        overdue_at=dossier.overdue_at,
        supplement_until=dossier.supplement_until,
        extended_at=dossier.extended_at,
        extended_from=dossier.extended_from,
        explanation=explanation(dossier, intervals, calendar, terms),
    )
