"""The tables that every service's database has for the bus. `shared.persistence.initial_tables` creates them in the first migration."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from shared.persistence.sql import BigId, Moment

CONTENT_DIGITS = 32
"""128 bits in hexadecimal: an agency that finds two decisions of one digest has misled only itself."""

metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("event_id", String(100), nullable=False),
    Column("type", String(200), nullable=False),
    Column("topic", String(250), nullable=False),
    Column("key", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # its sequence attribute is 0: the column has the sequence number
    Column("created_at", Moment, nullable=False),
    sqlite_autoincrement=True,  # ids are never reused: a delayed relay may still delete rows by the ids it read
)

published_events = Table(
    "published_event",  # what the broker has confirmed, kept for some days, so that a subscriber can get again what it missed
    metadata,
    Column("position", BigId, primary_key=True, autoincrement=False),  # the id that its row had in the outbox
    Column("event_id", String(100), nullable=False),
    Column("type", String(200), nullable=False),
    Column("topic", String(250), nullable=False),
    Column("key", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # as in the outbox
    Column("published_at", Moment, nullable=False),
    # rows come in the order of this column: a block range index costs next to nothing when they are written
    Index("ix_published_event_published_at", "published_at", postgresql_using="brin"),
)

published_batches = Table(
    "published_batch",  # what the relay has published and no window contains yet
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("published_at", Moment, nullable=False),
    Column("positions", Text, nullable=False),  # JSON list
    sqlite_autoincrement=True,
)

delivery_windows = Table(
    "delivery_window",  # events of one subscriber that it has not confirmed yet
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subscriber", String(50), nullable=False),
    Column("published_at", Moment, nullable=False),  # of its oldest event
    Column("positions", Text, nullable=False),  # JSON list, in order
    Column("events", Integer, nullable=False),
    Column("missing", Integer, nullable=False),  # as the subscriber said last
    Column("attempts", Integer, nullable=False),  # summaries sent
    Column("next_attempt_at", Moment, nullable=False),
    Index("ix_delivery_window_subscriber", "subscriber", "published_at"),
)

outbox_sequences = Table(
    "outbox_sequence",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

epochs = Table(
    "epoch",  # one row for each time that the database was restored from a backup; see shared.persistence.epoch
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", String(200), nullable=False),  # where the row was written
    Column("reason", Text, nullable=False),
    Column("announced", Boolean, nullable=False),  # whether the other services have been told
)

inbox = Table(
    "inbox",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("event_id", String(100), primary_key=True),
    Column("applied_at", Moment, nullable=False, index=True),
    Column("content", String(CONTENT_DIGITS)),  # digest of what it said; null: it never arrived
)

retry_queue = Table(
    "retry_queue",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),
    Column("event_id", String(100), nullable=False),
    Column("type", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, parked
    Column("kind", String(15), nullable=False),  # see shared.messaging.retry_queue
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    UniqueConstraint("source", "event_id", name="uq_retry_queue_source_event_id"),
    Index("ix_retry_queue_key", "key", "id"),
    Index("ix_retry_queue_due", "state", "next_attempt_at"),
    sqlite_autoincrement=True,
)

queue_generations = Table(
    "queue_generation",  # the service's partitions at the broker; see shared.messaging.partitions. No row: its one queue
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("partitions", Integer, nullable=False),
    Column("drained", Boolean, nullable=False),
    Column("routed", Boolean, nullable=False),  # whether events may have been sent to it
    Column("requested_at", Moment, nullable=False),
)

poison_messages = Table(
    "poison_message",  # events that were in process when a worker died; counted before each further attempt
    metadata,
    Column("event_id", String(100), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

idempotency_keys = Table(
    "idempotency_key",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("caller", String(64), nullable=False),  # hash of agency and roles
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)
