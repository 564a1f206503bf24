"""What complainants see of their own complaint: the least that tells how it stands. Their name and what they wrote are not repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from services.rating.complaints import store
from services.rating.complaints.clock import may_reopen_until
from services.rating.complaints.domain import ENDED, MOVES, Act, State
from services.rating.complaints.public.commands import ANSWERED
from services.rating.complaints.public.store import content_of
from services.rating.complaints.rules import complaint_rules
from services.rating.complaints.store import Complaint

STATES: Mapping[State, tuple[str, str, str]] = {
    State.LODGED: ("Đã tiếp nhận, đang xem xét", "Received, being looked at", "busy"),
    State.MORE_REQUESTED: ("Cần ông/bà cung cấp thêm thông tin", "More is needed from you", "waiting"),
    State.ASSIGNED: ("Đang xử lý", "Being dealt with", "busy"),
    State.DRAFTED: ("Đang xử lý", "Being dealt with", "busy"),
    State.ANSWERED: ("Đã trả lời", "Answered", "good"),
    State.PUBLISHED: ("Đã trả lời và công khai", "Answered and published", "good"),
    State.REJECTED: ("Không tiếp nhận xử lý", "Rejected", "late"),
    State.WITHDRAWN: ("Ông/bà đã rút", "Withdrawn by you", "plain"),
    State.REOPENED: ("Đang xem xét lại", "Being looked at again", "busy"),
}
"""State → what its complainant is told, in Vietnamese and English, and the kind of the badge."""
STEPS: Mapping[str, tuple[str, str]] = {
    Act.LODGE: ("Đã tiếp nhận", "Received"),
    Act.ASSIGN: ("Đã giao xử lý", "Given to somebody"),
    Act.FORWARD: ("Đã chuyển cơ quan có thẩm quyền", "Sent to the agency that answers"),
    Act.REQUEST_MORE: ("Yêu cầu cung cấp thêm thông tin", "More was asked for"),
    Act.SUPPLY: ("Ông/bà đã cung cấp thêm", "You told more"),
    Act.REJECT: ("Không tiếp nhận xử lý", "Rejected"),
    Act.APPROVE: ("Đã trả lời", "Answered"),
    Act.PUBLISH: ("Đã công khai", "Published"),
    Act.WITHDRAW: ("Ông/bà đã rút", "Withdrawn by you"),
    Act.REOPEN: ("Ông/bà đề nghị xem xét lại", "You asked to look again"),
}
"""Act → what its complainant reads; other acts are inside the agency."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that has happened, and when; in Vietnamese and English, with the agency to which it went on."""

    vi: str
    en: str
    at: datetime
    to_agency: str


@dataclass(frozen=True, slots=True)
class OwnComplaint:
    """What a complainant sees.

    Attributes:
        complaint: the row.
        label: of the state, in Vietnamese and English, and the kind of the badge.
        steps: what has happened, in order.
        asked: what more is asked for; empty where nothing is.
        reject_reason: why it was rejected, in the agency's words; empty where it was not.
        ground: the same as one of the reasons of the rules, in Vietnamese and English; None where it was not.
        answers: that were approved: number, text and moment, the last one last.
        may_supply, may_withdraw, may_reopen, may_say: what the complainant can do now.
        reopen_until: until when it may be opened again; None where it may not.
        content: whether they have said to be content with the last answer; None if they have said nothing.
    """

    complaint: Complaint
    label: tuple[str, str, str]
    steps: tuple[Step, ...]
    asked: str
    reject_reason: str
    ground: tuple[str, str] | None
    answers: tuple[tuple[str, str, datetime], ...]
    may_supply: bool
    may_withdraw: bool
    may_reopen: bool
    may_say: bool
    reopen_until: datetime | None
    content: bool | None


def own_complaint(connection: Connection, complaint: Complaint, now: datetime, today: date) -> OwnComplaint:
    """What its complainant sees of a complaint.

    Args:
        connection: reads.
        complaint: opened by code and secret.
        now: business time.
        today: the local day.
    """
    state, entries, rules = State(complaint.state), store.entries_of(connection, complaint.id), complaint_rules(today)
    last: dict[str, store.Entry] = {one.act: one for one in entries}
    until = may_reopen_until(complaint.ended_at, rules.reopen_days) if complaint.ended_at else None
    reopenable = (state, Act.REOPEN) in MOVES and state in ENDED and complaint.round <= rules.reopened_times
    may_reopen = reopenable and until is not None and now <= until and complaint.erased_at is None
    rejected = last.get(Act.REJECT) if state is State.REJECTED else None
    ground = rules.ground(rejected.ground) if rejected and rejected.ground else None
    approved = [one for one in store.answers_of(connection, complaint.id) if one.approved_at is not None]
    return OwnComplaint(
        complaint=complaint,
        label=STATES[state],
        steps=tuple(Step(*STEPS[one.act], one.at, one.to_agency or "") for one in entries if one.act in STEPS),
        asked=last[Act.REQUEST_MORE].text if state is State.MORE_REQUESTED else "",
        reject_reason=rejected.text if rejected else "",
        ground=(ground.vi, ground.en) if ground else None,
        answers=tuple((one.written_number, one.text, one.approved_at) for one in approved if one.approved_at),
        may_supply=state is State.MORE_REQUESTED,
        may_withdraw=(state, Act.WITHDRAW) in MOVES,
        may_reopen=may_reopen,
        may_say=state in ANSWERED,
        reopen_until=until if may_reopen else None,
        content=content_of(connection, complaint.id, complaint.round),
    )
