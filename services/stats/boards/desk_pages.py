"""The public board of one desk, for a screen on the wall, and what keeps it up to date."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request

from services.stats.boards.desk import EXTENSION, DeskBoard
from services.stats.measures.kept import Kept
from shared.agencies import UnknownAgency
from shared.agencies.roles import ONE_STOP_DESK
from shared.web.authorization import public
from shared.web.language import language
from shared.web.problem import Problem
from shared.web.views import context

REFRESH_SECONDS = 30
"""How often a browser without JavaScript asks again."""

pages = Blueprint("desk_board_pages", __name__, url_prefix="/stats", template_folder="templates")


@pages.get("/board/<desk>")
@public
def desk_board(desk: str) -> str:
    """The board; it keeps itself up to date."""
    return render_template("stats/desk_board.html", desk=desk, board=_board(desk), refresh=REFRESH_SECONDS)


@pages.get("/board/<desk>.json")
@public
def desk_board_now(desk: str) -> Response:
    """What the board shows now, for the page that shows it; 304 while nothing has changed."""
    board = _board(desk)
    response = make_response("")
    response.set_etag(f"{board.version}.{language()}")
    if response.make_conditional(request).status_code != 304:
        etag = response.headers["ETag"]
        response = jsonify(
            html=render_template("stats/desk_board_content.html", desk=desk, board=board),
            now=board.as_of.isoformat(),
            assets=current_app.jinja_env.globals["styles_version"],
        )
        response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Cookie")
    return response


def _board(desk: str) -> DeskBoard:
    here = context()
    try:
        roles = here.reference.agencies.get(desk, here.clock.now().date()).roles
    except UnknownAgency:
        raise Problem(404, "not-found") from None
    if ONE_STOP_DESK not in roles:
        raise Problem(404, "not-found")
    kept: Kept[str, DeskBoard] = current_app.extensions[EXTENSION]
    return kept.of(desk)
