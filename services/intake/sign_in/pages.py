"""The pages on which citizens sign in and out. Who they are is asked by the national-id provider, never here."""

from __future__ import annotations

import logging
from dataclasses import asdict

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.components import components
from services.intake.sign_in import store
from services.intake.sign_in.domain import IncompleteIdentity, citizen_of
from services.intake.sign_in.session import COOKIE, SIGN_IN, drop_session, keep_session, signed_in_citizen
from shared.openid import ProviderUnavailable, Request, SignInFailed
from shared.web.authorization import public
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.session_cookie import from_own_origin, local_path
from shared.web.views import context

log = logging.getLogger(__name__)

UNDER_WAY = "motcua_sign_in"
"""The cookie that keeps a sign-in under way in the browser that began it."""
FRONT = "/intake/mine"
MAX_ANSWER = 4000

pages = page_blueprint("intake", __name__, "citizen_session")


@pages.get("/online/sign-in")
@public
def sign_in() -> Response:
    """Says what signing in is for, and why the last try failed."""
    goal = local_path(request.args.get("next", ""), FRONT)
    if signed_in_citizen() is not None:
        return make_response(redirect(goal, 303))
    page = render_template(
        "intake/citizen_sign_in.html",
        goal=goal,
        failed=one_time_notice(),
        possible=bool(components().openid.settings.issuer),
    )
    return make_response(page)


@pages.get("/online/sign-in/start")
@public
def start() -> Response:
    """Sends the browser to the provider."""
    asked = Request.new()
    try:
        if not components().openid.settings.issuer:
            raise ProviderUnavailable("no provider is configured")
        place = components().openid.authorization_url(asked)
    except ProviderUnavailable as error:
        log.warning("citizens cannot sign in: %s", error)
        return redirect_with_notice(SIGN_IN, "unavailable")
    response = make_response(redirect(place, 303))
    goal = local_path(request.args.get("next", ""), FRONT)
    _keep_under_way(response, asdict(asked) | {"goal": goal})
    return response


@pages.get("/online/sign-in/callback")
@public
def callback() -> Response:
    """Where the provider sends the browser back: checks the answer and begins a session."""
    kept = carried(request, UNDER_WAY)
    answer = {name: value for name, value in request.args.items() if len(value) <= MAX_ANSWER}
    openid, here = components().openid, context()
    try:
        if "state" not in kept or not openid.settings.issuer:
            raise SignInFailed("this browser began no sign-in")
        asked = Request(kept["state"], kept.get("nonce", ""), kept.get("verifier", ""))
        claims = openid.claims(asked, answer)
        citizen = citizen_of(claims, openid.settings.id_claim, here.settings.hash_key)
    except (ProviderUnavailable, SignInFailed, IncompleteIdentity) as error:
        log.warning("a citizen could not sign in: %s: %s", type(error).__name__, error)
        return _dropped(redirect_with_notice(SIGN_IN, _reason(error, answer)))
    token = here.store.run(lambda work: store.begin_instead(work, citizen, request.cookies.get(COOKIE, "")))
    response = make_response(redirect(local_path(kept.get("goal", ""), FRONT), 303))
    keep_session(response, token)
    return _dropped(response)


@pages.post("/online/sign-out")
@public
def sign_out() -> Response:
    """Ends the session, here and in the browser."""
    token = request.cookies.get(COOKIE, "")
    if token and from_own_origin(request):
        context().store.run(lambda work: store.end(work, token))
    response = make_response(redirect(url_for("citizen_session.signed_out"), 303))
    drop_session(response)
    return response


@pages.get("/online/signed-out")
@public
def signed_out() -> str:
    """Says that the session has ended, and where to sign out of the provider too."""
    openid = components().openid
    return render_template(
        "intake/citizen_signed_out.html", provider=openid.end_session_url() if openid.settings.issuer else ""
    )


def _keep_under_way(response: Response, values: dict[str, str]) -> None:
    """As :func:`shared.web.carried_form.carry`, but ``Lax``: the browser comes back from another site."""
    secure = context().settings.public_url.startswith("https:")
    carry(response, UNDER_WAY, SIGN_IN, values, secure, same_site="Lax")


def _dropped(response: Response) -> Response:
    drop_carried(response, UNDER_WAY, SIGN_IN)
    return response


def _reason(error: Exception, answer: dict[str, str]) -> str:
    if isinstance(error, ProviderUnavailable):
        return "unavailable"
    if isinstance(error, IncompleteIdentity):
        return "incomplete"
    return "cancelled" if answer.get("error") == "access_denied" else "failed"
