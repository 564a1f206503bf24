"""What the states of steps and dossiers mean in sentences for people, Vietnamese and English; no state and no null is shown as such."""

from __future__ import annotations

from collections.abc import Mapping

from services.routing.domain.states import DossierState, TaskState
from services.routing.store.tasks import Task

_TASKS: Mapping[str, tuple[str, str]] = {
    TaskState.OPEN: ("đang được thực hiện", "is being worked on"),
    TaskState.AWAITING_PAYMENT: ("đang chờ người dân nộp tiền", "awaits the citizen's payment"),
    TaskState.AWAITING_SUB: ("đang chờ hồ sơ liên thông", "awaits a linked dossier"),
    TaskState.AWAITING_SUPPLEMENT: ("đang chờ người dân bổ sung giấy tờ", "awaits papers of the citizen"),
    TaskState.DONE: ("đã hoàn thành", "was completed"),
    TaskState.CANCELLED: ("không cần thực hiện nữa", "is no longer needed"),
}
_DOSSIERS: Mapping[str, tuple[str, str]] = {
    DossierState.ACTIVE: ("đang được giải quyết", "is being worked on"),
    DossierState.SUPPLEMENT: ("đang chờ người dân bổ sung giấy tờ", "awaits papers of the citizen"),
    DossierState.RESOLVED: ("đã có kết quả", "has its result"),
    DossierState.RETURNED: ("đã trả kết quả", "was returned to the citizen"),
    DossierState.WITHDRAWN: ("đã được người dân rút", "was withdrawn by the citizen"),
    DossierState.STOPPED: ("đã dừng giải quyết", "was stopped"),
}


def state_of_task(task: Task) -> tuple[str, str]:
    """How a step stands, and by whom and when it was done if somebody did it."""
    vi, en = _TASKS[task.state]
    if task.completed_by is not None and task.state in (TaskState.DONE, TaskState.AWAITING_PAYMENT):
        if task.state == TaskState.AWAITING_PAYMENT:
            vi, en = f"đã được {task.completed_by} thực hiện, {vi}", f"was done by {task.completed_by} and {en}"
        else:
            vi, en = f"đã được {task.completed_by} hoàn thành", f"was completed by {task.completed_by}"
    if task.state == TaskState.DONE and task.completed_at is not None:
        vi, en = f"{vi} lúc {task.completed_at:%H:%M ngày %d/%m/%Y}", f"{en} at {task.completed_at:%H:%M on %d/%m/%Y}"
    return f"Bước này {vi}.", f"The step {en}."


def state_of_dossier(code: str, state: str) -> tuple[str, str]:
    """How a dossier stands."""
    vi, en = _DOSSIERS[state]
    return f"Hồ sơ {code} {vi}.", f"Dossier {code} {en}."
