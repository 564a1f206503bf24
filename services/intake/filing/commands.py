"""Filing: one transaction that gives a dossier its number, its promise and its secret, and announces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.intake.components import Components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State, shown_state
from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.assessment import Assessment, assess
from services.intake.filing.domain.linked_choice import linked_names
from services.intake.lookup.domain import hash_secret, new_secret
from shared.agencies import Agency
from shared.catalogue import Procedure
from shared.persistence.unit_of_work import UnitOfWork


class UnknownProcedure(LookupError):
    """No procedure of this code is in force."""


@dataclass(frozen=True)
class Filing:
    """What the clerk hands in for the citizen.

    Attributes:
        procedure: the procedure's code.
        case: code or name of the case; None where there is only one.
        channel: ``counter``, ``online`` or ``post``.
        desk: the receiving one-stop desk.
        applicant: whose dossier it is.
        papers: code or name of each paper, and how many copies.
        remote: whether the place is hard to reach.
        chosen: codes of the linked procedures that the citizen chose.
        clerk: the subject of the clerk's token.
    """

    procedure: str
    case: str | None
    channel: str
    desk: Agency
    applicant: Applicant
    papers: Sequence[tuple[str, int]]
    remote: bool
    chosen: Sequence[str]
    clerk: str


def file_dossier(work: UnitOfWork, parts: Components, filing: Filing) -> dict[str, Any]:
    """Receives a complete dossier.

    The number is drawn as the dossier is written, since from then on the desk's other filings wait for the commit; until then
    the code has the number's mark.

    Args:
        work: the transaction.
        parts: pattern of codes and catalogue.
        filing: what was handed in.

    Returns:
        the receipt's data, its code still with the mark; the secret is in it and nowhere else.

    Raises:
        UnknownProcedure: no such procedure.
        shared.catalogue.CaseRequired, shared.catalogue.UnknownCase: as they say.
        services.intake.filing.domain.linked_choice.WrongChoice: linked procedures that cannot be chosen so.
        services.intake.filing.domain.assessment.MissingPapers: the dossier is not complete; nothing was stored.
    """
    found = parts.catalogue.current(work.connection, filing.procedure)
    if found is None:
        raise UnknownProcedure(filing.procedure)
    version, procedure = found
    today = work.now.date()
    reference = work.reference
    calendar = reference.calendar(filing.desk.code, today)
    regulation = reference.regulation(today)
    assessment = assess(
        procedure, filing.case, filing.papers, work.now, calendar, regulation, filing.remote, filing.chosen
    )
    secret = new_secret()
    explanation = [note.as_dict() for note in assessment.due.explanation]
    row = _row(filing, procedure, version, assessment, explanation)
    mark = dossiers.draw_number(work, filing.desk.code, today, parts.pattern.digits)
    code = parts.pattern.with_number(filing.desk.code, today, mark)
    dossiers.add(work, row | {"code": code, "secret_hash": hash_secret(secret)})
    _announce(work, code, procedure, row, assessment.chosen)
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
        "receiving_agency": filing.desk.code,
        "receiving_agency_name": filing.desk.name,
        "regulation": assessment.regulation,
        **shown_state(State.RECEIVED),
    }


def _fee_item(item: Any) -> dict[str, Any]:
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
        "applicant_name": applicant.name,
        "applicant_id_number": applicant.id_number,
        "applicant_phone": applicant.phone,
        "applicant_email": applicant.email,
        "applicant_address": applicant.address,
        "received_by": filing.clerk,
    }


def _announce(work: UnitOfWork, code: str, procedure: Procedure, row: Mapping[str, Any], chosen: Sequence[str]) -> None:
    work.emit(
        "applicant.registered",
        {
            "dossier": code,
            "name": row["applicant_name"],
            "phone": row["applicant_phone"],
            "email": row["applicant_email"],
        },
    )
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
        },
    )
