"""What leaders do with apologies: choose cause and date, make another agency responsible, sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.routing.access import Access
from services.routing.apologies import drafting, store
from services.routing.apologies.causes import apology_rules
from services.routing.apologies.domain import (
    ApologyKind,
    ApologyNotAllowed,
    ApologyState,
    Letter,
    check_letter,
    reason_in_words,
)
from services.routing.apologies.metrics import count_signed
from services.routing.apologies.store import AgencyChange, Apology
from services.routing.commands.errors import NotInHand
from services.routing.commands.load import load_citizens_dossier
from services.routing.domain.states import IN_HAND, DossierState
from services.routing.dossier import jurisdiction
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from shared.calendar.deadlines import past_from
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


class UnknownApology(LookupError):
    """No apology has this id."""


class NotADraft(Exception):
    """The apology is signed, or withdrawn; `apology` says when."""

    def __init__(self, apology: Apology) -> None:
        super().__init__(f"apology {apology.id} is {apology.state}")
        self.apology = apology


class ChangedSince(Exception):
    """Somebody has changed the draft since the caller has read it."""


class NotTakingPart(ValueError):
    """An agency that has no step of the dossier cannot be responsible for its lateness."""


def find_apology(connection: Connection, id_: str) -> Apology:
    """An apology as it now is.

    Raises:
        UnknownApology: there is none.
    """
    found = store.find(connection, id_)
    if found is None:
        raise UnknownApology(id_)
    return found


def agencies_taking_part(connection: Connection, apology: Apology) -> list[str]:
    """The agencies that may be responsible: those with a step of the dossier, in order of their steps."""
    steps = tasks.of_root(connection, apology.dossier)
    return list(dict.fromkeys([*(one.agency for one in steps), *(one.from_agency for one in steps)]))


def edit(work: UnitOfWork, access: Access, id_: str, letter: Letter, revision: int) -> Apology:
    """Keeps cause, reason and new date of a draft; what is missing may follow later.

    Args:
        work: the transaction.
        access: of a leader of the responsible agency, or of one above it.
        id_: of the apology.
        letter: as decided; an empty cause or date is kept as not decided.
        revision: of the draft that the leader has read.

    Raises:
        UnknownApology, NotADraft, ChangedSince: as they say.
        services.routing.access.AccessDenied: it is not the caller's.
        ApologyNotAllowed: there is no such cause.
    """
    _, apology = _load_draft(work, access, id_, revision)
    return _keep(work, apology, letter)


def change_agency(work: UnitOfWork, access: Access, id_: str, agency: str, reason: str, revision: int) -> Apology:
    """Makes another agency responsible; from then on its leader signs.

    Args:
        work: the transaction.
        access: of a leader of the agency that is responsible so far, or of one above it.
        id_: of the apology.
        agency: one that has a step of the dossier.
        reason: why; kept with the apology.
        revision: of the draft that the leader has read.

    Raises:
        UnknownApology, NotADraft, ChangedSince: as they say.
        services.routing.access.AccessDenied: it is not the caller's.
        NotTakingPart: the agency has no step of the dossier.
        ApologyNotAllowed: no reason is given.
    """
    transaction, apology = _load_draft(work, access, id_, revision)
    if agency not in agencies_taking_part(work.connection, apology):
        raise NotTakingPart(agency)
    if not reason.strip():
        raise ApologyNotAllowed("agency_without_reason", "Phải nêu lý do", "Give the reason", missing="reason")
    if agency == apology.agency:
        return apology
    entry = AgencyChange(apology.agency, agency, reason.strip(), access.actor.subject, transaction.work.now)
    store.add_change(work.connection, apology.id, entry)
    return _change(work, apology, agency=agency)


def sign(
    work: UnitOfWork, access: Access, id_: str, revision: int | None = None, missing: Letter | None = None
) -> Apology:
    """Signs an apology: it gets its number, goes to the citizen, and promises the new date.

    Args:
        work: the transaction.
        access: of a leader of the responsible agency, or of one above it.
        id_: of the apology.
        revision: of the draft that the leader has read; None if they sign what is there.
        missing: what to take where the draft has no cause or no date of its own; nothing when None.

    Raises:
        UnknownApology, NotADraft, ChangedSince: as they say.
        services.routing.access.AccessDenied: it is not the caller's.
        services.routing.commands.errors.NotInHand: the dossier has its result or has ended.
        ApologyNotAllowed: something is missing or wrong.
    """
    transaction, apology = _load_draft(work, access, id_, revision)
    if missing is not None:
        apology = _keep(work, apology, _completed(apology.letter, missing))
    now, root = work.now, transaction.root
    calendar = jurisdiction.calendar_of(transaction.reference, root.receiving_agency, now)
    check_letter(apology_rules(), transaction.regulation, apology.letter, calendar, now)
    agency = jurisdiction.current_agency(transaction.reference, apology.agency, now)
    signed = _number(work, replace(apology, agency=agency), access.actor.subject)
    values = ("agency", "state", "number", "year", "signed_at", "signed_by", "check_at", "revision")
    store.change(work.connection, signed.id, **{name: getattr(signed, name) for name in values})
    _tell(transaction, signed)
    count_signed(work, signed)
    return signed


def enter_extension(
    transaction: DossierTransaction, was_due_at: datetime, new_due_at: datetime, reason: str, by: str
) -> Apology:
    """Enters the apology for a delay that was announced before the due time (article 19.6) in the same register.

    Args:
        transaction: of the citizen's dossier; the extension was checked.
        was_due_at: the due time that will not be kept.
        new_due_at: the new one.
        reason: as the apology gives it.
        by: who signs it.
    """
    earlier = [
        one
        for one in store.of_dossier(transaction.connection, transaction.root.code)
        if one.kind == ApologyKind.EXTENSION
    ]
    draft = Apology(
        id=new_id(),
        dossier=transaction.root.code,
        kind=ApologyKind.EXTENSION,
        lateness=len(earlier) + 1,
        state=ApologyState.DRAFT,
        agency=transaction.root.handling_agency,
        missed_at=was_due_at,
        cause="",
        reason=reason,
        new_due_at=new_due_at,
        revision=1,
        drafted_at=transaction.work.now,
    )
    signed = replace(_number(transaction.work, draft, by), check_at=None)  # the clock of the dossier watches this date
    store.add(transaction.connection, signed)
    count_signed(transaction.work, signed)
    return signed


def _load_draft(work: UnitOfWork, access: Access, id_: str, revision: int | None) -> tuple[DossierTransaction, Apology]:
    """Locks the dossier of a draft, whose lateness follows the calendar first, and checks that the draft is the caller's."""
    found = find_apology(work.connection, id_)
    access.require_may_lead(found.agency)
    transaction = load_citizens_dossier(work, found.dossier, frozenset(DossierState))
    drafting.follow_promise(transaction)
    apology = find_apology(work.connection, id_)  # read again: this transaction may have waited for the lock
    access.require_may_lead(apology.agency)
    if apology.state != ApologyState.DRAFT:
        raise NotADraft(apology)
    if transaction.root.state not in IN_HAND:
        raise NotInHand(transaction.root)
    if revision is not None and revision != apology.revision:
        raise ChangedSince
    return transaction, apology


