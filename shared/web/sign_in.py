"""Signing in with a browser: people paste an access token. In a demonstration they may choose a role and an agency instead."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request

from shared.auth import InvalidToken, Principal, issue_token
from shared.runtime.context import Context
from shared.web.admission.request_kinds import vital
from shared.web.authorization import access_control, public
from shared.web.current_context import context
from shared.web.language import text
from shared.web.own_host import own_browser
from shared.web.problem import Problem
from shared.web.role_names import ROLE_NAMES
from shared.web.session_cookie import cross_site, drop_token, from_own_origin, keep_token, local_path

HOURS = 8
DEMO_ROLES = ("clerk", "officer", "leader", "auditor")


def sign_in_pages(service: str) -> Blueprint:
    """The pages ``/<service>/sign-in`` and ``/<service>/sign-out``.

    Args:
        service: the service that shows them; the cookie is valid for all services of the host.
    """
    pages = Blueprint("session", __name__, url_prefix=f"/{service}")

    @pages.get("/sign-in")
    @vital
    @public
    def sign_in_form() -> str:
        """The form for an access token."""
        return _form(_goal(""), None)

    @pages.post("/sign-in")
    @vital
    @public
    def sign_in() -> Response:
        """Puts the access token into a cookie that only pages read."""
        if not from_own_origin(request):
            raise cross_site()
        here = context()
        try:
            token = _demo_token(here) or "".join(request.form.get("token", "").split())
            principal = access_control().verify(token)
        except InvalidToken as error:
            problem = Problem(401, "unauthenticated", "Không đăng nhập được", "Not signed in", detail_en=str(error))
            return make_response(_form(_goal(""), problem), problem.status)
        response = make_response(redirect(_goal(_start_page(service, principal)), 303))
        keep_token(response, token, HOURS * 3600, here.settings.public_url.startswith("https:"))
        return response

    @pages.post("/sign-out")
    @public
    def sign_out() -> Response:
        """Deletes the cookie."""
        response = make_response(redirect(f"/{service}/sign-in", 303))
        drop_token(response)
        return response

    return pages


def _goal(otherwise: str) -> str:
    """Where the browser wanted to go, if that is a path of this host."""
    return local_path(request.values.get("next", ""), otherwise)


def _start_page(service: str, principal: Principal) -> str:
    """The page of a service that a person begins with."""
    if principal.roles == {"auditor"}:
        return f"/{service}/reading-audit"
    front = f"/{service}/"
    return front if any(rule.rule == front for rule in current_app.url_map.iter_rules()) else "/"


def _form(goal: str, problem: Problem | None) -> str:
    here = context()
    agencies: list[tuple[str, str]] = []
    if _is_demo(here):
        today = here.clock.now().date()
        agencies = [(agency.code, f"{agency.name} ({agency.code})") for agency in here.reference.agencies.all(today)]
    return render_template(
        "sign_in.html",
        goal=goal,
        problem=problem,
        agencies=agencies,
        roles=[(role, text(*ROLE_NAMES[role])) for role in DEMO_ROLES],
    )


def _is_demo(here: Context) -> bool:
    """Whether this machine issues tokens to its own browser: only in demo mode. Elsewhere people must bring a token."""
    demo = here.settings.mode == "demo" and here.settings.auth.signs
    return demo and own_browser(request, here.settings.host)


def _demo_token(here: Context) -> str:
    """A token for the role and agency that the form names; empty when it names none or this is no demonstration."""
    role, agency = request.form.get("role", ""), request.form.get("agency", "")
    if not _is_demo(here) or role not in DEMO_ROLES:
        return ""
    if agency not in {one.code for one in here.reference.agencies.all(here.clock.now().date())}:
        return ""
    return issue_token(here.settings.auth, f"demo-{role}", role, agency, timedelta(hours=HOURS))
