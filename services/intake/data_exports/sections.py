"""What is kept beside a dossier, table by table: which columns a person gets, under which name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from services.intake.conversations.store import entries as conversation_entries
from services.intake.corrections.store import corrections
from services.intake.documents.store import documents
from services.intake.dossiers.store import reappointments, transitions
from services.intake.foreign_access.store import foreign_accesses
from services.intake.payments.refunds.store import refunds
from services.intake.payments.store import obligations, payments
from services.intake.payments.waivers.store import waivers
from services.intake.results.delivery import delivery_choices
from services.intake.results.store import hand_overs, result_files
from services.intake.supplements.store import supplement_requests
from shared.persistence.reading_audit import reading_audit

AT_ONCE = 400
"""Keys in one statement."""


@dataclass(frozen=True)
class Section:
    """Rows of one table about a dossier.

    Attributes:
        name: in the export.
        table: from which they are.
        fields: the columns, under their own names.
        order: the column by which they are ordered.
        for_all: whether everybody who is in the dossier gets them; else the applicant alone.
        json: columns that hold JSON.
        key: the column with the dossier's code.
    """

    name: str
    table: Table
    fields: Sequence[str]
    order: str
    for_all: bool = False
    json: frozenset[str] = frozenset()
    key: str = "dossier"


SECTIONS = (
    Section("states", transitions, ("state", "at"), "id", for_all=True),
    Section("corrections", corrections, ("corrected_at", "reason", "was"), "id", json=frozenset({"was"})),
    Section(
        "supplement_requests",
        supplement_requests,
        ("requested_at", "agency", "papers", "reason", "until", "supplemented_at", "note"),
        "requested_at",
        json=frozenset({"papers"}),
    ),
    Section(
        "conversation",
        conversation_entries,
        ("at", "kind", "agency", "happened_at", "text", "audience"),
        "id",
    ),
    Section(
        "new_dates",
        reappointments,
        ("extended_at", "agency", "reason", "was_due_at", "due_at", "number", "late"),
        "extended_at",
    ),
    Section("obligations", obligations, ("requested_at", "name", "amount", "agency", "paid_at"), "requested_at"),
    Section("payments", payments, ("paid_at", "amount", "method", "reference", "desk", "series", "number"), "paid_at"),
    Section(
        "refunds",
        refunds,
        ("requested_at", "amount", "cause", "reason", "state", "decided_at", "decision", "paid_at", "reference"),
        "requested_at",
    ),
    Section(
        "fee_waivers",
        waivers,
        ("asked_at", "category", "evidence", "number", "state", "fee", "waived", "decided_at", "seen", "reason", "id"),
        "asked_at",
    ),
    Section("documents", documents, ("issued_at", "kind", "number", "year", "agency", "replaced_at"), "issued_at"),
    Section("deliveries", delivery_choices, ("chosen_at", "by_post"), "chosen_at"),
    Section("result_files", result_files, ("added_at", "number", "agency", "bytes", "sha256", "taken_at"), "added_at"),
    Section(
        "hand_overs",
        hand_overs,
        ("handed_over_at", "method", "identity", "document", "originals", "parcel"),
        "handed_over_at",
        json=frozenset({"originals"}),
    ),
    Section("opened_by_others", foreign_accesses, ("at", "agency", "reason"), "at", for_all=True),
    Section("readings", reading_audit, ("at", "agency", "action"), "id", for_all=True, key="record"),
)

LEFT_OUT: Mapping[str, str] = {
    "appointment.phone": "nobody has shown whose number it is; who has the appointment's code sees all of it, and it is erased within days",
    "appointment.secret": "opens the appointment; who booked it has it",
    "document.contents": "the paper itself is printed from the person's own page of the dossier",
    "foreign_access.text": "what an official wrote about their work; when, which agency and why are told",
    "legal_hold.reason": "a complaint, a case or an inspection may concern others",
    "online_supplement.papers": "only names of papers that were asked for; the files are told with their names",
    "data_export_part.messages": "shown as what notify has answered",
    "data_export_part.rating": "shown as what rating has answered",
    "data_export.reason": "what a clerk wrote about their work; when and at which desk are told",
}
"""Personal columns that no export has, and why."""


def read_sections(
    connection: Connection, codes: Iterable[str], sections: Sequence[Section] = SECTIONS
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """All rows about some dossiers.

    Args:
        connection: any.
        codes: of the dossiers.
        sections: which ones.

    Returns:
        dossier → name of the section → rows.
    """
    found: dict[str, dict[str, list[dict[str, Any]]]] = {
        code: {section.name: [] for section in sections} for code in codes
    }
    for section in sections:
        for code, row in _rows(connection, section, list(found)):
            found[code][section.name].append(row)
    return found


def in_groups(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    """Some keys, as many at once as go into one statement."""
    return (keys[place : place + AT_ONCE] for place in range(0, len(keys), AT_ONCE))


def _rows(connection: Connection, section: Section, codes: Sequence[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    key, columns = section.table.c[section.key], [section.table.c[name] for name in section.fields]
    for some in in_groups(codes):
        found = select(key, *columns).where(key.in_(some)).order_by(section.table.c[section.order])
        for code, *values in connection.execute(found):
            row = dict(zip(section.fields, values, strict=True))
            yield code, {name: _value(value, name in section.json) for name, value in row.items()}


def _value(value: Any, json: bool) -> Any:
    return orjson.loads(value) if json and value else value
