"""Checking that an agency is found for every step of every route, at whatever desk a dossier is received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from shared.agencies import Agencies, RoleNotFound
from shared.agencies.roles import ONE_STOP_DESK
from shared.catalogue.model import Procedure
from shared.catalogue.route import Route


@dataclass(frozen=True)
class UnresolvedStep:
    """A step for which no agency is found.

    Args:
        desk: code of the one-stop desk that received the dossier.
        procedure, route, step: of the dossier, or of a sub-dossier that it opens.
        agency_role, agency_level: the agency that the step needs; the level None for any.
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
    """Return every step for which no agency is found, for a dossier received at any one-stop desk on a day.

    Conditional steps are checked too. The agencies of a sub-dossier are looked for near the agency that opens it.

    Args:
        procedures: those to check; sub-dossiers of other procedures are left out.
        agencies: all units and agencies.
        on: the day.

    Returns:
        Each pair of step and desk once; empty if every step has an agency.
    """
    by_code = {procedure.code: procedure for procedure in procedures}
    desks = [agency.code for agency in agencies.all(on) if ONE_STOP_DESK in agency.roles]
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
