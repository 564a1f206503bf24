"""What people are shown of steps, queues and dossiers, put together from the store; writes nothing."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.routing.domain import clock
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.control_sheet import verify_whole
from services.routing.domain.measures import Terms
from services.routing.domain.states import TaskState
from services.routing.dossier.jurisdiction import receiving_calendar, terms_of
from services.routing.queries.due_date_explanation import explanation
from services.routing.queries.work_queues import Queue, all_queues
from services.routing.store import control_sheet as sheets
from services.routing.store import definitions, dossiers, tasks, worklists
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import STEP, Task
from services.routing.store.worklists import Viewer
from shared.calendar import WorkingCalendar
from shared.catalogue import Procedure
from shared.catalogue.route import Step
from shared.runtime.reference_data import Reference


@dataclass(frozen=True)
class Worklist:
    """Which steps are asked for.

    Attributes:
        agencies: whose; states, dossier: further limits, none when empty.
        after: the cursor, the id of the last step seen.
        most: steps on a page.
    """

    agencies: Collection[str]
    states: Collection[str] = ()
    dossier: str = ""
    after: str = ""
    most: int = 50


def worklist(connection: Connection, asked: Worklist, now: datetime) -> dict[str, Any]:
    """One page of steps: `items` in the order of assignment, and `next`, the cursor of the page after it."""
    rows = worklists.page_of_agencies(
        connection, asked.agencies, asked.states, asked.dossier, asked.after, asked.most + 1
    )
    page = rows[: asked.most]
    known = _Procedures(connection)
    items = [
        task_view(task, known.step(task, procedure, version, case), now) for task, procedure, version, case in page
    ]
    return {"items": items, "next": page[-1][0].id if len(rows) > len(page) else None}


def tiles(connection: Connection, viewer: Viewer, roles: Collection[str]) -> dict[str, Any]:
    """The queues that somebody sees, each with its number of steps."""
    seen = [queue for queue in all_queues() if queue.seen_by(roles)]
    numbers = worklists.counts(connection, seen, viewer)
    return {"items": [_tile(queue, number) for queue, number in zip(seen, numbers, strict=True)]}


def queue_page(
    connection: Connection, queue: Queue, viewer: Viewer, search: str, cursor: str, most: int
) -> dict[str, Any]:
    """A page of a queue, the most urgent first.

    Args:
        connection: any.
        queue, viewer, search: as for :func:`services.routing.store.worklists.belongs`.
        cursor: the id of the last step of the page before; empty for the first page.
        most: steps on the page.
    """
    after = tasks.find(connection, cursor) if cursor else None
    lines = worklists.page(connection, queue, viewer, search, after, most + 1)
    page = lines[:most]
    known = _Procedures(connection)
    items = [
        task_view(line.task, known.step(line.task, line.procedure, line.version, line.case), viewer.now)
        | {
            "procedure": line.procedure,
            "procedure_name": known.of(line.procedure, line.version).name,
            "case": line.case,
            "dossier_due_at": line.dossier_due_at,
            "paused": line.paused,
        }
        for line in page
    ]
    return {
        "queue": _tile(queue, worklists.counts(connection, [queue], viewer)[0]),
        "items": items,
        "next": page[-1].task.id if len(lines) > len(page) else None,
    }


def task_detail(connection: Connection, task: Task, now: datetime) -> dict[str, Any]:
    """One step, with what became of it and what was remarked on it."""
    dossier = dossiers.find(connection, task.dossier)
    if dossier is None:
        raise LookupError(f"step {task.id} belongs to no dossier")
    step = _Procedures(connection).step(task, dossier.procedure, dossier.version, dossier.case)
    return task_view(task, step, now) | {"notes": tasks.notes_of(connection, [task.id]).get(task.id, [])}


def task_view(task: Task, step: Step | None, now: datetime) -> dict[str, Any]:
    """A step as it is shown: its row, the outcomes that it may still have, and whether it is late.

    Args:
        task: its row.
        step: of the route; None for work beside the route.
        now: the moment.
    """
    still_open = task.state == TaskState.OPEN
    outcomes = list(step.outcomes) if step else ["completed"]
    late = still_open and task.due_at is not None and now > task.due_at
    return asdict(task) | {
        "outcomes": outcomes if still_open else [],
        "obligation_outcome": step.obligation.outcome if still_open and step and step.obligation else None,
        "overdue": late,
        "due_soon": still_open and not late and task.due_soon_at is not None,
    }


def dossier_view(connection: Connection, dossier: Dossier, reference: Reference, now: datetime) -> dict[str, Any]:
    """A dossier's way with that of its sub-dossiers, and its clock.

    Args:
        connection: for the routes and the clock.
        dossier: the citizen's, as just read.
        reference: for the receiving agency's calendar.
        now: up to when the lasting interval is counted.
    """
    known = _Procedures(connection)
    parts = {part.code: part for part in (dossier, *dossiers.subs_of(connection, dossier.code))}
    steps = tasks.of_root(connection, dossier.code)
    remarks = tasks.notes_of(connection, [task.id for task in steps])
    views = []
    for task in steps:
        part = parts[task.dossier]
        step = known.step(task, part.procedure, part.version, part.case)
        views.append(task_view(task, step, now) | {"notes": remarks.get(task.id, [])})
    return asdict(dossier) | {
        "chosen": json.loads(dossier.chosen),
        "steps": views,
        "clock": clock_view(
            dossier,
            dossiers.intervals_of(connection, dossier.code),
            receiving_calendar(reference, dossier),
            terms_of(reference, dossier, known.of(dossier.procedure, dossier.version)),
            now,
        ),
    }


def clock_view(
    dossier: Dossier, intervals: list[Interval], calendar: WorkingCalendar, terms: Terms, now: datetime
) -> dict[str, Any]:
    """The clock in working minutes, with the sentences that explain the due time where it is not the first promise."""
    return {
        "intervals": [
            asdict(interval) | {"working_minutes": clock.minutes_of(interval, calendar, now)} for interval in intervals
        ],
        "counted_minutes": clock.minutes(intervals, Kind.COUNTED, calendar, now),
        "uncounted_minutes": clock.minutes(intervals, Kind.UNCOUNTED, calendar, now),
        "supplement_minutes": clock.minutes(intervals, Kind.SUPPLEMENT, calendar, now),
        "promised_at": dossier.promised_at,
        "due_at": dossier.due_at,
        "index_due_at": dossier.index_due_at,
        "paused": dossier.paused,
        "overdue_at": dossier.overdue_at,
        "supplement_until": dossier.supplement_until,
        "extended_at": dossier.extended_at,
        "extended_from": dossier.extended_from,
        "explanation": [asdict(note) for note in explanation(dossier, intervals, calendar, terms)],
    }


def control_sheet(connection: Connection, dossier: Dossier) -> dict[str, Any]:
    """The process control sheet, and whether it is sound."""
    entries, noted = sheets.sheet(connection, dossier.code)
    fault = verify_whole(entries, noted)
    return {
        "dossier": dossier.code,
        "entries": [asdict(entry) for entry in entries],
        "sound": fault is None,
        "fault": None if fault is None else f"{fault.vi} · {fault.en}",
    }


def _tile(queue: Queue, number: int) -> dict[str, Any]:
    return {"id": queue.id, "label": queue.vi, "label_en": queue.en, "count": number}


class _Procedures:
    """The procedures that one answer needs, each looked up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: dict[tuple[str, int], Procedure] = {}

    def of(self, code: str, version: int) -> Procedure:
        """A published procedure version.

        Raises:
            LookupError: it is not in the store.
        """
        key = (code, version)
        if key not in self._found:
            found = definitions.find_procedure(self._connection, *key)
            if found is None:
                raise LookupError(f"procedure {code} version {version} is not in the store")
            self._found[key] = found
        return self._found[key]

    def step(self, task: Task, code: str, version: int, case: str) -> Step | None:
        """A task's step; None for work beside the route."""
        return self.of(code, version).route(case).step(task.step) if task.kind == STEP else None
