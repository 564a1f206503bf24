"""At a kiosk: how a dossier stands, by the code and secret of its receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Response, make_response, render_template, request
from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.applications.queries import public_application
from services.intake.components import components
from services.intake.dossiers.domain import BADGES, Dossier, State
from services.intake.kiosk.visits import keep_opened, opened, pages, show_again
from services.intake.lookup.opened import MAX_TEXT, counted
from services.intake.lookup.queries import WrongCodeOrSecret, find_filed_by_secret, public_view
from services.intake.lookup.timeline import timeline
from services.intake.problems import PROBLEMS
from shared.web.authorization import roles
from shared.web.domain_errors import problem_for
from shared.web.views import context

MAX_SCANNED = 500


@pages.get("/<visit>/look-up")
@roles("device", agency="path")
def look_up_form(agency: str) -> str:
    """The form for code and secret; a scanner may type the receipt's QR code into the first field."""
    return render_template("intake/kiosk/look_up.html", code="", problem=None)


@pages.post("/<visit>/look-up")
@roles("device", agency="path")
def look_up(agency: str) -> Response:
    """Looks a dossier up. Wrong tries are counted as for the public look-up, for the code and for this kiosk's address."""
    code = scanned_code(request.form.get("code", ""))
    secret = request.form.get("secret", "").strip()[:MAX_TEXT]
    try:
        with context().store.read() as connection:
            _find(connection, code, secret)
    except WrongCodeOrSecret as error:
        problem = problem_for(PROBLEMS, counted(error))
        page = render_template("intake/kiosk/look_up.html", code=code, problem=problem)
        return make_response(page, problem.status, dict(problem.headers))
    return keep_opened(show_again("dossier"), code=code, secret=secret)


@pages.get("/<visit>/dossier")
@roles("device", agency="path")
def dossier(agency: str) -> Response:
    """How the dossier stands that the visitor has looked up; code and secret are checked again."""
    known, here = opened(), context()
    if "secret" not in known:
        return show_again("look_up_form")
    try:
        with here.store.read() as connection:
            view = _view(connection, _find(connection, known.get("code", ""), known["secret"]), here.clock.now())
    except WrongCodeOrSecret as error:
        counted(error)
        return show_again("look_up_form")
    return make_response(render_template("intake/kiosk/dossier.html", **view))


def scanned_code(typed: str) -> str:
    """A dossier's code, as typed or as the address in a receipt's QR code, which a scanner types."""
    typed = typed.strip()[:MAX_SCANNED]
    named = parse_qs(urlsplit(typed).query).get("code", []) if "?" in typed else []
    return (named[0] if named else typed)[:MAX_TEXT]


def _find(connection: Connection, code: str, secret: str) -> Dossier | Application:
    return find_filed_by_secret(connection, code, secret, context().settings.hash_key)


def _view(connection: Connection, filed: Dossier | Application, now: datetime) -> dict[str, Any]:
    here = context()
    if isinstance(filed, Application):
        view = public_application(connection, filed, components().catalogue, here.reference, now)
        return {"dossier": view, "badge_kind": BADGES[State(view["state"])], "steps": []}
    view = public_view(connection, filed, components().catalogue, here.reference, now)
    return {"dossier": view, "badge_kind": BADGES[State(view["state"])], "steps": timeline(view)}
