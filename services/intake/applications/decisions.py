"""What a desk answers to an application: it accepts it, refuses it, or asks once for a supplement; and the supplement itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from services.intake.applications import store
from services.intake.applications.domain import (
    Application,
    ApplicationPaper,
    Status,
    SubmittedPaper,
    Upload,
    WrongStatus,
    check_transition,
)
from services.intake.applications.endings import check_in_time, status_fields, supplement_end_of
from services.intake.applications.submission import matched_papers
from services.intake.components import Components
from services.intake.documents.domain import AT_THE_DESK, DocumentType
from services.intake.documents.due import note_due
from services.intake.filing.commands import Filing, Registered, file_dossier
from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.assessment import HandedPaper
from services.intake.filing.domain.desk import NotADesk, open_desk
from services.intake.filing.domain.parties import NOBODY, CoApplicant, Parties, Representative
from services.intake.filing.domain.preferences import preferences_in
from services.intake.procedures.catalogue import Catalogue
from shared.persistence.unit_of_work import UnitOfWork


def accept_application(
    work: UnitOfWork, components: Components, application: Application, clerk: str, agency: str
) -> dict[str, Any]:
    """Receives an application: its dossier is made, with its code and secret, and the time limit begins (NĐ 118/2025, article 17.3).

    Args:
        work: the transaction that has locked the application.
        components: pattern of codes, and catalogue.
        application: as read.
        clerk: the subject of the clerk's token.
        agency: the clerk's; it receives the dossier if the application's desk has ended.

    Returns:
        the receipt's data, without the secret.

    Raises:
        services.intake.applications.domain.WrongStatus: it waits for the applicant, or was decided before.
        services.intake.filing.domain.assessment.MissingPapers: required papers are missing; ask for them.
        Others as :func:`services.intake.filing.commands.file_dossier`, since the procedure may have changed.
    """
    check_transition(application.status, Status.ACCEPTED)
    agencies, today = work.reference.agencies, work.now.date()
    try:
        desk = open_desk(agencies, application.receiving_agency, today)
    except NotADesk:
        desk = open_desk(agencies, agency, today)
    work.emit(
        "dossier.accepted_online",
        {
            "dossier": application.code,
            "channel": application.channel,
            "receiving_agency": application.receiving_agency,
            "filed_at": application.filed_at,
            "accepted_at": work.now,
        },
    )
    papers = store.papers_of(application)
    filing = Filing(
        procedure=application.procedure,
        case=application.case_code,
        channel=application.channel,
        desk=desk,
        applicant=applicant_of(application),
        papers=[_handed(paper) for paper in papers],
        remote=application.remote,
        chosen=orjson.loads(application.chosen),
        clerk=clerk,
        parties=parties_of(application),
        registered=Registered(application.code, application.secret_hash),
        digitised=bool(papers) and all(paper.uploads for paper in papers),
    )
    receipt = file_dossier(work, components, filing)
    store.change(work.connection, application, Status.ACCEPTED, decided_at=work.now, decided_by=clerk)
    return receipt


def request_supplement(
    work: UnitOfWork, application: Application, papers: Sequence[str], reason: str, clerk: str
) -> dict[str, Any]:
    """Asks the applicant for papers, which a desk may do once (NĐ 118/2025, articles 11.2c and 17.2c).

    Args:
        work: the transaction that has locked the application.
        application: as read.
        papers: what is asked for, by name, checked by :func:`services.intake.supplements.domain.requested_papers`.
        reason: why; the applicant reads it.
        clerk: the subject of the clerk's token.

    Raises:
        services.intake.applications.domain.WrongStatus: it was asked for before, or the application was decided.
    """
    check_transition(application.status, Status.SUPPLEMENT_REQUESTED)
    until = supplement_end_of(application, work.now, work.reference)
    store.change(
        work.connection,
        application,
        Status.SUPPLEMENT_REQUESTED,
        supplement_requested_at=work.now,
        supplement_until=until,
        supplement_papers=orjson.dumps(list(papers)).decode(),
        supplement_reason=reason,
        supplement_by=clerk,
    )
    note_due(work, DocumentType.SUPPLEMENT_REQUEST, application.code, AT_THE_DESK, clerk)
    work.emit(
        "application.supplement_requested",
        {
            "dossier": application.code,
            "channel": application.channel,
            "receiving_agency": application.receiving_agency,
            "papers": list(papers),
            "requested_at": work.now,
            "until": until,
        },
    )
    return status_fields(application.code, Status.SUPPLEMENT_REQUESTED)


def supplement_application(
    work: UnitOfWork, catalogue: Catalogue, application: Application, papers: Sequence[SubmittedPaper], channel: str
) -> dict[str, Any]:
    """Adds the papers that were asked for, however they came. From now on the desk has its time to answer again.

    Args:
        work: the transaction that has locked the application.
        catalogue: for the papers of the case.
        application: as read.
        papers: those that came; the files of a paper that is there already replace the earlier ones.
        channel: ``online``, ``post`` or ``counter``.

    Raises:
        services.intake.applications.domain.WrongStatus: no supplement was asked for, or it came before.
        services.intake.applications.domain.SupplementTooLate: the time for it is over.
    """
    check_transition(application.status, Status.SUPPLEMENTED)
    check_in_time(application, work.reference, work.now)
    procedure = catalogue.version(work.connection, application.procedure, application.procedure_version)
    added = matched_papers(procedure.accepted_papers(application.case_code), papers, complete=False)
    at = work.now.replace(microsecond=0)
    store.change(
        work.connection,
        application,
        Status.SUPPLEMENTED,
        papers=orjson.dumps([paper.as_dict() for paper in _merged(store.papers_of(application), added)]).decode(),
        supplemented_at=at,
        supplement_channel=channel,
        answer_from=at,
    )
    work.emit(
        "application.supplemented",
        {
            "dossier": application.code,
            "receiving_agency": application.receiving_agency,
            "papers": len(added),
            "supplemented_at": at,
        },
    )
    return status_fields(application.code, Status.SUPPLEMENTED)


def refuse_application(
    work: UnitOfWork, application: Application, reason: str, clerk: str, return_parcel: str = ""
) -> dict[str, Any]:
    """Refuses an application, in writing and with the reason (NĐ 118/2025, article 19.3).

    Args:
        work: the transaction that has locked the application.
        application: as read.
        reason: the applicant reads it.
        clerk: the subject of the clerk's token.
        return_parcel: number of the parcel in which the papers go back; empty if they have not gone yet, or are uploads.

    Raises:
        services.intake.applications.domain.WrongStatus: it was decided before.
    """
    check_transition(application.status, Status.REFUSED)
    values = {"decided_at": work.now, "decided_by": clerk, "refusal_reason": reason, "return_parcel": return_parcel}
    store.change(work.connection, application, Status.REFUSED, **values)
    note_due(work, DocumentType.REFUSAL, application.code, AT_THE_DESK, clerk)
    work.emit(
        "dossier.refused",
        {
            "dossier": application.code,
            "channel": application.channel,
            "receiving_agency": application.receiving_agency,
            "refused_at": work.now,
        },
    )
    if return_parcel:
        _announce_return(work, application, return_parcel)
    return status_fields(application.code, Status.REFUSED)


def record_return_parcel(work: UnitOfWork, application: Application, number: str) -> dict[str, Any]:
    """Records in which parcel the papers of a refused application went back, once.

    Args:
        work: the transaction that has locked the application.
        application: as read.
        number: of the parcel.

    Raises:
        services.intake.applications.domain.WrongStatus: it is not refused, or its papers went back before.
    """
    if application.status is not Status.REFUSED or application.return_parcel:
        raise WrongStatus(application.status, Status.REFUSED)
    store.change(work.connection, application, Status.REFUSED, return_parcel=number)
    _announce_return(work, application, number)
    return status_fields(application.code, Status.REFUSED)


def applicant_of(application: Application) -> Applicant:
    """The applicant of an application."""
    names = ("name", "id_number", "phone", "email", "address", "id_kind", "birth_date", "sex", "old_id_number")
    told = preferences_in(application.applicant_preferences)
    return Applicant(
        **{name: getattr(application, f"applicant_{name}") for name in names},
        language=told.language,
        channels=told.channels,
        chat_user=told.chat_user,
    )


def parties_of(application: Application) -> Parties:
    """Who represents the applicant, and who applies together with them."""
    data = orjson.loads(application.parties)
    acting, others = data["representative"], data["co_applicants"]
    if acting is None and not others:
        return NOBODY
    return Parties(Representative(**acting) if acting else None, tuple(CoApplicant(**one) for one in others))


def _handed(paper: ApplicationPaper) -> HandedPaper:
    filed = paper.filed
    return HandedPaper(filed.code or filed.name, filed.copies, filed.form, filed.kept)


def _merged(present: Sequence[ApplicationPaper], added: Sequence[ApplicationPaper]) -> tuple[ApplicationPaper, ...]:
    merged: dict[tuple[str, str], ApplicationPaper] = {}
    for paper in (*present, *added):
        key = (paper.filed.code, "" if paper.filed.code else paper.filed.name)
        uploads: tuple[Upload, ...] = paper.uploads or (merged[key].uploads if key in merged else ())
        merged[key] = ApplicationPaper(paper.filed, uploads)
    return tuple(merged.values())


def _announce_return(work: UnitOfWork, application: Application, number: str) -> None:
    agency = application.receiving_agency
    work.emit(
        "dossier.sent_back",
        {"dossier": application.code, "receiving_agency": agency, "parcel": number, "sent_at": work.now},
    )
