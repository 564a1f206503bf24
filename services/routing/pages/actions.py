"""Forms that change something. Each ends with a redirection, so that going back or reloading repeats nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from services.routing.access import (
    caller,
    known_dossier,
    known_task,
    require_doer,
    require_giver,
    require_leader_of,
    require_one_of,
    require_reader,
    require_receiver,
)
from services.routing.api.blueprint import OFFICIALS
from services.routing.commands import claim, closure, correct, extend, hand_over, supplements
from services.routing.commands import complete as completing
from services.routing.pages.blueprint import pages
from services.routing.pages.views import dossier_page, queue_page, task_page
from services.routing.problems import domain_errors_as_problems
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import confirm_scope, principal, roles, scope_checked
from shared.web.problem import Problem
from shared.web.views import context

Form = MultiDict[str, str]
Action = Callable[[UnitOfWork, str, Form], Any]
MAX_NOTE = 2000
MAX_BULK = 100


@pages.post("/tasks/<task_id>")
@roles(*OFFICIALS, agency="record")
def act_on_task(task_id: str) -> Response:
    """Does what the form's button says with a step."""
    return _acted(_TASK_ACTIONS, task_id, task_page, f"/routing/tasks/{task_id}")


@pages.post("/dossiers/<code>")
@roles(*OFFICIALS, agency="record")
def act_on_dossier(code: str) -> Response:
    """Does what the form's button says with a dossier as a whole."""
    return _acted(_DOSSIER_ACTIONS, code, dossier_page, f"/routing/dossiers/{code}")


@pages.post("/")
@roles(*OFFICIALS, agency="record")
def complete_marked() -> str:
    """Completes the steps that were marked in a list; those that cannot be done are named, the others are done."""
    marked = sorted(set(request.form.getlist("task")))[:MAX_BULK]

    def complete(work: UnitOfWork) -> list[str]:
        problems = []
        for id_ in marked:
            try:
                with domain_errors_as_problems(), work.savepoint():
                    _complete(work, id_, MultiDict({"outcome": completing.DONE}))
            except Problem as problem:
                task = known_task(work.connection, id_)
                problems.append(f"{task.root}, {task.name}: {problem.detail or problem.title}")
        return problems

    problems = context().store.run(complete)
    scope_checked()
    return queue_page(len(marked) - len(problems), tuple(problems))


def _acted(actions: Mapping[str, Action], key: str, page: Callable[[str, Problem | None], str], place: str) -> Response:
    """Does what the button says; what a rule forbids is said on the page that the form stood on."""
    action = actions.get(request.form.get("action", ""))
    if action is None:
        raise Problem(422, "invalid")
    try:
        with domain_errors_as_problems():
            context().store.run(lambda work: _checked(action, work, key, request.form))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return make_response(page(key, problem), problem.status)
    return make_response(redirect(f"{place}?saved=1", 303))


def _checked(action: Action, work: UnitOfWork, key: str, form: Form) -> None:
    action(work, key, form)
    confirm_scope()


def _complete(work: UnitOfWork, id_: str, form: Form) -> Task:
    task = _doer(work, id_)
    amount = _amount(form.get("amount", ""))
    claim.require_claimed_by(work, task, caller())
    return completing.complete_task(work, id_, form.get("outcome", ""), _note(form), amount, principal().subject)


def _supplement(work: UnitOfWork, id_: str, form: Form) -> Task:
    claim.require_claimed_by(work, _doer(work, id_), caller())
    papers = [line.strip()[:500] for line in form.get("papers", "").splitlines() if line.strip()]
    return supplements.request_supplement(work, id_, _text(form, "reason"), papers, principal().subject)


def _refuse(work: UnitOfWork, id_: str, form: Form) -> Task:
    claim.require_claimed_by(work, _doer(work, id_), caller())
    return closure.refuse_dossier(work, id_, _text(form, "reason"), _text(form, "document"), principal().subject)


