"""One dossier's way inside a transaction: what it is, where it stands, and the one place that carries out effects."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from services.routing.domain import process
from services.routing.domain.process import Effect
from services.routing.domain.states import TaskState
from services.routing.dossier import assignment, clock, completion, conclusion, jurisdiction
from services.routing.dossier.errors import StaleState
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.calendar import WorkingCalendar
from shared.catalogue import Procedure
from shared.catalogue.condition import Facts
from shared.catalogue.route import Route
from shared.persistence.unit_of_work import UnitOfWork
from shared.regulations import Regulation
from shared.runtime.reference_data import Reference


class DossierTransaction:
    """One dossier's way, inside a transaction that holds the lock of the citizen's dossier.

    Args:
        work: the transaction.
        dossier: as read under its root's lock, or just added.
        root: the citizen's dossier; the same unless `dossier` is a sub-dossier.
        at: when that happened which moves the dossier now; not later than the transaction's moment.

    Attributes:
        dossier, root: as they are after what was done so far.
        giver, giver_by: the agency from whose hands the next step comes, and the official who gives it.
        giver_due: by when he had to.
        went_on: whether its clock was found to run again by itself when this way was begun.
    """

    def __init__(self, work: UnitOfWork, dossier: Dossier, root: Dossier, at: datetime | None = None) -> None:
        self.work = work
        self.dossier = dossier
        self.root = root
        self.at = min(at or work.now, work.now)
        self.giver = dossier.receiving_agency
        self.giver_by = ""
        self.giver_due: datetime | None = None
        self.went_on = False

    @classmethod
    def begun(cls, work: UnitOfWork, code: str, at: datetime | None = None) -> DossierTransaction | None:
        """The way of a dossier that is in the store, locked until the transaction ends; None when there is no such dossier.

        Whatever is done then finds its clock as it is at that moment: a posting may be over that no sweep has seen yet.
        """
        found = dossiers.find(work.connection, code)
        if found is None:
            return None
        root = dossiers.find(work.connection, found.root, lock=True)
        own = (
            root if found.root == code else dossiers.find(work.connection, code)
        )  # again: the lock may have been waited for
        if root is None or own is None:
            raise LookupError(f"dossier {code} lost its root")
        transaction = cls(work, own, root, at)
        transaction.went_on = clock.resume_expired_postings(transaction)
        return transaction

    def way_of(self, dossier: Dossier) -> DossierTransaction:
        """The way of another part of the same citizen's dossier."""
        return DossierTransaction(self.work, dossier, self.root, self.at)

    @property
    def connection(self) -> Connection:
        """Inside the transaction."""
        return self.work.connection

    @property
    def reference(self) -> Reference:
        """Agencies, regulations and calendars."""
        return self.work.reference

    @cached_property
    def procedure(self) -> Procedure:
        """In the version that the dossier pins."""
        return jurisdiction.procedure_of(self.work, self.dossier)

    @cached_property
    def route(self) -> Route:
        """The way of its case."""
        return self.procedure.route(self.dossier.case)

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """By which the promise was made."""
        return jurisdiction.receiving_calendar(self.reference, self.root)

    @cached_property
    def regulation(self) -> Regulation:
        """The version under which it was received; it keeps that until its end."""
        return self.reference.regulations.get(self.root.regulation)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The linked procedures that the citizen chose."""
        return tuple(json.loads(self.dossier.chosen))

    def facts(self) -> Facts:
        """What the conditions of the route look at."""
        done = tasks.of_dossier(self.connection, self.dossier.code)
        return Facts(
            case=self.dossier.case,
            chosen=frozenset(self.chosen),
            amount=sum(task.amount or 0 for task in done),
            outcomes={task.step: task.outcome for task in done if task.outcome and task.state == TaskState.DONE},
        )

    def standing(self) -> list[str]:
        """The ids of the steps at which it stands."""
        return [task.step for task in tasks.open_of_dossier(self.connection, self.dossier.code)]

    def set(self, **values: Any) -> None:
        """Changes facts of the dossier beside its state."""
        dossiers.change(self.connection, self.dossier.code, **values)
        self.keep(replace(self.dossier, **values))

    def keep(self, dossier: Dossier) -> None:
        """Takes note of what the dossier's row has become."""
        self.dossier = dossier
        if not dossier.is_sub:
            self.root = dossier

    def set_root(self, **values: Any) -> None:
        """Changes facts of the citizen's dossier."""
        dossiers.change(self.connection, self.root.code, **values)
        self.take_root(replace(self.root, **values))

    def take_root(self, root: Dossier) -> None:
        """Takes note of what the citizen's dossier has become on another part's way."""
        self.root = root
        if not self.dossier.is_sub:
            self.dossier = root

    def reread_root(self) -> None:
        """Takes note of what the citizen's dossier has become after its state was changed."""
        found = dossiers.find(self.connection, self.root.code)
        if found is None:
            raise StaleState(f"dossier {self.root.code} is gone")
        self.take_root(found)

    def move_task(self, task: Task, after: TaskState, **values: Any) -> Task:
        """Changes a step's state.

        Raises:
            LostRace: it is not in the state in which it was read.
        """
        if not tasks.move(self.connection, task.id, TaskState(task.state), after, **values):
            raise StaleState(f"step {task.id} is no longer {task.state}")
        return replace(task, state=after, **values)

    def emit(self, event: str, /, **data: Any) -> None:
        """Says something about the citizen's dossier."""
        self.work.emit(event, {"dossier": self.root.code, **data})

    def carry_out(self, effects: Iterable[Effect], task: Task | None = None, by: str = "", note: str = "") -> None:
        """Carries out effects in their order.

        Args:
            effects: what the domain decided.
            task: the step that is completed or paid; None at the beginning of the way.
            by: who completed it, for a step that was open.
            note: what he remarked; the next agency reads it.
        """
        if task is not None:
            self.giver, self.giver_by, self.giver_due = task.agency, by, task.due_at
            clock.mark_overdue(self, task)
        for effect in effects:
            match effect:
                case process.Assign(step):
                    assignment.assign(self, step, note)
                case process.OpenSub(step):
                    assignment.open_sub(self, step)
                case process.PassOver(step):
                    assignment.pass_over(self, step)
                case process.Pause(reason):
                    clock.pause(self, reason)
                case process.Resume():
                    clock.resume(self)
                case process.Finish(_, outcome) if task is not None:
                    completion.finish(self, task, outcome, by, note)
                case process.RequestPayment() if task is not None:
                    completion.request_payment(self, task, effect, by, note)
                case process.Resolve(outcome):
                    conclusion.resolve(self, outcome)
                case _:
                    raise ValueError(f"{effect} of {self.dossier.code} needs the step that is completed")
        clock.reconcile(self)
