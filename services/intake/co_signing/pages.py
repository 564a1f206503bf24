"""The pages of co-signing: the owner names people and sees how each stands; each of them sees all of the draft, and agrees or declines."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.co_signing import commands
from services.intake.co_signing.commands import SharedDraft, shared_draft
from services.intake.co_signing.domain import BY, Consent, ConsentExpired, DraftChanged
from services.intake.components import components
from services.intake.filing.domain.applicant import InvalidField
from services.intake.online.domain import DELIVERIES, Step
from services.intake.online.pages import MAX_TEXT, load_form, step_page
from services.intake.online.rules import draft_rules
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.sign_in.session import citizen
from services.intake.uploads.pages import file_response
from shared.web.authorization import roles
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

pages = page_blueprint("intake", __name__, "co_signing_pages")


@pages.post("/online/drafts/<id>/people")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def add(id: str) -> Response:
    """Asks one more person, by their identity number; one who was asked is asked again."""
    me, typed = citizen(), request.form.get("id_number", "")[:MAX_TEXT]
    try:
        context().store.run(lambda work: commands.add_person(work, me, id, typed))
    except InvalidField as fault:
        problem = invalid_fields([fault])
        with context().store.read() as connection:
            return make_response(step_page(connection, load_form(connection, id), Step.OTHERS, problem), problem.status)
    return _to_others(id)


@pages.post("/online/drafts/<id>/people/<person>/remove")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def remove(id: str, person: str) -> Response:
    """Takes a person off the draft."""
    me = citizen()
    context().store.run(lambda work: commands.remove_person(work, me, id, person[:MAX_TEXT]))
    return _to_others(id)


@pages.get("/online/together/<draft>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def together(draft: str) -> str:
    """All that the draft says, read-only, for one who is asked to apply together with its owner."""
    return _page(*_shared(draft))


@pages.post("/online/together/<draft>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def answer(draft: str) -> Response:
    """Keeps the answer to exactly what the page showed."""
    me, agrees = citizen(), "agree" in request.form
    if agrees and request.form.get("confirmed") != "yes":
        fault = InvalidField("confirmed", "Vui lòng đánh dấu vào lời cam đoan.", "Please tick the declaration.")
        problem = invalid_fields([fault])
        return make_response(_page(*_shared(draft), problem), problem.status)
    seen = request.form.get("version", "")[:MAX_TEXT]
    try:
        context().store.run(
            lambda work: commands.answer(work, components().catalogue, me, draft[:MAX_TEXT], seen, agrees)
        )
    except (DraftChanged, ConsentExpired) as error:
        notice = "changed" if isinstance(error, DraftChanged) else "expired"
        return redirect_with_notice(url_for("co_signing_pages.together", draft=draft), notice)
    return redirect_with_notice(url_for("co_signing_pages.together", draft=draft), "agreed" if agrees else "declined")


@pages.get("/online/together/<draft>/files/<file>")
@roles("citizen", agency="record")
@domain_errors_as_problems()
def download(draft: str, file: str) -> Response:
    """A file of the draft, for one who is asked about it."""
    shared, _ = _shared(draft)
    found = next((one for one in shared.files if one.id == file), None)
    if found is None or not shared.ready:
        raise Problem(404, "not-found")
    return file_response(found.id, found.name)


def _shared(draft: str) -> tuple[SharedDraft, Consent]:
    me, here = citizen(), context()
    with here.store.read() as connection:
        return shared_draft(connection, components().catalogue, me, draft[:MAX_TEXT], here.clock)


def _page(shared: SharedDraft, consent: Consent, problem: Problem | None = None) -> str:
    now = context().clock.now()
    form = shared.form
    return render_template(
        "intake/together.html",
        citizen=citizen(),
        form=form,
        case=form.case(),
        answers=form.draft.answers,
        files=shared.files,
        ready=shared.ready,
        version=shared.version,
        standing=consent.standing(shared.version, now, draft_rules(now.date()).answer_days),
        deliveries=DELIVERIES,
        asked_by=consent.identity.get(BY, ""),
        others=shared.consents,
        notice=one_time_notice(),
        problem=problem,
    )


def _to_others(id: str) -> Response:
    return make_response(redirect(url_for("online_pages.show_step", id=id, step=Step.OTHERS), 303))
