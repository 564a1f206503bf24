"""The pages on which the province's centre edits a draft of a procedure, sees what it changes, and publishes it."""

from __future__ import annotations

import secrets
from typing import Any

import orjson
from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake import access
from services.intake.components import components
from services.intake.dossiers.pages import caller
from services.intake.problem_parts import unknown_procedure
from services.intake.procedure_drafts import store
from services.intake.procedure_drafts.commands import checked, drop_draft, publish_draft, save_draft
from services.intake.procedure_drafts.domain import NEW_PAPERS, StaleDraft, changed, field_values
from services.intake.procedure_drafts.faults import field_labels, field_of, in_vietnamese
from services.intake.procedures import store as published
from services.intake.procedures.changes import changes
from services.intake.procedures.queries import case_view
from shared.catalogue import Procedure
from shared.data_files import DataError, Fault
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.pages import page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.views import context

pages = page_blueprint("intake", __name__, "procedure_draft_pages")


@pages.get("/procedures/<code>/draft")
@roles("leader", agency="record")
def edit(code: str) -> str:
    """The form of the draft, or of the newest version where there is no draft yet."""
    _require_editor()
    draft, newest = _read(code)
    data = orjson.loads(draft.definition) if draft else newest
    return _form(code, data, field_values(data), draft.number if draft else 0)


@pages.post("/procedures/<code>/draft")
@roles("leader", agency="record")
def save(code: str) -> Response:
    """Saves the draft if it is valid; otherwise the form is shown again, with all that was typed."""
    _require_editor()
    draft, newest = _read(code)
    data = orjson.loads(draft.definition) if draft else newest
    form, number = request.form.to_dict(), _number()
    here = context()
    with here.store.read() as connection:
        others = [one for _, one in components().catalogue.all(connection, here.clock.now().date())]
    try:
        definition = checked(changed(data, form), others)
        here.store.run(lambda work: save_draft(work, code, definition, number, principal().subject))
    except DataError as error:
        faults = [_fault(fault, changed(data, form), form) for fault in error.faults]
        problem = Problem(422, "invalid", errors=faults)
    except StaleDraft:
        problem = _stale()
    else:
        return make_response(redirect(url_for("procedure_draft_pages.preview", code=code), 303))
    return make_response(_form(code, data, field_values(data) | form, number, problem), problem.status)


@pages.get("/procedures/<code>/draft/preview")
@roles("leader", agency="record")
def preview(code: str) -> Response:
    """What the draft changes, and the procedure as citizens will see it."""
    _require_editor()
    draft, newest = _read(code)
    if draft is None:
        return make_response(redirect(url_for("procedure_draft_pages.edit", code=code), 303))
    return make_response(_preview(draft, newest))


@pages.post("/procedures/<code>/draft/preview")
@roles("leader", agency="record")
def decide(code: str) -> Response:
    """Publishes the draft, or drops it."""
    _require_editor()
    number, drops = _number(), "drop" in request.form

    def effect(work: UnitOfWork) -> dict[str, Any]:
        if drops:
            drop_draft(work, code, number)
            return {"version": 0}
        return {"version": publish_draft(work, code, number, principal().subject)}

    try:
        done = once_per_form(effect)
    except StaleDraft:
        draft, newest = _read(code)
        problem = _stale()
        if draft is None:
            raise problem from None
        return make_response(_preview(draft, newest, problem), problem.status)
    place = "procedure_pages.versions" if done["version"] else "procedure_pages.procedure"
    return make_response(redirect(url_for(place, code=code), 303))


def _fault(fault: Fault, definition: dict[str, Any], form: dict[str, str]) -> FieldError:
    """A fault of the definition as that of the form's field; one that the form cannot mend names its place in the data."""
    place = fault.position.partition(".")[2]
    name = field_of(place, definition, form)
    vietnamese = in_vietnamese(fault.message)
    if name:
        return {"field": name, "message": vietnamese, "message_en": fault.message}
    return {"field": "", "message": f"{place}: {vietnamese}", "message_en": f"{place}: {fault.message}"}


def _require_editor() -> None:
    here = context()
    access.require(access.may_edit_procedures(principal(), here.reference.agencies, here.clock.now().date()))


def _read(code: str) -> tuple[store.Draft | None, dict[str, Any]]:
    """The draft, and the newest version that is published."""
    with context().store.read() as connection:
        versions = published.versions_of(connection, code)
        if not versions:
            raise unknown_procedure()
        return store.get(connection, code), orjson.loads(versions[0].definition)


def _number() -> int:
    text = request.form.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _stale() -> Problem:
    return Problem(
        409,
        "conflict",
        detail="Bản dự thảo hoặc thủ tục đã được người khác thay đổi. Vui lòng mở lại trang để xem bản mới nhất.",
        detail_en="Somebody else has changed the draft or the procedure. Please open the page again to see the newest one.",
    )


def _form(code: str, data: dict[str, Any], values: dict[str, str], number: int, problem: Problem | None = None) -> str:
    return render_template(
        "intake/procedure_draft.html",
        caller=caller(principal()),
        code=code,
        data=data,
        values=values,
        number=number,
        new_papers=NEW_PAPERS,
        labels=field_labels(data),
        problem=problem,
    )


def _preview(draft: store.Draft, newest: dict[str, Any], problem: Problem | None = None) -> str:
    data = orjson.loads(draft.definition)
    procedure = Procedure.from_dict(data)
    return render_template(
        "intake/procedure_draft_preview.html",
        caller=caller(principal()),
        draft=draft,
        procedure=procedure,
        lines=list(changes(newest, data)),
        cases=[case_view(procedure, case) for case in procedure.cases],
        form_key=secrets.token_urlsafe(),
        problem=problem,
        today=context().clock.now().date(),
    )
