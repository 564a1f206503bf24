"""The tables of notify' own database; each slice's store adds its tables."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
