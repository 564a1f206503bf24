"""The look-up's web pages: the form, and a dossier's progress. They hold the layout and style of intake's other pages too."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from services.intake.components import components
from services.intake.dossiers.domain import State
from services.intake.lookup.queries import WrongCodeOrSecret, find_by_secret, public_view
from services.intake.lookup.throttle import TooManyTries, record_failure
from services.intake.lookup.timeline import BADGES, timeline
from services.intake.problems import PROBLEMS
from shared.web.authorization import public
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
            dossier = find_by_secret(connection, code, secret, context().settings.hash_key, clock.wall())
            view = public_view(connection, dossier, components().catalogue, context().reference, clock.now())
    except WrongCodeOrSecret as error:
        record_failure(store, error.code)
        return _refusal(code, problem_for(PROBLEMS, error))
    except TooManyTries as error:
        return _refusal(code, problem_for(PROBLEMS, error))
    page = render_template(
        "intake/dossier.html",
        dossier=view,
        badge_kind=BADGES[State(view["state"])],
        steps=timeline(view),
    )
    return make_response(page)


def _form_page(code: str, problem: Problem | None = None) -> str:
    return render_template("intake/lookup.html", code=code, problem=problem)


def _refusal(code: str, problem: Problem) -> Response:
    response = make_response(_form_page(code, problem), problem.status)
    response.headers.extend(problem.headers)
    return response
