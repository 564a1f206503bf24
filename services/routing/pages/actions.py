"""Forms that change something. Each ends with a redirect, so that reloading the page does not repeat it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Response, make_response, request
from werkzeug.datastructures import MultiDict

from services.routing.access import Access
from services.routing.api.blueprint import OFFICIALS
from services.routing.caller import caller_access
from services.routing.commands import authorised
from services.routing.pages.blueprint import pages
from services.routing.pages.confirmation import TO_CONFIRM, confirmation_page, tried
from services.routing.pages.views import dossier_page, task_page
from services.routing.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.text.limits import ASKED_PAPERS, NOTE, PAPER
from shared.web.authorization import confirm_scope, roles
from shared.web.one_time_notice import redirect_with_notice
from shared.web.problem import Problem
from shared.web.views import context

Form = MultiDict[str, str]
Action = Callable[[UnitOfWork, Access, str, Form], object]
MAX_OUTCOME, MAX_DOCUMENT, MAX_OFFICIAL = 50, 100, 200


@pages.post("/tasks/<task_id>")
@roles(*OFFICIALS, agency="record")
def act_on_task(task_id: str) -> Response:
    """Runs the action of the form's button on a step."""
    return _acted(_TASK_ACTIONS, task_id, task_page, f"/routing/tasks/{task_id}")


@pages.post("/dossiers/<code>")
@roles(*OFFICIALS, agency="record")
def act_on_dossier(code: str) -> Response:
    """Runs the action of the form's button on a dossier as a whole."""
    return _acted(_DOSSIER_ACTIONS, code, dossier_page, f"/routing/dossiers/{code}")


def _acted(actions: Mapping[str, Action], key: str, page: Callable[[str, Problem | None], str], place: str) -> Response:
    """Runs the action of the form's button; an error is shown on the page that has the form.

    An action that cannot be undone is first tried without effect, and what it would do is shown for confirmation.
    """
    name = request.form.get("action", "")
    action = actions.get(name)
    if action is None:
        raise Problem(422, "invalid")
    to_confirm = name in TO_CONFIRM and request.form.get("confirmed") != "1"
    try:
        with domain_errors_as_problems():
            if to_confirm:
                tried(lambda work: _checked(action, work, key, request.form))
            else:
                context().store.run(lambda work: _checked(action, work, key, request.form))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return make_response(page(key, problem), problem.status)
    if to_confirm:
        return make_response(confirmation_page(name, key, place))
    return redirect_with_notice(place)


def _checked(action: Action, work: UnitOfWork, key: str, form: Form) -> None:
    action(work, caller_access(work.connection), key, form)
    confirm_scope()


def _complete(work: UnitOfWork, access: Access, id_: str, form: Form) -> None:
    amount = _amount(form.get("amount", ""))
    authorised.complete_task(work, access, id_, _text(form, "outcome", MAX_OUTCOME), _text(form, "note"), amount)


def _supplement(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    papers = [line.strip() for line in form.get("papers", "").splitlines() if line.strip()]
    if len(papers) > ASKED_PAPERS:
        raise _fault("papers", f"Yêu cầu tối đa {ASKED_PAPERS} giấy tờ.", f"At most {ASKED_PAPERS} papers.")
    for paper in papers:
        _require_short(paper, "papers", PAPER)
    return authorised.request_supplement(work, access, id_, _text(form, "reason"), papers)


def _refuse(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    return authorised.refuse_dossier(work, access, id_, _text(form, "reason"), _text(form, "document", MAX_DOCUMENT))


def _claim(work: UnitOfWork, access: Access, id_: str, _form: Form) -> object:
    return authorised.claim(work, access, id_)


def _release(work: UnitOfWork, access: Access, id_: str, _form: Form) -> object:
    return authorised.release(work, access, id_)


def _accept(work: UnitOfWork, access: Access, id_: str, _form: Form) -> object:
    return authorised.accept_hand_over(work, access, id_)


def _return(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    return authorised.refuse_hand_over(work, access, id_, _text(form, "reason"))


def _resend(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    return authorised.resend(work, access, id_, _text(form, "note"))


def _assign(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    return authorised.reassign(work, access, id_, _text(form, "official", MAX_OFFICIAL), _text(form, "reason"))


def _add_note(work: UnitOfWork, access: Access, id_: str, form: Form) -> object:
    text = _text(form, "note")
    if not text:
        raise _fault("note", "Chưa có nội dung ghi chú.", "The remark is empty.")
    return authorised.add_note(work, access, id_, text)


def _extend(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    try:
        new_due_at = datetime.fromisoformat(form.get("new_due_at", "")).replace(tzinfo=VIETNAM)
    except ValueError as error:
        raise _fault("new_due_at", "Chưa chọn thời điểm hẹn lại.", "A new appointment is needed.") from error
    return authorised.extend_dossier(work, access, code, new_due_at, _text(form, "reason"))


def _stop(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    return authorised.stop_dossier(work, access, code, _text(form, "reason"))


def _correct(work: UnitOfWork, access: Access, code: str, form: Form) -> object:
    reason = _text(form, "reason")
    if not reason:
        raise _fault("reason", "Phải nêu sai sót.", "The error must be named.")
    return authorised.correct_result(work, access, code, reason, own_error=True)


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
    "note": _add_note,
}
_DOSSIER_ACTIONS: Mapping[str, Action] = {
    "extend": _extend,
    "stop": _stop,
    "correct": _correct,
}


def _text(form: Form, name: str, longest: int = NOTE) -> str:
    """A field of the form, with the limits of the API; a text that is too long is refused, not cut."""
    text = form.get(name, "").strip()
    _require_short(text, name, longest)
    return text


def _require_short(text: str, name: str, longest: int) -> None:
    if len(text) > longest:
        raise _fault(name, f"Dài quá {longest} ký tự.", f"Longer than {longest} characters.")


def _amount(text: str) -> int | None:
    """An amount of VND as people type it, such as 12.500.000; None when the field is empty."""
    digits = text.replace(".", "").replace(",", "").replace(" ", "").removesuffix("đ").removesuffix("₫")
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise _fault("amount", "Số tiền không hợp lệ.", "Not an amount of money.")
    return int(digits)


def _fault(field: str, vi: str, en: str) -> Problem:
    return Problem(422, "invalid", errors=[{"field": field, "message": vi, "message_en": en}])
