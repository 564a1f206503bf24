"""By what procedures are filtered: field, level, agency and audience."""

from __future__ import annotations

from dataclasses import dataclass

from shared.agencies import ROLES, Agencies
from shared.agencies.roles import ONE_STOP_DESK
from shared.catalogue import Procedure


@dataclass(frozen=True, slots=True)
class Filters:
    """What must be true of a procedure; an empty member accepts all.

    Attributes:
        field: code of the field (lĩnh vực).
        level: of the agencies that decide; a procedure that names none is at every level.
        roles: one of these roles has a step of a route; None for any.
        audience: for whom it is; a procedure that names nobody is for everybody.
    """

    field: str = ""
    level: str = ""
    roles: frozenset[str] | None = None
    audience: str = ""

    def accept(self, procedure: Procedure) -> bool:
        """Whether a procedure passes."""
        return (
            self.field in ("", procedure.field)
            and (not self.level or not procedure.levels or self.level in procedure.levels)
            and (self.roles is None or not self.roles.isdisjoint(handling_roles(procedure)))
            and (not self.audience or not procedure.audience or self.audience in procedure.audience)
        )


NO_FILTERS = Filters()


def handling_roles(procedure: Procedure) -> frozenset[str]:
    """The roles of the agencies that decide: those of its steps, without the desk where it is not alone."""
    roles = frozenset(step.agency_role for route in procedure.routes for step in route.steps)
    return roles - {ONE_STOP_DESK} or roles


def roles_asked_for(agency: str, agencies: Agencies) -> frozenset[str] | None:
    """The roles that a filter by agency means.

    Args:
        agency: the code of an agency or the name of a role; empty for all.
        agencies: all of them, of all times.

    Returns:
        None for all; no role where neither an agency nor a role is called so.
    """
    if not agency:
        return None
    if agency in ROLES:
        return frozenset({agency})
    return frozenset(role for one in agencies.all() if one.code == agency for role in one.roles)
