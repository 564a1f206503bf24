"""The look-up's web pages: the form, and a dossier's progress. They hold the layout and style of intake's other pages too."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from services.intake.components import components
from services.intake.dossiers.domain import State
from services.intake.lookup.queries import WrongCodeOrSecret, find_by_secret, public_view
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.lookup.timeline import BADGES, timeline
from services.intake.problems import PROBLEMS
from shared.web.authorization import public
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.problem import Problem
from shared.web.views import context

MAX_TEXT = 200

pages = Blueprint(
    "lookup_pages",
    __name__,
    url_prefix="/intake",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)


@pages.get("/")
@public
def lookup_form() -> str:
    """The form for code and secret; a receipt's QR code fills in the code."""
    return _form_page(request.args.get("code", "")[:MAX_TEXT])


@pages.post("/")
@public
def look_up() -> Response:
    """A dossier's progress. The secret comes in the body, so it is in no address, log or browser history."""
    store, clock = context().store, context().clock
    code, secret = (request.form.get(name, "").strip()[:MAX_TEXT] for name in ("code", "secret"))
    try:
        with store.read() as connection:
            dossier = find_by_secret(connection, code, secret, context().settings.hash_key)
            view = public_view(connection, dossier, components().catalogue, context().reference, clock.now())
    except WrongCodeOrSecret as error:
        return _refusal(code, problem_for(PROBLEMS, _counted(error)))
    page = render_template(
        "intake/dossier.html",
        dossier=view,
        badge_kind=BADGES[State(view["state"])],
        steps=timeline(view),
    )
    return make_response(page)


def _counted(error: WrongCodeOrSecret) -> Exception:
    """Counts a wrong try; what the citizen is told."""
    try:
        count_wrong_try(context().store, error.code, client_address(), context().settings.hash_key)
    except TooManyTries as too_many:
        return too_many
    return error


def _form_page(code: str, problem: Problem | None = None) -> str:
    return render_template("intake/lookup.html", code=code, problem=problem)


def _refusal(code: str, problem: Problem) -> Response:
    response = make_response(_form_page(code, problem), problem.status)
    response.headers.extend(problem.headers)
    return response
