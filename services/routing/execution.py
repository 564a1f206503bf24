"""Carries out what the domain decided for one dossier: rows and events of one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property

from services.routing import store
from services.routing.domain import clock, process
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.process import Effect
from services.routing.domain.states import DossierState, TaskState
from services.routing.store import Dossier, Task
from shared.agencies import RoleNotFound, UnknownAgency
from shared.bus.errors import Permanent
from shared.bus.event import new_id
from shared.calendar import WorkingCalendar
from shared.catalogue.route import Route, Step
from shared.clock import VIETNAM
from shared.reference import Reference
from shared.store import UnitOfWork


class Unroutable(Permanent):
    """No agency can be found for a step; somebody must mend the agency data, then the event or the command succeeds."""


class LostRace(RuntimeError):
    """A row was not in the state in which it had just been read under lock; a fault of the program."""


def day_of(moment: datetime) -> date:
    """The day of a moment in Vietnam, by which agencies and their calendars are found."""
    return moment.astimezone(VIETNAM).date()


def resolve_agency(work: UnitOfWork, role: str, near: str, at: datetime) -> str:
    """The agency that plays a role for a receiving agency at a moment.

    Raises:
        Unroutable: there is none.
    """
    try:
        return work.store.reference.agencies.resolve(role, near, day_of(at)).code
    except (RoleNotFound, UnknownAgency) as error:
        raise Unroutable(f"the route cannot go on: {error}") from error


def receiving_calendar(reference: Reference, dossier: Dossier) -> WorkingCalendar:
    """The working time by which a dossier's promise was made: the receiving agency's, as it was on the day of receipt."""
    return reference.calendar(dossier.receiving_agency, day_of(dossier.received_at))


def announce_overdue(work: UnitOfWork, dossier: Dossier, task: Task, at: datetime) -> bool:
    """Marks and announces a dossier as overdue, once, whoever comes first: the sweep or the end of a step.

    Args:
        work: the transaction, which holds the dossier's lock.
        dossier: as read under lock.
        task: the step at which it stands.
        at: the moment that is compared with the due time.

    Returns:
        Whether it was late and nobody had said so before.
    """
    if dossier.overdue_at is not None or not clock.is_overdue(dossier.due_at, dossier.paused, at):
        return False
    if not store.mark_overdue(work.connection, dossier.code, work.now):
        return False
    data = {"dossier": dossier.code, "due_at": dossier.due_at, "overdue_at": work.now}
    work.emit("dossier.overdue", {**data, "agency": task.agency, "step": task.step})
    return True


class Journey:
    """One dossier's way, inside a transaction that holds the dossier's lock.

    Args:
        work: the transaction.
        dossier: as read under lock, or just added.
        route: the way of its case in its procedure version.
        at: when that happened which moves the dossier now; not later than the transaction's moment.
    """

    def __init__(self, work: UnitOfWork, dossier: Dossier, route: Route, at: datetime) -> None:
        self.work = work
        self.dossier = dossier
        self.route = route
        self.at = min(at, work.now)

    @cached_property
    def _calendar(self) -> WorkingCalendar:
        return receiving_calendar(self.work.store.reference, self.dossier)

    def carry_out(self, effects: Iterable[Effect], task: Task | None = None, by: str = "", note: str = "") -> None:
        """Carries out effects in their order. A step's end first shows whether the dossier was late by then.

        Args:
            effects: what the domain decided.
            task: the step that is completed or paid; None at the beginning of the way.
            by: who completed it, for a step that was open.
            note: what he remarked.
        """
        if task is not None:
            self._find_late(task)
        for effect in effects:
            match effect:
                case process.Assign(step):
                    self._assign(step)
                case process.Finish(_, outcome) if task is not None:
                    self._finish(task, outcome, by, note)
                case process.RequestPayment() if task is not None:
                    self._request_payment(task, effect, by, note)
                case process.Pause(reason):
                    self._pause(reason)
                case process.Resume():
                    self._resume()
                case process.Resolve(outcome) if task is not None:
                    self._resolve(task, outcome)
                case _:
                    raise ValueError(f"{effect} of {self.dossier.code} needs the step that is completed")

    def _find_late(self, task: Task) -> None:
        """Marks and announces the dossier as overdue if its time was up when the step ended."""
        if announce_overdue(self.work, self.dossier, task, self.at):
            self.dossier = replace(self.dossier, overdue_at=self.work.now)

    def _assign(self, step: Step) -> None:
        now, dossier = self.work.now, self.dossier
        agency = resolve_agency(self.work, step.agency_role, dossier.receiving_agency, now)
        task = Task(
            id=new_id(),
            dossier=dossier.code,
            step=step.id,
            name=step.task,
            agency=agency,
            official_role=step.official_role,
            state=TaskState.OPEN,
            counted=step.counted,
            assigned_at=now,
            due_at=self._step_due(step, agency, now),
        )
        store.add_task(self.work.connection, task)
        if step.agency_role == process.handling_step(self.route).agency_role and agency != dossier.handling_agency:
            self.dossier = replace(dossier, handling_agency=agency)  # merged since the receipt
            store.update_dossier(self.work.connection, dossier.code, handling_agency=agency)
        self.work.emit(
            "step.assigned",
            {
                "dossier": dossier.code,
                "task": task.id,
                "step": task.step,
                "name": task.name,
                "agency": agency,
                "official_role": task.official_role,
                "counted": task.counted,
                "assigned_at": now,
                "due_at": task.due_at,
            },
        )

    def _step_due(self, step: Step, agency: str, now: datetime) -> datetime | None:
        if not step.counted:
            return None
        return self.work.store.reference.calendar(agency, day_of(now)).add_working_hours(now, step.working_hours).at

    def _finish(self, task: Task, outcome: str, by: str, note: str) -> None:
        completed_at = max(self.at, task.assigned_at)
        on_time = clock.step_on_time(task.counted, task.due_at, completed_at)
        values = {"completed_at": completed_at, "outcome": outcome, "on_time": on_time}
        if task.state == TaskState.OPEN:
            values |= {"completed_by": by, "note": note or None}
        self._move_task(task, TaskState.DONE, values)
        self.work.emit(
            "step.completed",
            {
                "dossier": task.dossier,
                "task": task.id,
                "step": task.step,
                "agency": task.agency,
                "outcome": outcome,
                "counted": task.counted,
                "assigned_at": task.assigned_at,
                "completed_at": completed_at,
                "on_time": on_time,
            },
        )

    def _request_payment(self, task: Task, effect: process.RequestPayment, by: str, note: str) -> None:
        obligation = new_id()
        values = {"outcome": effect.outcome, "obligation": obligation, "amount": effect.amount}
        self._move_task(task, TaskState.AWAITING_PAYMENT, {**values, "completed_by": by, "note": note or None})
        self.work.emit(
            "obligation.requested",
            {
                "dossier": task.dossier,
                "obligation": obligation,
                "kind": effect.obligation.kind,
                "name": effect.obligation.name,
                "amount": effect.amount,
                "agency": task.agency,
                "requested_at": self.work.now,
            },
        )

    def _move_task(self, task: Task, after: TaskState, values: dict[str, object]) -> None:
        if not store.move_task(self.work.connection, task.id, TaskState(task.state), after, **values):
            raise LostRace(f"step {task.id} is no longer {task.state}")

    def _pause(self, reason: str) -> None:
        opened = self._switch(Kind.UNCOUNTED, reason)[-1]
        self.dossier = replace(self.dossier, paused=True)
        store.update_dossier(self.work.connection, self.dossier.code, paused=True)
        data = {"dossier": self.dossier.code, "reason": reason, "paused_at": opened.begins_at}
        self.work.emit("dossier.paused", data)

    def _resume(self) -> None:
        intervals = self._switch(Kind.COUNTED, "")
        resumed_at = intervals[-1].begins_at
        uncounted = clock.minutes(intervals, Kind.UNCOUNTED, self._calendar, resumed_at)
        due_at = clock.due(self.dossier.promised_at, uncounted, self._calendar)
        self.dossier = replace(self.dossier, paused=False, due_at=due_at)
        store.update_dossier(self.work.connection, self.dossier.code, paused=False, due_at=due_at)
        data = {
            "dossier": self.dossier.code,
            "resumed_at": resumed_at,
            "due_at": due_at,
            "uncounted_minutes": uncounted,
        }
        self.work.emit("dossier.resumed", data)

    def _switch(self, kind: Kind, reason: str) -> list[Interval]:
        """Ends the lasting interval, begins the next, and returns the whole clock."""
        *earlier, last = store.intervals_of(self.work.connection, self.dossier.code)
        ended, begun = clock.switch(last, kind, reason, self.at)
        self._end_interval(ended)
        store.add_interval(self.work.connection, self.dossier.code, len(earlier) + 2, begun)
        return [*earlier, ended, begun]

    def _end_interval(self, ended: Interval) -> None:
        store.end_interval(self.work.connection, self.dossier.code, ended.ends_at or self.at)

    def _resolve(self, task: Task, outcome: str) -> None:
        self._find_late(task)
        last = clock.stop(store.intervals_of(self.work.connection, self.dossier.code)[-1], self.at)
        self._end_interval(last)
        resolved_at = last.ends_at or self.at
        on_time = clock.resolved_on_time(self.dossier.due_at, self.dossier.overdue_at, resolved_at)
        values = {"outcome": outcome, "resolved_at": resolved_at, "on_time": on_time}
        before, after = DossierState.ACTIVE, DossierState.RESOLVED
        if not store.move_dossier(self.work.connection, self.dossier.code, before, after, **values):
            raise LostRace(f"dossier {self.dossier.code} is no longer active")
        self.work.emit(
            "dossier.resolved",
            {
                "dossier": self.dossier.code,
                "outcome": outcome,
                "agency": self.dossier.handling_agency,
                "promised_at": self.dossier.promised_at,
                "due_at": self.dossier.due_at,
                "resolved_at": resolved_at,
                "on_time": on_time,
            },
        )
