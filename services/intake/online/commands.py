"""Beginning, saving, deleting and submitting drafts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from services.intake.applications.domain import Delivery, SubmittedPaper
from services.intake.applications.domain import Upload as SubmittedUpload
from services.intake.applications.submission import Submission, submit_application
from services.intake.co_signing import store as consents
from services.intake.co_signing.commands import agreed
from services.intake.co_signing.domain import Consent, parties_of
from services.intake.components import Components
from services.intake.filing.commands import UnknownProcedure
from services.intake.filing.domain.applicant import make_applicant
from services.intake.filing.domain.desk import open_desk
from services.intake.online import store
from services.intake.online.domain import Answers, Draft, Form, Incomplete, InvalidFields, Step, TooManyDrafts
from services.intake.online.rules import draft_rules
from services.intake.sign_in.domain import Citizen
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.uploads.upload import Upload

SWEPT_AT_ONCE = 100


def begin_draft(work: UnitOfWork, components: Components, citizen: Citizen, procedure: str) -> Draft:
    """Begins a draft; what the provider knows of the citizen is filled in already.

    Raises:
        UnknownProcedure: no such procedure.
        TooManyDrafts: the citizen has as many as one may have.
    """
    if components.catalogue.current(work.connection, procedure, work.now.date()) is None:
        raise UnknownProcedure(procedure)
    if store.count_open(work.connection, citizen.subject) >= draft_rules(work.now.date()).drafts:
        raise TooManyDrafts
    answers = Answers(phone=citizen.phone, email=citizen.email, address=citizen.address)
    draft = Draft(str(uuid.uuid4()), citizen.subject, procedure, answers, work.now)
    store.add(work, draft)
    return draft


def save_answers(work: UnitOfWork, citizen: Citizen, id: str, change: Callable[[Answers], Answers]) -> None:
    """Keeps what was answered on one page.

    Args:
        work: the transaction.
        citizen: whose draft it is.
        id: of the draft.
        change: makes the new answers of those that are kept now, or raises.

    Raises:
        UnknownDraft: the citizen has no such draft.
    """
    draft = store.get(work.connection, citizen.subject, id, lock=True)
    if draft.submitted_at is None:
        store.save(work, draft, change(draft.answers))


def delete_draft(work: UnitOfWork, citizen: Citizen, id: str) -> None:
    """Deletes a draft with its files; one that is submitted stays.

    Raises:
        UnknownDraft: the citizen has no such draft.
    """
    draft = store.get(work.connection, citizen.subject, id, lock=True)
    if draft.submitted_at is None:
        uploads.discard(work, draft.id)
        consents.remove(work, draft.id)
        store.remove(work, draft)


def submit_draft(work: UnitOfWork, components: Components, citizen: Citizen, id: str) -> dict[str, Any]:
    """Submits a draft, once however often it is asked for.

    Returns:
        the receipt, as :func:`services.intake.applications.submission.submit_application`.

    Raises:
        UnknownDraft: the citizen has no such draft.
        UnknownProcedure: the procedure is no longer in force.
        Incomplete: something is missing, or no longer right.
        services.intake.co_signing.domain.NotAllAgreed: not everybody who applies together has agreed to exactly this.
        shared.uploads.upload.StillChecking: a file waits for the virus scanner.
    """
    draft = store.get(work.connection, citizen.subject, id, lock=True)
    files = uploads.of_draft(work.connection, draft.id)
    found = components.catalogue.current(work.connection, draft.procedure, work.now.date())
    if found is None:
        raise UnknownProcedure(draft.procedure)
    together = found[1].field in draft_rules(work.now.date()).together
    form = Form(draft, found[1], frozenset(file.paper for file in files), together)
    others: list[Consent] = []
    if draft.submitted_at is None:
        uploads.check_scanned(work.connection, draft.id)
        if form.first_open() is not Step.CHECK:
            raise Incomplete(form.first_open())
        others = agreed(work, form, found[0], files)
        store.mark_submitted(work, draft)
        consents.forget_identities(work, draft.id)
    return submit_application(work, components, _submission(work, form, citizen, files, others))


def _submission(
    work: UnitOfWork, form: Form, citizen: Citizen, files: Sequence[Upload], others: Sequence[Consent]
) -> Submission:
    answers = form.draft.answers
    applicant, faults = make_applicant(
        citizen.name,
        citizen.id_number,
        answers.phone,
        answers.email,
        answers.address,
        citizen.id_kind,
        citizen.birthdate,
        language=answers.language,
        channels=answers.channels,
    )
    if applicant is None:
        raise InvalidFields(faults)
    case = form.case()
    return Submission(
        id=form.draft.id,
        procedure=form.procedure.code,
        case=case.code if case else None,
        channel="online",
        desk=open_desk(work.reference.agencies, answers.desk, work.now.date()),
        applicant=applicant,
        papers=[_paper(paper.code, files) for paper in form.papers() if paper.code in form.present],
        remote=answers.remote,
        chosen=answers.chosen,
        submitter=citizen.subject,
        delivery=Delivery(answers.delivery, answers.delivery_address),
        parties=parties_of(others),
    )


def _paper(code: str, files: Sequence[Upload]) -> SubmittedPaper:
    own = [file for file in files if file.paper == code]
    return SubmittedPaper(
        code, 1, tuple(SubmittedUpload(one.id, one.sha256, one.size, one.media_type, one.name) for one in own)
    )


def delete_old_drafts(context: Context) -> int:
    """Deletes drafts that nobody has changed for as long as the rules keep them; the files of those that were submitted stay."""
    now = context.clock.now()
    before = now - timedelta(days=draft_rules(now.date()).kept_days)
    with context.store.read() as connection:
        ids = store.expired(connection, before, SWEPT_AT_ONCE)
    for id in ids:
        context.store.run(lambda work, id=id: _delete_old(work, id, before))  # type: ignore[misc]
    return len(ids)


def _delete_old(work: UnitOfWork, id: str, before: Any) -> None:
    submitted = store.is_submitted(work.connection, id)
    if store.remove_by_id(work, id, before) and not submitted:
        uploads.discard(work, id)
        consents.remove(work, id)
