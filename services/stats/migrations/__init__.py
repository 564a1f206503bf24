"""The history of stats's tables, and all tables as they are now."""

from __future__ import annotations

from services.stats.database import metadata
from services.stats.facts import store as _tables  # noqa: F401 - adds its tables to the metadata

__all__ = ["metadata"]
