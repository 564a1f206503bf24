"""Levels, units and agencies as dated data (see `data/`, one file per province).

    agencies = Agencies.load()
    agencies.resolve("land_registry", near="H12.31.01", on=date(2025, 8, 1))   # the branch that serves the commune
    agencies.successor("000.00.34.H04", on=date(2025, 8, 1))                   # the agency that took over the district's work

The names of the roles are in `roles.py`. A merger is data: end the old records, give them a `successor`, add the new.
"""

from shared.agencies.model import LEVELS, Agency, RoleNotFound, Unit, UnknownAgency
from shared.agencies.registry import Agencies
from shared.agencies.roles import ROLES, Role

__all__ = ["LEVELS", "ROLES", "Agencies", "Agency", "Role", "RoleNotFound", "Unit", "UnknownAgency"]
