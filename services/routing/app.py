"""Routing's web app: wiring only."""

from __future__ import annotations

import logging

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from services.routing.agency_http.api import api as agency_http
from services.routing.agency_keys.oauth import oauth
from services.routing.api import api
from services.routing.metrics import show_decided_of_procedures
from services.routing.pages import pages
from shared.auth import TokenVerifier
from shared.runtime.context import Context
from shared.web.factory import create_app as create_web_app

log = logging.getLogger(__name__)


def create_app(context: Context, verifier: TokenVerifier | None = None) -> Flask:
    """Routing's web app.

    Args:
        context: settings, store and reference data.
        verifier: checks tokens; the services of one process may share one.
    """
    try:
        show_decided_of_procedures(context)
    except SQLAlchemyError as error:
        log.info("the first decisions of each agency and field will not count in rates: %s", type(error).__name__)
    return create_web_app(context, [api, agency_http], [pages, oauth], verifier=verifier)
