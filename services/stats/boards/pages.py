"""Stats' page: the public board of totals, today and this month. No dossier and no person is on it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request

from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope
from services.stats.measures.summary import summarise
from shared.runtime.context import Context
from shared.web.authorization import public
from shared.web.views import context

STATIC = Path(__file__).parent / "static"
STYLES_VERSION = sha256((STATIC / "stats.css").read_bytes()).hexdigest()[:12]
KEPT = timedelta(seconds=2)
"""How long a board is shown again as it is, in real time: however many look, the database is asked once."""
REFRESH_SECONDS = "60"
EXTENSION = "motcua-stats-board"

pages = Blueprint(
    "pages", __name__, url_prefix="/stats", template_folder="templates", static_folder=STATIC, static_url_path="/assets"
)


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows."""

    as_of: datetime
    today: dict[str, Any]
    month: dict[str, Any]


class Boards:
    """The present board of one process.

    Args:
        context: of stats.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._board: Board | None = None
        self._read_at = context.clock.wall()

    def present(self) -> Board:
        """The board, at most two seconds old."""
        with self._lock:
            wall = self._context.clock.wall()
            if self._board is None or not timedelta(0) <= wall - self._read_at < KEPT:
                self._board, self._read_at = self._read(), wall
            return self._board

    def _read(self) -> Board:
        now = self._context.clock.now()
        day = now.date()
        with self._context.store.read() as connection:
            today = summarise(connection, Scope(Period(day, day), now, {}))
            month = summarise(connection, Scope(Period(day.replace(day=1), day), now, {}))
        return Board(now, today, month)


@pages.app_template_filter()
def number_vi(value: int) -> str:
    """A number with dots between the thousands: 1.234.567."""
    return f"{value:,}".replace(",", ".")


@pages.app_template_filter()
def percent_vi(value: float | None) -> str:
    """A share: 97,5 %; a dash where there is none."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0").replace(".", ",") + "\u00a0%"


@pages.record
def _keep_boards(state: Any) -> None:
    app: Flask = state.app
    with app.app_context():
        app.extensions[EXTENSION] = Boards(context())


@pages.get("/")
@public
def board() -> Response:
    """The board; ``?refresh=1`` renews itself every minute, for a screen on the wall."""
    boards: Boards = current_app.extensions[EXTENSION]
    wall = request.args.get("refresh") == "1"
    page = render_template("stats/board.html", board=boards.present(), wall=wall, page_styles_version=STYLES_VERSION)
    response = make_response(page)
    response.headers["Cache-Control"] = "public, max-age=2"
    if wall:
        response.headers["Refresh"] = REFRESH_SECONDS
    return response
