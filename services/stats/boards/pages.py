"""The public board: totals of today and of this month. It shows no dossier and no person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, render_template, request
from sqlalchemy import Connection

from services.stats.measures.domain import Period
from services.stats.measures.kept import Kept
from services.stats.measures.queries import Scope
from services.stats.measures.summary import Summary, summarise
from shared.runtime.context import Context
from shared.web.authorization import public
from shared.web.language import text
from shared.web.pages import written_decimal

STATIC = Path(__file__).parent / "static"
STYLES_VERSION = sha256((STATIC / "stats.css").read_bytes()).hexdigest()[:12]
CACHE_DURATION = timedelta(seconds=2)
"""Real time for which a board is cached, so that many viewers cost one read of the database."""
REFRESH_SECONDS = "60"
EXTENSION = "motcua-stats-board-cache"

pages = Blueprint(
    "pages", __name__, url_prefix="/stats", template_folder="templates", static_folder=STATIC, static_url_path="/assets"
)


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows.

    Attributes:
        as_of: business time.
        today: the numbers of today.
        month: the numbers of this month, until today.
    """

    as_of: datetime
    today: Summary
    month: Summary


def kept_board(context: Context) -> Kept[str, Board]:
    """The current board, under the key "", at most two seconds old."""
    return Kept(context, CACHE_DURATION, _read)


def _read(connection: Connection, _: str, now: datetime) -> Board:
    day = now.date()
    today = summarise(connection, Scope(Period(day, day), now, {}))
    month = summarise(connection, Scope(Period(day.replace(day=1), day), now, {}))
    return Board(now, today, month)


@pages.app_template_filter("percent")
def written_percent(value: float | None) -> str:
    """A share in the language of the page: 97,5 % or 97.5%; a dash for None."""
    if value is None:
        return "–"
    return written_decimal(round(value, 1)) + text("\u00a0%", "%")


@pages.get("/")
@public
def board() -> Response:
    """The board. With ``?refresh=1`` the browser reloads it every minute, for a screen on the wall."""
    kept: Kept[str, Board] = current_app.extensions[EXTENSION]
    wall = request.args.get("refresh") == "1"
    page = render_template("stats/board.html", board=kept.of(""), wall=wall, page_styles_version=STYLES_VERSION)
    response = make_response(page)
    response.headers["Cache-Control"] = "public, max-age=2"
    if wall:
        response.headers["Refresh"] = REFRESH_SECONDS
    return response
