"""The look-up's web pages: the form, and a dossier's progress. They hold the layout and style of intake's other pages too."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.applications.queries import open_application, public_application
from services.intake.components import components
from services.intake.dossiers.domain import BADGES, Dossier, State, may_follow
from services.intake.filing.domain.dossier_code import normalise_code
from services.intake.lookup.queries import WrongCodeOrSecret, find_by_secret, find_filed_by_secret, public_view
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.lookup.timeline import timeline
from services.intake.payments.providers.configured import can_pay_from_home
from services.intake.problems import PROBLEMS
from services.intake.results.delivery import chose_post, may_choose_delivery
from services.intake.results.queries import hand_over_view
from shared.web.authorization import public
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.one_time_notice import one_time_notice
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
        told = counted(error)
        failed = {"code": code, "failed": str(told.seconds) if isinstance(told, TooManyTries) else "wrong"}
    response = make_response(redirect(url_for("lookup_pages.lookup_form" if failed else "lookup_pages.found"), 303))
    secure = context().settings.public_url.startswith("https:")
    carry(response, TRIED, PLACE, failed or {"code": code, "secret": secret}, secure)
    return response


def back_to_form() -> Response:
    """The redirect to the look-up form."""
    return make_response(redirect(url_for("lookup_pages.lookup_form"), 303))


def opened(connection: Connection) -> Dossier | None:
    """The dossier that the browser has just looked up; code and secret are checked again. None without a look-up.

    Raises:
        WrongCodeOrSecret: they do not fit (any more); the caller counts it by :func:`counted`.
    """
    tried = carried(request, TRIED)
    if "secret" not in tried:
        return None
    code, secret = tried.get("code", "")[:MAX_TEXT], tried["secret"][:MAX_TEXT]
    return find_by_secret(connection, code, secret, context().settings.hash_key)


def opened_application(connection: Connection) -> Application | None:
    """The application that the browser has just looked up, as long as it is no dossier; None without one."""
    tried = carried(request, TRIED)
    if "secret" not in tried:
        return None
    code, secret = normalise_code(tried.get("code", "")[:MAX_TEXT]), tried["secret"][:MAX_TEXT]
    return open_application(connection, code, secret, context().settings.hash_key)


@pages.get("/dossier")
@public
def found() -> Response:
    """A dossier's progress, for a browser that has just looked it up; code and secret are checked again, and wrong ones counted."""
    here = context()
    try:
        with here.store.read() as connection:
            application = opened_application(connection)
            if application is not None:
                return make_response(_application(connection, application))
            dossier = opened(connection)
            if dossier is None:
                return back_to_form()
            view = public_view(connection, dossier, components().catalogue, here.reference, here.clock.now())
            returned = hand_over_view(connection, dossier.code)
            by_post = chose_post(connection, dossier.code)
    except WrongCodeOrSecret as error:
        counted(error)
        return back_to_form()
    page = render_template(
        "intake/dossier.html",
        dossier=view,
        badge_kind=BADGES[State(view["state"])],
        steps=timeline(view),
        hand_over=returned,
        by_post=by_post,
        address_known=bool(dossier.applicant_address),
        may_withdraw=may_follow(dossier.state, State.WITHDRAWAL_REQUESTED),
        may_choose=may_choose_delivery(dossier.state),
        pays_online=can_pay_from_home(here),
        notice=one_time_notice(),
    )
    return make_response(page)


def counted(error: WrongCodeOrSecret) -> WrongCodeOrSecret | TooManyTries:
    """Counts a wrong try; what the citizen is told."""
    try:
        count_wrong_try(context().store, error.code, client_address(), context().settings.hash_key)
    except TooManyTries as too_many:
        return too_many
    return error


def _find(connection: Connection, code: str, secret: str) -> Dossier | Application:
    return find_filed_by_secret(connection, code, secret, context().settings.hash_key)


def _application(connection: Connection, application: Application) -> str:
    """The page of an application that is not received, or was refused."""
    here = context()
    view = public_application(connection, application, components().catalogue, here.reference, here.clock.now())
    badge_kind = BADGES[State(view["state"])]
    return render_template("intake/application_status.html", application=view, badge_kind=badge_kind)


def _problem_of(tried: Mapping[str, str]) -> Problem | None:
    """Why the look-up that a cookie tells of failed; None when it tells of none."""
    failed = tried.get("failed", "")
    if failed == "wrong":
        return problem_for(PROBLEMS, WrongCodeOrSecret(""))
    if failed.isascii() and failed.isdigit():
        return problem_for(PROBLEMS, TooManyTries(int(failed[:6])))
    return None
