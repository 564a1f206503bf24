"""Submitting an application: one transaction that stores it with its code and secret, and emits its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.intake.applications import store
from services.intake.applications.domain import (
    Application,
    ApplicationPaper,
    Delivery,
    Parcel,
    Status,
    SubmittedPaper,
    Upload,
)
from services.intake.components import Components
from services.intake.dossiers.domain import State, state_fields
from services.intake.filing.applicant_row import announce_applicant, applicant_values
from services.intake.filing.commands import UnknownProcedure
from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.assessment import FiledPaper, HandedPaper, complete_papers, match_papers
from services.intake.filing.domain.fee_reductions import fees_by_channel
from services.intake.filing.domain.linked_choice import choose
from services.intake.filing.domain.parties import NOBODY, Parties
from services.intake.filing.dossier_number import defer_dossier_number
from shared.agencies import Agency
from shared.calendar.answer_limits import answer_limits
from shared.catalogue import Paper, Procedure
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.lookup_secret import derived_secret, hash_secret


@dataclass(frozen=True, slots=True)
class Submission:
    """What a citizen submits online, or a clerk registers from a parcel.

    Attributes:
        id: of the draft or the form from which it comes; the same id is one application however often it is submitted.
        procedure: the procedure's code.
        case: code or name of the case; None where there is only one.
        channel: one of :data:`services.intake.applications.domain.CHANNELS`.
        desk: the receiving one-stop desk.
        applicant: the citizen or organisation.
        papers: with their uploads.
        remote: whether the place is hard to reach.
        chosen: codes of the linked procedures that the citizen chose.
        submitter: the keyed hash of the signed-in citizen's subject; empty for a parcel.
        delivery: how the citizen wants to get the result.
        note: what the citizen wants to tell the desk; may be empty.
        parcel: in which it came; None online.
        clerk: subject of the clerk who registers a parcel; empty online.
        parties: who represents the applicant, and who applies together with them.
    """

    id: str
    procedure: str
    case: str | None
    channel: str
    desk: Agency
    applicant: Applicant
    papers: Sequence[SubmittedPaper]
    remote: bool = False
    chosen: Sequence[str] = ()
    submitter: str = ""
    delivery: Delivery = field(default_factory=Delivery)
    note: str = ""
    parcel: Parcel | None = None
    clerk: str = ""
    parties: Parties = NOBODY


def submit_application(work: UnitOfWork, components: Components, submission: Submission) -> dict[str, Any]:
    """Stores an application at its desk. Nothing is received yet: no time limit runs but the desk's to answer.

    A repeated submission gets the same receipt, secret included, and changes nothing.

    Args:
        work: the transaction.
        components: pattern of codes, and catalogue.
        submission: what is submitted; its texts are checked already.

    Returns:
        the receipt's data: code (with the placeholder of its number, see
        :meth:`shared.persistence.unit_of_work.UnitOfWork.resolve_placeholder`), secret, filed_at, answer_by (None where the
        regulation sets no limit), fee, procedure, case, receiving agency, channel, and the state's fields.

    Raises:
        UnknownProcedure: no such procedure.
        shared.catalogue.CaseRequired, shared.catalogue.UnknownCase: as they say.
        services.intake.filing.domain.linked_choice.WrongChoice: the linked procedures cannot be chosen together.
        services.intake.filing.domain.assessment.MissingPapers: a required paper is missing online; a parcel may be incomplete.
    """
    secret = derived_secret(work.hash_key, f"application\n{submission.id}")
    if not store.claim_submission(work, submission.id):
        known = store.find_submission(work.connection, submission.id)
        assert known is not None, "a claimed submission has its application"
        procedure = components.catalogue.version(work.connection, known.procedure, known.procedure_version)
        return _receipt(work, known.code, secret, procedure, _values_of(known))
    found = components.catalogue.current(work.connection, submission.procedure, work.now.date())
    if found is None:
        raise UnknownProcedure(submission.procedure)
    version, procedure = found
    values = _row(work, submission, version, procedure)
    today = work.now.date()
    number = defer_dossier_number(work, submission.desk.code, today, components.pattern.digits)
    code = components.pattern.with_number(submission.desk.code, today, number)
    values |= {"code": code, "secret_hash": hash_secret(secret, work.hash_key)}
    store.add(work, values)
    _emit_events(work, code, procedure, values)
    return _receipt(work, code, secret, procedure, values)


def matched_papers(
    accepted: Sequence[Paper], submitted: Sequence[SubmittedPaper], complete: bool
) -> tuple[ApplicationPaper, ...]:
    """The papers of an application in the catalogue's order, each with its uploads.

    Args:
        accepted: the papers of the case.
        submitted: as named by the applicant or the clerk.
        complete: whether no required paper may be missing.

    Raises:
        services.intake.filing.domain.assessment.MissingPapers: one is, though none may be.
    """
    named = [HandedPaper(paper.paper, paper.copies) for paper in submitted]
    filed = complete_papers(accepted, named) if complete else match_papers(accepted, named)
    uploads: dict[tuple[str, str], tuple[Upload, ...]] = {}
    for paper in submitted:
        for one in match_papers(accepted, [HandedPaper(paper.paper, paper.copies)]):
            uploads[_key(one)] = uploads.get(_key(one), ()) + paper.uploads
    return tuple(ApplicationPaper(one, uploads.get(_key(one), ())) for one in filed)


def _key(paper: FiledPaper) -> tuple[str, str]:
    return (paper.code, "" if paper.code else paper.name)


def _row(work: UnitOfWork, submission: Submission, version: int, procedure: Procedure) -> dict[str, Any]:
    case = procedure.case(submission.case)
    chosen = choose(procedure, submission.chosen)
    papers = matched_papers(procedure.accepted_papers(case.code), submission.papers, submission.channel == "online")
    applicant, parcel, filed_at = submission.applicant, submission.parcel, work.now.replace(microsecond=0)
    return {
        "submission": submission.id,
        "status": str(Status.WAITING),
        "procedure": procedure.code,
        "procedure_version": version,
        "case_code": case.code,
        "chosen": orjson.dumps(chosen).decode(),
        "field": procedure.field,
        "channel": submission.channel,
        "remote": submission.remote,
        "receiving_agency": submission.desk.code,
        "regulation": work.reference.regulation(work.now.date()).id,
        "filed_at": filed_at,
        "answer_from": filed_at,
        "fee": sum(
            item.amount
            for item in fees_by_channel(
                procedure.fee_items(case.code), procedure.field, submission.channel, filed_at.date()
            )
        ),
        "papers": orjson.dumps([paper.as_dict() for paper in papers]).decode(),
        **applicant_values(applicant),
        "parties": orjson.dumps(submission.parties.as_dict()).decode(),
        "submitter": submission.submitter,
        "delivery": submission.delivery.by,
        "delivery_address": submission.delivery.address,
        "note": submission.note,
        "supplement_papers": "[]",
        "supplement_reason": "",
        "supplement_by": "",
        "supplement_channel": "",
        "decided_by": "",
        "refusal_reason": "",
        "withdrawal_reason": "",
        "parcel_number": parcel.number if parcel else "",
        "parcel_sender": parcel.sender if parcel else "",
        "return_parcel": "",
        "registered_by": submission.clerk,
    }


def _values_of(known: Application) -> dict[str, Any]:
    names = (
        "procedure_version",
        "case_code",
        "channel",
        "receiving_agency",
        "regulation",
        "filed_at",
        "answer_from",
        "fee",
    )
    return {name: getattr(known, name) for name in names}


def _receipt(work: UnitOfWork, code: str, secret: str, procedure: Procedure, values: dict[str, Any]) -> dict[str, Any]:
    desk, filed_at = values["receiving_agency"], values["filed_at"]
    reference = work.reference
    limits = answer_limits(
        filed_at, reference.calendar(desk, filed_at.date()), reference.regulations.get(values["regulation"])
    )
    return {
        "code": code,
        "secret": secret,
        "filed_at": filed_at,
        "answer_by": limits.answer_by,
        "fee": values["fee"],
        "procedure": {"code": procedure.code, "name": procedure.name, "version": values["procedure_version"]},
        "case": values["case_code"],
        "case_name": procedure.case(values["case_code"]).name,
        "channel": values["channel"],
        "receiving_agency": desk,
        "receiving_agency_name": reference.agencies.name_of(desk, work.now.date()),
        **state_fields(State.REGISTERED),
    }


def _emit_events(work: UnitOfWork, code: str, procedure: Procedure, values: dict[str, Any]) -> None:
    announce_applicant(work, code, values, values["secret_hash"])
    work.emit(
        "dossier.filed",
        {
            "dossier": code,
            "procedure": procedure.code,
            "procedure_version": values["procedure_version"],
            "procedure_name": procedure.name,
            "case": values["case_code"],
            "field": values["field"],
            "channel": values["channel"],
            "receiving_agency": values["receiving_agency"],
            "filed_at": values["filed_at"],
            "regulation": values["regulation"],
        },
    )
