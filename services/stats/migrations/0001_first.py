"""The first tables of stats: those of the messages, and those of each slice."""

from __future__ import annotations

from services.stats.migrations.tables import (
    archive,
    dossiers,
    index,
    officials,
    papers,
    procedures,
    ratings,
    reports,
    tickets,
    totals,
)
from shared.persistence.initial_tables import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables and those of the slices."""
    create_shared_tables()
    dossiers.create()
    papers.create()
    tickets.create()
    ratings.create()
    archive.create()
    totals.create()
    index.create()
    procedures.create()
    officials.create()
    reports.create()
