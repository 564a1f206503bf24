"""The public look-up: a dossier's progress, without personal data, for the holder of the receipt."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.applications.queries import open_application
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import PAYABLE, REFUSED_OUTCOME, Dossier, state_fields
from services.intake.dossiers.events_view import dossier_events
from services.intake.dossiers.queries import overdue, step_due_at
from services.intake.filing.domain.dossier_code import looks_like_code, normalise_code
from services.intake.payments import store as payments
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies
from shared.runtime.lookup_secret import secret_matches
from shared.runtime.reference_data import Reference


class WrongCodeOrSecret(LookupError):
    """No dossier has this code and secret. Which of the two is wrong is not disclosed.

    Args:
        code: the code for which to count the failed try; empty where the text cannot be a code.
    """

    def __init__(self, code: str) -> None:
        super().__init__("no dossier of this code and secret")
        self.code = code


def find_by_secret(connection: Connection, code: str, secret: str, hash_key: str) -> Dossier:
    """The dossier that a code and a secret open.

    Args:
        connection: any.
        code, secret: as typed.
        hash_key: of the stored hashes.

    Raises:
        WrongCodeOrSecret: the caller counts it by :func:`services.intake.lookup.throttle.count_wrong_try`.
    """
    normalised = normalise_code(code)
    if not looks_like_code(normalised):
        raise WrongCodeOrSecret("")
    dossier = dossiers.find(connection, normalised)
    # Compared even without a dossier, so that the time taken does not disclose whether there is one.
    if not secret_matches(secret, dossier.secret_hash if dossier is not None else "", hash_key) or dossier is None:
        raise WrongCodeOrSecret(normalised)
    return dossier


def find_filed_by_secret(connection: Connection, code: str, secret: str, hash_key: str) -> Dossier | Application:
    """The dossier that a code and a secret open, or the application that is not, or will never be, a dossier.

    Args:
        connection, code, secret, hash_key: as for :func:`find_by_secret`.

    Raises:
        WrongCodeOrSecret: as for :func:`find_by_secret`.
    """
    try:
        return find_by_secret(connection, code, secret, hash_key)
    except WrongCodeOrSecret as error:
        application = open_application(connection, error.code, secret, hash_key) if error.code else None
        if application is None:
            raise
        return application


def refusal_of(dossier: Dossier, agencies: Agencies, today: date) -> dict[str, Any] | None:
    """The written refusal that is a dossier's result; None where it has another, or none.

    Args:
        dossier: as read.
        agencies, today: for the name of the agency that refused.
    """
    if dossier.outcome != REFUSED_OUTCOME:
        return None
    agency = dossier.refusal_agency or ""
    return {
        "agency": agency,
        "agency_name": agencies.name_of(agency, today) if agency else "",
        "document": dossier.refusal_document or "",
        "reason": dossier.refusal_reason or "",
    }


def public_view(
    connection: Connection, dossier: Dossier, catalogue: Catalogue, reference: Reference, now: datetime
) -> dict[str, Any]:
    """What the public sees of a dossier: no personal data.

    Args:
        connection: any.
        dossier: as read.
        catalogue: for the procedure's name.
        reference: for the agencies' names and calendars.
        now: business time, for the names and for lateness.

    Returns:
        the fields of :class:`services.intake.lookup.schemas.LookupSchema`.
    """
    agencies, today = reference.agencies, now.date()
    procedure = catalogue.version(connection, dossier.procedure, dossier.procedure_version)
    payable = dossier.state in PAYABLE  # nothing is owed for a dossier that was stopped
    owed = [one for one in payments.obligations_of(connection, dossier.code) if payable and one.paid_at is None]
    return {
        "code": dossier.code,
        "procedure": {"code": procedure.code, "name": procedure.name, "version": dossier.procedure_version},
        **state_fields(dossier.state),
        "received_at": dossier.received_at,
        "promised_at": dossier.promised_at,
        "due_at": dossier.due_at,
        "paused": dossier.paused,
        "overdue": overdue(reference, dossier, now),
        "resolved_at": dossier.resolved_at,
        "returned_at": dossier.returned_at,
        "refusal": refusal_of(dossier, agencies, today),
        "receiving_agency": dossier.receiving_agency,
        "receiving_agency_name": agencies.name_of(dossier.receiving_agency, today),
        "place": {
            "agency": dossier.place_agency,
            "agency_name": agencies.name_of(dossier.place_agency, today),
            "step": dossier.place_step,
            "due_at": step_due_at(dossier, agencies, today),
        },
        "fee_unpaid": dossier.fee if payable and dossier.fee_paid_at is None else 0,
        "obligations_unpaid": [{"name": one.name, "kind": one.kind, "amount": one.amount} for one in owed],
        **dossier_events(connection, dossier, procedure, agencies, today),
        "history": [{**state_fields(state), "at": at} for state, at in dossiers.history(connection, dossier.code)],
    }
