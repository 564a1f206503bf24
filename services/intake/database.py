"""The metadata of intake's database. Each slice defines its own tables with it, in its ``store.py``."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
