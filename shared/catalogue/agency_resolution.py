"""Whether every step of every route finds an agency, wherever a dossier is received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from shared.agencies import Agencies, RoleNotFound
from shared.catalogue.model import Procedure
from shared.catalogue.route import Route

DESK = "one_stop_desk"


@dataclass(frozen=True)
class UnresolvedStep:
    """A step for which no agency is found.

    Args:
        desk: code of the one-stop desk that received the dossier.
        procedure, route, step: of the dossier, or of the sub-dossier that is opened in its course.
        agency_role, agency_level: what was looked for; the level None for any.
    """

    desk: str
    procedure: str
    route: str
    step: str
    agency_role: str
    agency_level: str | None

    def __str__(self) -> str:
        level = f" of level {self.agency_level}" if self.agency_level else ""
        return (
            f'procedure {self.procedure}, route "{self.route}", step "{self.step}": '
            f"no {self.agency_role}{level} for a dossier received at {self.desk}"
        )


def unresolved_steps(procedures: Iterable[Procedure], agencies: Agencies, on: date) -> list[UnresolvedStep]:
    """Look for the agency of every step, conditional ones too, for a dossier received at any one-stop desk on a day.

    A sub-dossier's steps are looked for near the agency that opens it.

    Args:
        procedures: those whose routes are checked; sub-dossiers of procedures that are not among them are left out.
        agencies: all of all times.
        on: the day.

    Returns:
        Every step and desk without an agency, each once; empty if all is well.
    """
    by_code = {procedure.code: procedure for procedure in procedures}
    desks = [agency.code for agency in agencies.all(on) if DESK in agency.roles]
    found = (
        unplaced
        for procedure in by_code.values()
        for route in procedure.routes
        for desk in desks
        for unplaced in _along(procedure.code, route, desk, desk, by_code, agencies, on)
    )
    return list(dict.fromkeys(found))


def _along(
    code: str, route: Route, near: str, desk: str, by_code: Mapping[str, Procedure], agencies: Agencies, on: date
) -> Iterator[UnresolvedStep]:
    for step in route.steps:
        try:
            agency = agencies.resolve(step.agency_role, near, on, step.agency_level).code
        except RoleNotFound:
            yield UnresolvedStep(desk, code, route.id, step.id, step.agency_role, step.agency_level)
            continue
        if step.sub and step.sub.procedure in by_code:
            other = by_code[step.sub.procedure]
            yield from _along(other.code, other.route(step.sub.case), agency, desk, by_code, agencies, on)
