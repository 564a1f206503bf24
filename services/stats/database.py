"""The metadata of stats' own database; the stores of the slices add their tables to it."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
