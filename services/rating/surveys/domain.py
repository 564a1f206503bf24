"""The rules of survey campaigns: what their organiser decides, the states of a campaign, and what may be asked when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from shared.runtime.clock import VIETNAM

MAX_NAME = 200
MAX_SAMPLE = 20_000
MAX_GROUPS = 50
MAX_CODE = 50
MAX_DAYS = 366
"""The longest campaign, in days."""


class State(StrEnum):
    """Of a campaign. Only a ``draft`` can be changed; only an ``open`` one takes answers; ``published`` is public."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.OPEN}),
    State.OPEN: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.PUBLISHED}),
    State.PUBLISHED: frozenset(),
}
"""State → the states that may follow it."""


class Population(StrEnum):
    """Who is asked: a sample of the citizens whose dossiers were returned, or whoever wants to answer."""

    DOSSIERS = "dossiers"
    OPEN = "open"


class SurveyError(Exception):
    """A campaign does not allow what is asked for."""


class UnknownSurvey(SurveyError):
    """There is no such campaign, or nothing of it for the one who asks."""


class WrongState(SurveyError):
    """The campaign is in a state that does not allow this.

    Args:
        state: the campaign's state.
    """

    def __init__(self, state: State) -> None:
        super().__init__(f"the campaign is {state}")
        self.state = state


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form.

    Attributes:
        field: its name.
        vi, en: what is wrong, in Vietnamese and English.
    """

    field: str
    vi: str
    en: str


class Invalid(SurveyError):
    """Some fields are not valid.

    Args:
        faults: at least one.
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = faults


class NobodyToAsk(SurveyError):
    """No dossier of the chosen procedures and agencies was returned on the chosen days."""


class TooEarly(SurveyError):
    """The days of the population are not over, so that it is not known yet."""


class AnswersClosed(SurveyError):
    """The campaign takes no answers: it has not begun, or is over."""


class PaperKnown(SurveyError):
    """A paper of this number was entered before."""


