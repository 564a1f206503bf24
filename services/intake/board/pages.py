"""The public board of a desk. It shows no person: numbers, counters, waits, and masked codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Response, current_app, jsonify, make_response, render_template, request

from services.intake.board.cache import EXTENSION, Boards
from services.intake.board.domain import spoken_call
from services.intake.board.queries import Call
from shared.agencies import UnknownAgency
from shared.agencies.roles import ONE_STOP_DESK
from shared.web.authorization import public
from shared.web.language import language
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

REFRESH_SECONDS = 15
"""How often a browser without JavaScript asks again."""

pages = page_blueprint("intake", __name__, "board_pages")


@pages.get("/board/<desk>")
@public
def board(desk: str) -> str:
    """The board, for a screen on the wall; it keeps itself up to date."""
    here = _boards().current(_desk(desk))
    return render_template(
        "intake/board.html", desk=desk, board=here, calls=_spoken(here.view.calls), refresh=REFRESH_SECONDS
    )


@pages.get("/board/<desk>.json")
@public
def board_now(desk: str) -> Response:
    """What the board shows now, for the page that shows it; 304 while nothing has changed."""
    here = _boards().current(_desk(desk))
    response = make_response("")
    response.set_etag(f"{here.version}.{language()}")
    if response.make_conditional(request).status_code != 304:
        html = render_template("intake/board_content.html", desk=desk, board=here)
        now = here.now.isoformat()
        etag = response.headers["ETag"]
        response = jsonify(
            html=html, calls=_spoken(here.view.calls), now=now, assets=current_app.jinja_env.globals["styles_version"]
        )
        response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Cookie")
    return response


def _spoken(calls: Sequence[Call]) -> list[dict[str, str]]:
    """The calls that still stand, the oldest first, and what to say for each."""
    present = [one for one in reversed(calls) if one.present]
    return [{"key": one.key, "say": spoken_call(one.number, one.counter, language())} for one in present]


def _desk(code: str) -> str:
    here = context()
    try:
        agency = here.reference.agencies.get(code, here.clock.now().date())
    except UnknownAgency:
        raise Problem(404, "not-found") from None
    if ONE_STOP_DESK not in agency.roles:
        raise Problem(404, "not-found")
    return code


def _boards() -> Boards:
    return cast(Boards, current_app.extensions[EXTENSION])
