"""Routing's web app: wiring only."""

from __future__ import annotations

from flask import Flask

from services.routing.api import api
from services.routing.pages import pages
from shared.auth import TokenVerifier
from shared.runtime.context import Context
from shared.web.factory import create_app as create_web_app


def create_app(context: Context, verifier: TokenVerifier | None = None) -> Flask:
    """Routing's web app.

    Args:
        context: settings, store and reference data.
        verifier: checks tokens; the services of one process may share one.
    """
    return create_web_app(context, [api], [pages], verifier=verifier)
