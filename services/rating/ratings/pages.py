"""The rating pages: the form behind the link in the invitation message, and a page to type in the code.

The token is in the path of `/rating/r/<token>`, because a citizen must be able to tap a link. Log lines and metrics name the route's
template, never the path, and the pages send no referrer. So this side records the token nowhere; it can be used once and reveals
nothing about the citizen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as WerkzeugResponse

from services.rating.access import require_not_about, require_token_holder
from services.rating.invitations.domain import ALPHABET, TOKEN_LENGTH, normalise_token, token_hash
from services.rating.invitations.store import find_invitation
from services.rating.problems import domain_errors_as_problems
from services.rating.ratings.answers import answers_of
from services.rating.ratings.api import limit_body, submit
from services.rating.ratings.domain import AT_A_KIOSK, ON_THE_WEB, Form
from services.rating.ratings.form import form_of_version, rating_form
from services.rating.ratings.limits import counted
from services.rating.ratings.schemas import RatingSchema
from services.rating.scores.labels import COURTESY_LABELS
from shared.web.authorization import public, visitor
from shared.web.field_errors import errors_of
from shared.web.kiosk_visit import current_visit, keep_visit
from shared.web.pages import MAX_SHOWN_AGAIN
from shared.web.problem import FieldError, Problem
from shared.web.views import context

STATIC = Path(__file__).parent / "static"
STYLES_VERSION = sha256((STATIC / "rating.css").read_bytes()).hexdigest()[:12]
TOKEN = re.compile(f"[{ALPHABET}]{{{TOKEN_LENGTH}}}")
WRONG_CODE: FieldError = {
    "field": "code",
    "message": f"Mã gồm {TOKEN_LENGTH} chữ và số, ở cuối liên kết trong tin nhắn.",
    "message_en": f"The code has {TOKEN_LENGTH} letters and digits.",
}

pages = Blueprint(
    "pages",
    __name__,
    url_prefix="/rating",
    template_folder="templates",
    static_folder=STATIC,
    static_url_path="/assets",
)
pages.before_request(limit_body)
schema = RatingSchema()


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return {"visit": current_visit()}


@pages.app_context_processor
def _of_all_pages() -> dict[str, Any]:
    return {"page_styles_version": STYLES_VERSION}


@pages.before_request
def _only_this_visit() -> WerkzeugResponse | None:
    """At a kiosk, leads the form of somebody who was there before to the kiosk's first page."""
    visit, token = current_visit(), (request.view_args or {}).get("token", "")
    return redirect(visit.start, 303) if visit and token and not visit.may_rate(token) else None


@pages.after_request
def _keep_visit(response: Response) -> Response:
    visit = current_visit()
    return response if visit is None else keep_visit(response, visit)


@pages.get("/")
@public
def enter() -> str:
    """The page to type in the code."""
    return render_template("rating/enter.html", code="", errors=[])


@pages.post("/")
@public
def enter_code() -> WerkzeugResponse:
    """Redirects to the form of the code that was typed in."""
    typed = request.form.get("code", "")
    token = normalise_token(urlsplit(typed.strip()).path.rpartition("/")[2])  # the code, or the whole link
    if not TOKEN.fullmatch(token):
        return make_response(render_template("rating/enter.html", code=typed[:100], errors=[WRONG_CODE]), 422)
    if visit := current_visit():
        g.motcua_visit = visit.rates(token)
    return redirect(url_for("pages.show_form", token=token), 303)


@pages.get("/r/<token>")
@public
def show_form(token: str) -> Response:
    """The form, if the invitation is open."""
    return _form(token, {}, [], 200)


@pages.post("/r/<token>")
@public
def submit_form(token: str) -> WerkzeugResponse:
    """Submits the filled form as a rating."""
    typed = {name: text[:MAX_SHOWN_AGAIN] for name, text in request.form.items()}
    try:
        body = schema.load({"token": token, **answers_of(request.form, _form_of(token))})
    except ValidationError as error:
        return _form(token, typed, Problem(422, "invalid", errors=errors_of(error)).errors, 422)
    channel = AT_A_KIOSK if current_visit() else ON_THE_WEB
    try:
        context().store.run(lambda work: submit(work, body, channel))
    except Problem as problem:
        return _form(token, typed, problem.errors, 422) if problem.status == 422 else _closed(problem, token)
    return redirect(url_for("pages.thanks"), 303)


@pages.get("/thanks")
@public
def thanks() -> str:
    """Thanks the citizen; shows nothing about the rating."""
    return render_template("rating/thanks.html")


def _form_of(token: str) -> Form:
    """The form by which the dossier of a token is rated; the newest where the token opens nothing, which is told later."""
    here = context()
    with here.store.read() as connection:
        invitation = find_invitation(connection, token_hash(token, here.settings.hash_key))
    return rating_form() if invitation is None else form_of_version(invitation.form)


def _form(token: str, filled: Mapping[str, str], errors: list[FieldError], status: int) -> Response:
    here = context()
    try:
        with here.store.read() as connection, domain_errors_as_problems():
            invitation = require_token_holder(connection, token, here.settings.hash_key, here.clock.now())
            require_not_about(connection, visitor(), invitation.dossier)
    except Problem as problem:
        return _closed(problem, token)
    page = render_template(
        "rating/form.html",
        invitation=invitation,
        form=form_of_version(invitation.form),
        courtesies=COURTESY_LABELS,
        filled=filled,
        errors=errors,
    )
    return make_response(page, status)


def _closed(problem: Problem, token: str) -> Response:
    told = counted(problem, token)
    response = make_response(render_template("rating/closed.html", problem=told), told.status)
    response.headers.extend(told.headers)
    return response
