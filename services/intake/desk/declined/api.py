"""The JSON API of declined filings: what a desk did not receive from a visitor, who got form 02 or 03 instead."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.components import components
from services.intake.desk.declined import store
from services.intake.desk.declined.commands import decline_filing
from services.intake.desk.declined.domain import GUIDANCE, make_decline
from services.intake.desk.declined.queries import in_full, listed_item, period_of, summary, totals_of
from services.intake.desk.declined.schemas import (
    DeclinedFullSchema,
    DeclinedListSchema,
    DeclinedQuerySchema,
    DeclinedSchema,
    DeclineSchema,
)
from services.intake.documents.domain import DocumentType
from services.intake.filing.commands import UnknownProcedure
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.assessment import HandedPaper, match_papers
from services.intake.filing.domain.desk import open_desk
from services.intake.problem_parts import field_error, invalid
from services.intake.problems import domain_errors_as_problems
from shared.catalogue import Case, Procedure
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query

OF_THE_ANSWER = frozenset({"papers", "reason", "note", "matter"})
"""Fields that are the answer's; all others that the domain checks are the visitor's."""

api = ApiBlueprint("intake", "declined_filings", "What a desk did not receive from a visitor, who got form 02 or 03")


@api.get("/declined-filings")
@audited
@roles("clerk", "leader", agency="record")
@query(DeclinedQuerySchema, DeclinedListSchema)
@domain_errors_as_problems()
def list_declined_filings(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a desk declined on some days, the newest first; those of today by default. The reading is recorded."""
    here, reader, catalogue = context(), principal(), components().catalogue
    today, agencies = here.clock.now().date(), here.reference.agencies
    first = arguments["first"] or today
    start, end = period_of(first, arguments["last"] or max(first, today))
    desks = access.listable_desks(reader, arguments["agency"], agencies, today)
    access.require(bool(desks))
    record_reading("declined-filings", arguments["agency"] or reader.agency)
    wanted, limit = store.Listing(desks, start, end), arguments["limit"]
    found = store.listed(connection, wanted, limit + 1, arguments["after"])
    return {
        "items": [listed_item(connection, one, catalogue, agencies, today) for one in found[:limit]],
        "next": found[limit - 1].id if len(found) > limit else None,
        "totals": totals_of(store.counted(connection, wanted)),
    }


@api.get("/declined-filings/<id>")
@audited
@roles("clerk", "leader", agency="record")
@query(gives=DeclinedFullSchema)
@domain_errors_as_problems()
def get_declined_filing(connection: Connection, id: str) -> dict[str, Any]:
    """A declined filing in full; the reading is recorded."""
    here = context()
    today, agencies = here.clock.now().date(), here.reference.agencies
    found = store.get(connection, id)
    access.require(access.may_read_declined_filing(principal(), found.agency, agencies, today))
    record_reading("declined-filing", id)
    return in_full(connection, found, components().catalogue, agencies, today)


@api.post("/declined-filings")
@roles("clerk", agency="record")
@command(DeclineSchema, DeclinedSchema, status=201, location="/intake/api/declined-filings/{id}")
@domain_errors_as_problems()
def decline(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Declines a filing at the clerk's own desk: issues form 02 or 03 to the visitor, whom no dossier is received from."""
    today, agencies, catalogue = work.now.date(), work.reference.agencies, components().catalogue
    desk = open_desk(agencies, body["receiving_agency"], today)
    access.require(access.may_file_at(principal(), desk))
    kind = DocumentType(body["kind"])
    version, procedure, case = _meant(work.connection, body, kind)
    papers = _papers(body["papers"], kind, procedure, case)
    matter = body["matter"] if procedure is None else None
    decided, faults = make_decline(kind, body["applicant"], body["reason"], body["note"], papers, matter)
    if decided is None:
        raise invalid(*(field_error(_path(fault.field), fault.vi, fault.en) for fault in faults))
    case_code = case.code if case else ""
    row = decline_filing(work, decided, desk, procedure, version, case_code, principal().subject)
    return summary(work.connection, row, catalogue, agencies, today)


def _meant(
    connection: Connection, body: dict[str, Any], kind: DocumentType
) -> tuple[int, Procedure | None, Case | None]:
    """The version, procedure and case that are meant; 0 and None for a matter outside the catalogue.

    Raises:
        InvalidField: a matter beside a procedure, or a guidance without one.
        UnknownProcedure, shared.catalogue.CaseRequired, shared.catalogue.UnknownCase: as they say.
    """
    if not body["procedure"]:
        if kind is GUIDANCE:
            raise InvalidField(
                "procedure", "Chọn thủ tục cần bổ sung hồ sơ.", "A supplement request needs a procedure."
            )
        return 0, None, None
    if body["matter"]:
        raise InvalidField("matter", "Chỉ ghi khi không chọn thủ tục.", "Only for what no procedure is about.")
    found = components().catalogue.current(connection, body["procedure"], context().clock.now().date())
    if found is None:
        raise UnknownProcedure(body["procedure"])
    version, procedure = found
    if kind is not GUIDANCE and not body["case"] and len(procedure.cases) > 1:
        return version, procedure, None
    return version, procedure, procedure.case(body["case"])


def _papers(named: list[str], kind: DocumentType, procedure: Procedure | None, case: Case | None) -> list[str]:
    """The names of the papers to be completed, in the catalogue's order and each once."""
    if kind is not GUIDANCE:
        if named:
            raise InvalidField("papers", "Chỉ nêu khi yêu cầu bổ sung.", "Only for a supplement request.")
        return []
    accepted = procedure.accepted_papers(case.code) if procedure and case else ()
    return [paper.name for paper in match_papers(accepted, map(HandedPaper, named))]


def _path(field: str) -> str:
    return field if field in OF_THE_ANSWER else f"applicant.{field}"
