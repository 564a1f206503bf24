"""Filing: one transaction that stores a dossier with its code, promised time and secret, and emits its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.intake.components import Components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State, state_fields
from services.intake.dossiers.official_acts import emit_handled
from services.intake.filing.applicant_row import announce_applicant, applicant_values
from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.assessment import Assessment, HandedPaper, assess
from services.intake.filing.domain.linked_choice import linked_names
from services.intake.filing.domain.parties import NOBODY, Parties
from services.intake.filing.dossier_number import defer_dossier_number
from services.intake.filing.duplicates import remember
from shared.agencies import Agency
from shared.catalogue import Fee, Procedure
from shared.catalogue.route_analysis import outcome_at_desk
from shared.observability.metrics import dossiers_received
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile
from shared.runtime.lookup_secret import hash_secret, new_secret


class NotImmediate(ValueError):
    """The result of this case cannot be handed over at once."""


class UnknownProcedure(LookupError):
    """No procedure of this code is in force."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An application that becomes a dossier: it has its code and secret, and its contact is known.

    Attributes:
        code: of both.
        secret_hash: of the secret that the applicant has.
    """

    code: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class Filing:
    """What a clerk files for a citizen.

    Attributes:
        procedure: the procedure's code.
        case: code or name of the case; None where there is only one.
        channel: ``counter``, ``online`` or ``post``.
        desk: the receiving one-stop desk.
        applicant: the citizen or organisation.
        papers: those handed in.
        remote: whether the place is hard to reach.
        chosen: codes of the linked procedures that the citizen chose.
        clerk: the subject of the clerk's token.
        fingerprint: by which the same filing is recognised for a minute; None not to.
        parties: the people of the dossier besides the applicant.
        finish: whether the result is handed over at once.
        registered: the application that is accepted; None for what is handed in at the counter.
        digitised: whether every paper came as a file.
    """

    procedure: str
    case: str | None
    channel: str
    desk: Agency
    applicant: Applicant
    papers: Sequence[HandedPaper]
    remote: bool
    chosen: Sequence[str]
    clerk: str
    fingerprint: str | None = None
    parties: Parties = NOBODY
    finish: bool = False
    registered: Registered | None = None
    digitised: bool = False


def file_dossier(work: UnitOfWork, components: Components, filing: Filing) -> dict[str, Any]:
    """Receives a complete dossier.

    Its number is taken at the end of the transaction, since other filings at the desk wait from then until the commit. Up to then
    the code contains the number's placeholder.

    Args:
        work: the transaction.
        components: pattern of codes, and catalogue.
        filing: what is handed in.

    Returns:
        the receipt's data, its code with the placeholder. Only this answer contains the secret; the dossier keeps its hash. It is
        empty for an application that is accepted, whose applicant has it.

    Raises:
        UnknownProcedure: no such procedure.
        shared.catalogue.CaseRequired, shared.catalogue.UnknownCase: as they say.
        services.intake.filing.domain.linked_choice.WrongChoice: the linked procedures cannot be chosen together.
        services.intake.filing.domain.assessment.MissingPapers: required papers are missing; nothing was stored.
        NotImmediate: the result is to be handed over at once, and cannot be.
    """
    today = work.now.date()
    found = components.catalogue.current(work.connection, filing.procedure, today)
    if found is None:
        raise UnknownProcedure(filing.procedure)
    version, procedure = found
    reference = work.reference
    calendar = reference.calendar(filing.desk.code, today)
    regulation = reference.regulation(today)
    assessment = assess(
        procedure,
        filing.case,
        filing.papers,
        work.now,
        calendar,
        regulation,
        filing.remote,
        filing.chosen,
        filing.channel,
    )
    explanation = [note.as_dict() for note in assessment.due.explanation]
    row = _row(filing, procedure, version, assessment, explanation)
    if filing.finish:
        row |= _handed_over(filing, procedure, assessment, work.now)
    if filing.registered is None:
        secret = new_secret()
        number = defer_dossier_number(work, filing.desk.code, today, components.pattern.digits)
        code = components.pattern.with_number(filing.desk.code, today, number)
        secret_hash = hash_secret(secret, work.hash_key)
        announce_applicant(work, code, row, secret_hash)
    else:
        secret, code, secret_hash = "", filing.registered.code, filing.registered.secret_hash
    dossiers.add(work, row | {"code": code, "secret_hash": secret_hash})
    if filing.fingerprint is not None:
        remember(work, filing.fingerprint, code)
    _emit_received(work, code, procedure, row, assessment.chosen, digitised=filing.digitised)
    about = {"dossier": code, "procedure": procedure.code, "field": procedure.field}
    emit_handled(work, "received", filing.clerk, filing.desk.code, **about)
    if filing.finish:
        dossiers.add_history(work, code, (State.PROCESSING, State.RESOLVED, State.RETURNED), work.now)
        _emit_returned(work, code, row)
    work.after_commit(dossiers_received.labels("intake", filing.desk.code, procedure.field).inc)
    return {
        "code": code,
        "secret": secret,
        "received_at": assessment.received_at,
        "promised_at": assessment.due.at,
        "explanation": explanation,
        "fee": assessment.fee,
        "fee_items": [_fee_item(item) for item in assessment.fees],
        "procedure": {"code": procedure.code, "name": procedure.name, "version": version},
        "field": procedure.field,
        "case": assessment.case.code,
        "case_name": assessment.case.name,
        "chosen": linked_names(procedure, assessment.chosen),
        "sms_possible": is_mobile(filing.applicant.phone),
        "receiving_agency": filing.desk.code,
        "receiving_agency_name": filing.desk.name,
        "regulation": assessment.regulation,
        **state_fields(State(row["state"])),
    }


def may_finish_at_desk(procedure: Procedure, case: str, chosen: Sequence[str] = ()) -> bool:
    """Whether the desk may hand the result over while the citizen waits (NĐ 118/2025, article 17.4).

    Args:
        procedure: the version in force.
        case: code of the case, whose limit must be "at once".
        chosen: codes of the linked procedures; with any of them other agencies work on the dossier.
    """
    return (
        not chosen
        and procedure.case(case).limit.unit == "immediate"
        and outcome_at_desk(procedure.route(case)) is not None
    )


def _handed_over(filing: Filing, procedure: Procedure, assessment: Assessment, now: datetime) -> dict[str, Any]:
    """The columns of a dossier whose result is handed over at once."""
    case = assessment.case.code
    if not may_finish_at_desk(procedure, case, assessment.chosen):
        raise NotImmediate(procedure.code)
    return {
        "state": int(State.RETURNED),
        "resolved_at": now,
        "outcome": outcome_at_desk(procedure.route(case)),
        "result_notified_at": now,
        "result_notified_by": filing.clerk,
        "returned_at": now,
    }


def _emit_returned(work: UnitOfWork, code: str, row: Mapping[str, Any]) -> None:
    names = ("procedure", "field", "receiving_agency", "regulation", "returned_at")
    work.emit("dossier.returned", {"dossier": code, **{name: row[name] for name in names}})


def _fee_item(item: Fee) -> dict[str, Any]:
    return {"code": item.code, "name": item.name, "amount": item.amount}


def _row(
    filing: Filing,
    procedure: Procedure,
    version: int,
    assessment: Assessment,
    explanation: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    applicant = filing.applicant
    return {
        "state": int(State.RECEIVED),
        "procedure": procedure.code,
        "procedure_version": version,
        "case_code": assessment.case.code,
        "chosen": orjson.dumps(assessment.chosen).decode(),
        "field": procedure.field,
        "channel": filing.channel,
        "remote": filing.remote,
        "receiving_agency": filing.desk.code,
        "regulation": assessment.regulation,
        "received_at": assessment.received_at,
        "promised_at": assessment.due.at,
        "explanation": orjson.dumps(explanation).decode(),
        "due_at": assessment.due.at,
        "paused": False,
        "place_agency": filing.desk.code,
        "place_step": "",
        "fee": assessment.fee,
        "fee_items": orjson.dumps([_fee_item(item) for item in assessment.fees]).decode(),
        "papers": orjson.dumps([paper.as_dict() for paper in assessment.papers]).decode(),
        **applicant_values(applicant),
        "parties": "" if filing.parties is NOBODY else orjson.dumps(filing.parties.as_dict()).decode(),
        "originals_kept": sum(paper.kept for paper in assessment.papers),
        "received_by": filing.clerk,
    }


def _emit_received(
    work: UnitOfWork,
    code: str,
    procedure: Procedure,
    row: Mapping[str, Any],
    chosen: Sequence[str],
    *,
    digitised: bool,
) -> None:
    work.emit(
        "dossier.received",
        {
            "dossier": code,
            "procedure": procedure.code,
            "procedure_version": row["procedure_version"],
            "procedure_name": procedure.name,
            "case": row["case_code"],
            "field": procedure.field,
            "channel": row["channel"],
            "receiving_agency": row["receiving_agency"],
            "received_at": row["received_at"],
            "promised_at": row["promised_at"],
            "regulation": row["regulation"],
            "fee": row["fee"],
            "remote": row["remote"],
            "chosen": list(chosen),
            **({"finished_at": row["returned_at"]} if "returned_at" in row else {}),
            **({"digitised": True} if digitised else {}),
        },
    )
