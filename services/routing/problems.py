"""Routing's errors as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from services.routing.access import RoleNeeded, WrongAgency
from services.routing.agency_http.commands import NotByPull
from services.routing.agency_http.decisions import NotNow
from services.routing.apologies.commands import ChangedSince, NotADraft, NotTakingPart, UnknownApology
from services.routing.apologies.domain import ApologyNotAllowed, ApologyState
from services.routing.commands.errors import (
    ClaimedByAnother,
    NotInHand,
    NotOpen,
    StillPosted,
    UnknownDossier,
    UnknownTask,
)
from services.routing.domain.process import AmountMissing, AmountNotAllowed
from services.routing.dossier.jurisdiction import Unroutable
from services.routing.sentences import state_of_dossier, state_of_task
from services.routing.store.tasks import Task
from shared.catalogue import UnknownOutcome
from shared.messaging.errors import NotYet
from shared.persistence.unit_of_work import UnitOfWork
from shared.regulations import RuleViolation
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import FieldError, Problem, rule_violation

DECISION_RETRY_SECONDS = 60


def not_open(task: Task) -> Problem:
    """409: the step was completed before, waits, or is no longer needed."""
    vi, en = state_of_task(task)
    return Problem(
        409,
        "step-completed",
        "Bước xử lý không còn mở",
        "The step is not open",
        detail=vi,
        detail_en=en,
        state=task.state,
        outcome=task.outcome,
        completed_by=task.completed_by,
        completed_at=task.completed_at,
    )


def _not_in_hand(error: NotInHand) -> Problem:
    vi, en = state_of_dossier(error.dossier.code, error.dossier.state)
    return Problem(
        409,
        "not-in-hand",
        "Hồ sơ không ở trạng thái đang xử lý",
        "The dossier is not being worked on",
        detail=vi,
        detail_en=en,
        state=error.dossier.state,
    )


def _still_posted(error: StillPosted) -> Problem:
    return Problem(
        409,
        "still-posted",
        "Chưa hết thời gian niêm yết",
        "The posting is not over",
        detail=f"Niêm yết đến {error.until:%H:%M ngày %d/%m/%Y}.",
        detail_en=f"It lasts until {error.until:%H:%M on %d/%m/%Y}.",
        until=error.until,
    )


def _unknown_outcome(error: UnknownOutcome) -> Problem:
    allowed = ", ".join(error.options)
    fault = {
        "field": "outcome",
        "message": f"Kết quả phải là một trong: {allowed}.",
        "message_en": f"Must be one of: {allowed}.",
    }
    return Problem(422, "invalid", errors=[fault], allowed=list(error.options))  # type: ignore[list-item]


def _amount(error: AmountMissing | AmountNotAllowed) -> Problem:
    if isinstance(error, AmountMissing):
        vi, en = "Cần số tiền lớn hơn 0 đồng cho kết quả này.", "This outcome needs an amount in VND greater than 0."
    else:
        vi, en = "Kết quả này không có số tiền phải nộp.", "This outcome takes no amount."
    return Problem(422, "invalid", errors=[{"field": "amount", "message": vi, "message_en": en}])


def _unroutable(error: Unroutable) -> Problem:
    return Problem(
        409,
        "unroutable",
        "Không xác định được cơ quan cho bước tiếp theo",
        "No agency can be found for the next step",
        detail="Dữ liệu cơ quan cần được bổ sung; bước này vẫn chưa hoàn thành.",
        detail_en=str(error),
    )


def _not_yet(error: NotYet) -> Problem:
    return Problem(
        409,
        "not-yet",
        "Chưa thể chuyển bước tiếp theo",
        "The next step cannot begin yet",
        detail="Thủ tục của bước tiếp theo chưa được công bố; bước này vẫn chưa hoàn thành.",
        detail_en=str(error),
    )


def _unknown_task(error: UnknownTask) -> Problem:
    vi, en = f"Không có bước xử lý {error}.", f"There is no step {error}."
    return Problem(404, "not-found", detail=vi, detail_en=en)


def _unknown_dossier(error: UnknownDossier) -> Problem:
    vi, en = f"Không có hồ sơ {error}.", f"There is no dossier {error}."
    return Problem(404, "not-found", detail=vi, detail_en=en)


def _claimed(error: ClaimedByAnother) -> Problem:
    return Problem(
        409,
        "claimed",
        "Việc này đã có người nhận",
        "Somebody else has claimed it",
        detail=f"Đang do {error.official} thực hiện.",
        detail_en=f"It is {error.official}'s.",
        official=error.official,
    )


def _unknown_apology(error: UnknownApology) -> Problem:
    vi, en = f"Không có văn bản xin lỗi {error}.", f"There is no apology {error}."
    return Problem(404, "not-found", detail=vi, detail_en=en)


def _not_a_draft(error: NotADraft) -> Problem:
    one = error.apology
    if one.state == ApologyState.SIGNED:
        vi = f"Đã ký, số {one.written_number}, lúc {one.signed_at:%H:%M ngày %d/%m/%Y}."
        en = f"It was signed at {one.signed_at:%H:%M on %d/%m/%Y}, number {one.written_number}."
    else:
        vi = "Không còn phải ký văn bản này: hồ sơ đã kết thúc hoặc không quá hạn."
        en = "It is not owed any more: the dossier has ended or is not late."
    return Problem(
        409,
        "apology-closed",
        "Văn bản xin lỗi không còn là dự thảo",
        "The apology is not a draft any more",
        detail=vi,
        detail_en=en,
        state=one.state,
    )


def _changed_since(_error: ChangedSince) -> Problem:
    return Problem(
        409,
        "changed-since",
        "Dự thảo đã được sửa sau khi ông/bà mở trang",
        "The draft was changed after you opened the page",
        detail="Vui lòng đọc lại rồi ký.",
        detail_en="Please read it again, and then sign.",
    )


def _not_taking_part(error: NotTakingPart) -> Problem:
    vi, en = "Cơ quan này không có bước nào của hồ sơ.", "This agency has no step of the dossier."
    fault: FieldError = {"field": "agency", "message": vi, "message_en": en}
    return Problem(422, "invalid", errors=[fault], agency=str(error))


def _apology(error: ApologyNotAllowed) -> Problem:
    if not error.field:
        return rule_violation(error)
    fault: FieldError = {"field": error.field, "message": error.vi, "message_en": error.en}
    return Problem(422, "invalid", errors=[fault], code=error.code, regulation=error.regulation, article=error.article)


def _not_now(error: NotNow) -> Problem:
    return Problem(
        503,
        "not-now",
        "Chưa thể thực hiện quyết định",
        "The decision cannot be carried out yet",
        detail="Chưa có gì thay đổi; vui lòng gửi lại sau.",
        detail_en=f"Nothing was changed; send it again later. {error}",
        headers={"Retry-After": str(DECISION_RETRY_SECONDS)},
    )


def _not_by_pull(_error: NotByPull) -> Problem:
    return Problem(
        409,
        "not-by-pull",
        "Phần mềm của cơ quan không nhận sự kiện theo cách này",
        "The agency's software does not get its events in this way",
        detail="Đơn vị vận hành đặt cách nhận bằng lệnh motcua agency connect.",
        detail_en="The operators set the way by motcua agency connect.",
    )


PROBLEMS: ProblemTable = {
    # access
    WrongAgency: lambda _: Problem(403, "wrong-agency"),
    RoleNeeded: lambda error: Problem(403, "forbidden", roles=list(error.roles)),
    # the step and the dossier
    UnknownTask: _unknown_task,
    UnknownDossier: _unknown_dossier,
    NotOpen: lambda error: not_open(error.task),
    NotInHand: _not_in_hand,
    StillPosted: _still_posted,
    ClaimedByAnother: _claimed,
    RuleViolation: rule_violation,
    # the apology
    UnknownApology: _unknown_apology,
    NotADraft: _not_a_draft,
    ChangedSince: _changed_since,
    NotTakingPart: _not_taking_part,
    ApologyNotAllowed: _apology,
    # the decision
    UnknownOutcome: _unknown_outcome,
    AmountMissing: _amount,
    AmountNotAllowed: _amount,
    # the next step
    Unroutable: _unroutable,
    NotYet: _not_yet,
    # agencies' own software
    NotNow: _not_now,
    NotByPull: _not_by_pull,
}
"""What each error of routing's commands and access checks becomes."""

domain_errors_as_problems = translation(PROBLEMS)


def problems_of_each(
    work: UnitOfWork, ids: Sequence[str], command: Callable[[str], object]
) -> dict[str, Problem | None]:
    """Carries out a command on each of several records; one that fails is left as it was and does not stop the others.

    All are tried together first: a savepoint for each takes as long as a third of completing a step.

    Args:
        work: the transaction.
        ids: of the records, in the order in which all such commands take them, so that two cannot deadlock.
        command: takes an id.

    Returns:
        why each has failed; None for those that succeeded.
    """
    if _problem_of(work, lambda: [command(id_) for id_ in ids]) is None:
        return dict.fromkeys(ids)
    return {id_: _problem_of(work, partial(command, id_)) for id_ in ids}


def _problem_of(work: UnitOfWork, command: Callable[[], object]) -> Problem | None:
    try:
        with domain_errors_as_problems(), work.savepoint():
            command()
    except Problem as problem:
        return problem
    return None
