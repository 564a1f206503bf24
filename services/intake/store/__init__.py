"""The tables and queries of intake's own database. The only store of the platform, beside notify's, that holds personal data."""

from __future__ import annotations

from services.intake.store.tables import metadata

__all__ = ["metadata"]
