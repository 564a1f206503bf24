"""Routing's web pages for officials and leaders, over the same commands and queries as the API."""

from __future__ import annotations

from services.routing.apologies import pages as apology_pages
from services.routing.apologies import register_pages as apology_register_pages
from services.routing.pages import actions, agencies, bulk, contract, control_sheet, staff, views
from services.routing.pages.blueprint import pages

__all__ = [
    "actions",
    "agencies",
    "apology_pages",
    "apology_register_pages",
    "bulk",
    "contract",
    "control_sheet",
    "pages",
    "staff",
    "views",
]
