"""What officials read: work queues, one complaint, and the register of an agency and year. Lists show no personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from services.rating.complaints import store
from services.rating.complaints.access import Access
from services.rating.complaints.case import calendar_of, due_now
from services.rating.complaints.clock import ACTIVE, Deadline
from services.rating.complaints.conflicts import open_to
from services.rating.complaints.domain import State
from services.rating.complaints.rules import ComplaintRules, complaint_rules
from services.rating.complaints.store import Answer, Complaint, Entry, Publication
from services.rating.complaints.tables import complaints
from shared.agencies import Agencies
from shared.agencies.escalation import CENTRE, UNIT, centre_leaders, told_about, unit_leaders
from shared.calendar import Note
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference

QUEUES = ("to_assign", "to_approve", "mine", "to_publish", "in_hand", "escalated", "ended")
"""The queues of an official, in the order of the page; leaders alone have those to assign, to approve, in hand and escalated."""
OF_LEADERS = frozenset({"to_assign", "to_approve", "in_hand", "escalated"})

_C = complaints.c
_MINE = (State.ASSIGNED, State.DRAFTED, State.MORE_REQUESTED)
_IN_HAND = (State.LODGED, State.MORE_REQUESTED, State.ASSIGNED, State.DRAFTED, State.REOPENED)


@dataclass(frozen=True, slots=True)
class Row:
    """A complaint in a list: nothing that people wrote, and no name.

    Attributes:
        code, kind, channel, topic, state, agency: as in the table.
        official: who handles it; None while nobody does.
        lodged_at: when it was lodged.
        reject_by: until when it is accepted or rejected.
        due_at: when the limit that runs ends; None while none does.
        answered_at, ended_at: None while it is not.
        escalation: 0, 1 or 2.
        year, number: of the register.
    """

    code: str
    kind: str
    channel: str
    topic: str
    state: str
    agency: str
    official: str | None
    lodged_at: datetime
    reject_by: datetime
    due_at: datetime | None
    answer_by: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    escalation: int
    year: int
    number: int


_ROW = [_C[name] for name in Row.__slots__]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a complaint that runs: when it ends and why."""

    deadline: Deadline
    at: datetime
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """One complaint with all that its page shows."""

    complaint: Complaint
    entries: Sequence[Entry]
    answers: Sequence[Answer]
    publication: Publication | None
    named: frozenset[str]
    limits: Sequence[Limit]
    rules: ComplaintRules

    @property
    def answer(self) -> Answer | None:
        """The answer of the present round, drafted or approved."""
        return next((one for one in self.answers if one.round == self.complaint.round), None)

    def named_words(self, names: Mapping[str, str]) -> str:
        """Whom it is about, by their names where these are known."""
        return ", ".join(names.get(one, one) for one in sorted(self.named))


def queues_of(access: Access) -> tuple[str, ...]:
    """The queues that an official has."""
    return tuple(one for one in QUEUES if one not in OF_LEADERS or access.actor.has("leader"))


def count_queue(connection: Connection, agencies: Agencies, access: Access, queue: str, today: date) -> int:
    """How many complaints are in a queue: as many as its list shows."""
    condition = _condition(agencies, access, queue, today)
    return connection.execute(select(func.count()).select_from(complaints).where(condition)).scalar_one()


def list_queue(
    connection: Connection, agencies: Agencies, access: Access, queue: str, today: date, offset: int, limit: int
) -> list[Row]:
    """A page of a queue: the nearest due time first, then the oldest."""
    statement = select(*_ROW).where(_condition(agencies, access, queue, today))
    ordered = statement.order_by(_C.due_at.is_(None), _C.due_at, _C.lodged_at.desc(), _C.id)
    return [Row(*row) for row in connection.execute(ordered.offset(offset).limit(limit))]


def _condition(agencies: Agencies, access: Access, queue: str, today: date) -> ColumnElement[bool]:
    actor = access.actor
    if queue not in queues_of(access):
        return false()
    led = and_(_C.agency.in_(sorted(access.led)), _not_directed(agencies, actor.agency, today))
    own = and_(_C.agency.in_(sorted(access.handled)), _not_directed(agencies, actor.agency, today))
    match queue:
        case "to_assign":
            chosen = and_(led, _C.state.in_([State.LODGED, State.REOPENED]))
        case "to_approve":
            chosen = and_(led, _C.state == State.DRAFTED)
        case "in_hand":
            chosen = and_(led, _C.state.in_(_IN_HAND))
        case "escalated":
            chosen = and_(_told(agencies, actor.agency, today), _not_directed(agencies, actor.agency, today))
        case "mine":
            chosen = and_(_C.official == actor.subject, _C.state.in_(_MINE))
        case "to_publish":
            chosen = and_(or_(own, led), _C.state == State.ANSWERED)
        case _:
            over = or_(and_(led, _C.state.in_([State.REJECTED, State.WITHDRAWN])), _C.state == State.PUBLISHED)
            chosen = and_(or_(own, led), over)
    return and_(chosen, open_to(actor.subject))


def _not_directed(agencies: Agencies, agency: str, today: date) -> ColumnElement[bool]:
    """Of complaints about a leader, only those whose leader does not direct an agency."""
    directing = agencies.ancestors(agency, today) | agencies.handled_by(agency, today)
    return or_(_C.leader_of.is_(None), _C.leader_of == _C.agency, _C.leader_of.not_in(sorted(directing)))


def _told(agencies: Agencies, agency: str, today: date) -> ColumnElement[bool]:
    """Complaints about which an escalation told the leaders of an agency; the same rule as for reading one."""
    of_unit = sorted(told_about(agencies, agency, today, unit_leaders))
    of_centre = sorted(told_about(agencies, agency, today, centre_leaders))
    at_desk = or_(
        and_(_C.leader_of.is_(None), _C.register.in_(of_centre)),
        and_(_C.leader_of.is_not(None), _C.agency.in_(of_centre)),
    )
    return or_(
        and_(_C.escalation >= UNIT, _C.agency.in_(of_unit)),
        and_(_C.escalation >= CENTRE, at_desk),
    )


def complaint_view(connection: Connection, complaint: Complaint, reference: Reference, now: datetime) -> ComplaintView:
    """One complaint with its history, its answers, its limits and why they end when they do."""
    rules = complaint_rules(complaint.round_at.astimezone(VIETNAM).date())
    calendar = calendar_of(reference, complaint.agency, now)
    limits = []
    for deadline in ACTIVE.get(State(complaint.state), ()):
        due = due_now(connection, complaint, deadline, rules, calendar)
        limits.append(Limit(deadline, due.at, due.explanation))
    return ComplaintView(
        complaint,
        store.entries_of(connection, complaint.id),
        store.answers_of(connection, complaint.id),
        store.publication_of(connection, complaint.id),
        store.named_officials(connection, complaint.id),
        limits,
        rules,
    )


def register(connection: Connection, agency: str, year: int, after: int = 0, limit: int | None = None) -> list[Row]:
    """The register of an agency and year in the order of its numbers; a page of it if `limit` is given."""
    statement = select(*_ROW).where(_C.register == agency, _C.year == year, _C.number > after)
    return [Row(*row) for row in connection.execute(statement.order_by(_C.number).limit(limit))]


def register_years(connection: Connection, agency: str) -> list[int]:
    """The years in which an agency has given numbers, the newest first."""
    statement = select(_C.year).where(_C.register == agency).distinct().order_by(_C.year.desc())
    return list(connection.execute(statement).scalars())
