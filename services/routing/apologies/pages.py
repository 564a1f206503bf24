"""Pages for apologies: a leader's list of letters to sign, one letter, and what its forms do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from services.routing.access import Access
from services.routing.api.blueprint import OFFICIALS
from services.routing.apologies import commands, queries, store
from services.routing.apologies.causes import apology_rules
from services.routing.apologies.domain import Letter
from services.routing.apologies.store import Apology
from services.routing.caller import caller, caller_access
from services.routing.pages.blueprint import pages
from services.routing.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.text.limits import NOTE
from shared.web.authorization import confirm_scope, principal, roles, scope_checked
from shared.web.language import text
from shared.web.one_time_notice import just_saved, one_time_notice, redirect_with_notice
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

Form = MultiDict[str, str]
PAGE = 50
MAX_ID, MAX_CAUSE, MAX_AGENCY, MAX_CURSOR = 36, 30, 50, 100
LABELS = {
    "cause": ("Nguyên nhân", "Cause"),
    "reason": ("Lý do", "Reason"),
    "new_due_at": ("Hẹn trả kết quả mới", "New date"),
    "agency": ("Cơ quan chịu trách nhiệm", "Responsible agency"),
}


@dataclass(frozen=True, slots=True)
class NotSigned:
    """A marked letter that could not be signed; `apology` is None where there is none of this id."""

    apology: Apology | None
    problem: Problem


@pages.get("/apologies")
@roles("leader", agency="record")
@audited
def apologies() -> str:
    """The letters that wait for the leader's signature, the longest lateness first."""
    return _list_page()


@pages.post("/apologies")
@roles("leader", agency="record")
def sign_marked() -> Response:
    """Signs the marked letters, each by itself: one that cannot be signed is named with its reason and does not stop the others."""
    scope_checked()  # each letter is checked by itself
    marked = list(dict.fromkeys(request.form.getlist("apology")))
    if not marked or len(marked) > PAGE:
        vi, en = f"Vui lòng chọn từ 1 đến {PAGE} văn bản.", f"Please mark 1 to {PAGE} letters."
        return make_response(_list_page(problem=_fault("", vi, en)), 422)
    try:
        missing = _letter(request.form, required=False)
    except Problem as problem:
        return make_response(_list_page(problem=problem, marked=marked), problem.status)
    failed = [one for id_ in marked if (one := _try_to_sign(id_[:MAX_ID], missing)) is not None]
    signed = len(marked) - len(failed)
    if not failed:
        return redirect_with_notice(url_for("pages.apologies"), str(signed))
    return make_response(_list_page(signed=signed, failed=failed))


def _try_to_sign(id_: str, missing: Letter) -> NotSigned | None:
    def run(work: UnitOfWork) -> None:
        commands.sign(work, caller_access(work.connection), id_, missing=missing)

    try:
        with domain_errors_as_problems():
            context().store.run(run)
    except Problem as problem:
        with context().store.read() as connection:
            found = store.find(connection, id_)
            known = found if found is not None and caller_access(connection).may_lead(found.agency) else None
        return NotSigned(known, problem)
    return None


@pages.get("/apologies/<id_>")
@roles(*OFFICIALS, agency="record")
@audited
def apology(id_: str) -> str:
    """One letter: what it says, who is responsible, and what its leader may do."""
    return _letter_page(id_)


@pages.post("/apologies/<id_>")
@roles("leader", agency="record")
def act_on_apology(id_: str) -> Response:
    """Runs the action of the form's button: keeps the draft, signs it, or makes another agency responsible."""
    action = _ACTIONS.get(request.form.get("action", ""))
    if action is None:
        raise Problem(422, "invalid")

    def run(work: UnitOfWork) -> None:
        action(work, caller_access(work.connection), id_, request.form)
        confirm_scope()

    try:
        with domain_errors_as_problems():
            context().store.run(run)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return make_response(_letter_page(id_, problem), problem.status)
    return redirect_with_notice(url_for("pages.apology", id_=id_))


