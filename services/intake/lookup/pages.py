"""The look-up's web pages: the form, and a dossier's progress. They hold the layout and style of intake's other pages too."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.components import components
from services.intake.dossiers.domain import BADGES, Dossier, State
from services.intake.lookup.queries import WrongCodeOrSecret, find_by_secret, public_view
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.lookup.timeline import timeline
from services.intake.problems import PROBLEMS
from shared.web.authorization import public
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.problem import Problem
from shared.web.views import context

MAX_TEXT = 200
TRIED, PLACE = "motcua_lookup", "/intake/"
"""The cookie that carries a look-up over the redirect, and the path of the pages that read it."""

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
def lookup_form() -> Response:
    """The form for code and secret; a receipt's QR code fills in the code. After a look-up that failed it says why."""
    tried = carried(request, TRIED)
    problem = _problem_of(tried)
    code = request.args.get("code", tried.get("code", ""))[:MAX_TEXT]
    response = make_response(
        render_template("intake/lookup.html", code=code, problem=problem), problem.status if problem else 200
    )
    if problem:
        response.headers.extend(problem.headers)
    if tried:
        drop_carried(response, TRIED, PLACE)
    return response


@pages.post("/")
@public
def look_up() -> Response:
    """Looks a dossier up, and answers with a redirect to it or back to the form: Back and Reload ask nothing.

    Code and secret come in the body and are carried in a cookie, so they are in no address, log or browser history.
    """
    code, secret = (request.form.get(name, "").strip()[:MAX_TEXT] for name in ("code", "secret"))
    failed: dict[str, str] = {}
    try:
        with context().store.read() as connection:
            _find(connection, code, secret)
    except WrongCodeOrSecret as error:
        told = _counted(error)
        failed = {"code": code, "failed": str(told.seconds) if isinstance(told, TooManyTries) else "wrong"}
    response = make_response(redirect(url_for("lookup_pages.lookup_form" if failed else "lookup_pages.found"), 303))
    secure = context().settings.public_url.startswith("https:")
    carry(response, TRIED, PLACE, failed or {"code": code, "secret": secret}, secure)
    return response


@pages.get("/dossier")
@public
def found() -> Response:
    """A dossier's progress, for a browser that has just looked it up; code and secret are checked again, and wrong ones counted."""
    tried = carried(request, TRIED)
    back = make_response(redirect(url_for("lookup_pages.lookup_form"), 303))
    if "secret" not in tried:
        return back
    try:
        with context().store.read() as connection:
            dossier = _find(connection, tried.get("code", "")[:MAX_TEXT], tried["secret"][:MAX_TEXT])
            view = public_view(connection, dossier, components().catalogue, context().reference, context().clock.now())
    except WrongCodeOrSecret as error:
        _counted(error)
        return back
    page = render_template(
        "intake/dossier.html", dossier=view, badge_kind=BADGES[State(view["state"])], steps=timeline(view)
    )
    return make_response(page)


def _counted(error: WrongCodeOrSecret) -> WrongCodeOrSecret | TooManyTries:
    """Counts a wrong try; what the citizen is told."""
    try:
        count_wrong_try(context().store, error.code, client_address(), context().settings.hash_key)
    except TooManyTries as too_many:
        return too_many
    return error


def _find(connection: Connection, code: str, secret: str) -> Dossier:
    return find_by_secret(connection, code, secret, context().settings.hash_key)


def _problem_of(tried: Mapping[str, str]) -> Problem | None:
    """Why the look-up that a cookie tells of failed; None when it tells of none."""
    failed = tried.get("failed", "")
    if failed == "wrong":
        return problem_for(PROBLEMS, WrongCodeOrSecret(""))
    if failed.isascii() and failed.isdigit():
        return problem_for(PROBLEMS, TooManyTries(int(failed[:6])))
    return None
