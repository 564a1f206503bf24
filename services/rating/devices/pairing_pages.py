"""Pairing: the page of a tablet that becomes a device, and the desk's page that makes the codes and shows how its devices are."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from services.rating.devices import store
from services.rating.devices.commands import new_pairing_code, pair_tablet
from services.rating.devices.domain import DEVICES
from services.rating.devices.queries import Health, health_of
from services.rating.devices.rules import device_rules
from services.rating.devices.session import PAIRING, keep_paired
from services.rating.devices.store import PAIRING_FAILURES
from services.rating.problems import PROBLEMS
from shared.agencies.roles import ONE_STOP_DESK
from shared.auth.pairing_code import CODE_DIGITS, CODE_LIFETIME, WrongPairingCode
from shared.persistence.unit_of_work import UnitOfWork
from shared.persistence.wrong_tries import TooManyTries
from shared.web.authorization import principal, public, roles, scope_checked
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.pairing_problems import too_many_pairing_codes
from shared.web.problem import FieldError, Problem
from shared.web.views import context

CODE_COOKIE, CODE_PATH = "motcua_device_pairing", "/rating/devices"
"""The cookie that carries a new code to the page that shows it once, and that page's path."""
COUNTERS = range(1, 100)

pages = page_blueprint("rating", __name__, "device_pairing_pages")


@pages.get("/device-pairing")
@public
def pairing_form() -> str:
    """The form for a pairing code, on a tablet that is to become a device."""
    return _form(None)


@pages.post("/device-pairing")
@public
def pair() -> Response:
    """Pairs the tablet; wrong codes are counted for its address."""
    here, typed = context(), request.form.get("code", "")[:60]
    try:
        _, token = here.store.run(lambda work: pair_tablet(work, typed))
    except WrongPairingCode as error:
        problem = problem_for(PROBLEMS, error)
        try:
            PAIRING_FAILURES.count(here.store, client_address(), here.settings.hash_key)
        except TooManyTries as too_many:
            problem = too_many_pairing_codes(too_many)
        return make_response(_form(problem), problem.status, dict(problem.headers))
    response = make_response(redirect(url_for("device_pages.device", lang="vi"), 303))
    keep_paired(response, token)
    return response


@pages.get("/devices")
@roles("clerk", "leader", "operator", agency="record")
def devices() -> Response:
    """How the devices of the caller's desk are, and the way to pair one. An operator sees those of all desks."""
    scope_checked()  # of the caller's own desk alone, unless they operate the platform
    code = carried(request, CODE_COOKIE)
    response = make_response(_list(code))
    if code:
        drop_carried(response, CODE_COOKIE, CODE_PATH)
    return response


@pages.post("/devices")
@roles("clerk", "leader", agency="record")
def change_device() -> Response:
    """Makes a pairing code, which is shown this once, or unpairs a device."""
    scope_checked()  # each changes the devices of their own desk alone
    desk, by, number = principal().agency, principal().subject, request.form.get("number", 0, int)
    if not _is_desk(desk) or number not in DEVICES:
        raise Problem(422, "invalid", errors=[_wrong("number")])
    if request.form.get("action") == "unpair":
        context().store.run(lambda work: store.unpair(work.connection, desk, number))
        return redirect_with_notice(url_for("device_pairing_pages.devices"), "unpaired")
    counter = _counter(request.form.get("counter", ""))

    def make(work: UnitOfWork) -> str:
        return new_pairing_code(work, desk, number, counter, by)

    response = make_response(redirect(url_for("device_pairing_pages.devices"), 303))
    made = {"number": str(number), "code": context().store.run(make)}
    carry(response, CODE_COOKIE, CODE_PATH, made, context().settings.public_url.startswith("https:"))
    return response


def _counter(typed: str) -> int | None:
    if not typed.strip():
        return None
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0
    if number not in COUNTERS:
        raise Problem(422, "invalid", errors=[_wrong("counter")])
    return number


def _wrong(field: str) -> FieldError:
    return {"field": field, "message": "Số không hợp lệ.", "message_en": "Not a valid number."}


def _is_desk(code: str) -> bool:
    here = context()
    today = here.clock.now().date()
    return any(one.code == code and ONE_STOP_DESK in one.roles for one in here.reference.agencies.all(today))


def _form(problem: Problem | None) -> str:
    return render_template("rating/device/pairing.html", problem=problem, digits=CODE_DIGITS, visit=None, at_home=True)


def _list(code: dict[str, str]) -> str:
    here, caller = context(), principal()
    everywhere = caller.has("operator") and not caller.agency
    with here.store.read() as connection:
        desks = None if everywhere else [caller.agency]
        found = health_of(connection, desks, here.reference.agencies, here.clock, device_rules())
    return render_template(
        "rating/device/devices.html",
        caller={"subject": caller.subject, "agency": caller.agency, "role": sorted(caller.roles)[0]},
        code=code,
        devices=found,
        free=[] if everywhere or not _is_desk(caller.agency) else _free(found),
        everywhere=everywhere,
        minutes=int(CODE_LIFETIME.total_seconds() // 60),
        silent_minutes=int(device_rules().silent_after.total_seconds() // 60),
        address=f"{here.settings.public_url.rstrip('/')}{PAIRING}",
        notice=one_time_notice(),
    )


def _free(found: list[Health]) -> list[int]:
    paired = {one.device.number for one in found if one.device.pairing}
    return [number for number in DEVICES if number not in paired]
