"""What complainants do: lodge, reply, withdraw, reopen. Also for clerks who enter for them, and for SMS."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.rating.complaints import store
from services.rating.complaints.case import Case, calendar_of, open_case
from services.rating.complaints.clock import Deadline, due_at, may_reopen_until
from services.rating.complaints.conflicts import agency_above
from services.rating.complaints.domain import (
    ENDED,
    Act,
    Fault,
    Lodged,
    NewComplaint,
    NotAllowedNow,
    OtherComplaint,
    State,
    TooLate,
    TooManyTimes,
    Unacceptable,
    UnknownComplaint,
    make_code,
)
from services.rating.complaints.lodging import checked, clean_body
from services.rating.complaints.metrics import count_lodged
from services.rating.complaints.notices import notify_complainant
from services.rating.complaints.rules import ComplaintRules, complaint_rules
from services.rating.complaints.store import Complaint
from services.rating.invitations.store import rated_dossier
from services.rating.officials.store import parts_of_dossier
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.lookup_secret import derived_secret, hash_secret, secret_matches


class _Repeated(Exception):
    """Somebody else has lodged it meanwhile; the number goes back."""


def lodge_complaint(work: UnitOfWork, new: NewComplaint) -> Lodged:
    """Lodges a complaint: it gets its code, its clock begins, and its complainant is told.

    The same one again gets the first answer again, with the same secret. Whether the dossier exists is not told.

    Args:
        work: the transaction.
        new: as it came.

    Raises:
        Unacceptable: with every fault, each with the field of :class:`NewComplaint` or :class:`Complainant`.
        OtherComplaint: another one was lodged under its identifier.
    """
    today = work.now.astimezone(VIETNAM).date()
    rules = complaint_rules(today)
    new = checked(new, rules, work.now)
    secret = derived_secret(work.hash_key, f"complaint {new.id}")
    known = store.find_by_id(work.connection, new.id)
    if known is not None:
        return _repeated(known, new, secret)
    if not work.reference.agencies.exists(new.agency, today):
        raise Unacceptable(Fault("agency", "Chọn một cơ quan trong danh sách.", "Choose an agency of the list."))
    try:
        with work.savepoint():
            complaint = _complaint(work, new, rules, hash_secret(secret, work.hash_key))
            if not store.add(work, complaint):
                raise _Repeated
    except _Repeated:
        known = store.find_by_id(work.connection, new.id)
        assert known is not None, "somebody has lodged it"
        return _repeated(known, new, secret)
    for official in dict.fromkeys(new.officials):
        store.name_official(work, complaint.id, official, new.entered_by or None)
    case = Case(work, complaint)
    case.record(Act.LODGE, new.entered_by or None)
    case.count_again()
    case.emit("lodged", due_at=case.complaint.answer_by, lodged_at=work.now)
    notify_complainant(work, case.complaint, State.LODGED, case.complaint.answer_by, secret)
    count_lodged(work, case.complaint)
    return Lodged(complaint.id, complaint.code, secret, case.complaint.answer_by)


def _repeated(known: Complaint, new: NewComplaint, secret: str) -> Lodged:
    same = (known.register, known.kind, known.channel, known.text) == (new.agency, new.kind, new.channel, new.text)
    if not same and known.erased_at is None:
        raise OtherComplaint(known.code)
    return Lodged(known.id, known.code, secret, known.answer_by, repeated=True)


def _complaint(work: UnitOfWork, new: NewComplaint, rules: ComplaintRules, secret_hash: str) -> Complaint:
    """A new row, with the next number of the agency's register."""
    now, agencies = work.now, work.reference.agencies
    today = now.astimezone(VIETNAM).date()
    began = new.received_at or now
    agency = agency_above(agencies, new.agency, today) if new.about_leader else new.agency
    rated = rated_dossier(work.connection, new.dossier) if new.dossier else None
    dossier_known = rated is not None or bool(new.dossier and parts_of_dossier(work.connection, new.dossier))
    calendar = calendar_of(work.reference, agency, now)
    until = {one: due_at(one, began, rules.limits, (), calendar).at for one in Deadline}
    number = store.take_number(work, new.agency, today.year)
    return Complaint(
        id=new.id,
        code=make_code(new.agency, today.year, number),
        register=new.agency,
        year=today.year,
        number=number,
        agency=agency,
        kind=new.kind.value,
        channel=new.channel.value,
        topic=new.topic,
        language=new.language,
        dossier=new.dossier or None,
        dossier_known=dossier_known,
        procedure=rated.procedure if rated else new.procedure or None,
        field=rated.field if rated else new.field or None,
        name=new.by.name,
        address=new.by.address,
        phone=new.by.phone,
        email=new.by.email,
        text=new.text,
        about=new.about,
        anonymous=new.by.anonymous,
        leader_of=new.agency if new.about_leader else None,
        entered_by=new.entered_by or None,
        secret_hash=secret_hash,
        state=State.LODGED.value,
        official=None,
        received_at=began,
        lodged_at=now,
        round=1,
        round_at=began,
        asked=0,
        reject_by=until[Deadline.REJECT],
        ask_by=until[Deadline.ASK],
        answer_by=until[Deadline.RESOLVE],
    )


