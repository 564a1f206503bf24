"""The first tables of routing: those of the messages, and those of each slice."""

from __future__ import annotations

from services.routing.migrations.tables import agencies, apologies, applications, dossiers, people
from shared.persistence.initial_tables import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables and those of the slices."""
    create_shared_tables()
    dossiers.create()
    people.create()
    agencies.create()
    applications.create()
    apologies.create()
