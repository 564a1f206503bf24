"""Signing in with a browser: whoever has an access token pastes it; in a demonstration one may choose who to be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request

from shared.auth import InvalidToken, issue_token
from shared.runtime.context import Context
from shared.web.authorization import EXTENSION, Guard, public
from shared.web.problem import Problem
from shared.web.session import drop_token, from_own_origin, keep_token, local_path
from shared.web.views import context

HOURS = 8
STAFF = (("clerk", "Cán bộ Một cửa · clerk"), ("officer", "Chuyên viên · officer"), ("leader", "Lãnh đạo · leader"))


def sign_in_pages(service: str) -> Blueprint:
    """The pages ``/<service>/sign-in`` and ``/<service>/sign-out``.

    Args:
        service: the service that shows them; the cookie is good for all services of the host.
    """
    pages = Blueprint("session", __name__, url_prefix=f"/{service}")

    @pages.get("/sign-in")
    @public
    def sign_in_form() -> str:
        return _form(_next(service), None)

    @pages.post("/sign-in")
    @public
    def sign_in() -> Response:
        goal = _next(service)
        if not from_own_origin(request):
            raise Problem(400, "cross-site", "Yêu cầu đến từ trang khác", "The request came from another site")
        here = context()
        try:
            token = _demo_token(here) or "".join(request.form.get("token", "").split())
            _guard().verify(token)
        except InvalidToken as error:
            problem = Problem(401, "unauthenticated", "Không đăng nhập được", "Not signed in", detail_en=str(error))
            return make_response(_form(goal, problem), problem.status)
        response = make_response(redirect(goal, 303))
        keep_token(response, token, HOURS * 3600, here.settings.public_url.startswith("https:"))
        return response

    @pages.post("/sign-out")
    @public
    def sign_out() -> Response:
        response = make_response(redirect(f"/{service}/sign-in", 303))
        drop_token(response)
        return response

    return pages


def _guard() -> Guard:
    guard: Guard = current_app.extensions[EXTENSION]
    return guard


def _next(service: str) -> str:
    return local_path(request.values.get("next", ""), f"/{service}/")


def _form(goal: str, problem: Problem | None) -> str:
    here = context()
    demo = _is_demo(here)
    agencies: list[tuple[str, str]] = []
    if demo:
        today = here.clock.now().date()
        agencies = [(agency.code, f"{agency.name} ({agency.code})") for agency in here.reference.agencies.all(today)]
    return render_template("sign_in.html", goal=goal, problem=problem, agencies=agencies, staff=STAFF)


def _is_demo(here: Context) -> bool:
    """A demonstration issues its own tokens, to its own machine; everywhere else whoever knocks must bring one."""
    own_machine = request.remote_addr in ("127.0.0.1", "::1")
    return own_machine and here.settings.mode == "demo" and bool(here.settings.auth.hs256_key)


def _demo_token(here: Context) -> str:
    role, agency = request.form.get("role", ""), request.form.get("agency", "")
    if not role or not _is_demo(here) or role not in dict(STAFF):
        return ""
    known: Any = {one.code for one in here.reference.agencies.all(here.clock.now().date())}
    if agency not in known:
        return ""
    return issue_token(here.settings.auth, f"demo-{role}", role, agency, timedelta(hours=HOURS))
