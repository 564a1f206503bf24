"""What complainants do on their pages: each with the files that come with it, in one transaction."""

from __future__ import annotations

from services.rating.complaints import commands
from services.rating.complaints.attachments.store import attach
from services.rating.complaints.domain import Act, Fault, Lodged, NewComplaint, NotAllowedNow, State, Unacceptable
from services.rating.complaints.public import store
from services.rating.complaints.store import Complaint
from shared.persistence.unit_of_work import UnitOfWork
from shared.text import UnprintableText, clean_text

ANSWERED = frozenset({State.ANSWERED, State.PUBLISHED})
MAX_WORDS = 1000


class NotAnswered(NotAllowedNow):
    """There is no answer with which anybody could be content."""


def file_complaint(work: UnitOfWork, new: NewComplaint) -> Lodged:
    """Lodges a complaint with the files that were uploaded under its identifier.

    Raises:
        As :func:`services.rating.complaints.commands.lodge_complaint`.
    """
    lodged = commands.lodge_complaint(work, new)
    if not lodged.repeated:
        attach(work, lodged.id)
    return lodged


def supply(work: UnitOfWork, code: str, secret: str, text: str) -> Complaint:
    """Adds what was asked for, with the files that were uploaded with it.

    Raises:
        As :func:`services.rating.complaints.commands.supply_more`.
    """
    complaint = commands.supply_more(work, code, secret, text)
    attach(work, complaint.id)
    return complaint


def say_whether_content(work: UnitOfWork, code: str, secret: str, content: bool, words: str) -> Complaint:
    """Keeps whether the complainant is content with the last answer; who says it again replaces what they have said.

    Args:
        work: the transaction.
        code, secret: of the complaint.
        content: whether they are.
        words: why; may be empty.

    Raises:
        UnknownComplaint, Unacceptable: as they say.
        NotAnswered: there is no answer.
    """
    complaint = commands.open_by_secret(work.connection, code, secret, work.hash_key)
    state = State(complaint.state)
    if state not in ANSWERED:
        raise NotAnswered(state, Act.APPROVE)
    try:
        clean = clean_text(words).strip()
    except UnprintableText:
        raise Unacceptable(Fault("words", "Có ký tự không hợp lệ.", "It has signs that cannot be shown.")) from None
    if len(clean) > MAX_WORDS:
        raise Unacceptable(Fault("words", f"Dài quá {MAX_WORDS} ký tự.", f"Longer than {MAX_WORDS} characters."))
    store.save_content(work, complaint.id, complaint.round, content, clean)
    return complaint
