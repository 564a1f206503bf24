"""A transaction on one complaint: its lock, its state, its clock, its history and its events, changed together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.rating.complaints import clock, store
from services.rating.complaints.clock import ACTIVE, Deadline, DueAt
from services.rating.complaints.domain import Act, ChangedSince, State, UnknownComplaint, after
from services.rating.complaints.rules import ComplaintRules, complaint_rules, thresholds
from services.rating.complaints.store import Complaint, Entry
from shared.agencies import UnknownAgency
from shared.agencies.escalation import CENTRE, UNIT
from shared.calendar import WorkingCalendar
from shared.calendar.deadlines import past_from
from shared.calendar.reminders import DeadlineProgress, Reminder, next_reminder_at
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference

ESCALATIONS = {Reminder.UNIT_LEADER: UNIT, Reminder.CENTRE_LEADER: CENTRE}
COLUMNS: Mapping[Deadline, str] = {
    Deadline.REJECT: "reject_by",
    Deadline.ASK: "ask_by",
    Deadline.RESOLVE: "answer_by",
    Deadline.PUBLISH: "publish_by",
}
"""The column of each limit."""


def calendar_of(reference: Reference, agency: str, now: datetime) -> WorkingCalendar:
    """The working time of an agency today, or of the one that does its work now."""
    today = now.astimezone(VIETNAM).date()
    try:
        return reference.agencies.calendar(reference.agencies.successor(agency, today).code, today)
    except UnknownAgency:
        return reference.agencies.calendar(agency)


class Case:
    """A complaint under its lock.

    Args:
        work: the transaction.
        complaint: as locked.
    """

    def __init__(self, work: UnitOfWork, complaint: Complaint) -> None:
        self.work = work
        self.complaint = complaint
        self.changed = False

    @property
    def state(self) -> State:
        """Where the complaint stands."""
        return State(self.complaint.state)

    @property
    def rules(self) -> ComplaintRules:
        """The rules in force when its time began."""
        return complaint_rules(self.complaint.round_at.astimezone(VIETNAM).date())

    @property
    def calendar(self) -> WorkingCalendar:
        """The working time by which its limits are counted."""
        return calendar_of(self.work.reference, self.complaint.agency, self.work.now)

    def due(self, deadline: Deadline) -> DueAt:
        """When a limit ends now, with the reasons."""
        return due_now(self.work.connection, self.complaint, deadline, self.rules, self.calendar)

    def set(self, **values: Any) -> None:
        """Changes columns; the page that was read before is no longer current."""
        values["revision"] = self.complaint.revision + 1
        self._write(**values)

    def _write(self, **values: Any) -> None:
        store.change(self.work.connection, self.complaint.id, **values)
        found = store.find_by_id(self.work.connection, self.complaint.id)
        assert found is not None, "it is locked"
        self.complaint = found

    def move(self, act: Act, by: str | None, agency: str = "", **entry: Any) -> None:
        """Changes the state by an act, keeps who did it and when, and moves the clock.

        Args:
            act: what is done.
            by: subject of the official; None for the complainant and for what time does.
            agency: the official's; by default the one that answers.
            entry: other columns of the history.

        Raises:
            NotAllowedNow: the state does not allow it.
        """
        new = after(self.state, act, self.complaint.official is not None)
        self.set(state=new.value)
        self.record(act, by, agency, **entry)

    def record(self, act: Act, by: str | None, agency: str = "", **entry: Any) -> None:
        """Appends to the history."""
        sequence = store.last_sequence(self.work.connection, self.complaint.id) + 1
        store.add_entry(
            self.work.connection,
            Entry(
                id=new_id(),
                complaint=self.complaint.id,
                sequence=sequence,
                act=act.value,
                state=self.complaint.state,
                round=self.complaint.round,
                by=by,
                agency=agency or self.complaint.agency,
                at=self.work.now,
                **entry,
            ),
        )

    def count_again(self) -> None:
        """Stores when each limit ends, how far it is escalated, and when the sweep must look next."""
        active = ACTIVE.get(self.state, ())
        values: dict[str, Any] = {}
        for deadline in (Deadline.REJECT, Deadline.ASK, Deadline.RESOLVE):
            values[COLUMNS[deadline]] = self.due(deadline).at
        if self.complaint.answered_at is not None:
            values["publish_by"] = self.due(Deadline.PUBLISH).at
        values["due_at"] = values[COLUMNS[active[-1]]] if active else None
        sent = [reminder for deadline in active for reminder in self.sent(deadline)]
        values["escalation"] = max((ESCALATIONS.get(one, 0) for one in sent), default=0)
        self._write(**values)
        self._write(next_check_at=self._next_check_at())

    def sent(self, deadline: Deadline) -> frozenset[Reminder]:
        """The reminders of a limit that were sent in this round."""
        return store.reminders_sent(self.work.connection, self.complaint.id, self.complaint.round, deadline)

    def progress(self, deadline: Deadline) -> DeadlineProgress:
        """How a limit that runs stands."""
        since = began_at(self.complaint, deadline)
        ends_at = getattr(self.complaint, COLUMNS[deadline])
        waits = waits_for(self.work.connection, self.complaint, deadline)
        return DeadlineProgress(since, ends_at, clock.waited_minutes(waits, self.calendar))

    def _next_check_at(self) -> datetime | None:
        if self.state == State.MORE_REQUESTED and self.complaint.reply_until is not None:
            return past_from(self.complaint.reply_until)
        found = [
            next_reminder_at(self.progress(deadline), self.sent(deadline), thresholds(), self.calendar)
            for deadline in ACTIVE.get(self.state, ())
        ]
        return min((one for one in found if one is not None), default=None)

    def emit(self, name: str, **fields: Any) -> None:
        """Emits ``complaint.<name>``: which complaint, of what kind, and never who complains."""
        one = self.complaint
        about = {
            "complaint": one.code,
            "agency": one.agency,
            "kind": one.kind,
            "channel": one.channel,
            "field": one.field,
            "procedure": one.procedure,
            "dossier": one.dossier if one.dossier_known else None,
        }
        self.work.emit(f"complaint.{name}", about | fields)


def began_at(complaint: Complaint, deadline: Deadline) -> datetime:
    """From when on a limit is counted."""
    if deadline == Deadline.PUBLISH and complaint.answered_at is not None:
        return complaint.answered_at
    return complaint.round_at


def waits_for(connection: Any, complaint: Complaint, deadline: Deadline) -> list[clock.Wait]:
    """The waits that a limit leaves out; none for the publication, before which nobody is asked."""
    return [] if deadline == Deadline.PUBLISH else store.waits_of(connection, complaint.id, complaint.round)


def due_now(
    connection: Any, complaint: Complaint, deadline: Deadline, rules: ComplaintRules, calendar: WorkingCalendar
) -> DueAt:
    """When a limit of a complaint ends by today's calendar, with the reasons."""
    waits = waits_for(connection, complaint, deadline)
    return clock.due_at(deadline, began_at(complaint, deadline), rules.limits, waits, calendar)


def open_case(work: UnitOfWork, code: str, revision: int | None = None) -> Case:
    """Locks a complaint.

    Args:
        work: the transaction.
        code: of the complaint.
        revision: that the caller has read; None for whatever is there.

    Raises:
        UnknownComplaint: there is none.
        ChangedSince: it was changed since the caller has read it.
    """
    found = store.lock(work.connection, code)
    if found is None:
        raise UnknownComplaint(code)
    if revision is not None and revision != found.revision:
        raise ChangedSince
    return Case(work, found)