def _keep(work: UnitOfWork, apology: Apology, letter: Letter) -> Apology:
    if letter.cause and not apology_rules().knows(letter.cause):
        error = ApologyNotAllowed("apology_unknown_cause", "Không có nguyên nhân này", "There is no such cause")
        error.field = "cause"
        raise error
    if letter == apology.letter:
        return apology
    return _change(work, apology, cause=letter.cause, reason=letter.reason.strip(), new_due_at=letter.new_due_at)


def _completed(own: Letter, missing: Letter) -> Letter:
    """A letter with what it lacks; the words go with the cause."""
    if not own.cause:
        own = replace(own, cause=missing.cause, reason=own.reason or missing.reason)
    return own if own.new_due_at is not None else replace(own, new_due_at=missing.new_due_at)


def _change(work: UnitOfWork, apology: Apology, **values: object) -> Apology:
    values["revision"] = apology.revision + 1
    store.change(work.connection, apology.id, **values)
    return find_apology(work.connection, apology.id)


def _number(work: UnitOfWork, draft: Apology, by: str) -> Apology:
    year = work.now.astimezone(VIETNAM).year
    return replace(
        draft,
        state=ApologyState.SIGNED,
        number=store.take_number(work, draft.agency, year),
        year=year,
        signed_at=work.now,
        signed_by=by,
        check_at=None if draft.new_due_at is None else past_from(draft.new_due_at),
        revision=draft.revision + 1,
    )


def _tell(transaction: DossierTransaction, signed: Apology) -> None:
    """Emits the letter itself for intake alone, and that it was signed, without the leader's words, for all."""
    told = {
        "apology": signed.id,
        "agency": signed.agency,
        "number": signed.written_number,
        "was_due_at": signed.missed_at,
        "due_at": signed.new_due_at,
        "signed_at": signed.signed_at,
    }
    transaction.emit("apology.explained", **told, reason=reason_in_words(apology_rules(), signed.letter))
    transaction.emit("apology.signed", **told, cause=signed.cause)
