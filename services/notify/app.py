"""Notify's web app: the API, the receipts of providers, and the pages of messages and of their texts."""

from __future__ import annotations

from flask import Flask

from services.notify.channels.webhook.api import api as receipts_api
from services.notify.inbound.api import api as inbound_api
from services.notify.inbound.pages import pages as inbound_pages
from services.notify.messages.api import api
from services.notify.overview.pages import pages as message_pages
from services.notify.parked.pages import pages as parked_pages
from services.notify.post.batches.pages import pages as letter_pages
from services.notify.post.parcels.api import api as postal_reports
from services.notify.post.parcels.pages import pages as parcel_pages
from services.notify.reports.pages import pages as report_recipient_pages
from services.notify.templates.pages import pages as template_pages
from shared.auth import TokenVerifier
from shared.runtime.context import Context
from shared.web.factory import create_app as create_web_app


def create_app(context: Context, verifier: TokenVerifier | None = None) -> Flask:
    """Creates the app of one process.

    Args:
        context: settings and store.
        verifier: checks tokens; services in one process may share it.
    """
    blueprints = [message_pages, parked_pages, template_pages, letter_pages, parcel_pages, inbound_pages]
    blueprints += [report_recipient_pages]
    return create_web_app(context, [api, receipts_api, inbound_api, postal_reports], blueprints, verifier=verifier)