def _claim(work: UnitOfWork, id_: str, _form: Form) -> Task:
    require_receiver(known_task(work.connection, id_))
    return claim.claim(work, id_, caller())


def _release(work: UnitOfWork, id_: str, _form: Form) -> Task:
    require_receiver(known_task(work.connection, id_))
    return claim.release(work, id_, caller())


def _accept(work: UnitOfWork, id_: str, _form: Form) -> Task:
    require_receiver(known_task(work.connection, id_))
    return hand_over.accept(work, id_, principal().subject)


def _return(work: UnitOfWork, id_: str, form: Form) -> Task:
    require_receiver(known_task(work.connection, id_))
    return hand_over.refuse(work, id_, _text(form, "reason"), principal().subject)


def _resend(work: UnitOfWork, id_: str, form: Form) -> Task:
    require_giver(known_task(work.connection, id_))
    return hand_over.resend(work, id_, _text(form, "note"), principal().subject)


def _assign(work: UnitOfWork, id_: str, form: Form) -> Task:
    require_leader_of(known_task(work.connection, id_).agency)
    return claim.reassign(work, id_, form.get("official", ""), _text(form, "reason"), caller())


def _remark(work: UnitOfWork, id_: str, form: Form) -> Task:
    require_reader(work.connection, known_task(work.connection, id_))
    text = _text(form, "note")
    if not text:
        raise _fault("note", "Chưa có nội dung ghi chú.", "The remark is empty.")
    return claim.remark(work, id_, text, principal().subject)


def _extend(work: UnitOfWork, code: str, form: Form) -> None:
    require_leader_of(known_dossier(work.connection, code).handling_agency)
    try:
        new_due_at = datetime.fromisoformat(form.get("new_due_at", "")).replace(tzinfo=VIETNAM)
    except ValueError as error:
        raise _fault("new_due_at", "Chưa chọn thời điểm hẹn lại.", "A new appointment is needed.") from error
    extend.extend_dossier(work, code, new_due_at, _text(form, "reason"), principal().subject)


def _stop(work: UnitOfWork, code: str, form: Form) -> None:
    require_leader_of(known_dossier(work.connection, code).handling_agency)
    closure.stop_dossier(work, code, _text(form, "reason"), principal().subject)


def _correct(work: UnitOfWork, code: str, form: Form) -> None:
    dossier = known_dossier(work.connection, code)
    require_one_of([dossier.receiving_agency, dossier.handling_agency])
    reason = _text(form, "reason")
    if not reason:
        raise _fault("reason", "Phải nêu sai sót.", "The error must be named.")
    correct.correct_result(work, code, reason, True, principal().subject)


_TASK_ACTIONS: Mapping[str, Action] = {
    "complete": _complete,
    "supplement": _supplement,
    "refuse": _refuse,
    "claim": _claim,
    "release": _release,
    "accept": _accept,
    "return": _return,
    "resend": _resend,
    "assign": _assign,
    "note": _remark,
}
_DOSSIER_ACTIONS: Mapping[str, Action] = {
    "extend": _extend,
    "stop": _stop,
    "correct": _correct,
}


def _doer(work: UnitOfWork, id_: str) -> Task:
    task = known_task(work.connection, id_)
    require_doer(work.connection, task)
    return task


def _text(form: Form, name: str) -> str:
    return form.get(name, "").strip()[:MAX_NOTE]


def _note(form: Form) -> str:
    return _text(form, "note")


def _amount(text: str) -> int | None:
    """An amount as people type it: 12.500.000; None when the field is empty."""
    digits = text.replace(".", "").replace(",", "").replace(" ", "").removesuffix("đ").removesuffix("₫")
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise _fault("amount", "Số tiền không hợp lệ.", "Not an amount of money.")
    return int(digits)


def _fault(field: str, vi: str, en: str) -> Problem:
    return Problem(422, "invalid", errors=[{"field": field, "message": vi, "message_en": en}])
