"""The tables of the citizens' side: wrong tries and filings of one address, and whether a complainant was content with an answer."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, SmallInteger, String, Table

from services.rating.database import metadata
from shared.persistence.personal_data import PersonalText
from shared.persistence.sql import Moment
from shared.persistence.wrong_tries import WrongTries

tries = WrongTries("complaint_try", metadata)

contents = Table(
    "complaint_content",  # whether the complainant was content with the answer of a round; the last word counts
    metadata,
    Column("id", String(40), primary_key=True),  # of the complaint and the round
    Column("complaint", String(36), nullable=False, index=True),
    Column("round", SmallInteger, nullable=False),
    Column("content", Boolean, nullable=False),
    Column("words", PersonalText("complaint_content.words", row="id"), nullable=False),
    Column("said_at", Moment, nullable=False),
)
