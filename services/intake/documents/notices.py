"""What notices say: the request for a supplement, the refusal, the apology, the stop (forms 02 to 05)."""

from __future__ import annotations

import orjson

from services.intake.applications import store as applications
from services.intake.applications.domain import Application, Status
from services.intake.documents.contents import Draft, Source, dated, day_of
from services.intake.documents.domain import AT_THE_DESK, REFUSED, STOP, DocumentType, NotIssuable, moment_cause
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import REFUSED_OUTCOME, Dossier
from services.intake.dossiers.events_view import CAUSES
from services.intake.supplements import store as supplements
from shared.documents.issuer import issuer_fields
from shared.documents.words import moment_in_words
from shared.runtime.clock import VIETNAM


def supplement_request(source: Source, cause: str) -> Draft:
    """Form 02: of a step of a dossier, which is its cause, or of the desk before it has received the dossier."""
    one = source.subject
    if isinstance(one, Application) or cause == AT_THE_DESK:
        return _asked_by_desk(source)
    requests = [found for found in supplements.requests_of(source.connection, one.code) if cause in ("", found.task)]
    if not requests:
        raise NotIssuable(DocumentType.SUPPLEMENT_REQUEST)
    newest = requests[-1]
    return Draft(
        one.receiving_agency,
        {
            "papers": orjson.loads(newest.papers),
            "reason": newest.reason,
            "requested_by": source.agencies.name_of(newest.agency, source.today),
            "until": moment_in_words(newest.until) if newest.until else "",
            **dated(source, newest.requested_at),
        },
        newest.task,
    )


def _asked_by_desk(source: Source) -> Draft:
    application = applications.find(source.connection, source.subject.code)  # it may be a dossier by now
    if application is None or application.supplement_requested_at is None:
        raise NotIssuable(DocumentType.SUPPLEMENT_REQUEST)
    return Draft(
        application.receiving_agency,
        {
            "papers": orjson.loads(application.supplement_papers),
            "reason": application.supplement_reason,
            "requested_by": source.desk,
            "until": moment_in_words(application.supplement_until) if application.supplement_until else "",
            **dated(source, application.supplement_requested_at),
        },
        AT_THE_DESK,
    )


def refusal(source: Source, _cause: str) -> Draft:
    """Form 03: the handling agency has refused the dossier, or the desk does not receive what was filed online or came by post."""
    one = source.subject
    if not isinstance(one, Application):
        return _refused_by_agency(source, one)
    if one.status is not Status.REFUSED or one.decided_at is None:
        raise NotIssuable(DocumentType.REFUSAL)
    return Draft(
        one.receiving_agency,
        {
            "filed": moment_in_words(one.filed_at),
            "reason": one.refusal_reason,
            "refused_by": "",
            "document": "",
            "parcel": one.return_parcel,
            **dated(source, one.decided_at),
        },
        AT_THE_DESK,
    )


def _refused_by_agency(source: Source, dossier: Dossier) -> Draft:
    if dossier.outcome != REFUSED_OUTCOME or not dossier.refusal_reason or dossier.resolved_at is None:
        raise NotIssuable(DocumentType.REFUSAL)
    return Draft(
        dossier.receiving_agency,
        {
            "filed": moment_in_words(dossier.received_at),
            "reason": dossier.refusal_reason,
            "refused_by": source.agencies.name_of(dossier.refusal_agency or "", source.today),
            "document": dossier.refusal_document or "",
            "parcel": "",
            **dated(source, dossier.resolved_at),
        },
        REFUSED,
    )


def apology(source: Source, cause: str) -> Draft:
    """Form 04: of the agency that apologises, dated and numbered as signed; its cause is the moment of the apology."""
    dossier = source.dossier(DocumentType.APOLOGY)
    given = dossiers.reappointments_of(source.connection, dossier.code)
    found = [one for one in given if cause in ("", moment_cause(one.extended_at))]
    if not found:
        raise NotIssuable(DocumentType.APOLOGY)
    newest = found[-1]
    signed_on = newest.extended_at.astimezone(VIETNAM).date()
    return Draft(
        newest.agency,
        {
            "place_day": issuer_fields(source.agencies, newest.agency, signed_on)["place_day"],
            "received_on": day_of(dossier.received_at),
            "desk": source.desk,
            "field_name": source.procedure.field_name,
            "was_due": moment_in_words(newest.was_due_at),
            "due": moment_in_words(newest.due_at),
            "reason": newest.reason,
            "responsible": source.agencies.name_of(newest.agency, source.today),
        },
        moment_cause(newest.extended_at),
        (newest.number, signed_on.year) if newest.number else None,
    )


def stop_notice(source: Source, _cause: str) -> Draft:
    """Form 05."""
    dossier = source.dossier(DocumentType.STOP_NOTICE)
    if dossier.stopped_at is None or dossier.stop_cause is None:
        raise NotIssuable(DocumentType.STOP_NOTICE)
    return Draft(
        dossier.receiving_agency,
        {
            "received_on": day_of(dossier.received_at),
            "stopped": moment_in_words(dossier.stopped_at),
            "cause": CAUSES[dossier.stop_cause][0],
            "reason": dossier.stop_reason or "",
        },
        STOP,
    )
