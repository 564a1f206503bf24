"""One dossier inside a database transaction: its rows, the facts derived from them, and the events it emits.

This module imports none of the modules that change a dossier; `effects.py` sits on top of them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from services.routing.domain.handover import Entry
from services.routing.domain.states import OPEN_STATES, DossierState, TaskState
from services.routing.dossier import jurisdiction
from services.routing.dossier.errors import StaleState
from services.routing.store import control_sheet, dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import STEP, Task
from shared.calendar import WorkingCalendar
from shared.catalogue import Procedure
from shared.catalogue.condition import Facts
from shared.catalogue.route import Route
from shared.persistence.unit_of_work import UnitOfWork
from shared.regulations import Regulation
from shared.runtime.reference_data import Reference


class DossierTransaction:
    """One dossier inside a transaction that holds the lock of the citizen's dossier.

    Args:
        work: the transaction.
        dossier: as read under its root's lock, or just added.
        root: the citizen's dossier; the same unless `dossier` is a sub-dossier.
        at: when the event that moves the dossier happened; capped at the transaction's time.

    Attributes:
        dossier, root: the current rows, with all changes made so far.
        sender, sender_official: the agency that hands over the next step, and its official.
        sender_due_at: when that agency's own step was due.
        handed_over: whether the citizen has the result already when the dossier is resolved.
        clock_changed: whether loading has resumed the clock (a posting was over) or moved a deadline (its last day was declared off).
    """

    def __init__(self, work: UnitOfWork, dossier: Dossier, root: Dossier, at: datetime | None = None) -> None:
        self.work = work
        self.dossier = dossier
        self.root = root
        self.at = min(at or work.now, work.now)
        self.sender = dossier.receiving_agency
        self.sender_official = ""
        self.sender_due_at: datetime | None = None
        self.handed_over = False
        self.clock_changed = False

    @classmethod
    def load(cls, work: UnitOfWork, code: str, at: datetime | None = None) -> DossierTransaction | None:
        """Locks and reads a stored dossier; None when it does not exist.

        The clock is as stored. Commands use :func:`services.routing.dossier.load.load_dossier`, which also brings the clock up to date.
        """
        root = dossiers.lock_root(work.connection, code)
        if root is not None and control_sheet.write_appended(work, root.code):
            root = dossiers.find(work.connection, root.code)
        if root is None:
            return None
        # a sub-dossier is read afterwards: this transaction may have waited for the lock
        own = root if root.code == code else dossiers.find(work.connection, code)
        if own is None:
            raise LookupError(f"dossier {code} is gone")
        return cls(work, own, root, at)

    def for_dossier(self, dossier: Dossier) -> DossierTransaction:
        """The same transaction on the citizen's dossier itself or on another of its sub-dossiers."""
        return DossierTransaction(self.work, dossier, self.root, self.at)

    def for_code(self, code: str) -> DossierTransaction:
        """The same by a dossier's code; this one if it is about that dossier.

        Raises:
            StaleState: there is no such dossier any more.
        """
        if code == self.dossier.code:
            return self
        found = self.root if code == self.root.code else dossiers.find(self.connection, code)
        if found is None:
            raise StaleState(f"dossier {code} is gone")
        return self.for_dossier(found)

    @property
    def connection(self) -> Connection:
        """The database connection of the transaction."""
        return self.work.connection

    @property
    def reference(self) -> Reference:
        """Agencies, regulations and calendars."""
        return self.work.reference

    @cached_property
    def procedure(self) -> Procedure:
        """The procedure in the version that the dossier pins."""
        return jurisdiction.procedure_of(self.work, self.dossier)

    @cached_property
    def route(self) -> Route:
        """The route of the dossier's case."""
        return self.procedure.route(self.dossier.case)

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The receiving agency's calendar, by which the promise was made."""
        return jurisdiction.receiving_calendar(self.reference, self.root)

    @cached_property
    def regulation(self) -> Regulation:
        """The regulation version in force at the receipt; it applies until the dossier ends."""
        return self.reference.regulations.get(self.root.regulation)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The linked procedures that the citizen chose."""
        return tuple(json.loads(self.dossier.chosen))

    def facts_of(self, steps: Sequence[Task]) -> Facts:
        """The facts that the route's conditions test.

        Args:
            steps: all that the dossier has so far.
        """
        return Facts(
            case=self.dossier.case,
            chosen=frozenset(self.chosen),
            amount=sum(task.amount or 0 for task in steps),
            outcomes={task.step: task.outcome for task in steps if task.outcome and task.state == TaskState.DONE},
        )

    def open_steps_and_facts(self) -> tuple[list[str], Facts]:
        """The ids of the dossier's open steps, and the facts that the route's conditions test."""
        steps = tasks.of_dossier(self.connection, self.dossier.code)
        return [task.step for task in open_among(steps)], self.facts_of(steps)

    def set(self, **values: Any) -> None:
        """Changes columns of the dossier, but not its state."""
        dossiers.change(self.connection, self.dossier.code, **values)
        self.dossier = replace(self.dossier, **values)
        if not self.dossier.is_sub:
            self.root = self.dossier

    def set_root(self, **values: Any) -> None:
        """Changes columns of the citizen's dossier, but not its state."""
        dossiers.change(self.connection, self.root.code, **values)
        self.replace_root(replace(self.root, **values))

    def append_entries(self, entries: Sequence[Entry]) -> None:
        """Appends entries to the control sheet of the citizen's dossier."""
        control_sheet.append(self.work, entries)
        last = entries[-1]
        self.replace_root(replace(self.root, control_sheet_entries=last.number, control_sheet_hash=last.hash))

    def replace_root(self, root: Dossier) -> None:
        """Takes over the citizen's dossier as another :class:`DossierTransaction` of this transaction has changed it."""
        self.root = root
        if not self.dossier.is_sub:
            self.dossier = root

    def move_root(self, after: DossierState, **values: Any) -> None:
        """Changes the state of the citizen's dossier.

        Raises:
            StaleState: it is not in the state in which it was read.
        """
        root, before = self.root, DossierState(self.root.state)
        if not dossiers.move(self.connection, root.code, before, after, **values):
            raise StaleState(f"dossier {root.code} is no longer {before}")
        self.replace_root(replace(root, state=after, **values))

    def move_task(self, task: Task, after: TaskState, **values: Any) -> Task:
        """Changes a step's state.

        Raises:
            StaleState: it is not in the state in which it was read.
        """
        if not tasks.move(self.connection, task.id, TaskState(task.state), after, **values):
            raise StaleState(f"step {task.id} is no longer {task.state}")
        return replace(task, state=after, **values)

    def emit(self, event: str, /, **data: Any) -> None:
        """Emits an event about the citizen's dossier."""
        self.work.emit(event, {"dossier": self.root.code, **data})


def open_among(steps: Iterable[Task]) -> list[Task]:
    """The open ones of a dossier's steps, without corrections."""
    return [task for task in steps if task.kind == STEP and task.state in OPEN_STATES]
