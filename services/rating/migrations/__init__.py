"""The migrations of rating's database, and the metadata of all its tables as they are now."""

from __future__ import annotations

from services.rating.database import metadata
from services.rating.invitations import store as _invitations  # noqa: F401 - adds its table to the metadata
from services.rating.ratings import store as _ratings  # noqa: F401 - adds its table to the metadata

__all__ = ["metadata"]