def open_by_secret(connection: Connection, code: str, secret: str, hash_key: str) -> Complaint:
    """A complaint for whoever has its code and secret. Whoever guesses must be slowed down by the caller.

    Raises:
        UnknownComplaint: there is none of this code, or the secret is another; both take the same time.
    """
    found = store.find(connection, code.strip().upper())
    if not secret_matches(secret, found.secret_hash if found else "", hash_key) or found is None:
        raise UnknownComplaint(code)
    return found


def supply_more(work: UnitOfWork, code: str, secret: str, text: str) -> Complaint:
    """Adds what the complainant was asked for; from now on time is counted again.

    Raises:
        UnknownComplaint, NotAllowedNow, Unacceptable: as they say.
    """
    case = _own(work, code, secret)
    case.move(Act.SUPPLY, None, text=_text(case, text))
    end_waiting(case, work.now)
    return case.complaint


def end_waiting(case: Case, at: datetime) -> None:
    """Counts time again from a moment on."""
    store.end_wait(case.work.connection, case.complaint.id, at)
    case.set(reply_until=None)
    case.count_again()


def withdraw(work: UnitOfWork, code: str, secret: str, reason: str = "") -> Complaint:
    """Withdraws a complaint. What was written stays until the law allows to erase it, and is not published.

    Raises:
        UnknownComplaint, NotAllowedNow, Unacceptable: as they say.
    """
    case = _own(work, code, secret)
    waited = case.state == State.MORE_REQUESTED
    case.move(Act.WITHDRAW, None, text=_text(case, reason) if reason.strip() else "")
    if waited:
        store.end_wait(work.connection, case.complaint.id, work.now)
    end(case)
    case.emit("withdrawn", withdrawn_at=work.now)
    return case.complaint


def reopen(work: UnitOfWork, code: str, secret: str, reason: str) -> Complaint:
    """Opens a complaint again that was answered or rejected: another round, with its own time.

    Raises:
        UnknownComplaint, NotAllowedNow, Unacceptable: as they say.
        TooManyTimes: it was reopened as often as the rules allow.
        TooLate: the days for it are over.
    """
    case = _own(work, code, secret)
    one, rules = case.complaint, complaint_rules(work.now.astimezone(VIETNAM).date())
    if case.state not in ENDED or one.ended_at is None:
        raise NotAllowedNow(case.state, Act.REOPEN)
    if one.round > rules.reopened_times:
        raise TooManyTimes
    if work.now > may_reopen_until(one.ended_at, rules.reopen_days):
        raise TooLate
    text = _text(case, reason)
    case.set(round=one.round + 1, round_at=work.now, asked=0, official=None, **_NOT_ENDED)
    case.move(Act.REOPEN, None, text=text)
    store.hide_publication(work.connection, one.id)
    case.count_again()
    case.emit("reopened", due_at=case.complaint.answer_by, reopened_at=work.now)
    return case.complaint


_NOT_ENDED = dict.fromkeys(("answered_at", "ended_at", "erase_at", "publish_by", "reply_until"), None)


def end(case: Case) -> None:
    """Enters that the complaint has ended: when it may be erased, and which limit still runs."""
    now = case.work.now
    erase_at = now + timedelta(days=case.rules.retention_days)
    case.set(ended_at=now, erase_at=erase_at, reply_until=None)
    case.count_again()


def _own(work: UnitOfWork, code: str, secret: str) -> Case:
    """A complaint of the caller, locked."""
    found = open_by_secret(work.connection, code, secret, work.hash_key)
    return open_case(work, found.code)


def _text(case: Case, text: str) -> str:
    faults: list[Fault] = []
    clean = clean_body(text, case.rules.text_characters, faults)
    if faults:
        raise Unacceptable(*faults)
    return clean
