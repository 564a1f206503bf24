"""The history of routing's tables, and all tables as they are now."""

from __future__ import annotations

from services.routing.store.tables import metadata

__all__ = ["metadata"]
