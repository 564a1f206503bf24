"""The JSON API of complaints for officials: the same queues, and the same acts as the pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.rating.complaints import handling, publishing, queries, store
from services.rating.complaints.access import STAFF
from services.rating.complaints.caller import caller_access
from services.rating.complaints.domain import UnknownComplaint
from services.rating.complaints.schemas import (
    ActSchema,
    AssignmentSchema,
    ComplaintSchema,
    ForwardingSchema,
    NamingSchema,
    PublicationSchema,
    QueuePageSchema,
    QueueSchema,
    ReasonSchema,
    RejectionSchema,
    StandingSchema,
    TextSchema,
)
from services.rating.complaints.store import Complaint
from services.rating.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query

api = ApiBlueprint("rating", "complaints", "Complaints and feedback, for officials")
Body = dict[str, Any]


@api.get("/complaints")
@roles(*STAFF, agency="record")
@audited
@query(QueueSchema, QueuePageSchema)
def list_complaints(connection: Connection, wanted: Body) -> Body:
    """Lists a queue of the caller. It names no complainant and has no text."""
    here = context()
    agencies, today = here.reference.agencies, here.clock.now().astimezone(VIETNAM).date()
    access, queue = caller_access(connection), wanted["queue"]
    scope_checked()  # the queue is limited to what concerns the caller
    record_reading("complaints", principal().agency)
    return {
        "items": queries.list_queue(connection, agencies, access, queue, today, wanted["offset"], wanted["limit"]),
        "total": queries.count_queue(connection, agencies, access, queue, today),
    }


@api.get("/complaints/<code>")
@roles(*STAFF, agency="record")
@audited
@query(gives=ComplaintSchema)
@domain_errors_as_problems()
def show_complaint(connection: Connection, code: str) -> Body:
    """Shows a complaint: what was written, how it stands, and what was done."""
    here, found = context(), store.find(connection, code)
    if found is None:
        raise UnknownComplaint(code)
    caller_access(connection).require_may_read(found)
    record_reading("complaint", found.code)
    view = queries.complaint_view(connection, found, here.reference, here.clock.now())
    columns = {name: getattr(found, name) for name in Complaint.__slots__}
    answer = view.answer.text if view.answer else ""
    return columns | {"answer": answer, "limits": view.limits, "entries": view.entries}


@api.post("/complaints/<code>/assignment")
@roles("leader", agency="record")
@command(AssignmentSchema, StandingSchema)
@domain_errors_as_problems()
def assign_complaint(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Gives a complaint to an official, who is to answer it."""
    return handling.assign(work, caller_access(work.connection), code, body["revision"], body["official"])


@api.post("/complaints/<code>/forwarding")
@roles("leader", agency="record")
@command(ForwardingSchema, StandingSchema)
@domain_errors_as_problems()
def forward_complaint(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Passes a complaint on to the agency that is competent."""
    access = caller_access(work.connection)
    return handling.forward(work, access, code, body["revision"], body["agency"], body["reason"])


@api.post("/complaints/<code>/officials")
@roles("leader", agency="record")
@command(NamingSchema, StandingSchema)
@domain_errors_as_problems()
def name_official(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Enters whom a complaint is about."""
    access = caller_access(work.connection)
    return handling.name_official(work, access, code, body["revision"], body["official"], body["is_leader"])


@api.post("/complaints/<code>/more-requests")
@roles(*STAFF, agency="record")
@command(TextSchema, StandingSchema)
@domain_errors_as_problems()
def request_more(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Asks the complainant for more."""
    return handling.request_more(work, caller_access(work.connection), code, body["revision"], body["text"])


@api.post("/complaints/<code>/rejection")
@roles("leader", agency="record")
@command(RejectionSchema, StandingSchema)
@domain_errors_as_problems()
def reject_complaint(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Rejects a complaint, with a ground."""
    access = caller_access(work.connection)
    return handling.reject(work, access, code, body["revision"], body["ground"], body["text"])


@api.post("/complaints/<code>/answer")
@roles(*STAFF, agency="record")
@command(TextSchema, StandingSchema)
@domain_errors_as_problems()
def draft_answer(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Drafts the answer, or changes the draft."""
    return handling.draft_answer(work, caller_access(work.connection), code, body["revision"], body["text"])


@api.post("/complaints/<code>/answer/return")
@roles("leader", agency="record")
@command(ReasonSchema, StandingSchema)
@domain_errors_as_problems()
def send_back_answer(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Sends a draft back to who is to answer."""
    return handling.send_back(work, caller_access(work.connection), code, body["revision"], body["reason"])


@api.post("/complaints/<code>/answer/approval")
@roles("leader", agency="record")
@command(ActSchema, StandingSchema)
@domain_errors_as_problems()
def approve_answer(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Approves the drafted answer, which goes to the complainant."""
    return handling.approve(work, caller_access(work.connection), code, body["revision"])


@api.post("/complaints/<code>/publication")
@roles(*STAFF, agency="record")
@command(PublicationSchema, StandingSchema)
@domain_errors_as_problems()
def publish_answer(work: UnitOfWork, body: Body, code: str) -> Complaint:
    """Publishes a complaint and its answer in words without personal data."""
    access = caller_access(work.connection)
    texts = body["question"], body["answer"], body["confirmed"]
    return publishing.publish(work, access, code, body["revision"], *texts)
