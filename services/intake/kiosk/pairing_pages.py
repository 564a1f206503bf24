"""Pairing: the page of a browser that becomes a kiosk, and the desk's page that makes the codes for it."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.components import components
from services.intake.dossiers.pages import caller
from services.intake.kiosk import store
from services.intake.kiosk.commands import new_pairing_code, pair_browser
from services.intake.kiosk.domain import KIOSKS
from services.intake.kiosk.session import PAIRING, keep_paired
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.problems import PROBLEMS
from shared.auth.pairing_code import CODE_DIGITS, CODE_LIFETIME, WrongPairingCode
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, public, roles, scope_checked
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

CODE_COOKIE, CODE_PATH = "motcua_pairing", "/intake/kiosks"
"""The cookie that carries a new code to the page that shows it once, and that page's path."""

pages = page_blueprint("intake", __name__, "kiosk_pairing_pages")


@pages.get("/kiosk-pairing")
@public
def pairing_form() -> str:
    """The form for a pairing code, on a browser that is to become a kiosk."""
    return _form(None)


@pages.post("/kiosk-pairing")
@public
def pair() -> Response:
    """Pairs the browser; wrong codes are counted for its address, as wrong look-ups are."""
    here, typed = context(), request.form.get("code", "")[:60]
    try:
        kiosk, token = here.store.run(lambda work: pair_browser(work, typed))
    except WrongPairingCode as error:
        problem = problem_for(PROBLEMS, error)
        try:
            count_wrong_try(here.store, "", client_address(), here.settings.hash_key)
        except TooManyTries as too_many:
            problem = problem_for(PROBLEMS, too_many)
        return make_response(_form(problem), problem.status, dict(problem.headers))
    response = make_response(redirect(f"/intake/kiosk/{kiosk.desk}", 303))
    keep_paired(response, token)
    return response


@pages.get("/kiosks")
@roles("clerk", "leader", agency="record")
def kiosks() -> Response:
    """The kiosks of the caller's desk: which are paired, and the way to pair one."""
    scope_checked()  # of the caller's own desk alone
    code = carried(request, CODE_COOKIE)
    response = make_response(_list(code))
    if code:
        drop_carried(response, CODE_COOKIE, CODE_PATH)
    return response


@pages.post("/kiosks")
@roles("clerk", "leader", agency="record")
def change_kiosk() -> Response:
    """Makes a pairing code, which is shown this once, or unpairs a kiosk."""
    scope_checked()  # each changes the kiosks of their own desk alone
    desk, by, number = principal().agency, principal().subject, request.form.get("number", 0, int)
    if not desk or number not in KIOSKS:
        raise Problem(422, "invalid")

    if request.form.get("action") == "unpair":
        context().store.run(lambda work: store.unpair(work.connection, desk, number))
        return redirect_with_notice(url_for("kiosk_pairing_pages.kiosks"), "unpaired")

    def make(work: UnitOfWork) -> str:
        return new_pairing_code(work, desk, number, by)

    response = make_response(redirect(url_for("kiosk_pairing_pages.kiosks"), 303))
    made = {"number": str(number), "code": context().store.run(make)}
    carry(response, CODE_COOKIE, CODE_PATH, made, context().settings.public_url.startswith("https:"))
    return response


def _form(problem: Problem | None) -> str:
    return render_template("intake/kiosk/pairing.html", problem=problem, digits=CODE_DIGITS, visit=None, at_home=True)


def _list(code: dict[str, str]) -> str:
    desk = principal().agency
    with context().store.read() as connection:
        known = {one.number: one for one in store.of_desk(connection, desk)} if desk else {}
    found: dict[str, Any] = {
        "kiosks": [known[number] for number in sorted(known)],
        "free": [number for number in KIOSKS if number not in known or known[number].paired_at is None],
        "printers": {number for named, number in components().printers if named == desk},
    }
    return render_template(
        "intake/kiosk/kiosks.html",
        caller=caller(principal()),
        desk=desk,
        code=code,
        minutes=int(CODE_LIFETIME.total_seconds() // 60),
        address=f"{context().settings.public_url.rstrip('/')}{PAIRING}",
        notice=one_time_notice(),
        **found,
    )
