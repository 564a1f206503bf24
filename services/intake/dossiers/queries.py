"""What staff read: one dossier in full, and a desk's worklist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.dossiers import lists, store
from services.intake.dossiers.domain import Dossier, State, state_fields
from services.intake.dossiers.events_view import dossier_events
from services.intake.dossiers.lateness import Lateness, lateness
from services.intake.dossiers.lists import Listing
from services.intake.filing.domain.parties import NOBODY
from services.intake.filing.domain.preferences import preferences_in
from services.intake.payments import store as payments
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies, UnknownAgency
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference


def dossier_detail(
    connection: Connection, dossier: Dossier, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A dossier in full: personal data, so the caller records the reading.

    Args:
        connection: any.
        dossier: as read.
        catalogue: for its procedure.
        agencies: for their names.
        today: the business day, for the names.

    Returns:
        the fields of :class:`services.intake.dossiers.detail_schemas.DossierSchema`.
    """
    procedure = catalogue.version(connection, dossier.procedure, dossier.procedure_version)
    return {
        "code": dossier.code,
        **state_fields(dossier.state),
        "procedure": {"code": procedure.code, "name": procedure.name, "version": dossier.procedure_version},
        "case": dossier.case_code,
        "case_name": procedure.case(dossier.case_code).name,
        "field": dossier.field,
        "channel": dossier.channel,
        "remote": dossier.remote,
        "receiving_agency": dossier.receiving_agency,
        "receiving_agency_name": agencies.name_of(dossier.receiving_agency, today),
        "regulation": dossier.regulation,
        "received_at": dossier.received_at,
        "promised_at": dossier.promised_at,
        "explanation": orjson.loads(dossier.explanation),
        "due_at": dossier.due_at,
        "paused": dossier.paused,
        "place": {
            "agency": dossier.place_agency,
            "agency_name": agencies.name_of(dossier.place_agency, today),
            "step": dossier.place_step,
            "due_at": step_due_at(dossier, agencies, today),
        },
        "fee": dossier.fee,
        "fee_items": orjson.loads(dossier.fee_items),
        "fee_paid_at": dossier.fee_paid_at,
        "resolved_at": dossier.resolved_at,
        "outcome": dossier.outcome,
        "result_notified_at": dossier.result_notified_at,
        "result_notified_by": dossier.result_notified_by,
        "returned_at": dossier.returned_at,
        "receiver_name": dossier.receiver_name,
        "return_note": dossier.return_note,
        "papers": orjson.loads(dossier.papers),
        "applicant": applicant_fields(dossier) | asdict(preferences_in(dossier.applicant_preferences)),
        **parties_of(dossier),
        "withdrawn_at": dossier.withdrawn_at,
        "withdrawal_reason": dossier.withdrawal_reason,
        "supplemented_at": dossier.supplemented_at,
        **dossier_events(connection, dossier, procedure, agencies, today),
        "obligations": payments.obligations_of(connection, dossier.code),
        "payments": payments.payments_of(connection, dossier.code),
        "history": [{**state_fields(state), "at": at} for state, at in store.history(connection, dossier.code)],
    }


def step_due_at(dossier: Dossier, agencies: Agencies, today: date) -> datetime | None:
    """When the present step is due, or the end of the next working day if its day was declared off since it was assigned."""
    if dossier.place_due_at is None:
        return None
    try:
        return agencies.calendar(dossier.place_agency, today).rolled(dossier.place_due_at)
    except UnknownAgency:
        return dossier.place_due_at  # an agency that has ended; routing knows its successor


def overdue(reference: Reference, dossier: Dossier, now: datetime) -> Lateness | None:
    """By how much a dossier is overdue, by the calendar of its receiving desk as of the day of receipt; None when it is not."""
    received_on = dossier.received_at.astimezone(VIETNAM).date()
    return lateness(dossier, reference.calendar(dossier.receiving_agency, received_on), now)


def applicant_fields(dossier: Dossier) -> dict[str, str]:
    """The applicant: personal data."""
    return {
        "name": dossier.applicant_name,
        "id_number": dossier.applicant_id_number,
        "id_kind": dossier.applicant_id_kind,
        "phone": dossier.applicant_phone,
        "email": dossier.applicant_email,
        "address": dossier.applicant_address,
        "birth_date": dossier.applicant_birth_date,
        "sex": dossier.applicant_sex,
        "old_id_number": dossier.applicant_old_id_number,
    }


def parties_of(dossier: Dossier) -> dict[str, Any]:
    """Who represents the applicant, and who applies together with them: personal data."""
    found: dict[str, Any] = orjson.loads(dossier.parties) if dossier.parties else NOBODY.as_dict()
    return found


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """Which page of a worklist.

    Attributes:
        desks: codes of the receiving desks.
        holders: codes of agencies; dossiers of which they have an open step belong to the list too.
        states: which states.
        after: code of the last dossier of the previous page; empty for the first page.
        limit: maximum number of dossiers.
        text: part of a code, or words of an applicant's name; empty for all.
        named: the desks whose applicants are named in the list; others are opened one by one, with a reason. None for all.
    """

    desks: Collection[str]
    states: Collection[State]
    after: str
    limit: int
    holders: Collection[str] = ()
    text: str = ""
    named: Collection[str] | None = None


def worklist(
    connection: Connection, page: WorklistPage, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A page of the dossiers of some desks; the only personal data is the applicant's name.

    Returns:
        `items`, and `next`: the `after` of the next page, None on the last page.
    """
    rows = lists.worklist(
        connection, Listing(page.desks, page.holders, page.states, page.after, page.limit + 1, page.text)
    )
    items = [
        {
            "code": row.code,
            **state_fields(row.state),
            "procedure": {
                "code": row.procedure,
                "name": catalogue.version(connection, row.procedure, row.procedure_version).name,
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
            "place_agency_name": agencies.name_of(row.place_agency, today),
            "applicant_name": row.applicant_name if page.named is None or row.receiving_agency in page.named else "",
        }
        for row in rows[: page.limit]
    ]
    return {"items": items, "next": items[-1]["code"] if len(rows) > page.limit else None}
