"""What staff may read: one dossier in full, and the desk's worklist."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from services.intake.components import Components
from services.intake.desks import above, desks_of, in_charge, name_of
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State, shown_state
from services.intake.dossiers.events_view import dossier_events
from services.intake.payments import store as money
from shared.agencies import Agencies
from shared.auth import Principal
from shared.runtime.reference_data import Reference


def readers(agencies: Agencies, row: Row[Any], reader: Principal, today: date) -> frozenset[str]:
    """The agencies whose people may read a dossier, as far as this reader's role goes.

    Clerks: those of the receiving desk. Leaders also: of the agencies above the desk, and of the agency where it lies.
    """
    desks = in_charge(agencies, row.receiving_agency, today)
    if not reader.has("leader"):
        return desks
    return desks | above(agencies, row.receiving_agency, today) | in_charge(agencies, row.place_agency, today)


def listed(agencies: Agencies, reader: Principal, wanted: str, today: date) -> frozenset[str]:
    """The receiving desks whose dossiers a reader may list.

    Args:
        agencies: all of them.
        reader: a clerk lists his own desk, with what was merged into it; a leader also any desk below his agency.
        wanted: a desk's code; empty for the reader's own agency.
        today: the business day.

    Returns:
        the codes; none at all when the reader may not.
    """
    own = desks_of(agencies, reader.agency, today) if reader.agency else frozenset()
    if not wanted or wanted == reader.agency:
        return own
    if wanted in own:
        return frozenset({wanted})
    leads = bool(own) and reader.has("leader") and reader.agency in above(agencies, wanted, today)
    return desks_of(agencies, wanted, today) if leads else frozenset()


def dossier_detail(
    connection: Connection, row: Row[Any], parts: Components, reference: Reference, today: date
) -> dict[str, Any]:
    """A dossier in full, with personal data; whoever shows it records who has read it."""
    procedure = parts.catalogue.version(connection, row.procedure, row.procedure_version)
    return {
        "code": row.code,
        **shown_state(State(row.state)),
        "procedure": {"code": procedure.code, "name": procedure.name, "version": row.procedure_version},
        "case": row.case_code,
        "case_name": procedure.case(row.case_code).name,
        "field": row.field,
        "channel": row.channel,
        "remote": row.remote,
        "receiving_agency": row.receiving_agency,
        "receiving_agency_name": name_of(reference.agencies, row.receiving_agency, today),
        "regulation": row.regulation,
        "received_at": row.received_at,
        "promised_at": row.promised_at,
        "explanation": orjson.loads(row.explanation),
        "due_at": row.due_at,
        "paused": row.paused,
        "place": {
            "agency": row.place_agency,
            "agency_name": name_of(reference.agencies, row.place_agency, today),
            "step": row.place_step,
            "due_at": row.place_due_at,
        },
        "fee": row.fee,
        "fee_items": orjson.loads(row.fee_items),
        "fee_paid_at": row.fee_paid_at,
        "resolved_at": row.resolved_at,
        "outcome": row.outcome,
        "result_told_at": row.result_told_at,
        "result_told_by": row.result_told_by,
        "returned_at": row.returned_at,
        "receiver_name": row.receiver_name,
        "return_note": row.return_note,
        "papers": orjson.loads(row.papers),
        "applicant": applicant_of(row),
        "withdrawn_at": row.withdrawn_at,
        "withdrawal_reason": row.withdrawal_reason,
        "supplemented_at": row.supplemented_at,
        **dossier_events(connection, row, procedure, reference.agencies, today),
        "obligations": [one._mapping for one in money.of_dossier(connection, row.code)],
        "payments": [one._mapping for one in money.payments_of(connection, row.code)],
        "history": [{**shown_state(state), "at": at} for state, at in dossiers.history(connection, row.code)],
    }


def applicant_of(row: Row[Any]) -> dict[str, str]:
    """Whose dossier it is: personal data."""
    return {
        "name": row.applicant_name,
        "id_number": row.applicant_id_number,
        "phone": row.applicant_phone,
        "email": row.applicant_email,
        "address": row.applicant_address,
    }


def worklist(
    connection: Connection,
    parts: Components,
    reference: Reference,
    agencies: Collection[str],
    states: Collection[State],
    after: str,
    most: int,
    today: date,
) -> dict[str, Any]:
    """A page of a desk's dossiers, with no personal data beyond the applicant's name.

    Args:
        connection: any.
        parts: for procedures' names.
        reference: for agencies' names.
        agencies: the receiving desks.
        states: which states.
        after: code of the last dossier of the page before; empty for the first page.
        most: rows on a page.
        today: the business day.

    Returns:
        the items, and `next`: what to give as `after` for the next page, None on the last one.
    """
    rows = dossiers.worklist(connection, agencies, states, after, most + 1)
    items = [
        {
            "code": row.code,
            **shown_state(State(row.state)),
            "procedure": {
                "code": row.procedure,
                "name": parts.catalogue.version(connection, row.procedure, row.procedure_version).name,
                "version": row.procedure_version,
            },
            "channel": row.channel,
            "receiving_agency": row.receiving_agency,
            "received_at": row.received_at,
            "promised_at": row.promised_at,
            "due_at": row.due_at,
            "paused": row.paused,
            "resolved_at": row.resolved_at,
            "place_agency": row.place_agency,
            "place_agency_name": name_of(reference.agencies, row.place_agency, today),
            "applicant_name": row.applicant_name,
        }
        for row in rows[:most]
    ]
    return {"items": items, "next": items[-1]["code"] if len(rows) > most else None}
