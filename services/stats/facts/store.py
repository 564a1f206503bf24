"""The tables of facts: what stats knows about dossiers, steps, payments and messages, without personal data."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text

from services.stats.database import metadata
from shared.persistence.sql import Moment

dossiers = Table(
    "dossier",  # every column but the code may be unknown yet: events come from several services, in any order
    metadata,
    Column("code", String(100), primary_key=True),
    Column("agency", String(100)),  # where it was received
    Column("handling_agency", String(100)),  # where it is decided
    Column("field", String(100)),
    Column("procedure", String(50)),
    Column("case", String(100)),
    Column("channel", String(20)),
    Column("regulation", String(50)),
    Column("fee", BigInteger),
    Column("received_at", Moment),
    Column("promised_at", Moment),
    Column("due_at", Moment),
    Column("overdue_at", Moment),
    Column("overdue_withdrawn_at", Moment),  # the last due time that counted as missed and does not any more
    Column("resolved_at", Moment),
    Column("outcome", String(50)),
    Column("on_time", Boolean),  # by the law: by the due time in force, which an extension moves
    Column("index_on_time", Boolean),  # by the index (QĐ 766/QĐ-TTg, 2.1)
    Column("early", Boolean),
    Column("supplement_requested_at", Moment),  # the first time
    Column("supplement_last_requested_at", Moment),  # the last time; the same as the first unless it happened again
    Column("supplemented_at", Moment),  # the last time
    Column("extended_at", Moment),  # the last time
    Column("due_before_extension", Moment),  # the earliest due time that was extended
    Column("clock", Text),  # when its time stood still; see `dossier_clock.py`
    Column("stopped_at", Moment),  # when it ended without a result
    Column("stop_cause", String(20)),
    Column("stopped_on_time", Boolean),
    Column("late_at", Moment),  # when it first counted as late; set once, so each dossier counts once
    Column("returned_at", Moment),
    Column("return_method", String(20)),  # counter, electronic, post
    Column("published_at", Moment),  # when the file of an electronic result was published for the first time
    Column("digitised", Boolean),  # every paper was handed in as a file
    Column("handling_at", Moment),  # when the handling agency was last said for certain
    Column("apologised_at", Moment),  # the first time
    Column("corrected_at", Moment),  # the first time
    Column("paid_at", Moment),  # the first time
    Column("rated_at", Moment),
    Column("score", Integer),  # with which the rating counts; None if it does not
    Column("satisfied", Boolean),
    Column("on_saturday", Boolean),  # received
    Column("same_day", Boolean),  # the result was handed over on the day of receipt
    Column("ended_at", Moment, nullable=False),  # resolved, returned or stopped, whichever was first
)
LISTED_BY = (
    *("received_at", "resolved_at", "late_at", "returned_at", "supplement_requested_at", "extended_at", "stopped_at"),
    *("published_at", "apologised_at", "corrected_at", "paid_at", "due_at", "ended_at"),
)
"""The times of dossiers by which lists are made."""
for _name in LISTED_BY:
    _given = dossiers.c[_name].is_not(None)
    Index(
        f"ix_dossier_{_name}",
        *(dossiers.c["agency"], dossiers.c[_name], dossiers.c["code"]),
        postgresql_where=_given,
        sqlite_where=_given,
    )
Index("ix_dossier_procedure", *(dossiers.c[name] for name in ("agency", "procedure", "ended_at", "code")))
applications = Table(
    "application",  # filed online or by post; every column but the code may be unknown yet
    metadata,
    Column("code", String(100), primary_key=True),
    Column("agency", String(100)),  # the receiving desk
    Column("field", String(100)),
    Column("procedure", String(50)),
    Column("channel", String(20)),
    Column("filed_at", Moment),
    Column("supplement_requested_at", Moment),
    Column("supplemented_at", Moment),
    Column("accepted_at", Moment),
    Column("refused_at", Moment),
    Column("sent_back_at", Moment),
    Column("closed_at", Moment),  # withdrawn, or closed since the papers never came
    Column("close_cause", String(20)),
    Column("alerted_at", Moment),
    Column("overdue_at", Moment),
)

steps = Table(
    "step",
    metadata,
    Column("task", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("step", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("outcome", String(50), nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("assigned_at", Moment, nullable=False),
    Column("completed_at", Moment, nullable=False),
    Column("on_time", Boolean, nullable=False),
    Index("ix_step_dossier", "dossier"),
)

warnings = Table(
    "warning",  # due soon, overdue or returned; `id` is derived from what is warned of, so each warning counts once
    metadata,
    Column("id", String(300), primary_key=True),
    Column("kind", String(20), nullable=False),  # one of services.stats.measures.domain.WARNINGS
    Column("dossier", String(100), nullable=False),
    Column("task", String(100)),  # None: a warning about a whole dossier
    Column("step", String(100)),
    Column("agency", String(100), nullable=False),
    Column("due_at", Moment),  # None: a returned step
    Column("at", Moment, nullable=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Index("ix_warning_dossier", "dossier"),
)

corrections = Table(
    "correction",  # agencies' own errors that they corrected (NĐ 118/2025, Điều 23.1)
    metadata,
    Column("correction", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("corrected_at", Moment, nullable=False),
    Column("on_time", Boolean, nullable=False),
)

payments = Table(
    "payment",
    metadata,
    Column("payment", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("obligation", String(100)),  # None: the procedure's own fee
    Column("amount", BigInteger, nullable=False),
    Column("online", Boolean),  # by a payment provider
    Column("paid_at", Moment, nullable=False),
    Index("ix_payment_dossier", "dossier"),
)

refunds = Table(
    "refund",
    metadata,
    Column("refund", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("payment", String(100)),  # None: money that never counted as a payment
    Column("obligation", String(100)),
    Column("amount", BigInteger, nullable=False),
    Column("refunded_at", Moment, nullable=False),
    Index("ix_refund_dossier", "dossier"),
)

waivers = Table(
    "waiver",  # no dossier and no moment: to whom a fee was waived tells of poverty or disability
    metadata,
    Column("waiver", String(100), primary_key=True),
    Column("category", String(50), nullable=False),  # of people
    Column("agency", String(100), nullable=False),  # the receiving desk
    Column("field", String(100), nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
)

documents = Table(
    "document",  # official papers that were issued
    metadata,
    Column("number", String(100), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("kind", String(50), nullable=False),
    Column("agency", String(100), nullable=False),  # the issuer
    Column("dossier", String(100), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Index("ix_document_dossier", "dossier"),
)

declined_filings = Table(
    "declined_filing",  # visitors whom a desk has turned away before filing
    metadata,
    Column("filing", String(100), primary_key=True),
    Column("kind", String(50), nullable=False),  # supplement_request or refusal
    Column("reason", String(50), nullable=False),
    Column("procedure", String(50)),  # None: a matter outside the catalogue
    Column("field", String(100)),
    Column("agency", String(100), nullable=False),  # the desk
    Column(
        "repeated", Boolean, nullable=False
    ),  # not for the first time since the person's last filing of the procedure
    Column("declined_at", Moment, nullable=False),
)

apologies = Table(
    "apology",  # a lateness for which a letter (form 04) is owed, or was signed
    metadata,
    Column("apology", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("agency", String(100), nullable=False),  # the responsible one
    Column("was_due_at", Moment, nullable=False),
    Column("missing_at", Moment),  # when it was first reported as missing
    Column("missing_on", String(10)),  # the last local day of such a report
    Column("reports", Integer),  # how many there were
    Column("number", String(100)),
    Column("signed_at", Moment),
    Column("withdrawn_at", Moment),
    Column("withdrawn_cause", String(20)),
    Index("ix_apology_dossier", "dossier"),
)

messages = Table(
    "message",
    metadata,
    Column("message", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("kind", String(50), nullable=False),
    Column("channel", String(20), nullable=False),  # of what is known last
    Column("state", String(10), nullable=False),  # sent, delivered, returned, failed, skipped: what is known last
    Column("segments", Integer, nullable=False),  # of the SMS by which it was sent first
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),  # the first thing that is known: the period in which it counts
    Column("state_at", Moment, nullable=False),
    Index("ix_message_dossier", "dossier"),
)

tickets = Table(
    "ticket",  # visitors of a desk, each with a new one after a transfer; nothing tells of the person
    metadata,
    Column("ticket", String(100), primary_key=True),
    Column("desk", String(100), nullable=False),
    Column("group", String(50), nullable=False),
    Column("day", Date, nullable=False),
    Column("number", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("priority", Boolean, nullable=False),
    Column("issued_at", Moment),
    Column("appointment", Boolean),
    Column("transferred_from", String(100)),
    Column("called_at", Moment),  # the first time
    Column("called_to", Integer),  # the counter
    Column("waited", Integer),  # seconds
    Column("served_at", Moment),
    Column("counter", Integer),
    Column("served", Integer),  # seconds
    Column("missed_at", Moment),
    Column("missed_cause", String(20)),
    Column("cancelled_at", Moment),
    Column("cancel_cause", String(20)),
    Index("ix_ticket_day", "day", "desk"),
)

ratings = Table(
    "rating",  # nothing tells who has rated; every column but the id may be unknown yet: a correction may come first
    metadata,
    Column("rating", String(100), primary_key=True),
    Column("kind", String(10)),  # dossier or visit
    Column("dossier", String(100)),  # None: a visit
    Column("agency", String(100)),
    Column("procedure", String(50)),
    Column("field", String(100)),
    Column("score", Integer),  # as it was given
    Column("channel", String(10)),
    Column("given_at", Moment),
    Column("corrected_at", Moment),  # the last time
    Column("corrected_score", Integer),  # None after a correction: it does not count
    Index("ix_rating_dossier", "dossier"),
)

complaint_events = Table(
    "complaint_event",  # one row for each thing that happened to a complaint; nothing of what was written, and by whom
    metadata,
    Column("complaint", String(100), primary_key=True),
    Column("happened", String(20), primary_key=True),  # lodged, answered, overdue ...
    Column("at", Moment, primary_key=True),
    Column("deadline", String(10), primary_key=True),  # which has passed or ends soon; empty for all else
    Column("escalation", Integer, primary_key=True),  # 1, 2; 0 for all else
    Column("agency", String(100), nullable=False),
    Column("kind", String(50), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("field", String(100)),
    Column("procedure", String(50)),
    Column("dossier", String(100)),
    Column("due_at", Moment),
    Column("on_time", Boolean),
    Column("repeated", Boolean, nullable=False),  # the same has happened to the complaint at another time too
    Index("ix_complaint_event_happened", "happened", "at"),
)
Index(
    "ix_complaint_event_repeated",
    complaint_events.c.happened,
    complaint_events.c.at,
    postgresql_where=complaint_events.c.repeated.is_(True),
    sqlite_where=complaint_events.c.repeated.is_(True),
)

surveys = Table(
    "survey",  # surveys that have ended
    metadata,
    Column("survey", String(100), primary_key=True),
    Column("agency", String(100)),  # None: of all agencies
    Column("invited", Integer, nullable=False),
    Column("responses", Integer, nullable=False),
    Column("index_per_mille", Integer),  # 914 is 91,4 %; None: too few answers
    Column("closed_at", Moment, nullable=False),
)
