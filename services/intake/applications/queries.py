"""What staff read of applications, and what the holder of the secret reads of one's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.applications import store
from services.intake.applications.domain import FOR_THE_OFFICER, Application, Status
from services.intake.applications.endings import status_fields, supplement_end_of
from services.intake.filing.domain.preferences import preferences_in
from services.intake.procedures.catalogue import Catalogue
from shared.calendar.answer_limits import AnswerLimits, answer_limits
from shared.calendar.deadlines import is_past
from shared.runtime.clock import VIETNAM
from shared.runtime.lookup_secret import secret_matches
from shared.runtime.reference_data import Reference


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """Which page of a list.

    Attributes:
        desks: codes of the receiving desks.
        statuses: which statuses.
        after: code of the last one of the previous page; empty for the first page.
        limit: maximum number.
        channel: ``online`` or ``post``; empty for both.
        named: the desks whose applicants are named in the list; others are opened one by one, with a reason.
    """

    desks: Collection[str]
    statuses: Collection[Status]
    after: str
    limit: int
    channel: str = ""
    named: Collection[str] = ()


def limits_of(application: Application, reference: Reference) -> AnswerLimits:
    """By when the desk is alerted and must answer, by its calendar as it is known now; no limits while it need not answer."""
    if application.status not in FOR_THE_OFFICER:
        return AnswerLimits(None, None)
    on = application.answer_from.astimezone(VIETNAM).date()
    return answer_limits(
        application.answer_from,
        reference.calendar(application.receiving_agency, on),
        reference.regulations.get(application.regulation),
    )


def application_list(
    connection: Connection, page: ApplicationPage, catalogue: Catalogue, reference: Reference, now: datetime
) -> dict[str, Any]:
    """A page of applications, the one that has waited longest first; the only personal data is the applicant's name.

    Returns:
        `items`, and `next`: the `after` of the next page, None on the last page.
    """
    found = store.list_of(connection, page.desks, page.statuses, page.after, page.limit + 1, page.channel)
    items = [_summary(connection, one, catalogue, reference, now) for one in found[: page.limit]]
    for item in items:
        if item["receiving_agency"] not in page.named:
            item["applicant_name"] = ""  # it is opened with a reason
    return {"items": items, "next": items[-1]["code"] if len(found) > page.limit else None}


def application_detail(
    connection: Connection, application: Application, catalogue: Catalogue, reference: Reference, now: datetime
) -> dict[str, Any]:
    """An application in full: personal data, so the caller records the reading."""
    procedure = catalogue.version(connection, application.procedure, application.procedure_version)
    names = {one.code: one.name for one in procedure.linked.procedures} if procedure.linked else {}
    people = orjson.loads(application.parties)
    return _summary(connection, application, catalogue, reference, now) | {
        "chosen": [{"code": code, "name": names.get(code, code)} for code in orjson.loads(application.chosen)],
        "remote": application.remote,
        "fee": application.fee,
        "papers": [
            {**paper.filed.as_dict(), "uploads": [asdict(upload) for upload in paper.uploads]}
            for paper in store.papers_of(application)
        ],
        "applicant": {
            name: getattr(application, f"applicant_{name}")
            for name in ("name", "id_number", "id_kind", "phone", "email", "address")
        }
        | {"birth_date": application.applicant_birth_date, "sex": application.applicant_sex}
        | asdict(preferences_in(application.applicant_preferences)),
        "representative": people["representative"],
        "co_applicants": people["co_applicants"],
        "delivery": application.delivery,
        "delivery_address": application.delivery_address,
        "note": application.note,
        "parcel_sender": application.parcel_sender,
        "withdrawal_reason": application.withdrawal_reason,
        **_answers(application, reference),
    }


def open_application(connection: Connection, code: str, secret: str, hash_key: str) -> Application | None:
    """The application that a code and a secret open; None if they open none, and once it is a dossier, which then is looked up.

    Args:
        connection: any.
        code: normalised.
        secret: as typed.
        hash_key: of the stored hashes.
    """
    found = store.find(connection, code)
    stored = found.secret_hash if found is not None and found.status is not Status.ACCEPTED else ""
    return found if secret_matches(secret, stored, hash_key) else None


def public_application(
    connection: Connection, application: Application, catalogue: Catalogue, reference: Reference, now: datetime
) -> dict[str, Any]:
    """What the holder of code and secret sees: no personal data."""
    summary = _summary(connection, application, catalogue, reference, now)
    shown = {name: value for name, value in summary.items() if name != "applicant_name"}
    return shown | _answers(application, reference)


def _summary(
    connection: Connection, application: Application, catalogue: Catalogue, reference: Reference, now: datetime
) -> dict[str, Any]:
    procedure = catalogue.version(connection, application.procedure, application.procedure_version)
    limits = limits_of(application, reference)
    return {
        **status_fields(application.code, application.status),
        "procedure": {"code": procedure.code, "name": procedure.name, "version": application.procedure_version},
        "case": application.case_code,
        "case_name": procedure.case(application.case_code).name,
        "channel": application.channel,
        "receiving_agency": application.receiving_agency,
        "receiving_agency_name": reference.agencies.name_of(application.receiving_agency, now.date()),
        "filed_at": application.filed_at,
        "waiting_since": application.answer_from,
        "alert_at": limits.alert_at,
        "answer_by": limits.answer_by,
        "alerted": limits.alert_at is not None and limits.alert_at <= now,
        "overdue": limits.answer_by is not None and is_past(limits.answer_by, now),
        "applicant_name": application.applicant_name,
        "parcel_number": application.parcel_number,
    }


def _answers(application: Application, reference: Reference) -> dict[str, Any]:
    asked = application.supplement_requested_at
    return {
        "supplement": {
            "papers": orjson.loads(application.supplement_papers),
            "reason": application.supplement_reason,
            "requested_at": asked,
            "until": supplement_end_of(application, asked, reference),
            "supplemented_at": application.supplemented_at,
        }
        if asked is not None
        else None,
        "decided_at": application.decided_at,
        "refusal_reason": application.refusal_reason,
        "return_parcel": application.return_parcel,
    }
