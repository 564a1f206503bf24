"""The history of notify's tables, and all tables as they are now."""

from __future__ import annotations

from services.notify.database import metadata
from services.notify.messages import store as _tables  # noqa: F401 - adds its tables to the metadata

__all__ = ["metadata"]
