"""Writing entries of a conversation. Each takes the transaction that has locked the dossier or the application."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.intake.applications.domain import Application
from services.intake.conversations import store
from services.intake.conversations.domain import (
    ANSWERS,
    AlreadyAnswered,
    Audience,
    ConversationOver,
    Entry,
    Kind,
    UnknownEntry,
    Waiting,
    check_agency_may_ask,
    check_citizen_may_ask,
)
from services.intake.conversations.rules import conversation_rules
from services.intake.dossiers.domain import Dossier
from services.intake.retention.store import erased_at
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork

Filed = Dossier | Application


class Official(NamedTuple):
    """Who writes.

    Attributes:
        subject: of their token.
        agency: for which they write.
    """

    subject: str
    agency: str


NOBODY = Official("", "")
"""The citizen: whose dossier it is says who they are."""


def ask(work: UnitOfWork, filed: Filed, text: str) -> Entry:
    """Records a question of the citizen, which then waits for the receiving desk.

    Args:
        work: the transaction.
        filed: locked.
        text: checked by :func:`services.intake.conversations.domain.entry_text`.

    Raises:
        TooManyQuestions: as many as may wait do so, or the day's number is used up.
        ConversationOver: the dossier's data were erased.
    """
    waiting = [one for one in store.waiting_of(work.connection, filed.code) if one.kind is Kind.QUESTION]
    midnight = work.now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = store.questions_since(work.connection, filed.code, midnight)
    check_citizen_may_ask(len(waiting), today, conversation_rules(work.now.date()))
    entry = _write(work, filed, Kind.QUESTION, NOBODY, text)
    _wait(work, entry, filed.receiving_agency)
    return entry


def ask_desk(work: UnitOfWork, filed: Filed, text: str, by: Official) -> Entry:
    """Records what a handling agency asks the desk; the citizen is not written to (NĐ 118/2025, article 5.1e).

    Raises:
        TooManyQuestions: as many of the agency as may wait do so.
        ConversationOver: the dossier's data were erased.
    """
    own = [one for one in store.waiting_of(work.connection, filed.code) if one.asked_by == by.agency]
    asked = [one for one in own if one.kind is Kind.AGENCY_QUESTION]
    check_agency_may_ask(len(asked), conversation_rules(work.now.date()))
    entry = _write(work, filed, Kind.AGENCY_QUESTION, by, text)
    _wait(work, entry, filed.receiving_agency)
    return entry


def answer(work: UnitOfWork, filed: Filed, question: str, text: str, by: Official) -> Entry:
    """Answers a question for the desk: to the citizen, who is told that there is an answer, or to the agency, which then reads it.

    Args:
        work: the transaction.
        filed: locked.
        question: the id of the entry.
        text: checked.
        by: a clerk of the desk.

    Raises:
        UnknownEntry: the dossier has no such question.
        AlreadyAnswered: somebody was faster.
        ConversationOver: the dossier's data were erased.
    """
    asked = _entry(work, filed, question)
    if asked.kind not in ANSWERS:
        raise UnknownEntry(question)
    if not store.done(work, asked.id):
        raise AlreadyAnswered(question)
    entry = _write(work, filed, ANSWERS[asked.kind], by, text, refers_to=asked.id)
    if entry.audience is Audience.CITIZEN:
        _tell_citizen(work, filed, entry)
    else:
        _wait(work, entry, asked.agency)
    return entry


def write_to_citizen(work: UnitOfWork, filed: Filed, text: str, by: Official, passes_on: str = "") -> Entry:
    """Writes to the citizen for the desk: of its own, or what an agency wants to know, in the desk's words.

    Args:
        work: the transaction.
        filed: locked.
        text: checked.
        by: a clerk of the desk.
        passes_on: the agency's question, which goes on waiting until the desk answers it; empty for none.

    Raises:
        UnknownEntry: the dossier has no such question of an agency.
        ConversationOver: the dossier's data were erased.
    """
    if passes_on and _entry(work, filed, passes_on).kind is not Kind.AGENCY_QUESTION:
        raise UnknownEntry(passes_on)
    entry = _write(work, filed, Kind.DESK_MESSAGE, by, text, refers_to=passes_on or None)
    _tell_citizen(work, filed, entry)
    return entry


def note_call(work: UnitOfWork, filed: Filed, kind: Kind, at: datetime, text: str, by: Official) -> Entry:
    """Notes a call between the desk and the citizen.

    Args:
        work: the transaction.
        filed: locked.
        kind: one of :data:`services.intake.conversations.domain.CALLS`.
        at: when it took place.
        text: what was said, checked.
        by: the clerk who spoke.

    Raises:
        ConversationOver: the dossier's data were erased.
    """
    return _write(work, filed, kind, by, text, happened_at=at)


def close(work: UnitOfWork, filed: Filed, id: str, by: Official) -> Entry:
    """Notes that an entry was read and needs no answer.

    Args:
        work: the transaction.
        filed: locked.
        id: of what waits; the caller has checked that it waits for the official's agency.
        by: who has read it.

    Raises:
        UnknownEntry: the dossier has no such entry.
        AlreadyAnswered: it waits no more.
        ConversationOver: the dossier's data were erased.
    """
    seen = _entry(work, filed, id)
    if not store.done(work, seen.id):
        raise AlreadyAnswered(id)
    return _write(work, filed, Kind.CLOSED, by, "", refers_to=seen.id)


def correct(work: UnitOfWork, filed: Filed, id: str, text: str, by: Official) -> Entry:
    """Puts an entry right by a new one; what was written stays. Whoever reads the entry reads the correction.

    Args:
        work: the transaction.
        filed: locked.
        id: of the entry, an official's.
        text: what is right, checked.
        by: of the agency that wrote the entry, as the caller has checked.

    Raises:
        UnknownEntry: the dossier has no such entry, or it is the citizen's or has no text.
        ConversationOver: the dossier's data were erased.
    """
    wrong = _entry(work, filed, id)
    if not wrong.author or not wrong.text:
        raise UnknownEntry(id)
    entry = _write(work, filed, Kind.CORRECTION, by, text, refers_to=wrong.id, audience=wrong.audience)
    if entry.audience is Audience.CITIZEN:
        _tell_citizen(work, filed, entry)
    return entry


def _entry(work: UnitOfWork, filed: Filed, id: str) -> Entry:
    found = store.find(work.connection, filed.code, id)
    if found is None:
        raise UnknownEntry(id)
    return found


def _write(
    work: UnitOfWork,
    filed: Filed,
    kind: Kind,
    by: Official,
    text: str,
    refers_to: str | None = None,
    happened_at: datetime | None = None,
    audience: Audience | None = None,
) -> Entry:
    if erased_at(work.connection, filed.code) is not None:
        raise ConversationOver(filed.code)
    readers = audience or kind.audience
    entry = Entry(new_id(), filed.code, work.now, kind, *by, refers_to, readers, happened_at, text)
    store.add(work, entry)
    return entry


def _wait(work: UnitOfWork, entry: Entry, agency: str) -> None:
    store.wait(work, Waiting(entry.id, entry.dossier, entry.kind, agency, entry.agency, entry.at))


def _tell_citizen(work: UnitOfWork, filed: Filed, entry: Entry) -> None:
    """Announces that something is there to read; what it says stays here."""
    data = {"dossier": filed.code, "entry": entry.id, "receiving_agency": filed.receiving_agency}
    work.emit("conversation.answered", data | {"answered_at": work.now})
