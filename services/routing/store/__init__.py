"""Routing's own database: tables, and the queries of each kind of row."""

from __future__ import annotations

from services.routing.store.tables import metadata

__all__ = ["metadata"]
