"""The first tables of rating: those of the messages, and those of each slice."""

from __future__ import annotations

from services.rating.migrations.tables import (
    complaint_entry,
    complaints,
    devices,
    officials,
    rankings,
    ratings,
    scores,
    surveys,
)
from shared.persistence.initial_tables import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables and those of the slices."""
    create_shared_tables()
    ratings.create()
    scores.create()
    officials.create()
    rankings.create()
    devices.create()
    complaints.create()
    complaint_entry.create()
    surveys.create()
