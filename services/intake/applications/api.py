"""The JSON API of applications, for the receiving desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.applications import decisions, queries, store
from services.intake.applications.domain import (
    FOR_THE_OFFICER,
    Application,
    Delivery,
    Parcel,
    Status,
    SubmittedPaper,
    parcel_number,
)
from services.intake.applications.parcels import register_parcel
from services.intake.applications.schemas import (
    AcceptedSchema,
    ApplicationListSchema,
    ApplicationQuerySchema,
    ApplicationSchema,
    ApplicationSupplementSchema,
    FiledSchema,
    ParcelFilingSchema,
    RefusalSchema,
    ReturnParcelSchema,
    StatusSchema,
    SupplementPapersSchema,
)
from services.intake.components import components
from services.intake.filing.api import filing_of
from services.intake.filing.domain.applicant import MAX_ADDRESS, MAX_NOTE, InvalidField, plain_text, postal_address
from services.intake.filing.domain.desk import open_desk
from services.intake.foreign_access.guard import require_application_reader
from services.intake.problems import domain_errors_as_problems
from services.intake.supplements.domain import requested_papers, required_reason
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query

api = ApiBlueprint("intake", "applications", "What was filed online or came by post, and is not yet received")


@api.get("/applications")
@audited
@roles("clerk", "leader", agency="record")
@query(ApplicationQuerySchema, ApplicationListSchema)
def list_applications(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """A desk's applications, the one that has waited longest first."""
    reference, now = context().reference, context().clock.now()
    desks = access.listable_desks(principal(), arguments["agency"], reference.agencies, now.date())
    access.require(bool(desks))
    record_reading("applications", arguments["agency"] or principal().agency)
    page = queries.ApplicationPage(
        desks=desks,
        statuses=[Status(arguments["status"])] if arguments["status"] else FOR_THE_OFFICER,
        after=arguments["after"],
        limit=arguments["limit"],
        channel=arguments["channel"],
        named=access.listable_desks(principal(), "", reference.agencies, now.date()),
    )
    return queries.application_list(connection, page, components().catalogue, reference, now)


@api.get("/applications/<code>")
@audited
@roles("clerk", "leader", agency="record")
@query(gives=ApplicationSchema)
@domain_errors_as_problems()
def get_application(connection: Connection, code: str) -> dict[str, Any]:
    """An application in full; the reading is recorded."""
    reference, now = context().reference, context().clock.now()
    found = store.get(connection, code)
    require_application_reader(connection, found)
    record_reading("application", code)
    return queries.application_detail(connection, found, components().catalogue, reference, now)


@api.post("/applications")
@roles("clerk", agency="record")
@command(
    ParcelFilingSchema,
    FiledSchema,
    status=201,
    location="/intake/api/applications/{code}",
    secrets=("secret",),
)
@domain_errors_as_problems()
def register(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Registers what came in a parcel of the public post, at the clerk's own desk."""
    desk = open_desk(work.reference.agencies, body["receiving_agency"], work.now.date())
    access.require(access.may_file_at(principal(), desk))
    filing = filing_of(body | {"channel": "post"}, desk, principal().subject, work.now.date())
    parcel = parcel_of(body["parcel"], "parcel.")
    delivery = delivery_of(body["delivery"], "delivery.")
    return register_parcel(work, components(), filing, parcel, delivery, plain_text(body["note"], "note", MAX_NOTE))


@api.post("/applications/<code>/accept")
@roles("clerk", agency="record")
@command(gives=AcceptedSchema)
@domain_errors_as_problems()
def accept(work: UnitOfWork, code: str) -> dict[str, Any]:
    """Receives the application: its dossier is made, and the time limit begins."""
    caller = principal()
    return decisions.accept_application(work, components(), to_decide(work, code), caller.subject, caller.agency)


@api.post("/applications/<code>/supplement-request")
@roles("clerk", agency="record")
@command(ApplicationSupplementSchema, StatusSchema)
@domain_errors_as_problems()
def ask(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Asks the applicant for papers, once."""
    papers, reason = requested_papers(body["papers"]), required_reason(body["reason"])
    return decisions.request_supplement(work, to_decide(work, code), papers, reason, principal().subject)


@api.post("/applications/<code>/supplement")
@roles("clerk", agency="record")
@command(SupplementPapersSchema, StatusSchema)
@domain_errors_as_problems()
def take_application_supplement(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Takes papers that were asked for and came by post, or were handed in."""
    papers = [SubmittedPaper(paper.text, paper.copies) for paper in body["papers"]]
    application = to_decide(work, code)
    return decisions.supplement_application(work, components().catalogue, application, papers, body["channel"])


@api.post("/applications/<code>/refuse")
@roles("clerk", agency="record")
@command(RefusalSchema, StatusSchema)
@domain_errors_as_problems()
def refuse(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Refuses the application, with the reason."""
    parcel = parcel_number(body["return_parcel"], "return_parcel") if body["return_parcel"] else ""
    reason = required_reason(body["reason"])
    return decisions.refuse_application(work, to_decide(work, code), reason, principal().subject, parcel)


@api.post("/applications/<code>/return-parcel")
@roles("clerk", agency="record")
@command(ReturnParcelSchema, StatusSchema)
@domain_errors_as_problems()
def return_parcel(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Records in which parcel the papers of a refused application went back."""
    return decisions.record_return_parcel(work, to_decide(work, code), parcel_number(body["number"], "number"))


def to_decide(work: UnitOfWork, code: str) -> Application:
    """The application, locked, if the caller may decide about it.

    Raises:
        services.intake.applications.domain.UnknownApplication: there is none.
        Problem: 403.
    """
    found = store.lock(work.connection, code)
    access.require(access.may_decide_application(principal(), found, work.reference.agencies, work.now.date()))
    return found


def parcel_of(given: dict[str, str], within: str = "") -> Parcel:
    """A parcel as typed; `within` is the path of its fields.

    Raises:
        InvalidField: a field is not valid.
    """
    number = parcel_number(given["number"], f"{within}number")
    sender = plain_text(given["sender"], f"{within}sender", MAX_ADDRESS)
    if not sender:
        raise InvalidField(f"{within}sender", "Ghi người gửi như trên bưu gửi.", "The sender is missing.")
    return Parcel(number, sender)


def delivery_of(given: dict[str, str], within: str = "") -> Delivery:
    """How the result is delivered, as chosen; `within` is the path of its fields.

    Raises:
        InvalidField: the address is missing, or not valid.
    """
    if given["by"] != "post":
        return Delivery(given["by"])
    try:
        address = postal_address(given["address"])
    except InvalidField as error:
        raise InvalidField(f"{within}address", error.vi, error.en) from error
    if not address:
        raise InvalidField(f"{within}address", "Ghi địa chỉ nhận kết quả.", "The address is missing.")
    return Delivery("post", address)
