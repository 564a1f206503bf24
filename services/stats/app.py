"""Stats' web app: the API of statistics and the public board."""

from __future__ import annotations

from flask import Flask

from services.stats.boards.desk import EXTENSION as DESK_BOARDS
from services.stats.boards.desk import kept_boards
from services.stats.boards.desk_pages import pages as desk_board_pages
from services.stats.boards.pages import EXTENSION as BOARD_CACHE
from services.stats.boards.pages import kept_board, pages
from services.stats.dashboards.leader_pages import pages as leader_pages
from services.stats.dashboards.own_pages import pages as own_pages
from services.stats.dashboards.public_numbers import EXTENSION as PUBLIC_NUMBERS
from services.stats.dashboards.public_numbers import kept_numbers
from services.stats.dashboards.public_pages import pages as public_pages
from services.stats.dashboards.series_api import series_api
from services.stats.index.api import api as index_api
from services.stats.index.pages import pages as index_pages
from services.stats.measures.api import api
from services.stats.reports.api import api as published_reports_api
from services.stats.reports.pages import pages as report_pages
from services.stats.reports.public_pages import pages as published_report_pages
from shared.auth import TokenVerifier
from shared.runtime.context import Context
from shared.web.factory import create_app as create_web_app


def create_app(context: Context, verifier: TokenVerifier | None = None) -> Flask:
    """Creates the app of one process.

    Args:
        context: settings and store.
        verifier: checks tokens; services in one process may share it.
    """
    apis = [api, index_api, series_api, published_reports_api]
    shown = [pages, desk_board_pages, index_pages, leader_pages, own_pages, public_pages]
    app = create_web_app(context, apis, [*shown, report_pages, published_report_pages], verifier)
    app.extensions[BOARD_CACHE] = kept_board(context)
    app.extensions[PUBLIC_NUMBERS] = kept_numbers(context)
    app.extensions[DESK_BOARDS] = kept_boards(context)
    return app
