"""Leaders on duty at the centre: who signs there on a day, and for which agencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.routing.domain.absence import LeaveCalendar
from services.routing.domain.step_permissions import RANKS, Official
from shared.regulations import RuleViolation


class DutyNotAllowed(RuleViolation):
    """An official cannot be put on duty like this."""


@dataclass(frozen=True)
class Duty:
    """An official (identifier) of an agency is on duty at a centre (code) on a local day."""

    official: str
    agency: str
    centre: str
    day: date


@dataclass(frozen=True)
class Mandate:
    """An agency lets an official of another agency sign for it while on duty, from `first` to `last` inclusive."""

    agency: str
    official: str
    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether the mandate is valid on `day`."""
        return self.first <= day <= self.last


def check_duty(duty: Duty, official: Official) -> None:
    """Checks that an official may be put on duty.

    Raises:
        DutyNotAllowed: ``duty_for_other_agency`` or ``duty_of_lower_rank`` (below an officer).
        ValueError: the duty is another official's.
    """
    if duty.official != official.subject:
        raise ValueError(f"the duty is {duty.official}'s, not {official.subject}'s")
    if duty.agency != official.agency:
        raise DutyNotAllowed(
            "duty_for_other_agency",
            "Cán bộ trực phải thuộc cơ quan cử trực",
            "Officials are on duty for their own agency",
        )
    if official.rank < RANKS["officer"]:
        raise DutyNotAllowed(
            "duty_of_lower_rank",
            "Cán bộ trực phải là chuyên viên hoặc lãnh đạo",
            "An official on duty is an officer or a leader",
        )


def led_by(
    official: Official,
    day: date,
    duties: Iterable[Duty],
    mandates: Iterable[Mandate] = (),
    leave: LeaveCalendar | None = None,
) -> frozenset[str]:
    """The agencies whose leader's steps an official may do on a day because they are on duty at a centre.

    Args:
        official: as of today; a duty for an agency that they have left no longer counts.
        day: the local day.
        duties: the whole roster, or the official's part of it.
        mandates: of all agencies, or those given to the official.
        leave: an absent official is not on duty.

    Returns:
        The official's own agency and those that gave them a mandate; none when they are not on duty.
    """
    on_duty = any((duty.official, duty.agency, duty.day) == (official.subject, official.agency, day) for duty in duties)
    absent = leave is not None and leave.absence_of(official.subject, day) is not None
    if not on_duty or absent or official.rank < RANKS["officer"]:
        return frozenset()
    mandated = {mandate.agency for mandate in mandates if mandate.official == official.subject and mandate.covers(day)}
    return frozenset({official.agency, *mandated})
