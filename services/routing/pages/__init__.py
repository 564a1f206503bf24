"""Routing's web pages for officials and leaders, over the same commands and queries as the API."""

from __future__ import annotations

from services.routing.pages import actions, bulk, contract, control_sheet, staff, views
from services.routing.pages.blueprint import pages

__all__ = ["actions", "bulk", "contract", "control_sheet", "pages", "staff", "views"]
