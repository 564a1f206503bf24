"""The table of complaints that came by SMS and wait to be entered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Index, String, Table

from services.rating.database import metadata
from shared.messaging.records import require_same
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, insert

complaint_sms = Table(
    "complaint_sms",
    metadata,
    Column("message", String(100), primary_key=True),
    Column("phone", PersonalText("complaint_sms.phone", row="message"), nullable=False),
    Column("text", PersonalText("complaint_sms.text", row="message"), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("complaint", String(100)),  # as which it was entered; None: it waits
    Index("ix_complaint_sms_received_at", "received_at"),
)


def add_sms(connection: Connection, message: str, phone: str, text: str, received_at: datetime) -> bool:
    """Keeps a complaint that came by SMS; false if it is known.

    Raises:
        shared.messaging.errors.Conflict: another SMS of this id is known.
    """
    values = {"message": message, "phone": phone, "text": text, "received_at": received_at}
    row = personal_values(complaint_sms, values)
    new = insert(complaint_sms, connection).values(row).on_conflict_do_nothing(index_elements=["message"])
    if connection.execute(new.returning(complaint_sms.c.message)).first() is not None:
        return True
    known = connection.execute(complaint_sms.select().where(complaint_sms.c.message == message)).mappings().one()
    require_same(f"the SMS {message}", dict(known), {"received_at": received_at})
    return False
