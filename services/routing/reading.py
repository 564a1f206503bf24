"""What people are shown of steps and dossiers, put together from the store; writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.routing import definitions, store
from services.routing.domain import clock
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.states import TaskState
from services.routing.execution import receiving_calendar
from services.routing.store import Dossier, Task
from shared.calendar import WorkingCalendar
from shared.catalogue.route import Route, Step
from shared.reference import Reference


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
    rows = store.page_of_tasks(connection, asked.agencies, asked.states, asked.dossier, asked.after, asked.most + 1)
    page = rows[: asked.most]
    routes = _Routes(connection)
    items = [
        task_view(task, routes.of(procedure, version, case).step(task.step), now)
        for task, procedure, version, case in page
    ]
    return {"items": items, "next": page[-1][0].id if len(rows) > len(page) else None}


def task_detail(connection: Connection, task: Task, now: datetime) -> dict[str, Any]:
    """One step, with what became of it."""
    dossier = store.find_dossier(connection, task.dossier)
    if dossier is None:
        raise LookupError(f"step {task.id} belongs to no dossier")
    route = _Routes(connection).of(dossier.procedure, dossier.version, dossier.case)
    return task_view(task, route.step(task.step), now)


def task_view(task: Task, step: Step, now: datetime) -> dict[str, Any]:
    """A step as it is shown: its row, the outcomes that it may still have, and whether it is late."""
    still_open = task.state == TaskState.OPEN
    return asdict(task) | {
        "outcomes": list(step.outcomes) if still_open else [],
        "obligation_outcome": step.obligation.outcome if still_open and step.obligation else None,
        "overdue": task.state != TaskState.DONE and task.due_at is not None and now > task.due_at,
    }


def dossier_view(
    connection: Connection, dossier: Dossier, tasks: Collection[Task], reference: Reference, now: datetime
) -> dict[str, Any]:
    """A dossier's way and its clock.

    Args:
        connection: for the route and the clock.
        dossier, tasks: as just read.
        reference: for the receiving agency's calendar.
        now: up to when the lasting interval is counted.
    """
    intervals = store.intervals_of(connection, dossier.code)
    route = _Routes(connection).of(dossier.procedure, dossier.version, dossier.case)
    return asdict(dossier) | {
        "steps": [task_view(task, route.step(task.step), now) for task in tasks],
        "clock": clock_view(dossier, intervals, receiving_calendar(reference, dossier), now),
    }


def clock_view(dossier: Dossier, intervals: list[Interval], calendar: WorkingCalendar, now: datetime) -> dict[str, Any]:
    """The clock in working minutes, with the sentences that explain by how much the due time has moved."""
    ended = [interval for interval in intervals if interval.ends_at is not None]
    extension = clock.minutes(ended, Kind.UNCOUNTED, calendar, now)
    notes = calendar.add_working_minutes(dossier.promised_at, extension).explanation if extension else ()
    return {
        "intervals": [
            asdict(interval) | {"working_minutes": clock.minutes_of(interval, calendar, now)} for interval in intervals
        ],
        "counted_minutes": clock.minutes(intervals, Kind.COUNTED, calendar, now),
        "uncounted_minutes": clock.minutes(intervals, Kind.UNCOUNTED, calendar, now),
        "promised_at": dossier.promised_at,
        "due_at": dossier.due_at,
        "paused": dossier.paused,
        "overdue_at": dossier.overdue_at,
        "explanation": [{"date": note.date, "code": note.code, "vi": note.vi, "en": note.en} for note in notes],
    }


class _Routes:
    """The routes that one answer needs, each looked up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: dict[tuple[str, int, str], Route] = {}

    def of(self, procedure: str, version: int, case: str) -> Route:
        """The route of a case of a procedure version.

        Raises:
            LookupError: the version is not in the store.
        """
        key = (procedure, version, case)
        if key not in self._found:
            route = definitions.find_route(self._connection, *key)
            if route is None:
                raise LookupError(f"procedure {procedure} version {version} is not in the store")
            self._found[key] = route
        return self._found[key]
