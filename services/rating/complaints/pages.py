"""Officials' pages of complaints: work queues, and one complaint with what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from services.rating.complaints import handling, publishing, queries, store
from services.rating.complaints.access import STAFF, Access, NotYours
from services.rating.complaints.blueprint import pages
from services.rating.complaints.caller import caller, caller_access
from services.rating.complaints.domain import UnknownComplaint
from services.rating.complaints.labels import FIELDS
from services.rating.complaints.publishing import MayNamePersons
from services.rating.complaints.redaction import Finding
from services.rating.complaints.staff import assignable, colleagues, name_of
from services.rating.complaints.store import Complaint
from services.rating.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import confirm_scope, principal, roles, scope_checked
from shared.web.language import text
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

Form = MultiDict[str, str]
PAGE = 50
MAX_SHORT = 200


@pages.get("/complaint-handling")
@roles(*STAFF, agency="record")
@audited
def worklist() -> str:
    """The official's queues, and one of them as a list."""
    here = context()
    today, agencies = here.clock.now().astimezone(VIETNAM).date(), here.reference.agencies
    offset = _number(request.args.get("after", ""))
    scope_checked()  # the lists are limited to what concerns the official
    with here.store.read() as connection:
        access = caller_access(connection)
        known = queries.queues_of(access)
        wanted = request.args.get("queue", "")
        tiles = [(one, queries.count_queue(connection, agencies, access, one, today)) for one in known]
        first = next((one for one, count in tiles if count), known[0])
        queue = wanted if wanted in known else first
        rows = queries.list_queue(connection, agencies, access, queue, today, offset, PAGE + 1)
    record_reading("complaints", principal().agency)
    return render_template(
        "rating/complaints.html",
        caller=caller(),
        tiles=tiles,
        queue=queue,
        rows=rows[:PAGE],
        first=not offset,
        following=offset + PAGE if len(rows) > PAGE else 0,
        now=here.clock.now(),
    )


@pages.get("/complaint-handling/<code>")
@roles(*STAFF, agency="record")
@audited
def complaint(code: str) -> str:
    """One complaint: what was written, how it stands, and what the caller may do."""
    return _complaint_page(code)


@pages.post("/complaint-handling/<code>")
@roles(*STAFF, agency="record")
def act_on_complaint(code: str) -> Response:
    """Runs the action of the form's button. A form that is sent twice, or was made from an older state, changes nothing."""
    action = _ACTIONS.get(request.form.get("action", ""))
    if action is None:
        raise Problem(422, "invalid")

    def run(work: UnitOfWork) -> None:
        action(work, caller_access(work.connection), code, request.form)
        confirm_scope()

    try:
        with domain_errors_as_problems():
            context().store.run(run)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        if isinstance(problem.__cause__, MayNamePersons):
            return make_response(_complaint_page(code, findings=problem.__cause__.findings), problem.status)
        return make_response(_complaint_page(code, problem), problem.status)
    return redirect_with_notice(url_for("complaint_pages.worklist") if _left(code) else _place(code))


def _place(code: str) -> str:
    return url_for("complaint_pages.complaint", code=code)


def _left(code: str) -> bool:
    """Whether the caller may no longer read the complaint, such as after passing it on."""
    with context().store.read() as connection:
        found = store.find(connection, code)
        if found is None:
            return True
        try:
            caller_access(connection).require_may_read(found)
        except (UnknownComplaint, NotYours):
            return True
    return False


def _assign(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.assign(work, access, code, _revision(form), _short(form, "official"))


def _forward(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.forward(work, access, code, _revision(form), _short(form, "agency"), form.get("reason", ""))


def _name(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    official, is_leader = _short(form, "about_official"), bool(form.get("is_leader"))
    return handling.name_official(work, access, code, _revision(form), official, is_leader)


def _request_more(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.request_more(work, access, code, _revision(form), form.get("text", ""))


def _reject(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.reject(work, access, code, _revision(form), _short(form, "ground"), form.get("text", ""))


def _draft(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.draft_answer(work, access, code, _revision(form), form.get("text", ""))


def _send_back(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.send_back(work, access, code, _revision(form), form.get("reason", ""))


def _approve(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return handling.approve(work, access, code, _revision(form))


def _publish(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    question, answer = form.get("question", ""), form.get("public_answer", "")
    return publishing.publish(work, access, code, _revision(form), question, answer, bool(form.get("confirmed")))


_ACTIONS: Mapping[str, Callable[[UnitOfWork, Access, str, Form], object]] = {
    "assign": _assign,
    "forward": _forward,
    "name": _name,
    "request_more": _request_more,
    "reject": _reject,
    "draft": _draft,
    "send_back": _send_back,
    "approve": _approve,
    "publish": _publish,
}


def readable(code: str) -> tuple[Complaint, queries.ComplaintView]:
    """A complaint that the caller may read, with what belongs to it; the reading is recorded.

    Raises:
        Problem: 404 or 403.
    """
    here = context()
    with here.store.read() as connection, domain_errors_as_problems():
        found = store.find(connection, code)
        if found is None:
            raise UnknownComplaint(code)
        caller_access(connection).require_may_read(found)
        view = queries.complaint_view(connection, found, here.reference, here.clock.now())
    record_reading("complaint", found.code)
    return found, view


def _complaint_page(code: str, problem: Problem | None = None, findings: tuple[Finding, ...] = ()) -> str:
    """The page of a complaint, with a problem if an action failed.

    Raises:
        Problem: 404 or 403.
    """
    here = context()
    one, view = readable(code)
    now = here.clock.now()
    with here.store.read() as connection:
        access = caller_access(connection)
        known = _people(connection, access, one)
        subjects = {entry.official for entry in view.entries} | {entry.by for entry in view.entries} | view.named
        names = {subject: name_of(connection, subject) or subject for subject in subjects if subject}
    return render_template(
        "rating/complaint.html",
        caller=caller(),
        one=one,
        view=view,
        names=names,
        leads=access.leads(one),
        handles=access.handles(one) or access.leads(one),
        publishes=access.publishes(one),
        agencies=_agencies(one),
        problem=problem,
        findings=findings,
        labels={name: text(vi, en) for name, (vi, en) in FIELDS.items()},
        saved=just_saved(),
        now=now,
        **known,
    )


def _people(connection: Any, access: Access, one: Complaint) -> dict[str, Any]:
    """The officials to choose from, for a leader."""
    if not access.leads(one):
        return {"assignable": [], "nameable": []}
    here = context()
    agencies, today = here.reference.agencies, here.clock.now().astimezone(VIETNAM).date()
    return {
        "assignable": assignable(connection, agencies, one, today),
        "nameable": colleagues(connection, agencies.descendants(access.actor.agency, today), today),
    }


def _agencies(one: Complaint) -> list[tuple[str, str]]:
    here = context()
    today = here.clock.now().astimezone(VIETNAM).date()
    return [(each.code, each.name) for each in here.reference.agencies.all(today) if each.code != one.agency]


def _revision(form: Form) -> int:
    return _number(form.get("revision", ""))


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _short(form: Form, name: str) -> str:
    return form.get(name, "").strip()[:MAX_SHORT]
