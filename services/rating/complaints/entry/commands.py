"""What staff enter, and what comes by SMS: each becomes a complaint by the one way in."""

from __future__ import annotations

from uuid import UUID

from services.rating.complaints.commands import lodge_complaint
from services.rating.complaints.domain import (
    Channel,
    Complainant,
    Kind,
    Lodged,
    NewComplaint,
    OtherComplaint,
    Unacceptable,
)
from services.rating.complaints.entry import store
from services.rating.complaints.entry.domain import Call, Paper, PaperKnown, checked_call, checked_number
from services.rating.complaints.entry_rules import entry_rules, sms_agency
from services.rating.complaints.lodging import checked
from services.rating.complaints.public.commands import file_complaint
from services.rating.complaints.rules import complaint_rules
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

ERASED_AT_ONCE = 100


def note_call(work: UnitOfWork, call: Call, new: NewComplaint | None) -> Lodged | None:
    """Notes a call at the hotline, and lodges the complaint that it became. The same one again changes nothing.

    Args:
        work: the transaction.
        call: as typed.
        new: what the caller complains of; None where the call became no complaint.

    Returns:
        what the caller is told; None where nothing was lodged.

    Raises:
        Unacceptable: with every fault of both.
        OtherComplaint: another call or complaint has this identifier.
    """
    today = work.now.astimezone(VIETNAM).date()
    call, faults = checked_call(call, work.now, entry_rules(today).call_minutes)
    if new is not None and faults:
        try:
            checked(new, complaint_rules(today), work.now)
        except Unacceptable as error:
            faults += [one for one in error.faults if one.field not in {fault.field for fault in faults}]
    if faults:
        raise Unacceptable(*faults)
    lodged = lodge_complaint(work, new) if new is not None else None
    if not store.add_call(work, call, lodged.code if lodged else None):
        known = store.call_of(work.connection, call.id)
        if known is None or (known.agency, known.outcome, known.began_at) != (call.agency, call.outcome, call.began_at):
            raise OtherComplaint(call.id)
    return lodged


def enter_paper(work: UnitOfWork, paper: Paper, new: NewComplaint) -> Lodged:
    """Lodges a complaint that somebody put into the suggestion box, with the scan that was uploaded. A paper's number is taken once.

    Args:
        work: the transaction.
        paper: as typed.
        new: what it says.

    Raises:
        Unacceptable: with every fault.
        PaperKnown: a paper of this number was entered before.
        OtherComplaint: another complaint has this identifier.
    """
    number, faults = checked_number(paper.number)
    if faults:
        try:
            checked(new, complaint_rules(work.now.astimezone(VIETNAM).date()), work.now)
        except Unacceptable as error:
            faults += error.faults
        raise Unacceptable(*faults)
    known = store.paper_of(work.connection, paper.agency, paper.received_on.year, number)
    if known is not None and known.complaint != new.id:
        raise PaperKnown(known.code)
    lodged = file_complaint(work, new)
    stored = Paper(paper.agency, number, paper.received_on, paper.entered_by)
    if known is None and not store.add_paper(work, stored, new.id, lodged.code):
        other = store.paper_of(work.connection, paper.agency, paper.received_on.year, number)
        raise PaperKnown(other.code if other else "")
    return lodged


def on_complaint_lodged_by_sms(event: Event, work: UnitOfWork) -> None:
    """Lodges a complaint that came by SMS; its sender is told code and secret by SMS. The same message again changes nothing."""
    data, today = event.data, work.now.astimezone(VIETNAM).date()
    shown = "".join(char for char in data["text"] if char.isprintable() or char == "\n")
    new = NewComplaint(
        id=str(UUID(data["message"])),
        kind=Kind.FEEDBACK,
        channel=Channel.SMS,
        agency=sms_agency(work.reference.agencies, today),
        text=shown[: complaint_rules(today).text_characters],
        by=Complainant(phone=data["phone"]),
        received_at=min(data["received_at"], work.now),
    )
    lodge_complaint(work, new)


def erase_old_calls(context: Context) -> int:
    """Erases who called and what was said when its time is over; returns how many calls."""

    def work(unit: UnitOfWork) -> int:
        before = unit.now - entry_rules(unit.now.astimezone(VIETNAM).date()).calls_kept
        ids = store.calls_to_erase(unit.connection, before, ERASED_AT_ONCE)
        for id_ in ids:
            store.erase_call(unit, id_)
        return len(ids)

    return context.store.run(work)
