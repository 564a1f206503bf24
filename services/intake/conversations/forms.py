"""The forms of a conversation's page: what was typed into which of them, who may send it, and the command that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.intake.conversations import commands, store
from services.intake.conversations.commands import Filed, Official
from services.intake.conversations.domain import AlreadyAnswered, Entry, Kind, UnknownEntry, call_time, entry_text
from services.intake.filing.domain.applicant import InvalidField
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

CALL_KINDS = {"in": Kind.CALL_IN, "out": Kind.CALL_OUT}


class Act(StrEnum):
    """What a form does; its hidden field `action` is this, a hyphen and the entry that it is about."""

    ANSWER = "answer"
    PASS_ON = "pass_on"
    MESSAGE = "message"
    CALL = "call"
    ASK = "ask"
    CLOSE = "close"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Rights:
    """What an official may do in one conversation.

    Attributes:
        subject: of their token.
        agency: theirs.
        own: the agencies for which they act, after mergers.
        serves: whether they are a clerk of the receiving desk.
        handles: whether their agency has an open step.
    """

    subject: str
    agency: str
    own: frozenset[str]
    serves: bool
    handles: bool

    def may_close(self, waits_for: str, needs_answer: bool) -> bool:
        """Whether they may say that what waits needs no answer.

        Args:
            waits_for: the agency for which it waits; empty if it does not wait.
            needs_answer: whether it is a question, which only the desk's clerks close.
        """
        return waits_for in self.own and (self.serves or not needs_answer)

    def may_correct(self, entry: Entry) -> bool:
        """Whether they may put an entry right: one of their agency's officials, while they may still write."""
        return bool(entry.author and entry.text) and entry.agency in self.own and (self.serves or self.handles)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for.

    Attributes:
        act: what it does.
        entry: the id of the entry that it is about; empty where it begins something.
        text: checked; empty where the form has none.
        call: the kind of the call, where it notes one.
        happened_at: when the call took place.
    """

    act: Act
    entry: str
    text: str = ""
    call: Kind | None = None
    happened_at: datetime | None = None


def typed(form: Mapping[str, str], now: datetime) -> Wanted:
    """What was typed.

    Args:
        form: the fields.
        now: business time.

    Raises:
        InvalidField: a field is not valid.
        UnknownEntry: the page has no such form.
    """
    name, _, entry = form.get("action", "").partition("-")
    try:
        act = Act(name)
    except ValueError:
        raise UnknownEntry(entry) from None
    if act is Act.CLOSE:
        return Wanted(act, entry)
    if act is not Act.CALL:
        return Wanted(act, entry, entry_text(form.get("text", "")))
    kind = CALL_KINDS.get(form.get("direction", ""))
    if kind is None:
        raise InvalidField("direction", "Chọn ai gọi.", "Choose who called.")
    at = call_time(_moment(form.get("happened_at", "")), now)
    return Wanted(act, "", entry_text(form.get("text", "")), kind, at)


def is_allowed(act: Act, rights: Rights) -> bool:
    """Whether an official may do something of this kind at all; what depends on the entry is checked by :func:`perform`."""
    if act in (Act.CLOSE, Act.CORRECT):
        return rights.serves or rights.handles or bool(rights.own)
    return rights.handles if act is Act.ASK else rights.serves


def perform(work: UnitOfWork, filed: Filed, wanted: Wanted, rights: Rights) -> Entry:
    """Does what a form asks for.

    Args:
        work: the transaction that has locked the dossier or the application.
        filed: as read.
        wanted: allowed by :func:`is_allowed`.
        rights: of who has sent it.

    Raises:
        UnknownEntry: the dossier has no such entry, or the official may not do this with it.
        Others as the commands say.
    """
    by = Official(rights.subject, rights.agency)
    match wanted.act:
        case Act.ANSWER:
            return commands.answer(work, filed, wanted.entry, wanted.text, by)
        case Act.PASS_ON:
            return commands.write_to_citizen(work, filed, wanted.text, by, passes_on=wanted.entry)
        case Act.MESSAGE:
            return commands.write_to_citizen(work, filed, wanted.text, by)
        case Act.ASK:
            return commands.ask_desk(work, filed, wanted.text, by)
        case Act.CALL:
            assert wanted.call is not None, "a call has its kind"
            assert wanted.happened_at is not None, "and its time"
            return commands.note_call(work, filed, wanted.call, wanted.happened_at, wanted.text, by)
        case Act.CLOSE:
            return _close(work, filed, wanted, rights, by)
        case Act.CORRECT:
            found = store.find(work.connection, filed.code, wanted.entry)
            if found is None or not rights.may_correct(found):
                raise UnknownEntry(wanted.entry)
            return commands.correct(work, filed, wanted.entry, wanted.text, by)


def _close(work: UnitOfWork, filed: Filed, wanted: Wanted, rights: Rights, by: Official) -> Entry:
    waits = next((one for one in store.waiting_of(work.connection, filed.code) if one.entry == wanted.entry), None)
    if waits is None:
        known = store.find(work.connection, filed.code, wanted.entry)
        raise AlreadyAnswered(wanted.entry) if known else UnknownEntry(wanted.entry)
    if not rights.may_close(waits.agency, waits.kind in (Kind.QUESTION, Kind.AGENCY_QUESTION)):
        raise UnknownEntry(wanted.entry)
    return commands.close(work, filed, wanted.entry, by)


def _moment(text: str) -> datetime:
    """A local time as the browser's field gives it, ``2025-11-20T08:15``.

    Raises:
        InvalidField: it is missing or not a time.
    """
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=VIETNAM)
    except ValueError:
        raise InvalidField("happened_at", "Ngày giờ không hợp lệ.", "Not a time.") from None
