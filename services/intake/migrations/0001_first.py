"""The first tables of intake: those of the messages, and those of each slice."""

from __future__ import annotations

from services.intake.migrations.tables import (
    applications,
    appointments,
    conversations,
    data_exports,
    documents,
    dossiers,
    filing,
    kiosk,
    online,
    payments,
    privacy,
    procedures,
    results,
    supplements,
    tickets,
)
from shared.persistence.initial_tables import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables and those of the slices."""
    create_shared_tables()
    procedures.create()
    dossiers.create()
    applications.create()
    supplements.create()
    conversations.create()
    payments.create()
    documents.create()
    filing.create()
    tickets.create()
    privacy.create()
    results.create()
    online.create()
    data_exports.create()
    appointments.create()
    kiosk.create()
