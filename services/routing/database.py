"""The metadata that all tables of routing's database belong to."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
