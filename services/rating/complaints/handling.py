"""What officials do with complaints: assign, ask for more, reject, answer, approve, publish, pass on, and say whom one is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.rating.complaints import store
from services.rating.complaints.access import Access
from services.rating.complaints.case import Case, open_case
from services.rating.complaints.clock import Wait, on_time, reply_until
from services.rating.complaints.commands import end
from services.rating.complaints.conflicts import agency_above, barred_officials, directed_by_leader, may_handle
from services.rating.complaints.domain import (
    Act,
    ConflictOfInterest,
    Fault,
    NotAllowedNow,
    State,
    TooManyTimes,
    Unacceptable,
)
from services.rating.complaints.lodging import clean_body
from services.rating.complaints.metrics import count_answered
from services.rating.complaints.notices import notify_complainant
from services.rating.complaints.rules import OTHER
from services.rating.complaints.staff import employed, may_be_given
from services.rating.complaints.store import Answer, Complaint
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


class OwnDraft(ConflictOfInterest):
    """Who has drafted an answer does not approve it."""


def assign(work: UnitOfWork, access: Access, code: str, revision: int | None, official: str) -> Complaint:
    """Gives a complaint to an official, who is to answer it.

    Args:
        work: the transaction.
        access: of a leader of the agency that answers, or of one above it.
        code: of the complaint.
        revision: that the leader has read; None for whatever is there.
        official: an official of that agency or of one below it.

    Raises:
        Unacceptable: there is no such official there.
        ConflictOfInterest: it is about them, or about their work or their leader.
        UnknownComplaint, ChangedSince, NotAllowedNow, LeaderNeeded: as they say.
    """
    case = open_case(work, code, revision)
    access.require_leads(case.complaint)
    one, agencies, today = case.complaint, work.reference.agencies, _today(work)
    agency = employed(work.connection, agencies, one.agency, today).get(official)
    if agency is None:
        raise Unacceptable(Fault("official", "Chọn một cán bộ trong danh sách.", "Choose an official of the list."))
    barred = barred_officials(work.connection, one)
    if not may_handle(official, agency, barred, directed_by_leader(agencies, one, today)):
        raise ConflictOfInterest
    case.set(official=official)
    case.move(Act.ASSIGN, access.actor.subject, access.actor.agency, official=official)
    case.count_again()
    case.emit("assigned", due_at=case.complaint.answer_by, assigned_at=work.now)
    return case.complaint


def forward(work: UnitOfWork, access: Access, code: str, revision: int | None, agency: str, reason: str) -> Complaint:
    """Passes a complaint on to the agency that is competent. The time goes on; its leader assigns it.

    Raises:
        Unacceptable: there is no such agency, it is the same one, or no reason is given.
        ConflictOfInterest: a leader above that agency is whom it is about.
        UnknownComplaint, ChangedSince, NotAllowedNow, LeaderNeeded: as they say.
    """
    case = open_case(work, code, revision)
    access.require_leads(case.complaint)
    one, agencies, today = case.complaint, work.reference.agencies, _today(work)
    if agency == one.agency or not agencies.exists(agency, today):
        raise Unacceptable(Fault("agency", "Chọn một cơ quan khác.", "Choose another agency."))
    if one.leader_of is not None and agency in agencies.descendants(one.leader_of, today):
        raise ConflictOfInterest
    text = _text(case, reason, "reason")
    _pass_on(case, access, Act.FORWARD, agency, text)
    return case.complaint


def name_official(
    work: UnitOfWork, access: Access, code: str, revision: int | None, official: str, is_leader: bool
) -> Complaint:
    """Enters whom a complaint is about: they no longer see it. About a leader, it goes to the agency above theirs.

    Raises:
        Unacceptable: the agencies that the leader leads have no such official.
        UnknownComplaint, ChangedSince, NotAllowedNow, LeaderNeeded: as they say.
    """
    case = open_case(work, code, revision)
    access.require_leads(case.complaint)
    agencies, today = work.reference.agencies, _today(work)
    agency = employed(work.connection, agencies, access.actor.agency, today).get(official)
    if agency is None:
        raise Unacceptable(Fault("about_official", "Không có cán bộ này.", "There is no such official."))
    case.move(Act.NAME, access.actor.subject, access.actor.agency, official=official)
    store.name_official(work, case.complaint.id, official, access.actor.subject)
    if is_leader and case.state != State.MORE_REQUESTED:
        case.set(leader_of=agency)
        above = agency_above(agencies, agency, today)
        if case.complaint.agency in agencies.descendants(agency, today) and above != case.complaint.agency:
            _pass_on(case, access, Act.FORWARD, above, "")
    elif is_leader:
        raise NotAllowedNow(case.state, Act.FORWARD)
    _take_from_barred(case, access)
    return case.complaint


def request_more(work: UnitOfWork, access: Access, code: str, revision: int | None, text: str) -> Complaint:
    """Asks the complainant for more. Until the reply, or the end of the days for it, time is not counted.

    Raises:
        TooManyTimes: more was asked for as often as the rules allow.
        Unacceptable: nothing is asked.
        UnknownComplaint, ChangedSince, NotAllowedNow, NotYours: as they say.
    """
    case = open_case(work, code, revision)
    access.require_handles(case.complaint)
    one, rules = case.complaint, case.rules
    if one.asked >= rules.asked_times:
        raise TooManyTimes
    asked = _text(case, text)
    in_time = on_time(one.ask_by, work.now)
    until = reply_until(work.now, rules.wait_days, case.calendar)
    case.move(Act.REQUEST_MORE, access.actor.subject, access.actor.agency, text=asked, on_time=in_time)
    store.begin_wait(work.connection, one.id, one.round, one.asked + 1, Wait(work.now, until))
    case.set(asked=one.asked + 1, reply_until=until)
    case.count_again()
    case.emit("more_requested", on_time=in_time, requested_at=work.now)
    notify_complainant(work, case.complaint, State.MORE_REQUESTED, until)
    return case.complaint


def reject(work: UnitOfWork, access: Access, code: str, revision: int | None, ground: str, text: str) -> Complaint:
    """Rejects a complaint, with one of the grounds and a reason in words.

    Raises:
        Unacceptable: there is no such ground, or the ground needs words.
        UnknownComplaint, ChangedSince, NotAllowedNow, LeaderNeeded: as they say.
    """
    case = open_case(work, code, revision)
    access.require_leads(case.complaint)
    if case.rules.ground(ground) is None:
        raise Unacceptable(Fault("ground", "Chọn một lý do.", "Choose a ground."))
    words = _text(case, text) if text.strip() or ground == OTHER else ""
    in_time = on_time(case.complaint.reject_by, work.now)
    case.move(Act.REJECT, access.actor.subject, access.actor.agency, text=words, ground=ground, on_time=in_time)
    end(case)
    case.emit("rejected", on_time=in_time, rejected_at=work.now)
    notify_complainant(work, case.complaint, State.REJECTED)
    count_answered(work, case.complaint, in_time)
    return case.complaint


def draft_answer(work: UnitOfWork, access: Access, code: str, revision: int | None, text: str) -> Complaint:
    """Drafts the answer, or changes the draft; a leader approves it.

    Raises:
        Unacceptable: it is empty or too long.
        UnknownComplaint, ChangedSince, NotAllowedNow, NotYours: as they say.
    """
    case = open_case(work, code, revision)
    access.require_handles(case.complaint)
    one = case.complaint
    words = _text(case, text)
    case.move(Act.DRAFT, access.actor.subject, access.actor.agency)
    draft = Answer(new_id(), one.id, one.round, words, access.actor.subject, work.now)
    store.save_answer(work.connection, draft)
    case.count_again()
    return case.complaint


def send_back(work: UnitOfWork, access: Access, code: str, revision: int | None, reason: str) -> Complaint:
    """Sends a draft back to who is to answer, with the reason.

    Raises:
        Unacceptable: no reason is given.
        UnknownComplaint, ChangedSince, NotAllowedNow, LeaderNeeded: as they say.
    """
    case = open_case(work, code, revision)
    access.require_leads(case.complaint)
    case.move(Act.SEND_BACK, access.actor.subject, access.actor.agency, text=_text(case, reason, "reason"))
    case.count_again()
    return case.complaint


def approve(work: UnitOfWork, access: Access, code: str, revision: int | None) -> Complaint:
    """Approves the drafted answer: it gets its number and goes to the complainant.

    Raises:
        OwnDraft: the leader has drafted it.
        UnknownComplaint, ChangedSince, NotAllowedNow, LeaderNeeded: as they say.
    """
    case = open_case(work, code, revision)
    access.require_leads(case.complaint)
    one = case.complaint
    draft = store.answer_of(work.connection, one.id, one.round)
    if draft is None or case.state != State.DRAFTED:
        raise NotAllowedNow(case.state, Act.APPROVE)
    if draft.drafted_by == access.actor.subject:
        raise OwnDraft
    year = _today(work).year
    number = store.take_answer_number(work, one.agency, year)
    by, in_time, due = access.actor.subject, on_time(one.answer_by, work.now), one.answer_by
    approved = replace(draft, agency=one.agency, year=year, number=number, approved_by=by, approved_at=work.now)
    store.save_answer(work.connection, approved)
    case.move(Act.APPROVE, by, access.actor.agency, on_time=in_time)
    case.set(answered_at=work.now)
    end(case)
    case.emit("answered", due_at=due, on_time=in_time, answered_at=work.now)
    notify_complainant(work, case.complaint, State.ANSWERED)
    count_answered(work, case.complaint, in_time)
    return case.complaint


def _pass_on(case: Case, access: Access, act: Act, agency: str, text: str) -> None:
    case.move(act, access.actor.subject, access.actor.agency, text=text, to_agency=agency)
    case.set(agency=agency, official=None)
    case.count_again()
    case.emit("assigned", due_at=case.complaint.answer_by, assigned_at=case.work.now)


def _take_from_barred(case: Case, access: Access) -> None:
    """Takes a complaint from an official who may not have it any more; the leader assigns it anew."""
    one = case.complaint
    if one.official is not None and not may_be_given(case.work, one, one.official):
        if case.state == State.DRAFTED:
            case.move(Act.SEND_BACK, access.actor.subject, access.actor.agency)
        if case.state == State.ASSIGNED:
            case.move(Act.FORWARD, access.actor.subject, access.actor.agency, to_agency=one.agency)
        case.set(official=None)
    case.count_again()


def _today(work: UnitOfWork) -> date:
    return work.now.astimezone(VIETNAM).date()


def _text(case: Case, text: str, field: str = "text") -> str:
    faults: list[Fault] = []
    clean = clean_body(text, case.rules.text_characters, faults, field)
    if faults:
        raise Unacceptable(*faults)
    return clean
