"""Rows and statements of complaints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, tuple_, update

from services.rating.complaints.clock import Deadline, Wait
from services.rating.complaints.tables import (
    answer_numbers,
    answers,
    complaints,
    entries,
    named,
    numbers,
    publications,
    reminders,
    waits,
)
from shared.calendar.reminders import Reminder
from shared.catalogue.text import words_of
from shared.persistence import yearly_numbers
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Complaint:
    """A row of `complaint`; the table says what each column holds."""

    id: str
    code: str
    register: str
    year: int
    number: int
    agency: str
    kind: str
    channel: str
    topic: str
    language: str
    dossier: str | None
    dossier_known: bool
    procedure: str | None
    field: str | None
    name: str
    address: str
    phone: str
    email: str
    text: str
    about: str
    anonymous: bool
    leader_of: str | None
    entered_by: str | None
    secret_hash: str
    state: str
    official: str | None
    received_at: datetime
    lodged_at: datetime
    round: int
    round_at: datetime
    asked: int
    reject_by: datetime
    ask_by: datetime
    answer_by: datetime
    publish_by: datetime | None = None
    reply_until: datetime | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    escalation: int = 0
    next_check_at: datetime | None = None
    erase_at: datetime | None = None
    erased_at: datetime | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done with a complaint, by whom and when; `by` is None for the complainant and for what time did."""

    id: str
    complaint: str
    sequence: int
    act: str
    state: str
    round: int
    by: str | None
    agency: str
    at: datetime
    text: str = ""
    ground: str | None = None
    official: str | None = None
    to_agency: str | None = None
    on_time: bool | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one round: a draft until a leader has approved it."""

    id: str
    complaint: str
    round: int
    text: str
    drafted_by: str
    drafted_at: datetime
    agency: str | None = None
    year: int | None = None
    number: int | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def written_number(self) -> str:
        """As printed: 12/TLPA-H12.31.01 (NĐ 30/2020/NĐ-CP, article 8 and appendix I); empty for a draft."""
        return "" if self.number is None else f"{self.number:02d}/TLPA-{self.agency}"


@dataclass(frozen=True, slots=True)
class Publication:
    """What everybody may read of a complaint; a row of `complaint_publication` without its search words."""

    complaint: str
    code: str
    agency: str
    kind: str
    topic: str
    field: str | None
    question: str
    answer: str
    answered_at: datetime
    published_at: datetime
    published_by: str
    shown: bool = True


_C = complaints.c
_BY_CODE = select(complaints).where(_C.code == bindparam("of_code"))
_BY_ID = select(complaints).where(_C.id == bindparam("of_id"))
_UPDATE = update(complaints).where(_C.id == bindparam("of_id"))
_ENTRIES = select(entries).where(entries.c.complaint == bindparam("of_id")).order_by(entries.c.sequence)
_WAITS = (
    select(waits.c.begins_at, waits.c.until, waits.c.ends_at)
    .where(waits.c.complaint == bindparam("of_id"), waits.c.round == bindparam("of_round"))
    .order_by(waits.c.number)
)
_ANSWER = select(answers).where(answers.c.complaint == bindparam("of_id"))
_PUBLIC = [publications.c[name] for name in Publication.__slots__]
_NAMED = select(named.c.official).where(named.c.complaint == bindparam("of_id"))


def find(connection: Connection, code: str) -> Complaint | None:
    """A complaint by its code; None when there is none."""
    row = connection.execute(_BY_CODE, {"of_code": code}).first()
    return Complaint(*row) if row else None


def find_by_id(connection: Connection, id_: str) -> Complaint | None:
    """A complaint by its identifier; None when there is none."""
    row = connection.execute(_BY_ID, {"of_id": id_}).first()
    return Complaint(*row) if row else None


def lock(connection: Connection, code: str) -> Complaint | None:
    """The same as :func:`find`; nobody else changes it until the commit."""
    row = connection.execute(_BY_CODE.with_for_update(), {"of_code": code}).first()
    return Complaint(*row) if row else None


def add(work: UnitOfWork, complaint: Complaint) -> bool:
    """Stores a new complaint; False if one of this identifier is stored already."""
    values = personal_values(complaints, asdict(complaint))
    statement = work.insert(complaints).values(values).on_conflict_do_nothing(index_elements=[_C.id])
    return work.execute(statement.returning(_C.id)).first() is not None


def change(connection: Connection, id_: str, **values: Any) -> None:
    """Changes columns of a complaint; the caller holds its lock."""
    connection.execute(_UPDATE.values(personal_values(complaints, values, id_)), {"of_id": id_})


def take_number(work: UnitOfWork, agency: str, year: int) -> int:
    """The next number of an agency's register of complaints; a rollback gives it back."""
    return yearly_numbers.take_number(work, numbers, year, agency=agency)


def take_answer_number(work: UnitOfWork, agency: str, year: int) -> int:
    """The next number of an agency's answers; a rollback gives it back."""
    return yearly_numbers.take_number(work, answer_numbers, year, agency=agency)


def add_entry(connection: Connection, entry: Entry) -> None:
    """Appends an entry; the caller holds the complaint's lock."""
    connection.execute(entries.insert(), personal_values(entries, asdict(entry)))


def entries_of(connection: Connection, id_: str) -> list[Entry]:
    """What was done with a complaint, in order."""
    return [Entry(*row) for row in connection.execute(_ENTRIES, {"of_id": id_})]


