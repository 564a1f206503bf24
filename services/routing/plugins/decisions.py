"""What an agency's own software has decided: the same commands as the worklist's, and an answer instead of an error page.

A decision that a rule forbids is answered to the agency and does no harm; it is not parked, since nobody at the platform could mend it.
"""

from __future__ import annotations

from collections.abc import Callable

from services.routing.commands import complete, hand_over, supplements
from services.routing.commands.errors import ClaimedByAnother, NotInHand, NotOpen, StillPosted, UnknownTask
from services.routing.domain.process import AmountMissing, AmountNotAllowed
from services.routing.dossier.jurisdiction import day_of
from services.routing.staff import store as people
from services.routing.staff.competence import work_of
from services.routing.store import tasks
from services.routing.store.tasks import Task
from shared.catalogue import UnknownOutcome
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.regulations import RuleViolation

Decision = Callable[[], Task]


def on_accepted(event: Event, work: UnitOfWork) -> None:
    """The agency has taken a step up."""
    _decide(event, work, lambda: hand_over.accept(work, event.data["task"], _by(event)))


def on_completed(event: Event, work: UnitOfWork) -> None:
    """The agency has done a step."""
    data = event.data
    _decide(
        event,
        work,
        lambda: complete.complete_task(work, data["task"], data["outcome"], data["note"], None, _by(event)),
    )


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """The agency has done a step, and the citizen has to pay."""
    data = event.data
    _decide(
        event,
        work,
        lambda: complete.complete_task(work, data["task"], data["outcome"], data["note"], data["amount"], _by(event)),
    )


def on_returned(event: Event, work: UnitOfWork) -> None:
    """The agency hands a step back."""
    _decide(event, work, lambda: hand_over.refuse(work, event.data["task"], event.data["reason"], _by(event)))


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The agency needs more papers of the citizen."""
    data = event.data
    _decide(
        event,
        work,
        lambda: supplements.request_supplement(work, data["task"], data["reason"], data["papers"], _by(event)),
    )


def _decide(event: Event, work: UnitOfWork, decision: Decision) -> None:
    """Carries a decision out, or takes back what it did and tells the agency why not."""
    task = tasks.find(work.connection, event.data["task"])
    sender = event.data["agency"]
    if task is None or task.root != event.data["dossier"]:
        _reject(event, work, "unknown_step", "Không có bước này", "There is no such step")
        return
    if task.agency not in work_of(work.reference.agencies, sender, day_of(work.now)):
        _reject(event, work, "not_your_step", "Bước này không thuộc cơ quan", "The step is not yours")
        return
    try:
        with work.savepoint():
            decision()
    except RuleViolation as error:
        _reject(event, work, error.code, error.vi, error.en)
    except NotOpen as error:
        _reject(
            event,
            work,
            "step_not_open",
            f"Bước này không còn mở ({error.task.state})",
            f"The step is {error.task.state}",
        )
    except UnknownTask:
        _reject(event, work, "unknown_step", "Không có bước này", "There is no such step")
    except (NotInHand, StillPosted, ClaimedByAnother, UnknownOutcome, AmountMissing, AmountNotAllowed) as error:
        _reject(event, work, _CODES[type(error)], _SAID[type(error)], str(error))


_CODES = {
    NotInHand: "dossier_not_active",
    StillPosted: "still_posted",
    ClaimedByAnother: "claimed_by_another",
    UnknownOutcome: "unknown_outcome",
    AmountMissing: "amount_missing",
    AmountNotAllowed: "amount_not_allowed",
}
_SAID = {
    NotInHand: "Hồ sơ không ở trạng thái đang xử lý.",
    StillPosted: "Chưa hết thời gian niêm yết.",
    ClaimedByAnother: "Bước này đã có người nhận.",
    UnknownOutcome: "Bước này không có kết quả như vậy.",
    AmountMissing: "Kết quả này cần số tiền lớn hơn 0 đồng.",
    AmountNotAllowed: "Kết quả này không có số tiền phải nộp.",
}


def _reject(event: Event, work: UnitOfWork, code: str, vi: str, en: str) -> None:
    if not people.is_plugged_in(work.connection, event.data["agency"]):
        return  # nobody is there any more who could read an answer
    work.emit(
        "agency.decision.rejected",
        {
            "dossier": event.data["dossier"],
            "task": event.data["task"],
            "agency": event.data["agency"],
            "decision": event.id,
            "code": code,
            "message_vi": vi,
            "message_en": en,
            "rejected_at": work.now,
        },
    )


def _by(event: Event) -> str:
    """Who decided: the agency's software, and its official if it named one."""
    return (
        f"{event.source.removeprefix('/agency/')}:{event.data['by']}"
        if event.data["by"]
        else f"agency:{event.data['agency']}"
    )
