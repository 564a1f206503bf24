"""Routing's web pages: the work of officials and leaders. A thin translator over the same commands and queries as the API."""

from __future__ import annotations

from services.routing.pages import acting, contract, looking, staffing
from services.routing.pages.blueprint import pages

__all__ = ["acting", "contract", "looking", "pages", "staffing"]
