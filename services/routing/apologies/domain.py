"""The rules of apologies: which of the two applies, who is responsible for a lateness, and what a letter needs before it is signed.

A delay that is announced before the due time moves it, once (NĐ 118/2025, article 19.6; `domain/extension.py`). Once the due time has
passed, the dossier stays late; its citizen is owed an apology with a new date, one for each date that was not kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from services.routing.apologies.causes import OTHER, ApologyRules
from services.routing.domain.rules import in_working_time, required, shown
from shared.calendar import CalendarRangeError, WorkingCalendar
from shared.calendar.deadlines import is_past
from shared.regulations import Number, Regulation, RuleViolation

REQUIRED = "late_apology_required"
"""The number of a regulation that asks for an apology once a dossier is late."""
SYMBOL = "PXL"
"""Of form 04 in the number of the letter."""


class ApologyKind(StrEnum):
    """extension: a delay announced before the due time. late: the due time has passed."""

    EXTENSION = "extension"
    LATE = "late"


class ApologyState(StrEnum):
    """draft: waits for its signature. signed: has its number. withdrawn: no letter is owed any more."""

    DRAFT = "draft"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class WithdrawalCause(StrEnum):
    """deadline_moved: the dossier was not late after all. ended: it has its result or its end, and nobody had signed."""

    DEADLINE_MOVED = "deadline_moved"
    ENDED = "ended"


class ApologyNotAllowed(RuleViolation):
    """The letter may not be signed like this; `field` is what is wrong in it, empty if nothing is."""

    field = ""


class WorkingMinutes(Protocol):
    """What is needed of a calendar to find who is responsible."""

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Working minutes from `a` to `b`."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """A counted step of a late dossier.

    Attributes:
        agency: that has, or had, the step.
        due_at: when it was due.
        ended_at: when it was completed; None while it is open.
    """

    agency: str
    due_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a leader decides of an apology.

    Attributes:
        cause: one of the causes in ``data/apologies.json``; empty while nobody has chosen.
        reason: in words, added to the cause.
        new_due_at: when the result is promised now; None while nobody has chosen.
    """

    cause: str = ""
    reason: str = ""
    new_due_at: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is missing; the date may be over by now."""
        return bool(self.cause) and self.new_due_at is not None and (self.cause != OTHER or bool(self.reason.strip()))


def responsible_agency(steps: Iterable[StepTime], at: datetime, calendar: WorkingMinutes, otherwise: str) -> str:
    """The agency whose steps took the most working time beyond their due times; of equals the one that was late first.

    Args:
        steps: of the dossier, in order of assignment.
        at: the moment at which the dossier is late.
        calendar: of the one-stop desk.
        otherwise: the agency that has the dossier; where no step was late by itself.
    """
    late: dict[str, int] = {}
    for step in steps:
        ended_at = min(step.ended_at or at, at)
        if is_past(step.due_at, ended_at):
            minutes = calendar.working_minutes_between(step.due_at, ended_at)
            late[step.agency] = late.get(step.agency, 0) + minutes
    return max(late, key=lambda agency: late[agency]) if late else otherwise


def owed_after(new_due_at: datetime, due_at: datetime, rolled: datetime) -> datetime:
    """From which time on another apology is owed: the new date, or the due time if that is later since, after a supplement.

    Args:
        new_due_at: the date of the signed letter.
        due_at: the dossier's due time by the law.
        rolled: `new_due_at`, or the end of the next working day if its day was declared off.
    """
    return max(new_due_at, due_at, rolled)


def written_number(number: int, agency: str) -> str:
    """A letter's number as printed: 12/PXL-H12.31.01 (NĐ 30/2020/NĐ-CP, article 8 and appendix I)."""
    return f"{number:02d}/{SYMBOL}-{agency}"


def reason_in_words(rules: ApologyRules, letter: Letter) -> str:
    """The reason as the letter gives it: the cause's sentence, and what the leader added."""
    added = letter.reason.strip()
    if letter.cause == OTHER:
        return added
    cause = rules.cause(letter.cause).vi
    return f"{cause}. {added}" if added else f"{cause}."


def check_letter(
    rules: ApologyRules, regulation: Regulation, letter: Letter, calendar: WorkingCalendar, now: datetime
) -> None:
    """Checks a letter before it is signed.

    Args:
        rules: the causes, and how far ahead a new date may be.
        regulation: under which the dossier was received.
        letter: as it is to be signed.
        calendar: of the one-stop desk today, which hands the result over.
        now: the moment of signing.

    Raises:
        ApologyNotAllowed: ``apology_without_cause``, ``apology_without_reason``, ``apology_without_date``, ``apology_date_not_later``,
            ``apology_date_too_far`` or ``apology_outside_working_time``.
    """
    number = required(regulation, REQUIRED)
    if not letter.cause:
        raise _refused(
            "apology_without_cause", "Chưa chọn nguyên nhân", "Choose the cause", regulation, number, "cause"
        )
    if letter.cause == OTHER and not letter.reason.strip():
        raise _refused("apology_without_reason", "Phải nêu lý do", "Give the reason", regulation, number, "reason")
    if letter.new_due_at is None:
        vi, en = "Chưa chọn ngày hẹn mới", "Choose the new date"
        raise _refused("apology_without_date", vi, en, regulation, number, "new_due_at")
    _check_date(rules, regulation, letter.new_due_at, calendar, now)


def _check_date(
    rules: ApologyRules, regulation: Regulation, new_due_at: datetime, calendar: WorkingCalendar, now: datetime
) -> None:
    number = required(regulation, REQUIRED)
    if new_due_at <= now:
        vi, en = f"Ngày hẹn mới phải sau {shown(now)}", f"The new date must be after {shown(now)}"
        raise _refused("apology_date_not_later", vi, en, regulation, number, "new_due_at")
    if new_due_at > now + timedelta(days=rules.new_date_within_days):
        vi = f"Ngày hẹn mới phải trong vòng {rules.new_date_within_days} ngày tới"
        en = f"The new date must be within {rules.new_date_within_days} days"
        raise _refused("apology_date_too_far", vi, en, regulation, number, "new_due_at")
    try:
        works = in_working_time(new_due_at, calendar)
    except CalendarRangeError:
        works = False
    if not works:
        vi = f"{shown(new_due_at)} không nằm trong giờ làm việc"
        raise _refused(
            "apology_outside_working_time",
            vi,
            f"{shown(new_due_at)} is outside working time",
            regulation,
            number,
            "new_due_at",
        )


def _refused(
    code: str, vi: str, en: str, regulation: Regulation, number: Number | None, field: str
) -> ApologyNotAllowed:
    error = ApologyNotAllowed(code, vi, en, regulation, number)
    error.field = field
    return error