class TooManyAnswers(SurveyError):
    """Too many answers came from one address.

    Args:
        seconds: until one may try again.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people in a campaign without dossiers, such as the patients of a hospital.

    Attributes:
        vi, en: its name in Vietnamese and English.
    """

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the organiser decides before the campaign opens.

    Attributes:
        name_vi, name_en: of the campaign.
        population: who is asked.
        opens_on, closes_on: the first and the last day on which answers are taken.
        procedures: code and name of each, the name may be empty; no procedure for all. Of a campaign about dossiers.
        agencies: codes of the receiving agencies; empty for all of the organiser's. Of a campaign about dossiers.
        returned_from, returned_until: the first and the last day of the returns. Of a campaign about dossiers.
        sample: how many citizens are invited altogether.
        stratum_least: how many at least of each procedure and agency, where there are so many.
        reminder_days: after how many days those who have not answered are reminded, once; 0 for never.
        shown_least: the least answers for which a procedure's or an agency's result is shown.
        groups: of a campaign without dossiers.
    """

    name_vi: str
    name_en: str
    population: Population
    opens_on: date
    closes_on: date
    procedures: tuple[tuple[str, str], ...] = ()
    agencies: tuple[str, ...] = ()
    returned_from: date | None = None
    returned_until: date | None = None
    sample: int = 0
    stratum_least: int = 0
    reminder_days: int = 0
    shown_least: int = 0
    groups: tuple[Group, ...] = ()

    @property
    def procedure_codes(self) -> tuple[str, ...]:
        """The codes of the procedures; none for all."""
        return tuple(code for code, _ in self.procedures)

    def procedure_name(self, code: str) -> str:
        """A procedure as it is shown: its name with its code, or its code alone."""
        name = dict(self.procedures).get(code, "")
        return f"{name} ({code})" if name else code

    @property
    def begins_at(self) -> datetime:
        """The first moment at which answers are taken."""
        return datetime.combine(self.opens_on, time(), VIETNAM)

    @property
    def ends_at(self) -> datetime:
        """The first moment at which answers are no longer taken: the midnight after the last day."""
        return datetime.combine(self.closes_on + timedelta(days=1), time(), VIETNAM)


def plan_faults(plan: Plan) -> list[Fault]:
    """What is wrong with a plan, whatever the day and whoever asks."""
    faults = []
    for field, text in (("name_vi", plan.name_vi), ("name_en", plan.name_en)):
        if not 0 < len(text) <= MAX_NAME:
            faults.append(Fault(field, f"Nhập từ 1 đến {MAX_NAME} ký tự.", f"Enter 1 to {MAX_NAME} characters."))
    if plan.closes_on < plan.opens_on or (plan.closes_on - plan.opens_on).days > MAX_DAYS:
        faults.append(
            Fault(
                "closes_on", "Không trước ngày bắt đầu, trong vòng một năm.", "Not before the first day, within a year."
            )
        )
    if plan.shown_least < 2:
        faults.append(Fault("shown_least", "Ít nhất 2 phiếu.", "At least 2 answers."))
    if plan.reminder_days < 0 or plan.reminder_days > MAX_DAYS:
        faults.append(Fault("reminder_days", "Từ 0 đến 366 ngày.", "0 to 366 days."))
    return faults + (_dossier_faults(plan) if plan.population is Population.DOSSIERS else _group_faults(plan))


def _dossier_faults(plan: Plan) -> list[Fault]:
    faults = []
    if plan.returned_from is None:
        faults.append(Fault("returned_from", "Chọn ngày.", "Choose a day."))
    if plan.returned_until is None:
        faults.append(Fault("returned_until", "Chọn ngày.", "Choose a day."))
    elif plan.returned_from is not None and plan.returned_until < plan.returned_from:
        faults.append(Fault("returned_until", "Không trước ngày đầu.", "Not before the first day."))
    if any(not 0 < len(code) <= MAX_CODE or len(name) > MAX_NAME for code, name in plan.procedures):
        faults.append(Fault("procedures", "Mỗi dòng: mã | tên thủ tục.", "Each line: code | name of the procedure."))
    if len(set(plan.procedure_codes)) < len(plan.procedures):
        faults.append(Fault("procedures", "Có mã trùng nhau.", "A code occurs twice."))
    if not 1 <= plan.sample <= MAX_SAMPLE:
        faults.append(Fault("sample", f"Từ 1 đến {MAX_SAMPLE} người.", f"1 to {MAX_SAMPLE} people."))
    if not 1 <= plan.stratum_least <= max(plan.sample, 1):
        faults.append(Fault("stratum_least", "Từ 1 đến cỡ mẫu.", "From 1 to the size of the sample."))
    return faults


def _group_faults(plan: Plan) -> list[Fault]:
    if not 1 <= len(plan.groups) <= MAX_GROUPS:
        return [Fault("groups", f"Nhập từ 1 đến {MAX_GROUPS} nhóm.", f"Enter 1 to {MAX_GROUPS} groups.")]
    if any(not 0 < len(name) <= MAX_NAME for group in plan.groups for name in (group.vi, group.en)):
        return [
            Fault("groups", "Mỗi dòng: tên tiếng Việt | tên tiếng Anh.", "Each line: Vietnamese name | English name.")
        ]
    if len({group.vi for group in plan.groups}) < len(plan.groups):
        return [Fault("groups", "Có tên trùng nhau.", "A name occurs twice.")]
    return []


def require_transition(present: State, wanted: State) -> None:
    """Checks that a campaign may go from one state to another.

    Raises:
        WrongState: it may not.
    """
    if wanted not in TRANSITIONS[present]:
        raise WrongState(present)


def require_draft(state: State) -> None:
    """Checks that a campaign may still be changed: what is asked cannot change once somebody may have answered.

    Raises:
        WrongState: it is open, or over.
    """
    if state is not State.DRAFT:
        raise WrongState(state)


def require_answerable(state: State, plan: Plan, now: datetime) -> None:
    """Checks that a campaign takes answers now.

    Args:
        state: of the campaign.
        plan: of the campaign.
        now: business time.

    Raises:
        AnswersClosed: it does not.
    """
    if state is not State.OPEN or not plan.begins_at <= now < plan.ends_at:
        raise AnswersClosed


def require_openable(plan: Plan, now: datetime) -> None:
    """Checks that a campaign may be opened on this day: its population is known, and there is still time to answer.

    Args:
        plan: of the campaign.
        now: business time.

    Raises:
        AnswersClosed: its last day is over.
        TooEarly: dossiers of its population may still be returned.
    """
    today = now.astimezone(VIETNAM).date()
    if plan.closes_on < today:
        raise AnswersClosed
    if plan.returned_until is not None and plan.returned_until >= today:
        raise TooEarly
