"""Intake's web app: the wiring, nothing else."""

from __future__ import annotations

from flask import Flask

from services.intake.api import api
from services.intake.components import EXTENSION, make_components
from services.intake.pages import pages
from shared.runtime.context import Context
from shared.web import factory


def create_app(context: Context) -> Flask:
    """The web app of intake.

    Raises:
        shared.runtime.settings.SettingsError: the pattern of dossier codes is unusable.
    """
    app = factory.create_app(context, [api], [pages])
    app.extensions[EXTENSION] = make_components()
    return app
