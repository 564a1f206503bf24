"""The JSON API of filing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request
from sqlalchemy.exc import IntegrityError

from services.intake import access
from services.intake.components import components
from services.intake.filing import commands, duplicates
from services.intake.filing.domain.applicant import Applicant, InvalidField, make_applicant
from services.intake.filing.domain.desk import open_desk
from services.intake.filing.domain.parties import make_parties
from services.intake.filing.schemas import FilingSchema, ReceiptSchema
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from shared.agencies import Agency
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import IN_BODY, files_for
from shared.web.authorization import principal, roles
from shared.web.error_handlers import is_duplicate
from shared.web.idempotency import HEADER
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("intake", "filing", "Filing of dossiers")


def asking_about_duplicates(view: View) -> View:
    """Answers 409 where the same was filed less than a minute ago, and lets an older fingerprint not stand in the way."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        g.intake_fingerprint = None
        try:
            return view(**path)
        except IntegrityError as error:
            if g.intake_fingerprint is None or not is_duplicate(error):
                raise
            duplicates.settle(context().store, g.intake_fingerprint)
        return view(**path)

    return cast(View, endpoint)


def _fingerprint(body: dict[str, Any], desk: str, applicant: Applicant) -> str | None:
    """The filing's fingerprint; None where its caller answers for repetitions, by a key or by insisting."""
    if body["insist"] or HEADER in request.headers:
        return None
    what = [body["procedure"], body["case"] or "", body["channel"], str(body["remote"]), *sorted(body["chosen"])]
    g.intake_fingerprint = duplicates.fingerprint(context().settings.hash_key, desk, applicant, what, body["papers"])
    return cast(str, g.intake_fingerprint)


def filing_of(body: dict[str, Any], desk: Agency, clerk: str, today: date) -> commands.Filing:
    """What is filed, by the rules that the API and the desk's pages share.

    Args:
        body: as :class:`FilingSchema` loads it.
        desk: the receiving one-stop desk.
        clerk: the subject of the clerk's token.
        today: the business day.

    Raises:
        Problem: 422, naming all fields of people that are not valid.
    """
    applicant, faults = make_applicant(**body["applicant"], today=today)
    parties, others = make_parties(applicant, body["representative"], body["co_applicants"], today)
    own = [InvalidField(f"applicant.{fault.field}", fault.vi, fault.en) for fault in faults]
    if applicant is None or others:
        raise invalid_fields([*own, *others])
    return commands.Filing(
        procedure=body["procedure"],
        case=body["case"],
        channel=body["channel"],
        desk=desk,
        applicant=applicant,
        papers=body["papers"],
        remote=body["remote"],
        chosen=body["chosen"],
        clerk=clerk,
        parties=parties,
        finish=body["finish"],
    )


@api.post("/dossiers")
@files_for(IN_BODY)
@roles("clerk", agency="record")
@domain_errors_as_problems()
@asking_about_duplicates
@command(
    FilingSchema, ReceiptSchema, status=201, location="/intake/api/dossiers/{code}", dump=False, secrets=("secret",)
)
@domain_errors_as_problems()
def file_dossier(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Receives a dossier at the clerk's own desk; complete, or not at all."""
    desk = open_desk(work.reference.agencies, body["receiving_agency"], work.now.date())
    access.require(access.may_file_at(principal(), desk))
    filing = filing_of(body, desk, principal().subject, work.now.date())
    fingerprint = _fingerprint(body, desk.code, filing.applicant)
    if fingerprint is not None:
        filing = replace(filing, fingerprint=fingerprint)
    receipt = commands.file_dossier(work, components(), filing)
    return receipt | {"lookup_url": f"{context().settings.public_url}/intake/?code={receipt['code']}"}
