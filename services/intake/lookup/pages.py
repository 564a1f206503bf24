"""The look-up's web pages: the form, and a dossier's progress. They hold the layout and style of intake's other pages too."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.applications.domain import TRANSITIONS, Application, Status
from services.intake.applications.queries import public_application
from services.intake.components import components
from services.intake.dossiers.domain import BADGES, Dossier, State, may_follow
from services.intake.lookup.opened import MAX_TEXT, PLACE, TRIED, back_to_form, counted, opened_filed
from services.intake.lookup.queries import WrongCodeOrSecret, find_filed_by_secret, public_view
from services.intake.lookup.throttle import TooManyTries
from services.intake.lookup.timeline import timeline
from services.intake.mine.domain import Part
from services.intake.payments.providers.configured import can_pay_from_home
from services.intake.problems import PROBLEMS
from services.intake.results.delivery import chose_post, may_choose_delivery
from services.intake.results.files import readable_file
from services.intake.results.parcels import parcels_of
from services.intake.results.queries import hand_over_view
from shared.web.authorization import public
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.domain_errors import problem_for
from shared.web.one_time_notice import one_time_notice
from shared.web.problem import Problem
from shared.web.views import context

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


@pages.get("/dossier")
@public
def found() -> Response:
    """The progress of what the browser has opened; code and secret, or the sign-in, are checked again, and wrong ones counted."""
    try:
        with context().store.read() as connection:
            filed = opened_filed(connection)
            if filed is None:
                return back_to_form()
            return make_response(filed_page(connection, filed, g.get("intake_part")))
    except WrongCodeOrSecret as error:
        counted(error)
        return back_to_form()


def filed_page(connection: Connection, filed: Dossier | Application, part: Part | None) -> str:
    """The page of a dossier, or of an application that is not received, and what the citizen can do.

    Args:
        connection: any.
        filed: as read.
        part: that of the signed-in person who has opened it; None for the holder of its secret.
    """
    acts = part is None or part.acts
    if isinstance(filed, Application):
        return _application(connection, filed, part, acts)
    here = context()
    view = public_view(connection, filed, components().catalogue, here.reference, here.clock.now())
    return render_template(
        "intake/dossier.html",
        dossier=view,
        badge_kind=BADGES[State(view["state"])],
        steps=timeline(view),
        hand_over=hand_over_view(connection, filed.code),
        by_post=chose_post(connection, filed.code),
        parcels=parcels_of(connection, filed.code),
        result=readable_file(connection, filed) if acts else None,
        address_known=bool(filed.applicant_address),
        may_withdraw=acts and may_follow(filed.state, State.WITHDRAWAL_REQUESTED),
        may_choose=acts and may_choose_delivery(filed.state),
        pays_online=can_pay_from_home(here),
        part=part,
        notice=one_time_notice(),
    )


def _find(connection: Connection, code: str, secret: str) -> Dossier | Application:
    return find_filed_by_secret(connection, code, secret, context().settings.hash_key)


def _application(connection: Connection, application: Application, part: Part | None, acts: bool) -> str:
    here = context()
    view = public_application(connection, application, components().catalogue, here.reference, here.clock.now())
    return render_template(
        "intake/application_status.html",
        application=view,
        parcels=parcels_of(connection, application.code),
        badge_kind=BADGES[State(view["state"])],
        may_withdraw=acts and Status.WITHDRAWN in TRANSITIONS[application.status],
        part=part,
        notice=one_time_notice(),
    )


def _problem_of(tried: Mapping[str, str]) -> Problem | None:
    """Why the look-up that a cookie tells of failed; None when it tells of none."""
    failed = tried.get("failed", "")
    if failed == "wrong":
        return problem_for(PROBLEMS, WrongCodeOrSecret(""))
    if failed.isascii() and failed.isdigit():
        return problem_for(PROBLEMS, TooManyTries(int(failed[:6])))
    return None
