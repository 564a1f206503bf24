"""The history of rating's tables, and all tables as they are now."""

from __future__ import annotations

from services.rating.database import metadata
from services.rating.ratings import store as _tables  # noqa: F401 - adds its tables to the metadata

__all__ = ["metadata"]
