"""The history of routing's tables, and all tables as they are now."""

from __future__ import annotations

from services.routing.agency_http import store as agency_http_tables
from services.routing.agency_http import webhook_store as webhook_tables
from services.routing.agency_keys import store as key_tables
from services.routing.apologies import store as apology_tables
from services.routing.database import metadata
from services.routing.plugins import sent_steps as sent_step_tables
from services.routing.plugins import store as plugin_tables
from services.routing.staff import tables as staff_tables
from services.routing.store import tables

__all__ = [
    "agency_http_tables",
    "apology_tables",
    "key_tables",
    "metadata",
    "plugin_tables",
    "sent_step_tables",
    "staff_tables",
    "tables",
    "webhook_tables",
]