def _save(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    return commands.edit(work, access, id_, _letter(form, required=False), _revision(form))


def _sign(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    kept = commands.edit(work, access, id_, _letter(form, required=True), _revision(form))
    return commands.sign(work, access, id_, kept.revision)


def _change_agency(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    agency, reason = _text(form, "agency", MAX_AGENCY), _text(form, "reason")
    return commands.change_agency(work, access, id_, agency, reason, _revision(form))


_ACTIONS: Mapping[str, Callable[[UnitOfWork, Access, str, Form], object]] = {
    "save": _save,
    "sign": _sign,
    "agency": _change_agency,
}


def _list_page(
    problem: Problem | None = None,
    signed: int | None = None,
    failed: Sequence[NotSigned] = (),
    marked: Sequence[str] = (),
) -> str:
    here = context()
    cursor = request.args.get("cursor", "")[:MAX_CURSOR]
    scope_checked()  # the list is limited to the agencies that the leader leads
    with here.store.read() as connection:
        page = queries.waiting_page(connection, caller_access(connection), cursor, PAGE)
    record_reading("apologies", principal().agency)
    return render_template(
        "routing/apologies.html",
        caller=caller().official,
        page=page,
        first=not cursor,
        marked=set(marked),
        causes=_causes(),
        labels=_labels(),
        problem=problem,
        signed=_just_signed() if signed is None else signed,
        failed=failed,
        now=here.clock.now(),
    )


def _letter_page(id_: str, problem: Problem | None = None) -> str:
    """The page of a letter, with a problem if an action failed.

    Raises:
        Problem: 404 or 403.
    """
    here = context()
    now = here.clock.now()
    with here.store.read() as connection, domain_errors_as_problems():
        found = commands.find_apology(connection, id_)
        view = queries.apology_view(connection, found)
        access = caller_access(connection)
        access.require_may_read_dossier(view.dossier)
        leads = access.may_lead(found.agency)
        others = commands.agencies_taking_part(connection, found)
    record_reading("apology", found.dossier)
    agencies = here.reference.agencies
    return render_template(
        "routing/apology.html",
        caller=caller().official,
        view=view,
        one=found,
        leads=leads,
        agencies=[(code, agencies.name_of(code, now.date())) for code in others],
        causes=_causes(),
        labels=_labels(),
        suggested=queries.suggested_date(here.reference, view.dossier, now),
        problem=problem,
        saved=just_saved(),
        now=now,
    )


def _letter(form: Form, *, required: bool) -> Letter:
    """What a form says of a letter.

    Raises:
        Problem: 422, a field is too long or no moment; or missing, if `required`.
    """
    typed = form.get("new_due_at", "").strip()
    try:
        new_due_at = datetime.fromisoformat(typed).replace(tzinfo=VIETNAM, second=0, microsecond=0) if typed else None
    except ValueError as error:
        raise _fault("new_due_at", "Thời điểm không hợp lệ.", "Not a date and time.") from error
    letter = Letter(_text(form, "cause", MAX_CAUSE), _text(form, "reason"), new_due_at)
    if required and not letter.cause:
        raise _fault("cause", "Chưa chọn nguyên nhân.", "Choose the cause.")
    return letter


def _revision(form: Form) -> int:
    typed = form.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _text(form: Form, name: str, longest: int = NOTE) -> str:
    typed = form.get(name, "").strip()
    if len(typed) > longest:
        raise _fault(name, f"Dài quá {longest} ký tự.", f"Longer than {longest} characters.")
    return typed


def _causes() -> list[tuple[str, str]]:
    return [(one.id, text(one.vi, one.en)) for one in apology_rules().causes]


def _labels() -> dict[str, str]:
    return {name: text(vi, en) for name, (vi, en) in LABELS.items()}


def _just_signed() -> int | None:
    notice = one_time_notice()
    return int(notice) if notice.isascii() and notice.isdigit() else None


def _fault(field: str, vi: str, en: str) -> Problem:
    fault: FieldError = {"field": field, "message": vi, "message_en": en}
    return Problem(422, "invalid", errors=[fault])
