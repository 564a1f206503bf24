"""The rules of yearly assessments: which year is open, who does what in which state, and what a leader needs to sign.

No assessment reaches a department before its official has seen it, and has commented or let the days for comments pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

SYMBOL = "PĐG"
"""Of assessments (phiếu đánh giá) in the number of the paper."""


class AssessmentState(StrEnum):
    """drafted: the leader writes. shown: the official may comment. commented: the leader answers. sent: signed, with its number, at the
    department. acknowledged: the department has confirmed it. cancelled: none is due."""

    DRAFTED = "drafted"
    SHOWN = "shown"
    COMMENTED = "commented"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What people do with an assessment; `open` is done by the platform."""

    OPEN = "open"
    EDIT = "edit"
    SHOW = "show"
    REVISE = "revise"
    COMMENT = "comment"
    SIGN = "sign"
    ACKNOWLEDGE = "acknowledge"
    CANCEL = "cancel"


_S = AssessmentState
TRANSITIONS: Mapping[tuple[AssessmentState, Action], AssessmentState] = {
    (_S.DRAFTED, Action.EDIT): _S.DRAFTED,
    (_S.DRAFTED, Action.SHOW): _S.SHOWN,
    (_S.DRAFTED, Action.CANCEL): _S.CANCELLED,
    (_S.SHOWN, Action.COMMENT): _S.COMMENTED,
    (_S.SHOWN, Action.REVISE): _S.DRAFTED,
    (_S.SHOWN, Action.SIGN): _S.SENT,  # only once the days for comments are over
    (_S.COMMENTED, Action.REVISE): _S.DRAFTED,
    (_S.COMMENTED, Action.SIGN): _S.SENT,
    (_S.SENT, Action.ACKNOWLEDGE): _S.ACKNOWLEDGED,
}
"""Every transition that there is: state, action → next state."""

FINAL = frozenset({_S.ACKNOWLEDGED, _S.CANCELLED})
AT_DEPARTMENT = frozenset({_S.SENT, _S.ACKNOWLEDGED})
"""States in which the department sees an assessment."""
SEEN_BY_OFFICIAL = frozenset({_S.SHOWN, _S.COMMENTED, _S.SENT, _S.ACKNOWLEDGED})


class AssessmentError(Exception):
    """The assessment does not allow this."""


class UnknownAssessment(AssessmentError):
    """There is no such assessment, or not for the caller."""


class NotInThisState(AssessmentError):
    """The assessment's state does not allow the action."""

    def __init__(self, state: AssessmentState) -> None:
        super().__init__(f"not while {state}")
        self.state = state


class AssessmentChanged(AssessmentError):
    """Somebody has changed the assessment since the caller has read it."""


class CommentPeriodRuns(AssessmentError):
    """The official may still comment, so it cannot be signed yet."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"comments until {until.isoformat()}")
        self.until = until


class CommentPeriodOver(AssessmentError):
    """The days for comments have passed."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"comments until {until.isoformat()}")
        self.until = until


class TextMissing(AssessmentError):
    """A text is needed; `field` is its field."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class OwnAssessment(AssessmentError):
    """Nobody assesses themselves: a leader above does."""


@dataclass(frozen=True, slots=True)
class AssessmentRules:
    """When years are assessed, from a day on.

    Attributes:
        valid_from: the first day.
        opens_month, opens_day: the day of a year on which its assessments are opened.
        comment_working_days: for the official, after the assessment was shown.
    """

    valid_from: date
    opens_month: int
    opens_day: int
    comment_working_days: int

    def opens_on(self, year: int) -> date:
        """The day on which the assessments of a year are opened."""
        return date(year, self.opens_month, self.opens_day)

    def span(self, year: int) -> tuple[date, date]:
        """The first and the last day that count for a year."""
        return self.opens_on(year - 1), self.opens_on(year) - timedelta(days=1)

    def open_year(self, today: date) -> int:
        """The newest year whose assessments are open on a day."""
        return today.year if today >= self.opens_on(today.year) else today.year - 1


def following(state: AssessmentState, action: Action) -> AssessmentState:
    """The state after an action.

    Raises:
        NotInThisState: the state does not allow it.
    """
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise NotInThisState(state) from None


def check_comment(until: datetime | None, now: datetime) -> None:
    """Checks that the official may still comment.

    Args:
        until: the end of the days for comments.
        now: business time.

    Raises:
        CommentPeriodOver: they have passed.
    """
    if until is not None and now > until:
        raise CommentPeriodOver(until)


def check_signature(state: AssessmentState, until: datetime | None, now: datetime, comment: str, answer: str) -> None:
    """Checks what a leader needs to sign.

    Args:
        state: of the assessment.
        until: the end of the days for comments.
        now: business time.
        comment: of the official; empty without one.
        answer: of the leader.

    Raises:
        NotInThisState: it was not shown to the official, or is signed.
        CommentPeriodRuns: the official may still comment.
        TextMissing: a comment has no answer.
    """
    following(state, Action.SIGN)
    if state == AssessmentState.SHOWN and until is not None and now <= until:
        raise CommentPeriodRuns(until)
    if comment.strip() and not answer.strip():
        raise TextMissing("answer")


def written_number(number: int, agency: str) -> str:
    """An assessment's number as printed: 07/PĐG-H12.20 (NĐ 30/2020/NĐ-CP, article 8 and appendix I)."""
    return f"{number:02d}/{SYMBOL}-{agency}"


def text_digest(text: str) -> str:
    """SHA-256 of the figures' JSON text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
