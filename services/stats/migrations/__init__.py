"""The migrations of stats' database, and the metadata of all its tables as they are now."""

from __future__ import annotations

from services.stats.archive import store as _archive  # noqa: F401 - adds its tables to the metadata
from services.stats.database import metadata
from services.stats.facts import procedures as _procedures  # noqa: F401 - adds its tables to the metadata
from services.stats.facts import store as _facts  # noqa: F401 - adds its tables to the metadata
from services.stats.index import store as _index  # noqa: F401 - the same
from services.stats.reports import store as _reports  # noqa: F401 - the same
from services.stats.totals import tables as _roll_ups  # noqa: F401 - the same

__all__ = ["metadata"]
