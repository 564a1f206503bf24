"""The history of intake's tables, and all tables as they are now."""

from __future__ import annotations

from services.intake.database import metadata

__all__ = ["metadata"]
