"""Decisions that an agency's own software sends: the same commands as the API's, and an answer event instead of an error response.

A decision that a rule forbids is answered with ``agency.decision.rejected`` and changes nothing. It is not parked: no operator of the
platform could repair it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from services.routing.access import Access, AccessDenied, RoleNeeded
from services.routing.commands import authorised
from services.routing.commands.errors import ClaimedByAnother, NotInHand, NotOpen, StillPosted, UnknownTask
from services.routing.domain.process import AmountMissing, AmountNotAllowed
from services.routing.domain.step_permissions import SYSTEM, Actor
from services.routing.dossier.officials import SOFTWARE
from services.routing.plugins import sent_steps
from services.routing.plugins.sending import send_to_agency
from services.routing.sentences import state_of_task
from services.routing.store import tasks
from shared.catalogue import UnknownOutcome
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.regulations import RuleViolation

Decision = Callable[[Access], object]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a decision was not carried out.

    Attributes:
        code: for the agency's program.
        vi, en: for people.
    """

    code: str
    vi: str
    en: str


REUSED = Rejection(
    "decision_id_reused",
    "Mã của quyết định này đã dùng cho một quyết định khác; quyết định này không có hiệu lực, cần gửi lại với mã mới",
    "The id of this decision was used before for another one; this one has no effect: send it under an id of its own",
)


def rejections(_work: UnitOfWork) -> dict[str, Rejection]:
    """The rejections of a transaction by the id of the decision: ``work.attached(rejections)``."""
    return {}


def on_accepted(event: Event, work: UnitOfWork) -> None:
    """The agency acknowledges the hand-over of a step."""
    _decide(event, work, lambda access: authorised.accept_hand_over(work, access, event.data["task"]))


def on_completed(event: Event, work: UnitOfWork) -> None:
    """The agency has completed a step."""
    _decide(event, work, lambda access: _complete(event, work, access, None))


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """The agency has completed a step with an outcome for which the citizen has to pay."""
    _decide(event, work, lambda access: _complete(event, work, access, event.data["amount"]))


def on_returned(event: Event, work: UnitOfWork) -> None:
    """The agency refuses the hand-over of a step, or hands it back."""
    data = event.data
    _decide(event, work, lambda access: authorised.refuse_hand_over(work, access, data["task"], data["reason"]))


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The agency needs more papers from the citizen."""
    data = event.data
    _decide(
        event,
        work,
        lambda access: authorised.request_supplement(work, access, data["task"], data["reason"], data["papers"]),
    )


def refuse_reused(event: Event, work: UnitOfWork) -> None:
    """Tells an agency that it has used a decision's id before for another decision, and that this one has no effect."""
    _reject(event, work, REUSED.code, REUSED.vi, REUSED.en)


def _complete(event: Event, work: UnitOfWork, access: Access, amount: int | None) -> None:
    data = event.data
    authorised.complete_task(work, access, data["task"], data["outcome"], data["note"], amount)


def _decide(event: Event, work: UnitOfWork, decision: Decision) -> None:
    """Carries out a decision; if a rule forbids it, rolls it back and tells the agency why."""
    task = tasks.find(work.connection, event.data["task"])
    if task is None or task.root != event.data["dossier"]:
        _reject(event, work, *_UNKNOWN_STEP)
        return
    sent, answer = sent_steps.find(work.connection, task.id), _digest(event)
    if sent is not None and sent.is_repeat(event.data["in_reply_to"], answer):
        return  # of the same step that was sent again
    if sent is not None and sent.is_of_earlier_round(event.data["in_reply_to"], answer):
        _reject(event, work, *_ANSWERED_BEFORE)
        return
    access = Access(work.connection, work.reference.agencies, _actor(event), work.now)
    try:
        with work.savepoint():
            decision(access)
    except _FORBIDDEN as error:
        _reject(event, work, *_reason(error))
        return
    sent_steps.answered(work.connection, task.id, work.now, answer)


def _digest(event: Event) -> str | None:
    """What the agency decided, whichever copy of the step it answers; None if it only accepts the step."""
    if event.name == "agency.step.accepted":
        return None
    said = {name: value for name, value in event.data.items() if name not in ("in_reply_to", "decided_at")}
    return hashlib.sha256(orjson.dumps([event.name, said], option=orjson.OPT_SORT_KEYS)).hexdigest()


_UNKNOWN_STEP = ("unknown_step", "Không có bước này", "There is no such step")
_ANSWERED_BEFORE = (
    "answered_before",
    "Quyết định này lặp lại quyết định đã gửi trước khi bước được giao lại; hãy trả lời lần giao mới nhất",
    "This repeats a decision that was made before the step was assigned again; answer the newest assignment",
)
_LEADERS = (
    "step_of_leader",
    "Bước này do lãnh đạo ký; cơ quan chưa được cấp quyền ký trong phần mềm của mình",
    "The step is a leader's to sign; the agency's grant does not include signing in its own software",
)
_REJECTIONS: Mapping[type[Exception], tuple[str, str]] = {
    NotInHand: ("dossier_not_active", "Hồ sơ không ở trạng thái đang xử lý."),
    StillPosted: ("still_posted", "Chưa hết thời gian niêm yết."),
    ClaimedByAnother: ("claimed_by_another", "Bước này đã có người nhận."),
    UnknownOutcome: ("unknown_outcome", "Bước này không có kết quả như vậy."),
    AmountMissing: ("amount_missing", "Kết quả này cần số tiền lớn hơn 0 đồng."),
    AmountNotAllowed: ("amount_not_allowed", "Kết quả này không có số tiền phải nộp."),
}
"""Error → the code and the Vietnamese text of the answer; the English text is the error's own."""
_FORBIDDEN: tuple[type[Exception], ...] = (AccessDenied, RuleViolation, NotOpen, UnknownTask, *_REJECTIONS)


def _reason(error: Exception) -> tuple[str, str, str]:
    """The code of an error and its text in Vietnamese and English."""
    match error:
        case RoleNeeded():
            return _LEADERS
        case AccessDenied():
            return "not_your_step", "Bước này không thuộc cơ quan", "The step is not yours"
        case RuleViolation():
            return error.code, error.vi, error.en
        case NotOpen():
            return "step_not_open", *state_of_task(error.task)
        case UnknownTask():
            return _UNKNOWN_STEP
        case _:
            return *_REJECTIONS[type(error)], str(error)


def _actor(event: Event) -> Actor:
    """The agency's software, named together with its official if the event names one."""
    agency, by = event.data["agency"], event.data["by"]
    subject = f"{event.source.removeprefix('/agency/')}:{by}" if by else f"{SOFTWARE}{agency}"
    return Actor(subject, agency, frozenset({SYSTEM}))


def _reject(event: Event, work: UnitOfWork, code: str, vi: str, en: str) -> None:
    """Tells the agency; one that was unplugged meanwhile is not told, since nobody reads the answer."""
    work.attached(rejections)[event.id] = Rejection(code, vi, en)
    data = {
        "dossier": event.data["dossier"],
        "task": event.data["task"],
        "agency": event.data["agency"],
        "decision": event.id,
        "code": code,
        "message_vi": vi,
        "message_en": en,
        "rejected_at": work.now,
    }
    send_to_agency(work, event.data["agency"], "agency.decision.rejected", data)


HANDLERS: Mapping[str, Handler] = {
    "agency.step.accepted": on_accepted,
    "agency.step.completed": on_completed,
    "agency.step.returned": on_returned,
    "agency.supplement.requested": on_supplement_requested,
    "agency.obligation.requested": on_obligation_requested,
}
"""In the table of routing; the decisions that come over HTTPS have the same handlers."""
