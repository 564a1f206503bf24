"""Asking co-applicants, their answers, and whether all have agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from services.intake.co_signing import store
from services.intake.co_signing.domain import (
    AGREED,
    BY,
    DECLINED,
    Consent,
    ConsentExpired,
    DraftChanged,
    NotAllAgreed,
    Standing,
    UnknownConsent,
    co_applicant_number,
    identity_of,
    version_of,
)
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.parties import MAX_CO_APPLICANTS
from services.intake.online import store as drafts
from services.intake.online.domain import Form, Step
from services.intake.online.rules import draft_rules
from services.intake.procedures.catalogue import Catalogue
from services.intake.sign_in.domain import Citizen, citizen_subject
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import Clock
from shared.uploads.upload import Upload


@dataclass(frozen=True, slots=True)
class SharedDraft:
    """A draft as one of those sees it who apply together.

    Attributes:
        form: the draft with its procedure.
        files: uploaded for it.
        consents: of all who are asked.
        version: see :func:`services.intake.co_signing.domain.version_of`.
    """

    form: Form
    files: Sequence[Upload]
    consents: Sequence[Consent]
    version: str

    @property
    def ready(self) -> bool:
        """Whether the draft is complete, so that there is something to agree to."""
        return self.form.first_open() is Step.CHECK


def add_person(work: UnitOfWork, owner: Citizen, draft: str, typed: str) -> None:
    """Asks one more person to apply together with the owner of a draft; one who was asked is asked again.

    Raises:
        services.intake.online.domain.UnknownDraft: the citizen has no such draft.
        InvalidField: the number is not valid, or there are too many people.
    """
    known = drafts.get(work.connection, owner.subject, draft, lock=True)
    if known.submitted_at is not None:
        return
    number = co_applicant_number(typed, owner)
    person = citizen_subject(work.hash_key, number)
    others = [one for one in store.of_draft(work.connection, draft) if one.person != person]
    if len(others) >= MAX_CO_APPLICANTS:
        most = MAX_CO_APPLICANTS
        raise InvalidField("id_number", f"Không quá {most} người.", f"Not more than {most} people.")
    store.ask(work, draft, person, {BY: f"{owner.name}, {owner.id_number}", "id_number": number})


def remove_person(work: UnitOfWork, owner: Citizen, draft: str, person: str) -> None:
    """Takes a person off a draft; the others have then to agree anew.

    Raises:
        services.intake.online.domain.UnknownDraft: the citizen has no such draft.
    """
    if drafts.get(work.connection, owner.subject, draft, lock=True).submitted_at is None:
        store.remove(work, draft, person)


def shared_draft(
    connection: Connection,
    catalogue: Catalogue,
    citizen: Citizen,
    draft: str,
    clock: Clock,
    lock: bool = False,
) -> tuple[SharedDraft, Consent]:
    """A draft that a person is asked about, and what they have answered.

    Args:
        connection: any.
        catalogue: for its procedure.
        citizen: who is asked.
        draft: its id.
        clock: of the platform.
        lock: whether the draft is locked until the transaction ends.

    Raises:
        UnknownConsent: nobody asks them, the draft is submitted or deleted, or its procedure is no longer in force.
    """
    consent = store.find(connection, draft, citizen.subject)
    known = drafts.find(connection, draft, lock) if consent else None
    if consent is None or known is None or known.submitted_at is not None:
        raise UnknownConsent(draft)
    today = clock.now().date()
    found = catalogue.current(connection, known.procedure, today)
    if found is None:
        raise UnknownConsent(draft)
    files, consents = uploads.of_draft(connection, draft), store.of_draft(connection, draft)
    form = Form(known, found[1], frozenset(file.paper for file in files), found[1].field in draft_rules(today).together)
    version = version_of(form, found[0], files, [one.person for one in consents])
    return SharedDraft(form, files, consents, version), consent


def answer(work: UnitOfWork, catalogue: Catalogue, citizen: Citizen, draft: str, seen: str, agrees: bool) -> None:
    """Keeps whether a person agrees to apply, to exactly the version that they have seen.

    Args:
        work: the transaction.
        catalogue: for the procedure.
        citizen: who answers.
        draft: its id.
        seen: the version on the page that they have answered.
        agrees: or declines, which they may at any time before it is submitted.

    Raises:
        UnknownConsent: as for :func:`shared_draft`.
        ConsentExpired: they were asked too long ago.
        DraftChanged: it is another version now.
    """
    shared, consent = shared_draft(work.connection, catalogue, citizen, draft, work.clock, lock=True)
    if not agrees:
        store.answer(
            work, consent, DECLINED, shared.version, {BY: consent.identity[BY], "id_number": citizen.id_number}
        )
        return
    if consent.asked_at + timedelta(days=draft_rules(work.now.date()).answer_days) < work.now:
        raise ConsentExpired
    if not shared.ready or shared.version != seen:
        raise DraftChanged
    store.answer(work, consent, AGREED, shared.version, {BY: consent.identity[BY]} | identity_of(citizen))


def agreed(work: UnitOfWork, form: Form, number: int, files: Sequence[Upload]) -> list[Consent]:
    """The agreements of all who apply together with the owner of a draft that is about to be submitted.

    Args:
        work: the transaction that has locked the draft.
        form: the draft with its procedure.
        number: of the procedure's version.
        files: that will be submitted.

    Raises:
        NotAllAgreed: one of them has not agreed to exactly this, or too long ago.
    """
    consents = store.of_draft(work.connection, form.draft.id)
    version = version_of(form, number, files, [one.person for one in consents])
    days = draft_rules(work.now.date()).answer_days
    if any(one.standing(version, work.now, days) is not Standing.AGREED for one in consents):
        raise NotAllAgreed
    return consents


def waiting_consents(
    connection: Connection, catalogue: Catalogue, citizen: Citizen, clock: Clock
) -> list[tuple[SharedDraft, Standing]]:
    """The drafts that a person is asked about and may answer, and how each answer stands."""
    now = clock.now()
    days = draft_rules(now.date()).answer_days
    found = []
    for asked in store.of_person(connection, citizen.subject, now - timedelta(days=days)):
        try:
            shared, consent = shared_draft(connection, catalogue, citizen, asked.draft, clock)
        except UnknownConsent:
            continue
        found.append((shared, consent.standing(shared.version, now, days)))
    return found
