"""The pages of filing online: what the citizen has under way, and one page for each step of a draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.applications.store import find_submission
from services.intake.co_signing import store as consents
from services.intake.co_signing.domain import Consent, NotAllAgreed, Standing, version_of
from services.intake.components import components
from services.intake.filing.domain.applicant import MAX_ADDRESS, MAX_EMAIL, InvalidField
from services.intake.filing.domain.desk import ONE_STOP_DESK, NotADesk, open_desk
from services.intake.filing.domain.fee_reductions import ONLINE, fees_by_channel, online_reduction
from services.intake.filing.preference_choices import channel_choices, language_choices
from services.intake.online import commands, store
from services.intake.online.domain import (
    DELIVERIES,
    Answers,
    Form,
    Incomplete,
    InvalidFields,
    Step,
    with_case,
    with_contact,
    with_delivery,
    with_linked,
)
from services.intake.online.rules import draft_rules
from services.intake.problem_parts import invalid_fields, unknown_procedure
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from services.intake.procedures.queries import limit_text, procedure_list
from services.intake.sign_in.session import citizen
from services.intake.uploads.store import rows as uploads
from shared.agencies import Agency
from shared.uploads.upload import State, StillChecking
from shared.web.authorization import roles
from shared.web.domain_errors import problem_for
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_TEXT = 200
FOUND = 20
LIMITS = {"phone": 50, "email": MAX_EMAIL, "address": MAX_ADDRESS}
LABELS = {
    "case": ("Trường hợp", "Case"),
    "chosen": ("Thủ tục liên thông", "Linked procedures"),
    "desk": ("Bộ phận Một cửa", "One-stop desk"),
    "phone": ("Số điện thoại", "Phone"),
    "email": ("Thư điện tử", "Email"),
    "address": ("Địa chỉ", "Address"),
    "channels": ("Nhận tin báo về hồ sơ bằng", "Messages about the dossier by"),
    "language": ("Ngôn ngữ của tin báo", "Language of messages"),
    "id_number": ("Số định danh", "Identity number"),
    "others": ("Người cùng đứng tên", "People who apply with you"),
    "papers": ("Giấy tờ", "Papers"),
    "delivery": ("Cách nhận kết quả", "How to receive the result"),
    "delivery_address": ("Địa chỉ nhận kết quả", "Address for the result"),
    "confirmed": ("Lời cam đoan", "Declaration"),
}

pages = page_blueprint("intake", __name__, "online_pages")


@pages.get("/online")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def front() -> Response:
    """Leads to all that the citizen has: drafts, what was filed, and the way to begin."""
    citizen()
    return make_response(redirect(url_for("mine_pages.mine"), 303))


@pages.get("/online/procedures")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def choose_procedure() -> str:
    """Search for the procedure to file for."""
    me, text = citizen(), request.args.get("q", "").strip()[:MAX_TEXT]
    with context().store.read() as connection:
        today = context().clock.now().date()
        found = procedure_list(connection, components().catalogue, today, text, limit=FOUND)
    return render_template("intake/online_procedures.html", citizen=me, q=text, found=found)


@pages.post("/online/drafts")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def begin() -> Response:
    """Begins a draft and goes to its first step."""
    me, code = citizen(), request.form.get("procedure", "")[:MAX_TEXT]
    draft = context().store.run(lambda work: commands.begin_draft(work, components(), me, code))
    return make_response(redirect(url_for("online_pages.resume", id=draft.id), 303))


@pages.get("/online/drafts/<id>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def resume(id: str) -> Response:
    """Goes to the first step that is not complete, on whichever device."""
    with context().store.read() as connection:
        form = load_form(connection, id)
    if form.draft.submitted_at is not None:
        return make_response(redirect(url_for("online_pages.submitted", id=id), 303))
    return _to_step(id, form.first_open())


@pages.get("/online/drafts/<id>/<step>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def show_step(id: str, step: str) -> Response:
    """One step with what was answered so far."""
    with context().store.read() as connection:
        form = load_form(connection, id)
        asked = _step(step)
        if form.draft.submitted_at is not None or not form.may_open(asked):
            return make_response(redirect(url_for("online_pages.resume", id=id), 303))
        return make_response(step_page(connection, form, asked))


@pages.post("/online/drafts/<id>/<step>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def save_step(id: str, step: str) -> Response:
    """Keeps what was answered and goes on; what is wrong is shown beside what was typed, and nothing is kept."""
    asked, me = _step(step), citizen()
    with context().store.read() as connection:
        form = load_form(connection, id)
        if form.draft.submitted_at is not None or not form.may_open(asked):
            return make_response(redirect(url_for("online_pages.resume", id=id), 303))
        try:
            if asked is Step.PAPERS:
                uploads.check_scanned(connection, form.draft.id)
            change = _change(form, asked)
        except StillChecking as error:
            problem = problem_for(PROBLEMS, error)
            return make_response(step_page(connection, form, asked, problem), problem.status)
        except (InvalidField, InvalidFields) as error:
            problem = invalid_fields(error.faults if isinstance(error, InvalidFields) else [error])
            return make_response(step_page(connection, form, asked, problem), problem.status)
    if asked is Step.CHECK:
        return _submit(form)
    context().store.run(lambda work: commands.save_answers(work, me, id, change))
    with context().store.read() as connection:
        return _to_step(id, load_form(connection, id).after(asked))


@pages.get("/online/drafts/<id>/delete")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def ask_delete(id: str) -> str:
    """Asks whether to delete a draft."""
    with context().store.read() as connection:
        form = load_form(connection, id)
    return render_template("intake/online_delete.html", citizen=citizen(), form=form)


@pages.post("/online/drafts/<id>/delete")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def delete(id: str) -> Response:
    """Deletes a draft with its files."""
    me = citizen()
    context().store.run(lambda work: commands.delete_draft(work, me, id))
    return make_response(redirect(url_for("mine_pages.mine"), 303))


@pages.get("/online/drafts/<id>/submitted")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def submitted(id: str) -> Response:
    """The code and the secret of what was submitted, and what happens next; asking again shows the same."""
    me, here = citizen(), context()
    with here.store.read() as connection:
        form = load_form(connection, id)
        known = find_submission(connection, id)
    if form.draft.submitted_at is None or known is None:
        return make_response(redirect(url_for("online_pages.resume", id=id), 303))
    receipt = here.store.run(lambda work: commands.submit_draft(work, components(), me, id))
    page = render_template(
        "intake/online_submitted.html", citizen=me, receipt=receipt, phone=known.applicant_phone, form=form
    )
    return make_response(page)


def load_form(connection: Connection, id: str) -> Form:
    """A draft of the signed-in citizen with its procedure and its papers.

    Raises:
        UnknownDraft: the citizen has no such draft.
        Problem: 404, its procedure is no longer in force.
    """
    draft = store.get(connection, citizen().subject, id[:MAX_TEXT])
    found = components().catalogue.current(connection, draft.procedure, context().clock.now().date())
    if found is None:
        raise unknown_procedure()
    present = frozenset(file.paper for file in uploads.of_draft(connection, draft.id))
    return Form(draft, found[1], present, found[1].field in draft_rules(context().clock.now().date()).together)


def _submit(form: Form) -> Response:
    me, id = citizen(), form.draft.id
    try:
        context().store.run(lambda work: commands.submit_draft(work, components(), me, id))
    except Incomplete as error:
        return _to_step(id, error.step)
    except StillChecking:
        return _to_step(id, Step.PAPERS)
    except NotAllAgreed:
        vi, en = (
            "Chưa đủ người cùng đứng tên đồng ý với hồ sơ này.",
            "Not everybody who applies with you has agreed yet.",
        )
        problem = invalid_fields([InvalidField("others", vi, en)])
        with context().store.read() as connection:
            return make_response(step_page(connection, form, Step.CHECK, problem), problem.status)
    return make_response(redirect(url_for("online_pages.submitted", id=id), 303))


def _step(name: str) -> Step:
    try:
        return Step(name)
    except ValueError as error:
        raise Problem(404, "not-found") from error


def _to_step(id: str, step: Step) -> Response:
    return make_response(redirect(url_for("online_pages.show_step", id=id, step=step), 303))


def _change(form: Form, step: Step) -> Callable[[Answers], Answers]:
    """What a page's form changes in the answers.

    Raises:
        InvalidField, InvalidFields: something is missing or not valid.
    """
    given = request.form
    change = _CHANGES[step]
    change(form, given, form.draft.answers)  # found out now; applied to what is kept by then
    return lambda answers: change(form, given, answers)


def _desk_chosen(form: Form, given: Any, answers: Answers) -> Answers:
    here = context()
    try:
        desk = open_desk(here.reference.agencies, given.get("desk", ""), here.clock.now().date())
    except NotADesk as error:
        raise InvalidField("desk", "Vui lòng chọn nơi nộp hồ sơ.", "Choose where to file.") from error
    case = form.case()
    remote = bool(case and case.remote_extra_days and given.get("remote") == "yes")
    return answers.answered(Step.DESK, desk=desk.code, remote=remote)


def _contact_given(form: Form, given: Any, answers: Answers) -> Answers:
    me = citizen()
    return with_contact(answers, me.name, me.id_number, me.id_kind, given)


def _papers_given(form: Form, given: Any, answers: Answers) -> Answers:
    if missing := form.missing_papers():
        raise InvalidFields(
            [InvalidField("papers", f"Chưa có: {one.name}.", f"Still missing: {one.name}.") for one in missing]
        )
    return answers.answered(Step.PAPERS)


def _confirmed(form: Form, given: Any, answers: Answers) -> Answers:
    if given.get("confirmed") != "yes":
        raise InvalidField("confirmed", "Vui lòng đánh dấu vào lời cam đoan.", "Please tick the declaration.")
    return answers


_CHANGES: dict[Step, Callable[[Form, Any, Answers], Answers]] = {
    Step.CASE: lambda form, given, answers: with_case(answers, form.procedure, given.get("case", "")),
    Step.LINKED: lambda form, given, answers: with_linked(answers, form.procedure, given.getlist("chosen")),
    Step.DESK: _desk_chosen,
    Step.APPLICANT: _contact_given,
    Step.OTHERS: lambda form, given, answers: answers.answered(Step.OTHERS),
    Step.PAPERS: _papers_given,
    Step.RESULT: lambda form, given, answers: with_delivery(
        answers, given.get("delivery", ""), given.get("delivery_address", "")
    ),
    Step.FEE: lambda form, given, answers: answers.answered(Step.FEE),
    Step.CHECK: _confirmed,
}


def _desks() -> list[Agency]:
    here = context()
    found = (one for one in here.reference.agencies.all(here.clock.now().date()) if ONE_STOP_DESK in one.roles)
    return sorted(found, key=lambda one: one.name)


def people_of(connection: Connection, form: Form) -> list[tuple[Consent, Standing]]:
    """Those who are asked to apply together with the owner of a draft, and how each stands."""
    here = context()
    now = here.clock.now()
    asked = consents.of_draft(connection, form.draft.id)
    found = components().catalogue.current(connection, form.procedure.code, now.date())
    if not asked or found is None:
        return []
    files = uploads.of_draft(connection, form.draft.id)
    version = version_of(form, found[0], files, [one.person for one in asked])
    days = draft_rules(now.date()).answer_days
    return [(one, one.standing(version, now, days)) for one in asked]


def step_page(connection: Connection, form: Form, step: Step, problem: Problem | None = None) -> str:
    """A step of a draft, with what was answered so far and, if there is one, the problem."""
    case, steps, today = form.case(), form.steps(), context().clock.now().date()
    files = uploads.shown_of_draft(connection, form.draft.id)
    limit = None
    if case is not None:
        chosen = form.draft.answers.chosen
        linked = form.procedure.linked is not None and form.complete(Step.LINKED)
        limit = limit_text(form.procedure.limit_for(case.code, chosen) if linked else case.limit)
    return render_template(
        f"intake/online_{step}.html",
        citizen=citizen(),
        form=form,
        answers=form.draft.answers,
        case=case,
        step=step,
        number=steps.index(step) + 1,
        total=len(steps),
        back=form.before(step),
        problem=problem,
        labels=LABELS,
        limits=LIMITS,
        desks=_desks() if step in (Step.DESK, Step.CHECK) else [],
        deliveries=DELIVERIES,
        told_by=channel_choices(),
        languages=language_choices(),
        files=[one for one in files if one.state is State.KEPT],
        checking={one.paper for one in files if one.state is State.CHECKING},
        fees=fees_by_channel(form.procedure.fee_items(case.code), form.procedure.field, ONLINE, today) if case else (),
        reduction=online_reduction(form.procedure.field, today),
        limit=limit,
        people=people_of(connection, form) if step in (Step.OTHERS, Step.CHECK) else [],
        answer_days=draft_rules(context().clock.now().date()).answer_days,
    )
