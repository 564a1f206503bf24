"""Rating's web app: the API and the pages of ratings."""

from __future__ import annotations

from flask import Flask

from services.rating.ratings.api import api
from services.rating.ratings.pages import pages
from shared.auth import TokenVerifier
from shared.runtime.context import Context
from shared.web.factory import create_app as create_web_app


def create_app(context: Context, verifier: TokenVerifier | None = None) -> Flask:
    """Creates the app of one process.

    Args:
        context: settings and store.
        verifier: checks tokens; services in one process may share it.
    """
    return create_web_app(context, [api], [pages], verifier)
