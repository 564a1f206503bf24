"""The HTTP API of the front door: a thin translator."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import Connection, Row

from services.intake.components import components
from services.intake.desks import in_charge, open_desk
from services.intake.dossiers import queries as reading
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State
from services.intake.filing import commands as filing
from services.intake.filing.domain.applicant import MAX_NAME, make_applicant, plain_text
from services.intake.lookup import queries as lookup
from services.intake.payments import commands as counter
from services.intake.plugin_access import observers
from services.intake.plugin_access import queries as agency_papers
from services.intake.problems import domain_errors_as_problems, invalid_fields, unknown_dossier, unknown_procedure
from services.intake.procedures.queries import procedure_list
from services.intake.schemas import (
    DossierSchema,
    FilingSchema,
    LookupQuerySchema,
    LookupSchema,
    ObservedDossierSchema,
    PaymentSchema,
    PaymentTakenSchema,
    ProcedureQuerySchema,
    ProceduresSchema,
    ReceiptSchema,
    ReturnedSchema,
    ReturnSchema,
    StepPapersSchema,
    SupplementedSchema,
    SupplementSchema,
    WithdrawalSchema,
    WithdrawnSchema,
    WorklistQuerySchema,
    WorklistSchema,
)
from services.intake.supplements import commands as changes
from services.intake.view_hooks import audited, counting_received, counting_wrong_tries
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, public, require_agency, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.views import command, context, query

MAX_NOTE = 500

api = ApiBlueprint("intake", "api", "Thủ tục, tiếp nhận hồ sơ, phí, trả kết quả, tra cứu.")


@api.post("/dossiers")
@counting_received
@roles("clerk", agency="record")
@command(FilingSchema, ReceiptSchema, status=201, location="/intake/api/dossiers/{code}", dump=False)
def file_dossier(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Receives a dossier at the clerk's own desk; complete, or not at all."""
    with domain_errors_as_problems():
        desk = open_desk(work.reference.agencies, body["receiving_agency"], work.now.date())
        require_agency(desk.code)
        applicant, faults = make_applicant(**body["applicant"])
        if applicant is None:
            raise invalid_fields(faults, "applicant")
        handed_in = filing.Filing(
            procedure=body["procedure"],
            case=body["case"],
            channel=body["channel"],
            desk=desk,
            applicant=applicant,
            papers=body["papers"],
            remote=body["remote"],
            chosen=body["chosen"],
            clerk=principal().subject,
        )
        receipt = filing.file_dossier(work, components(), handed_in)
    g.intake_received = desk.code, receipt["field"]
    return receipt | {"lookup_url": f"{context().settings.public_url}/intake/?code={receipt['code']}"}


