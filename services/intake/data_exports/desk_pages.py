"""The pages on which a clerk gives a visitor, whose identity they have checked, all that is kept about them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from services.intake import access
from services.intake.data_exports import store
from services.intake.data_exports.commands import request_at_desk
from services.intake.data_exports.pages import json_file, own_document, shown, zip_file
from services.intake.data_exports.queries import Entry, entries_of
from services.intake.data_exports.redaction import Person, folded, own_data
from services.intake.data_exports.rules import export_rules
from services.intake.data_exports.store import Export
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NAME, InvalidField, identity_number, person_name
from services.intake.filing.domain.identity_document import MAX_NUMBER, DocumentKind
from services.intake.foreign_access.domain import MAX_TEXT, AccessReason, checked_reason
from services.intake.foreign_access.guard import record
from services.intake.online.domain import InvalidFields
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.sign_in.domain import citizen_subject
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

ACTION = "data_export"
ASKS = "applicant_asks"
"""The reason for which dossiers of other desks are opened."""
MOST = 20
KINDS = tuple(one for one in DocumentKind if one is not DocumentKind.TAX_CODE)
"""Documents of people; an organisation has no personal data."""
LABELS = {
    "id_kind": ("Loại giấy tờ", "Kind of document"),
    "id_number": ("Số giấy tờ", "Number of the document"),
    "name": ("Họ tên", "Name"),
    "text": ("Yêu cầu của người dân", "What the visitor has asked for"),
    "checked": ("Đối chiếu giấy tờ", "Identity check"),
}

pages = page_blueprint("intake", __name__, "desk_data_export_pages")


@pages.get("/data-exports")
@roles("clerk", agency="record")
@audited
def ask() -> str:
    """The form, and what the clerk has made within the last hours."""
    _require_desk()
    return _page()


@pages.post("/data-exports")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def make() -> Response:
    """Makes the export; dossiers of other desks are recorded as opened, with the reason."""
    _require_desk()
    record_reading(ACTION, principal().agency)
    try:
        person, reason = _typed()
        made = once_per_form(lambda work: _make(work, person, reason))
    except InvalidFields as faults:
        problem = invalid_fields(faults.faults)
        return make_response(_page(problem), problem.status)
    return redirect_with_notice(url_for("desk_data_export_pages.show", export=made["id"]))


@pages.get("/data-exports/<export>")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def show(export: str) -> str:
    """All that is kept about the visitor, to be printed for them."""
    with context().store.read() as connection:
        found = _made(connection, export)
        document = own_document(connection, found)
    _record(document)
    return render_template(
        "intake/desk_data_export.html",
        caller=caller(principal()),
        notice=one_time_notice(),
        file=url_for("desk_data_export_pages.file", export=export),
        archive=url_for("desk_data_export_pages.archive", export=export),
        links={},
        **shown(document),
    )


@pages.get("/data-exports/<export>/data.zip")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def archive(export: str) -> Response:
    """The same with the files that the visitor has uploaded, for the visitor's own storage."""
    with context().store.read() as connection:
        document = own_document(connection, _made(connection, export))
    _record(document)
    return zip_file(document)


@pages.get("/data-exports/<export>/data.json")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def file(export: str) -> Response:
    """The same as a file, for the visitor's own storage."""
    with context().store.read() as connection:
        document = own_document(connection, _made(connection, export))
    _record(document)
    return json_file(document)


def _typed() -> tuple[Person, AccessReason]:
    """The visitor and their request.

    Raises:
        InvalidFields: all that is wrong.
    """
    form, faults = request.form, []
    number = kind = name = ""
    reason = None
    try:
        document = identity_number(form.get("id_number", ""), form.get("id_kind", ""))
        number, kind = document.number, str(document.kind)
        if document.kind not in KINDS:
            raise InvalidField("id_kind", "Chọn giấy tờ của cá nhân.", "Choose a person's document.")
    except InvalidField as fault:
        faults.append(fault)
    try:
        name = person_name(form.get("name", ""))
    except InvalidField as fault:
        faults.append(fault)
    try:
        reason = checked_reason(ASKS, form.get("text", ""))
    except InvalidField as fault:
        faults.append(fault)
    if form.get("checked") != "yes":
        faults.append(
            InvalidField(
                "checked",
                "Chỉ cung cấp sau khi đã đối chiếu bản chính giấy tờ tùy thân.",
                "Data are given only after the original document was compared.",
            )
        )
    if faults or reason is None:
        raise InvalidFields(faults)
    return Person(kind, number, citizen_subject(context().settings.hash_key, number), name), reason


def _make(work: UnitOfWork, person: Person, reason: AccessReason) -> dict[str, Any]:
    entries = entries_of(work.connection, person, work.now)
    known = next((name for entry in entries if (name := _name_if_same(entry, person))), "")
    if not known:
        raise InvalidFields(
            [
                InvalidField(
                    "name",
                    "Không có hồ sơ nào của người có họ tên và số giấy tờ này.",
                    "There is no dossier of a person with this name and number.",
                )
            ]
        )
    actor, here = principal(), context()
    for entry in entries:
        desk = entry.filed[0].receiving_agency
        if not access.works_at(actor, desk, here.reference.agencies, work.now.date()):
            record(work, entry.code, desk, reason)
    export = request_at_desk(work, replace(person, name=known), actor.subject, actor.agency, reason.text)
    return {"id": export.id}


def _name_if_same(entry: Entry, person: Person) -> str:
    """The name in a dossier, with its diacritics, if it is the one on the visitor's document; else nothing.

    A number that was mistyped must not open a stranger's data.
    """
    known = own_data(entry.filed[0], entry.part, person)["name"]
    return known if folded(known).split() == folded(person.name).split() else ""


def _require_desk() -> None:
    here = context()
    access.require(access.may_make_exports(principal(), here.reference.agencies, here.clock.now().date()))


def _made(connection: Connection, id: str) -> Export:
    """An export that the clerk has made.

    Raises:
        NotFound: there is none, or its time is over; also where somebody else has made it.
        shared.web.problem.Problem: 403, the caller works at no desk.
    """
    _require_desk()
    found = store.find(connection, id[:36])
    if found is None or found.kept_until <= context().clock.now():
        raise NotFound
    if not access.may_open_export(principal(), found.requested_by, found.desk):
        raise NotFound
    return found


def _record(document: dict[str, Any]) -> None:
    """Records the reading of each dossier, and of the export where it has none."""
    record_reading(ACTION, principal().agency)
    for one in document["dossiers"]:
        record_reading(ACTION, one["code"])


def _page(problem: Any = None) -> str:
    actor, here = principal(), context()
    record_reading(ACTION, actor.agency)
    now = here.clock.now()
    with here.store.read() as connection:
        made = [
            one
            for one in store.of_desk(connection, [actor.agency], MOST)
            if one.kept_until > now and access.may_open_export(actor, one.requested_by, one.desk)
        ]
    return render_template(
        "intake/desk_data_exports.html",
        caller=caller(actor),
        made=made,
        kinds=KINDS,
        labels=LABELS,
        limits={"id_number": MAX_NUMBER + 5, "name": MAX_NAME, "text": MAX_TEXT},
        rules=export_rules(now.date()),
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )
