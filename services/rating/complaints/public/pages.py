"""The pages on which anybody files a complaint, on the web and at kiosks, and the one that tells code and secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.rating.complaints.attachments import commands as attachments
from services.rating.complaints.attachments.store import rows
from services.rating.complaints.domain import Channel, Fault, NewComplaint, OtherComplaint, Redirected, Unacceptable
from services.rating.complaints.entry_rules import LARGEST, addressable, central_desk, entry_rules
from services.rating.complaints.lodging import checked
from services.rating.complaints.public.commands import file_complaint
from services.rating.complaints.public.faults import LABELS, invalid
from services.rating.complaints.public.forms import form_id, new_form, redirected, typed_complaint
from services.rating.complaints.public.opened import of_opened_complaint, open_in_browser, opened
from services.rating.complaints.public.throttle import count_filing
from services.rating.complaints.rules import complaint_rules
from services.rating.complaints.store import Complaint
from services.rating.components import components
from services.rating.problems import PROBLEMS, domain_errors_as_problems
from shared.catalogue import FIELDS
from shared.storage import StorageUnavailable
from shared.uploads.upload import Upload
from shared.web.authorization import public
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.input_bounds import accepts_uploads
from shared.web.kept_file import storage_unavailable
from shared.web.kiosk_visit import current_visit, keep_visit
from shared.web.language import language
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

FORM_BYTES = 128 * 1024
PREFILLED = ("dossier", "procedure", "agency", "field")
"""What a link to the form may bring."""
MAX_TEXT = 100

pages = page_blueprint("rating", __name__, "feedback_pages")


@pages.after_request
def keep_kiosk_visit(response: Response) -> Response:
    """At a kiosk, the visit lasts."""
    visit = current_visit()
    return response if visit is None else keep_visit(response, visit)


@pages.get("/feedback/new")
@public
def new_complaint() -> str:
    """The form; a link may bring the dossier, procedure, agency or field that it is about."""
    given = {name: request.args.get(name, "")[:MAX_TEXT] for name in PREFILLED}
    return _form(new_form(), given)


@pages.post("/feedback/new")
@public
@accepts_uploads(LARGEST + FORM_BYTES)
def file_form() -> Response:
    """Keeps the files that come with the form, and lodges the complaint. Whatever is wrong, nothing that was typed or uploaded is lost."""
    form = request.form
    id = form_id(form.get("id", ""))
    typed = {**form, "id": id}
    if taken := form.get("remove", ""):
        attachments.take_out(context().store, id, taken)
    faults = keep_given_files(id)
    if taken or form.get("do") == "add":
        return _again(id, typed, faults)
    if elsewhere := redirected(form):
        return make_response(_form(id, typed, elsewhere=elsewhere), 422)
    visit = current_visit()
    channel = Channel.KIOSK if visit else Channel.WEB
    try:
        new = typed_complaint(typed, channel, language(), visit.desk if visit else _central())
    except Unacceptable as error:
        return _again(id, typed, [*error.faults, *faults])
    return _lodge(id, typed, new, faults)


@pages.get("/feedback/lodged")
@public
@of_opened_complaint
def lodged(complaint: Complaint) -> str:
    """Code and secret of what was just filed, and when the answer is due; to be noted or printed."""
    _, secret = opened()
    reached = bool(complaint.phone or complaint.email)
    return render_template("rating/feedback/lodged.html", complaint=complaint, secret=secret, reached=reached)


def keep_given_files(id: str) -> list[Fault]:
    """Keeps the files of the current request for a complaint; says what is wrong with others.

    Args:
        id: of the complaint, or of the form that becomes one.

    Raises:
        Problem: 503, the storage does not answer.
    """
    here = context()
    given: list[tuple[str, IO[bytes]]] = [
        (one.filename, one.stream) for one in request.files.getlist(attachments.FIELD) if one.filename
    ]
    if not given:
        return []
    rules = entry_rules(here.clock.now().date())
    try:
        return attachments.keep_files(here.store, components().storage, components().scanner, id, given, rules)
    except StorageUnavailable as error:
        raise storage_unavailable(error) from error


def unsent(id: str) -> list[Upload]:
    """The files that were uploaded with a form that is not sent."""
    with context().store.read() as connection:
        return attachments.unsent_files(rows.shown_of_draft(connection, id))


def _lodge(id: str, typed: Mapping[str, str], new: NewComplaint, faults: Sequence[Fault]) -> Response:
    here = context()
    now = here.clock.now()
    try:
        if faults:
            checked(new, complaint_rules(now.date()), now)
            raise Unacceptable
        with domain_errors_as_problems():
            count_filing(here.store, client_address(), here.settings.hash_key, entry_rules(now.date()))
        found = here.store.run(lambda work: file_complaint(work, new))
    except Unacceptable as error:
        return _again(id, typed, [*error.faults, *faults])
    except OtherComplaint as error:  # sent, and then changed by going back: the next press sends it as another one
        return _again(new_form(), typed, [], problem_for(PROBLEMS, error))
    except Problem as problem:
        return _again(id, typed, [], problem)
    return open_in_browser(make_response(redirect(url_for("feedback_pages.lodged"), 303)), found.code, found.secret)


def _again(id: str, typed: Mapping[str, str], faults: Sequence[Fault], problem: Problem | None = None) -> Response:
    problem = problem or (invalid(faults) if faults else None)
    response = make_response(_form(id, typed, problem), problem.status if problem else 200)
    response.headers.extend(problem.headers if problem else {})
    return response


def _form(
    id: str, typed: Mapping[str, str], problem: Problem | None = None, elsewhere: Redirected | None = None
) -> str:
    here = context()
    today = here.clock.now().date()
    rules, agencies = complaint_rules(today), addressable(here.reference.agencies, today)
    return render_template(
        "rating/feedback/new.html",
        id=id,
        given=typed,
        problem=problem,
        labels=LABELS,
        files=unsent(id),
        rules=rules,
        limits=entry_rules(today),
        agencies=[(one.code, one.name, "vi") for one in agencies],
        fields=[(code, name, "vi") for code, name in FIELDS.items()],
        elsewhere=next((one for one in rules.redirected if one.kind == elsewhere), None),
    )


def _central() -> str:
    here = context()
    return central_desk(here.reference.agencies, here.clock.now().date())


def frame() -> dict[str, Any]:
    """What the layout of these pages needs."""
    return {"visit": current_visit()}


pages.context_processor(frame)
