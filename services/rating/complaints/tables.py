"""The tables of complaints. What people wrote, and who they are, is encrypted; no other service keeps it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.rating.database import metadata
from shared.persistence.personal_data import PersonalText
from shared.persistence.sql import Moment

_CHECKED = text("next_check_at IS NOT NULL")
_ERASABLE = text("erase_at IS NOT NULL")

complaints = Table(
    "complaint",
    metadata,
    Column("id", String(36), primary_key=True),  # made by whoever lodges it
    Column("code", String(80), nullable=False, unique=True),
    Column("register", String(50), nullable=False),  # the agency that it was addressed to, whose number it has
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("agency", String(50), nullable=False),  # that answers
    Column("kind", String(20), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("topic", String(30), nullable=False),
    Column("language", String(2), nullable=False),
    Column("dossier", String(100)),
    Column("dossier_known", Boolean, nullable=False),
    Column("procedure", String(50)),
    Column("field", String(100)),
    Column("name", PersonalText("complaint.name", row="id"), nullable=False),
    Column("address", PersonalText("complaint.address", row="id"), nullable=False),
    Column("phone", PersonalText("complaint.phone", row="id"), nullable=False),
    Column("email", PersonalText("complaint.email", row="id"), nullable=False),
    Column("text", PersonalText("complaint.text", row="id"), nullable=False),
    Column("about", PersonalText("complaint.about", row="id"), nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("leader_of", String(50)),  # the agency whose leader it is about; neither it nor what is below it answers
    Column("entered_by", String(200)),  # the clerk, where it did not come from the complainant
    Column("secret_hash", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("official", String(200)),  # who handles it
    Column("received_at", Moment, nullable=False),
    Column("lodged_at", Moment, nullable=False),
    Column("round", SmallInteger, nullable=False),  # grows with each reopening, from 1
    Column("round_at", Moment, nullable=False),  # from which its time is counted
    Column("asked", SmallInteger, nullable=False),  # how often more was asked for in this round
    Column("reject_by", Moment, nullable=False),
    Column("ask_by", Moment, nullable=False),
    Column("answer_by", Moment, nullable=False),
    Column("publish_by", Moment),
    Column("reply_until", Moment),  # while the complainant is waited for
    Column("due_at", Moment),  # of the limit that runs; NULL while none does
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("escalation", SmallInteger, nullable=False),  # 0 nobody, 1 the agency's leaders, 2 those above too
    Column("next_check_at", Moment),
    Column("erase_at", Moment),
    Column("erased_at", Moment),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("register", "year", "number", name="uq_complaint_number"),
    Index("ix_complaint_agency", "agency", "state", "due_at", "id"),
    Index("ix_complaint_official", "official", "state"),
    Index("ix_complaint_check", "next_check_at", "id", sqlite_where=_CHECKED, postgresql_where=_CHECKED),
    Index("ix_complaint_erase", "erase_at", "id", sqlite_where=_ERASABLE, postgresql_where=_ERASABLE),
)

entries = Table(
    "complaint_entry",  # what was done, in order; never changed, but for the texts when they are erased
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("complaint", String(36), ForeignKey("complaint.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("act", String(20), nullable=False),
    Column("state", String(20), nullable=False),  # after it
    Column("round", SmallInteger, nullable=False),
    Column("by", String(200)),  # NULL: the complainant, or nobody
    Column("agency", String(50), nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", PersonalText("complaint_entry.text", row="id"), nullable=False),
    Column("ground", String(30)),
    Column("official", String(200)),
    Column("to_agency", String(50)),
    Column("on_time", Boolean),
    UniqueConstraint("complaint", "sequence", name="uq_complaint_entry_sequence"),
)

waits = Table(
    "complaint_wait",  # times in which the complainant was waited for
    metadata,
    Column("complaint", String(36), ForeignKey("complaint.id"), primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("begins_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("ends_at", Moment),
)

answers = Table(
    "complaint_answer",  # one for each round
    metadata,
    Column("id", String(36), primary_key=True),
    Column("complaint", String(36), ForeignKey("complaint.id"), nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("text", PersonalText("complaint_answer.text", row="id"), nullable=False),
    Column("drafted_by", String(200), nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("agency", String(50)),  # that answered; of the number
    Column("year", Integer),
    Column("number", Integer),
    Column("approved_by", String(200)),
    Column("approved_at", Moment),
    UniqueConstraint("complaint", "round", name="uq_complaint_answer_round"),
    UniqueConstraint("agency", "year", "number", name="uq_complaint_answer_number"),
)

publications = Table(
    "complaint_publication",  # what everybody may read: texts that somebody has cleared of personal data
    metadata,
    Column("complaint", String(36), ForeignKey("complaint.id"), primary_key=True),
    Column("code", String(80), nullable=False, unique=True),
    Column("agency", String(50), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("topic", String(30), nullable=False),
    Column("field", String(100)),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("search", Text, nullable=False),  # both texts without diacritics, in lower case
    Column("answered_at", Moment, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(200), nullable=False),
    Column("shown", Boolean, nullable=False),  # false while the complaint is reopened
    Index("ix_complaint_publication_shown", "shown", "published_at", "complaint"),
)

named = Table(
    "complaint_official",  # whom a complaint is about
    metadata,
    Column("complaint", String(36), ForeignKey("complaint.id"), primary_key=True),
    Column("official", String(200), primary_key=True),
    Column("named_by", String(200)),  # NULL: whoever lodged it
    Column("named_at", Moment, nullable=False),
)

reminders = Table(
    "complaint_reminder",  # which reminders were sent, each once
    metadata,
    Column("complaint", String(36), ForeignKey("complaint.id"), primary_key=True),
    Column("round", SmallInteger, primary_key=True),
    Column("deadline", String(10), primary_key=True),
    Column("reminder", String(20), primary_key=True),
    Column("sent_at", Moment, nullable=False),
)

numbers = Table(
    "complaint_number",  # the last number of an agency's complaints in a year
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

answer_numbers = Table(
    "complaint_answer_number",  # the last number of an agency's answers in a year
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)
