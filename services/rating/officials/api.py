"""The JSON API of the register of officials, for leaders of their agency."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.rating.access import REGISTER_KEEPERS, kept_agency
from services.rating.officials.commands import enter_official
from services.rating.officials.domain import OfficialEntry
from services.rating.officials.queries import officials_of
from services.rating.officials.schemas import KeptOfficialSchema, OfficialSchema, OfficialsSchema
from services.rating.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context, query

api = ApiBlueprint("rating", "officials", "The register of an agency's officials")


def own_agency() -> str:
    """The agency whose register the caller keeps.

    Raises:
        Problem: 403.
    """
    here = context()
    with domain_errors_as_problems():
        agency = kept_agency(principal(), here.reference.agencies, here.clock.now().astimezone(VIETNAM).date())
    scope_checked()
    return agency


@api.get("/officials")
@roles(*REGISTER_KEEPERS, agency="record")
@query(gives=OfficialsSchema)
def officials(connection: Connection) -> dict[str, Any]:
    """The officials of the caller's agency today."""
    today = context().clock.now().astimezone(VIETNAM).date()
    return {"officials": officials_of(connection, [own_agency()], today)}


@api.post("/officials")
@roles(*REGISTER_KEEPERS, agency="record")
@command(OfficialSchema, KeptOfficialSchema, status=201)
def enter(work: UnitOfWork, body: dict[str, Any]) -> OfficialEntry:
    """Enters an official of the caller's agency, a change about them, or that they have left; earlier entries are kept."""
    entry = OfficialEntry(agency=own_agency(), **body)
    with domain_errors_as_problems():
        enter_official(work, entry, principal().subject)
    return entry
