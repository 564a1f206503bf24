"""The leave calendar: which officials are absent when, and their deputies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.routing.domain.step_permissions import Official
from shared.regulations import RuleViolation


class AbsenceNotAllowed(RuleViolation):
    """An absence cannot be entered like this."""


@dataclass(frozen=True)
class Absence:
    """An official's absence.

    Attributes:
        official: the identifier of the absent official.
        first, last: days, both inclusive.
        deputy: the identifier of who acts for them; empty for nobody in particular.
    """

    official: str
    first: date
    last: date
    deputy: str = ""

    def covers(self, day: date) -> bool:
        """Whether the official is absent on `day`."""
        return self.first <= day <= self.last


class LeaveCalendar:
    """All absences.

    Args:
        absences: in any order, those of one official without overlap.
    """

    def __init__(self, absences: Iterable[Absence] = ()) -> None:
        self._absences: defaultdict[str, list[Absence]] = defaultdict(list)
        for absence in absences:
            self._absences[absence.official].append(absence)

    def absence_of(self, official: str, day: date) -> Absence | None:
        """An official's absence on a day; None when they are present."""
        return next((absence for absence in self._absences.get(official, ()) if absence.covers(day)), None)

    def overlapping(self, absence: Absence) -> Absence | None:
        """An absence of the same official that shares a day with `absence`; None when there is none."""
        known = self._absences.get(absence.official, ())
        return next((other for other in known if other.first <= absence.last and absence.first <= other.last), None)

    def acting_for(self, official: Official, day: date, officials: Mapping[str, Official]) -> Official | None:
        """Who does an official's work on a day: they themselves, their deputy, or the absent deputy's deputy, and so on.

        Args:
            official: whose work it is.
            day: the local day.
            officials: by identifier, as they are today; a deputy who has left the agency or whose rank has become too low no longer acts.

        Returns:
            None when nobody is named or the deputies form a circle: then anybody of the agency may do the work.
        """
        seen, acting = {official.subject}, official
        while (absence := self.absence_of(acting.subject, day)) is not None:
            deputy = officials.get(absence.deputy)
            if deputy is None or deputy.subject in seen or not _may_act(deputy, official):
                return None
            seen.add(deputy.subject)
            acting = deputy
        return acting


def check_absence(absence: Absence, leave: LeaveCalendar, officials: Mapping[str, Official]) -> None:
    """Checks an absence before it is entered.

    A deputy may be absent as well: then their own deputy acts.

    Args:
        absence: to be entered.
        leave: what is entered already.
        officials: by identifier.

    Raises:
        AbsenceNotAllowed: ``absence_ends_before_it_begins``, ``absence_of_unknown_official``, ``absence_overlaps``,
            ``deputy_is_oneself``, ``deputy_unknown``, ``deputy_of_other_agency`` or ``deputy_of_lower_rank``.
    """
    if absence.last < absence.first:
        raise AbsenceNotAllowed(
            "absence_ends_before_it_begins", "Ngày cuối trước ngày đầu", "The last day is before the first"
        )
    official = officials.get(absence.official)
    if official is None:
        raise AbsenceNotAllowed(
            "absence_of_unknown_official", "Không có cán bộ này", f"There is no official {absence.official}"
        )
    other = leave.overlapping(absence)
    if other is not None:
        raise AbsenceNotAllowed(
            "absence_overlaps",
            f"Trùng với đợt vắng {other.first:%d/%m/%Y}–{other.last:%d/%m/%Y}",
            f"Overlaps the absence {other.first:%d/%m/%Y}–{other.last:%d/%m/%Y}",
        )
    if absence.deputy:
        _check_deputy(absence.deputy, official, officials)


def _check_deputy(code: str, official: Official, officials: Mapping[str, Official]) -> None:
    if code == official.subject:
        raise AbsenceNotAllowed(
            "deputy_is_oneself", "Không thể ủy quyền cho chính mình", "Officials cannot be their own deputies"
        )
    deputy = officials.get(code)
    if deputy is None:
        raise AbsenceNotAllowed("deputy_unknown", "Không có người được ủy quyền này", f"There is no official {code}")
    if deputy.agency != official.agency:
        raise AbsenceNotAllowed(
            "deputy_of_other_agency",
            "Người được ủy quyền phải cùng cơ quan",
            "A deputy is of the same agency",
        )
    if deputy.rank < official.rank:
        raise AbsenceNotAllowed(
            "deputy_of_lower_rank",
            "Người được ủy quyền phải có cấp bậc ít nhất bằng người vắng mặt",
            "A deputy has at least the rank of the absent official",
        )


def _may_act(deputy: Official, absent: Official) -> bool:
    return deputy.agency == absent.agency and deputy.rank >= absent.rank
