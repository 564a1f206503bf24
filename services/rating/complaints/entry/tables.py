"""The tables of what staff enter: the log of the hotline, and the numbers of papers from suggestion boxes."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, String, Table

from services.rating.database import metadata
from shared.persistence.personal_data import PersonalText
from shared.persistence.sql import Moment

calls = Table(
    "hotline_call",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("agency", String(50), nullable=False),
    Column("clerk", String(200), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("phone", PersonalText("hotline_call.phone", row="id"), nullable=False),
    Column("note", PersonalText("hotline_call.note", row="id"), nullable=False),
    Column("complaint", String(80)),  # the code of the one that it became
    Column("noted_at", Moment, nullable=False),
    Column("erased_at", Moment),
    Index("ix_hotline_call_agency", "agency", "began_at", "id"),
    Index("ix_hotline_call_erased_at", "erased_at", "began_at"),
)

papers = Table(
    "mailbox_paper",
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("number", String(40), primary_key=True),
    Column("complaint", String(36), nullable=False, unique=True),  # its identifier
    Column("code", String(80), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("entered_by", String(200), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Index("ix_mailbox_paper_agency", "agency", "entered_at"),
)
