"""Rating's web app: which slices it serves."""

from __future__ import annotations

from flask import Flask

from services.rating.complaints import pages as _complaint_pages  # noqa: F401 - adds its routes
from services.rating.complaints import papers as _complaint_papers  # noqa: F401 - adds its routes
from services.rating.complaints.api import api as complaint_api
from services.rating.complaints.attachments.pages import pages as complaint_file_pages
from services.rating.complaints.blueprint import pages as complaint_pages
from services.rating.complaints.entry.hotline_pages import pages as hotline_pages
from services.rating.complaints.entry.mailbox_pages import pages as mailbox_pages
from services.rating.complaints.public.list_pages import pages as feedback_list_pages
from services.rating.complaints.public.pages import pages as feedback_pages
from services.rating.complaints.public.status_pages import pages as feedback_status_pages
from services.rating.components import EXTENSION, make_components
from services.rating.devices.pages import pages as device_pages
from services.rating.devices.pairing_pages import pages as device_pairing_pages
from services.rating.devices.review_pages import pages as device_review_pages
from services.rating.devices.session import DEVICE_SESSIONS
from services.rating.officials.api import api as officials_api
from services.rating.officials.pages import pages as official_pages
from services.rating.papers.pages import pages as paper_pages
from services.rating.rankings.assessments.pages import pages as assessment_pages
from services.rating.rankings.pages import pages as ranking_pages
from services.rating.ratings.api import api
from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE
from services.rating.ratings.pages import pages
from services.rating.scores.flags.pages import pages as flag_pages
from services.rating.scores.pages import pages as score_pages
from services.rating.surveys.blueprints import SURVEY_PAGES
from shared.agencies.roles import ONE_STOP_DESK
from shared.auth import TokenVerifier
from shared.observability.metrics import ratings, start_at_zero
from shared.runtime.context import Context
from shared.web.authorization import BROWSER_SESSIONS
from shared.web.factory import create_app as create_web_app

APIS = (
    api,
    officials_api,
    complaint_api,
)
PAGES = (
    pages,
    official_pages,
    score_pages,
    flag_pages,
    paper_pages,
    feedback_pages,
    feedback_status_pages,
    feedback_list_pages,
    hotline_pages,
    mailbox_pages,
    complaint_file_pages,
    complaint_pages,
    ranking_pages,
    assessment_pages,
    device_pages,
    device_pairing_pages,
    device_review_pages,
    *SURVEY_PAGES,
)


def create_app(context: Context, verifier: TokenVerifier | None = None) -> Flask:
    """Creates the app of one process.

    Args:
        context: settings and store.
        verifier: checks tokens; services in one process may share it.
    """
    _start_counter(context)
    app = create_web_app(context, APIS, PAGES, verifier)
    app.extensions[EXTENSION] = make_components(context.settings)
    app.extensions[BROWSER_SESSIONS] = {"device": DEVICE_SESSIONS}
    return app


def _start_counter(context: Context) -> None:
    today = context.clock.now().date()
    desks = (agency.code for agency in context.reference.agencies.all(today) if ONE_STOP_DESK in agency.roles)
    scores = map(str, range(LOWEST_SCORE, HIGHEST_SCORE + 1))
    start_at_zero(ratings, context.service, desks, scores)