@api.post("/dossiers/<code>/payments")
@roles("clerk", agency="record")
@command(PaymentSchema, PaymentTakenSchema, status=201)
def pay(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Records a payment: the filing fee, or one obligation."""
    row = _own_dossier(work, code)
    with domain_errors_as_problems():
        payment = counter.Payment(
            obligation=body["obligation"],
            amount=body["amount"],
            method=body["method"],
            reference=plain_text(body["reference"], "reference", MAX_NOTE),
            clerk=principal().subject,
        )
        return counter.take_payment(work, row, payment)


@api.post("/dossiers/<code>/return")
@roles("clerk", agency="record")
@command(ReturnSchema, ReturnedSchema)
def return_result(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Hands the result over; before its time only once the citizen was told."""
    row = _own_dossier(work, code)
    with domain_errors_as_problems():
        hand_over = counter.ResultHandOver(
            receiver_name=plain_text(body["receiver_name"], "receiver_name", MAX_NAME),
            note=plain_text(body["note"], "note", MAX_NOTE),
            told=body["told"],
            clerk=principal().subject,
        )
        return counter.return_result(work, row, hand_over)


@api.post("/dossiers/<code>/supplement")
@roles("clerk", agency="record")
@command(SupplementSchema, SupplementedSchema)
def supplement(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Takes the papers that were asked for."""
    row = _own_dossier(work, code)
    with domain_errors_as_problems():
        note = plain_text(body["note"], "note", MAX_NOTE)
        return changes.supplement(work, components(), row, body["papers"], note, principal().subject)


@api.post("/dossiers/<code>/withdraw")
@roles("clerk", agency="record")
@command(WithdrawalSchema, WithdrawnSchema)
def withdraw(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Notes that the citizen takes the dossier back; possible until the result is there."""
    row = _own_dossier(work, code)
    with domain_errors_as_problems():
        return changes.withdraw(work, row, plain_text(body["reason"], "reason", MAX_NOTE))


@api.get("/dossiers/<code>")
@audited("read")
@roles("clerk", "leader", agency="record")
@query(gives=DossierSchema)
def get_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """A dossier in full; that it was read is recorded."""
    row = readable_dossier(connection, code)
    here = context()
    return reading.dossier_detail(connection, row, components(), here.reference, here.clock.now().date())


@api.get("/dossiers")
@audited("list")
@roles("clerk", "leader", agency="record")
@query(WorklistQuerySchema, WorklistSchema)
def worklist(connection: Connection, wanted: dict[str, Any]) -> dict[str, Any]:
    """The desk's dossiers, the newest first: those in hand, or those of one state."""
    here = context()
    today = here.clock.now().date()
    desks = reading.listed(here.reference.agencies, principal(), wanted["agency"], today)
    if not desks:
        raise Problem(403, "wrong-agency")
    scope_checked()
    states = [State(wanted["state"])] if wanted["state"] else [state for state in State if not state.final]
    return reading.worklist(
        connection, components(), here.reference, desks, states, wanted["after"], wanted["limit"], today
    )


@api.get("/agency/steps/<task>/papers")
@audited("papers")
@roles("agency", agency="record")
@query(gives=StepPapersSchema)
def step_papers(connection: Connection, task: str) -> dict[str, Any]:
    """A dossier's papers and applicant, for an agency's own service while the step is the agency's; that it read is recorded."""
    here = context()
    with domain_errors_as_problems():
        step = agency_papers.whose(connection, task)
        require_agency(*agency_papers.readers(here.reference.agencies, step, here.clock.now().date()))
        g.intake_read = step.dossier
        return agency_papers.papers(connection, step)


@api.get("/observer/dossiers/<code>")
@audited("portal")
@roles("agency", agency="record")
@query(gives=ObservedDossierSchema)
def observed_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """What the national portal is told of a dossier, for its plug-in alone; that it was read is recorded."""
    here = context()
    today = here.clock.now().date()
    require_agency(*observers.observers(here.reference.agencies, principal().agency, today))
    row = dossiers.get(connection, code)
    if row is None:
        raise unknown_dossier()
    return observers.portal_view(connection, row, components(), here.reference, today)


@api.get("/lookup")
@counting_wrong_tries
@public
@query(LookupQuerySchema, LookupSchema)
def look_up(connection: Connection, wanted: dict[str, Any]) -> dict[str, Any]:
    """How a dossier stands, for whoever holds its receipt. People use the page, whose form keeps the secret out of the address."""
    here = context()
    row = lookup.find_by_secret(connection, wanted["code"], wanted["secret"], here.clock.wall())
    return lookup.public_view(connection, row, components(), here.reference, here.clock.now())


@api.get("/procedures")
@public
@query(ProcedureQuerySchema, ProceduresSchema, etag=True)
def procedures(connection: Connection, wanted: dict[str, Any]) -> dict[str, Any]:
    """Procedures in force."""
    return procedure_list(connection, components().catalogue, **wanted)


@api.get("/procedures/<code>")
@public
@query(etag=True)
def procedure(connection: Connection, code: str) -> dict[str, Any]:
    """One procedure in force, complete: cases, papers, fees, routes."""
    found = components().catalogue.current(connection, code)
    if found is None:
        raise unknown_procedure()
    version, one = found
    return {"version": version, **one.as_dict()}


def readable_dossier(connection: Connection, code: str) -> Row[Any]:
    """A dossier that the one who asks may read.

    Raises:
        Problem: 404 or 403.
    """
    row = dossiers.get(connection, code)
    if row is None:
        raise unknown_dossier()
    here = context()
    require_agency(*reading.readers(here.reference.agencies, row, principal(), here.clock.now().date()))
    return row


def _own_dossier(work: UnitOfWork, code: str) -> Row[Any]:
    row = dossiers.lock(work.connection, code)
    if row is None:
        raise unknown_dossier()
    require_agency(*in_charge(work.reference.agencies, row.receiving_agency, work.now.date()))
    return row
