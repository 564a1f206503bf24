"""Registering a parcel of the public post (bưu chính công ích): what came in it waits as an application until the desk confirms it."""

from __future__ import annotations

from typing import Any

from services.intake.applications import store
from services.intake.applications.domain import Delivery, Parcel, ParcelRegistered, SubmittedPaper
from services.intake.applications.submission import Submission, submit_application
from services.intake.components import Components
from services.intake.filing.commands import Filing
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash


def register_parcel(
    work: UnitOfWork, components: Components, filing: Filing, parcel: Parcel, delivery: Delivery, note: str
) -> dict[str, Any]:
    """Registers what came in a parcel. One parcel may hold the papers of several applicants or procedures.

    Args:
        work: the transaction.
        components: pattern of codes, and catalogue.
        filing: what is in it; papers may be missing.
        parcel: number and sender.
        delivery: how the applicant wants to get the result.
        note: the clerk's; may be empty.

    Returns:
        the receipt's data, see :func:`services.intake.applications.submission.submit_application`.

    Raises:
        ParcelRegistered: this was registered before.
        Others as :func:`services.intake.applications.submission.submit_application`.
    """
    what = "\n".join([filing.desk.code, parcel.number, filing.procedure, filing.applicant.id_number])
    submission = f"parcel:{keyed_hash(work.hash_key, 'parcel', what)}"
    known = store.find_submission(work.connection, submission)
    if known is not None:
        raise ParcelRegistered(known.code)
    made = Submission(
        id=submission,
        procedure=filing.procedure,
        case=filing.case,
        channel="post",
        desk=filing.desk,
        applicant=filing.applicant,
        papers=[SubmittedPaper(paper.text, paper.copies) for paper in filing.papers],
        remote=filing.remote,
        chosen=filing.chosen,
        delivery=delivery,
        note=note,
        parcel=parcel,
        clerk=filing.clerk,
        parties=filing.parties,
    )
    return submit_application(work, components, made)