def last_sequence(connection: Connection, id_: str) -> int:
    """The number of the last entry; 0 for none."""
    found = select(func.max(entries.c.sequence)).where(entries.c.complaint == id_)
    return connection.execute(found).scalar_one() or 0


def waits_of(connection: Connection, id_: str, round_: int) -> list[Wait]:
    """The times in which the complainant was waited for in a round, in order."""
    return [Wait(*row) for row in connection.execute(_WAITS, {"of_id": id_, "of_round": round_})]


def begin_wait(connection: Connection, id_: str, round_: int, number: int, wait: Wait) -> None:
    """Enters that the complainant is waited for."""
    connection.execute(waits.insert(), {"complaint": id_, "round": round_, "number": number, **asdict(wait)})


def end_wait(connection: Connection, id_: str, at: datetime) -> None:
    """Enters that the complainant is waited for no longer."""
    open_ = update(waits).where(waits.c.complaint == id_, waits.c.ends_at.is_(None))
    connection.execute(open_.values(ends_at=at))


def answer_of(connection: Connection, id_: str, round_: int) -> Answer | None:
    """The answer of a round, drafted or approved; None when there is none."""
    row = connection.execute(_ANSWER.where(answers.c.round == round_), {"of_id": id_}).first()
    return Answer(*row) if row else None


def answers_of(connection: Connection, id_: str) -> list[Answer]:
    """All answers to a complaint, in order of the rounds."""
    return [Answer(*row) for row in connection.execute(_ANSWER.order_by(answers.c.round), {"of_id": id_})]


def save_answer(connection: Connection, answer: Answer) -> None:
    """Stores an answer in place of the draft of its round; the caller holds the complaint's lock."""
    mine = (answers.c.complaint == answer.complaint, answers.c.round == answer.round)
    connection.execute(delete(answers).where(*mine))
    connection.execute(answers.insert(), personal_values(answers, asdict(answer)))


def publication_of(connection: Connection, id_: str) -> Publication | None:
    """What was published of a complaint; None when nothing was."""
    row = connection.execute(select(*_PUBLIC).where(publications.c.complaint == id_)).first()
    return Publication(*row) if row else None


def save_publication(work: UnitOfWork, publication: Publication) -> None:
    """Publishes; what was published of the complaint before is replaced."""
    search = " ".join(plain for _, plain in words_of(f"{publication.question} {publication.answer}"))
    values = asdict(publication) | {"search": search}
    statement = work.insert(publications).values(values)
    work.execute(statement.on_conflict_do_update(index_elements=[publications.c.complaint], set_=values))


def hide_publication(connection: Connection, id_: str) -> None:
    """No longer shows what was published."""
    connection.execute(update(publications).where(publications.c.complaint == id_).values(shown=False))


def name_official(work: UnitOfWork, id_: str, official: str, by: str | None) -> bool:
    """Enters an official whom a complaint is about; False if that was entered before."""
    values = {"complaint": id_, "official": official, "named_by": by, "named_at": work.now}
    statement = work.insert(named).values(values).on_conflict_do_nothing().returning(named.c.official)
    return work.execute(statement).first() is not None


def named_officials(connection: Connection, id_: str) -> frozenset[str]:
    """The officials whom a complaint is about."""
    return frozenset(connection.execute(_NAMED, {"of_id": id_}).scalars())


def reminders_sent(connection: Connection, id_: str, round_: int, deadline: Deadline) -> frozenset[Reminder]:
    """Which reminders of a limit were sent in a round."""
    mine = (reminders.c.complaint == id_, reminders.c.round == round_, reminders.c.deadline == deadline)
    return frozenset(map(Reminder, connection.execute(select(reminders.c.reminder).where(*mine)).scalars()))


def add_reminder(work: UnitOfWork, id_: str, round_: int, deadline: Deadline, reminder: Reminder) -> bool:
    """Enters that a reminder is sent; False if it was sent before."""
    key = {"complaint": id_, "round": round_, "deadline": deadline.value, "reminder": reminder.value}
    statement = work.insert(reminders).values(**key, sent_at=work.now).on_conflict_do_nothing()
    return work.execute(statement.returning(reminders.c.reminder)).first() is not None


def to_check(connection: Connection, now: datetime, after: tuple[datetime, str] | None, limit: int) -> list[Complaint]:
    """A page of the complaints about which something may be due, by that moment and the id."""
    return _page(connection, _C.next_check_at, now, after, limit)


def to_erase(connection: Connection, now: datetime, after: tuple[datetime, str] | None, limit: int) -> list[Complaint]:
    """A page of the complaints whose personal data need not be kept any more."""
    return _page(connection, _C.erase_at, now, after, limit)


def _page(
    connection: Connection, column: Any, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[Complaint]:
    statement = select(complaints).where(column <= now, column.is_not(None))
    if after is not None:
        statement = statement.where(tuple_(column, _C.id) > after)
    return [Complaint(*row) for row in connection.execute(statement.order_by(column, _C.id).limit(limit))]


def erase_texts(connection: Connection, id_: str) -> None:
    """Erases who complained and what everybody wrote; what was published, and what happened when, stays."""
    texts = dict.fromkeys(("name", "address", "phone", "email", "text", "about"), "")
    change(connection, id_, **texts)
    of_complaint = {answers: answers.c.complaint, entries: entries.c.complaint}
    for table, owner in of_complaint.items():
        for row in connection.execute(select(table.c.id).where(owner == id_)).scalars().all():
            empty = personal_values(table, {"text": ""}, row)
            connection.execute(update(table).where(table.c.id == row).values(empty))
