"""Intake's web app: which slices it serves."""

from __future__ import annotations

from flask import Flask

from services.intake.components import EXTENSION, make_components
from services.intake.corrections.api import api as corrections_api
from services.intake.dossiers.api import api as dossiers_api
from services.intake.dossiers.pages import pages as dossier_pages
from services.intake.filing.api import api as filing_api
from services.intake.forms.pages import pages as form_pages
from services.intake.lookup.api import api as lookup_api
from services.intake.lookup.pages import pages as lookup_pages
from services.intake.payments.api import api as payments_api
from services.intake.plugin_access.api import api as plugin_access_api
from services.intake.procedures.api import api as procedures_api
from services.intake.procedures.pages import pages as procedure_pages
from services.intake.results.api import api as results_api
from services.intake.supplements.api import api as supplements_api
from services.intake.withdrawals.api import api as withdrawals_api
from shared.runtime.context import Context
from shared.web import factory

APIS = (
    procedures_api,
    filing_api,
    dossiers_api,
    corrections_api,
    payments_api,
    supplements_api,
    withdrawals_api,
    results_api,
    lookup_api,
    plugin_access_api,
)
PAGES = (lookup_pages, procedure_pages, form_pages, dossier_pages)


def create_app(context: Context) -> Flask:
    """The web app of intake.

    Raises:
        shared.runtime.settings.SettingsError: the pattern of dossier codes is not valid.
    """
    app = factory.create_app(context, APIS, PAGES)
    app.extensions[EXTENSION] = make_components()
    return app
