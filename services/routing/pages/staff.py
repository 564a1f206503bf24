"""The leader's page about the agency's staff: officials, absences, duties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from services.routing.caller import caller, caller_access
from services.routing.domain.absence import Absence
from services.routing.domain.duty_roster import Duty
from services.routing.domain.step_permissions import Official
from services.routing.dossier.jurisdiction import day_of
from services.routing.pages.blueprint import pages
from services.routing.problems import domain_errors_as_problems
from services.routing.staff import commands, officials, store
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.language import text
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.problem import Problem
from shared.web.role_names import ROLE_NAMES
from shared.web.views import context

Form = MultiDict[str, str]
ROLES = ("officer", "clerk", "leader")
MAX_TEXT = 200


@pages.get("/people")
@roles("leader", agency="record")
def staff() -> str:
    """Shows the agency's officials, absences and duties."""
    _require_manager()
    return _page()


@pages.post("/people")
@roles("leader", agency="record")
def change_staff() -> Response:
    """Runs the action of the form's button."""
    _require_manager()
    action = _ACTIONS.get(request.form.get("action", ""))
    if action is None:
        raise Problem(422, "invalid")
    try:
        with domain_errors_as_problems():
            context().store.run(lambda work: action(work, request.form))
    except Problem as problem:
        return make_response(_page(problem), problem.status)
    return redirect_with_notice("/routing/people")


def _require_manager() -> None:
    """Refuses a leader of an agency that does not exist today.

    Raises:
        Problem: 403.
    """
    with context().store.read() as connection, domain_errors_as_problems():
        caller_access(connection).require_may_manage_staff(principal().agency)


def _page(problem: Problem | None = None) -> str:
    here, agency = context(), principal().agency
    today = day_of(here.clock.now())
    with here.store.read() as connection:
        staff_list = officials.of_agency(connection, agency)
        away = store.absences_of(connection, agency, today)
        duties = store.duties_of_agency(connection, agency, today)
    centres = [one for one in here.reference.agencies.all(today) if "one_stop_desk" in one.roles]
    role_names = {role: text(*ROLE_NAMES[role]) for role in ROLES}
    return render_template(
        "routing/people.html",
        officials=list(staff_list.values()),
        away=away,
        duties=duties,
        centres=[(centre.code, centre.name) for centre in centres],
        roles=list(role_names.items()),
        role_names=role_names,
        today=today,
        caller=caller().official,
        problem=problem,
        saved=just_saved(),
    )


def _enter_official(work: UnitOfWork, form: Form) -> None:
    subject, role = _text(form, "subject"), _text(form, "role")
    if not subject or role not in ROLES:
        raise _fault("subject", "Chưa nhập mã cán bộ.", "The identifier is missing.")
    commands.enter_official(work, Official(subject, principal().agency, role))


def _drop_official(work: UnitOfWork, form: Form) -> None:
    officials.drop(work.connection, _text(form, "subject"), principal().agency)


def _enter_absence(work: UnitOfWork, form: Form) -> None:
    absence = Absence(_text(form, "absent"), _day(form, "first_day"), _day(form, "last_day"), _text(form, "deputy"))
    commands.enter_absence(work, principal().agency, absence, principal().subject)


def _drop_absence(work: UnitOfWork, form: Form) -> None:
    store.drop_absence(work.connection, _text(form, "id"), principal().agency)


def _enter_duty(work: UnitOfWork, form: Form) -> None:
    duty = Duty(_text(form, "on_duty"), principal().agency, _text(form, "centre"), _day(form, "day"))
    commands.enter_duty(work, duty, principal().subject)


def _drop_duty(work: UnitOfWork, form: Form) -> None:
    store.drop_duty(work.connection, principal().agency, _text(form, "centre"), _day(form, "day"))


_ACTIONS: Mapping[str, Callable[[UnitOfWork, Form], None]] = {
    "official": _enter_official,
    "drop-official": _drop_official,
    "absence": _enter_absence,
    "drop-absence": _drop_absence,
    "duty": _enter_duty,
    "drop-duty": _drop_duty,
}


def _text(form: Form, name: str) -> str:
    text = form.get(name, "").strip()
    if len(text) > MAX_TEXT:
        raise _fault(name, f"Dài quá {MAX_TEXT} ký tự.", f"Longer than {MAX_TEXT} characters.")
    return text


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError as error:
        raise _fault(name, "Chưa chọn ngày.", "A day is needed.") from error


def _fault(field: str, vi: str, en: str) -> Problem:
    return Problem(422, "invalid", errors=[{"field": field, "message": vi, "message_en": en}])
