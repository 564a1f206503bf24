"""The entries of a conversation: their kinds, who reads them, what may answer, close or correct what, and the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.intake.conversations.rules import ConversationRules
from services.intake.filing.domain.applicant import InvalidField
from shared.text import UnprintableText, clean_text

MAX_TEXT = 2000
"""Characters of an entry."""
CALL_SPAN = timedelta(days=31)
"""How long after a call it may still be noted."""


class Audience(StrEnum):
    """Who reads an entry."""

    CITIZEN = "citizen"
    """The citizen, and officials."""
    EXPORT = "export"
    """Officials; it is about talking with the citizen, who gets it with all their data."""
    OFFICIALS = "officials"
    """Officials alone: it is about their work."""


class Kind(StrEnum):
    """What an entry is. Entries are never changed; a mistake is put right by a later entry, a correction."""

    QUESTION = "question"
    ANSWER = "answer"
    DESK_MESSAGE = "desk_message"
    AGENCY_QUESTION = "agency_question"
    AGENCY_ANSWER = "agency_answer"
    CALL_IN = "call_in"
    CALL_OUT = "call_out"
    CLOSED = "closed"
    CORRECTION = "correction"

    @property
    def vi(self) -> str:
        """The Vietnamese label."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]

    @property
    def audience(self) -> Audience:
        """Who reads such entries; a correction is for whoever reads what it corrects."""
        if self in (Kind.QUESTION, Kind.ANSWER, Kind.DESK_MESSAGE):
            return Audience.CITIZEN
        return Audience.EXPORT if self in CALLS else Audience.OFFICIALS


_LABELS = {
    Kind.QUESTION: ("Người dân hỏi", "The citizen asks"),
    Kind.ANSWER: ("Bộ phận Một cửa trả lời", "The one-stop desk answers"),
    Kind.DESK_MESSAGE: ("Bộ phận Một cửa hỏi, thông báo cho người dân", "The one-stop desk writes to the citizen"),
    Kind.AGENCY_QUESTION: ("Cơ quan giải quyết hỏi Bộ phận Một cửa", "The handling agency asks the one-stop desk"),
    Kind.AGENCY_ANSWER: ("Bộ phận Một cửa trả lời cơ quan giải quyết", "The one-stop desk answers the agency"),
    Kind.CALL_IN: ("Người dân gọi đến", "Call from the citizen"),
    Kind.CALL_OUT: ("Bộ phận Một cửa gọi cho người dân", "Call to the citizen"),
    Kind.CLOSED: ("Đã xem, không cần trả lời", "Seen; no answer is needed"),
    Kind.CORRECTION: ("Đính chính", "Correction"),
}

CALLS = frozenset({Kind.CALL_IN, Kind.CALL_OUT})
ANSWERS = {Kind.QUESTION: Kind.ANSWER, Kind.AGENCY_QUESTION: Kind.AGENCY_ANSWER}
"""A question → what answers it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of `conversation_entry`; the fields are the columns, in their order.

    Attributes:
        id: unique, in order of time.
        dossier: its code.
        at: business time of writing.
        kind: what it is.
        author: the subject of the official's token; empty for the citizen.
        agency: for which the official wrote; empty for the citizen.
        refers_to: the entry that it answers, closes, corrects or passes on; None where it begins something.
        audience: who reads it.
        happened_at: when a call took place; None for other entries.
        text: what was written; empty for `closed`.
    """

    id: str
    dossier: str
    at: datetime
    kind: Kind
    author: str
    agency: str
    refers_to: str | None
    audience: Audience
    happened_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that somebody must answer or read.

    Attributes:
        entry: its id.
        dossier: its code.
        kind: of the entry.
        agency: who must act: the receiving desk, or the agency that has asked.
        asked_by: the agency that wrote it; empty for the citizen.
        since: business time of the entry.
    """

    entry: str
    dossier: str
    kind: Kind
    agency: str
    asked_by: str
    since: datetime


class UnknownEntry(LookupError):
    """The dossier has no entry of this id that the caller could refer to so."""


class AlreadyAnswered(ValueError):
    """Somebody has answered or closed it meanwhile."""


class ConversationOver(ValueError):
    """The personal data of the dossier were erased; nothing more is written about it."""


class TooManyQuestions(ValueError):
    """The dossier has as many questions as it may have.

    Args:
        most: the limit.
        per_day: whether it is the limit of one day; else of those that wait for an answer.
    """

    def __init__(self, most: int, per_day: bool) -> None:
        super().__init__(f"not more than {most}")
        self.most, self.per_day = most, per_day


def entry_text(text: str) -> str:
    """What somebody writes, of one or more lines.

    Raises:
        InvalidField: it is empty, too long, or cannot be printed.
    """
    try:
        clean = clean_text(text).strip()
    except UnprintableText as error:
        raise InvalidField("text", "Có ký tự không in được.", "Holds characters that cannot be printed.") from error
    if not clean:
        raise InvalidField("text", "Chưa có nội dung.", "The text is missing.")
    if len(clean) > MAX_TEXT:
        raise InvalidField("text", f"Dài quá {MAX_TEXT} ký tự.", f"Longer than {MAX_TEXT} characters.")
    return clean


def call_time(at: datetime, now: datetime) -> datetime:
    """When a call took place.

    Args:
        at: as typed.
        now: business time.

    Raises:
        InvalidField: it is in the future, or too long ago to be remembered.
    """
    if at > now:
        raise InvalidField("happened_at", "Cuộc gọi chưa diễn ra.", "The call has not taken place yet.")
    if at < now - CALL_SPAN:
        days = CALL_SPAN.days
        raise InvalidField("happened_at", f"Đã quá {days} ngày.", f"More than {days} days ago.")
    return at


def check_citizen_may_ask(waiting: int, today: int, rules: ConversationRules) -> None:
    """Checks that the citizen may ask once more.

    Args:
        waiting: questions of the citizen that wait for an answer.
        today: questions of the citizen on this day.
        rules: in force.

    Raises:
        TooManyQuestions: they may not.
    """
    if waiting >= rules.open_questions:
        raise TooManyQuestions(rules.open_questions, per_day=False)
    if today >= rules.questions_per_day:
        raise TooManyQuestions(rules.questions_per_day, per_day=True)


def check_agency_may_ask(waiting: int, rules: ConversationRules) -> None:
    """Checks that a handling agency may ask the desk once more.

    Raises:
        TooManyQuestions: it may not.
    """
    if waiting >= rules.open_questions_of_agency:
        raise TooManyQuestions(rules.open_questions_of_agency, per_day=False)
