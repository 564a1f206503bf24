"""The route of a case of a province's list, which names no steps: one step, or two with the uncounted waits between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.catalogue.limit_wording import Wait
from shared.catalogue.statutory_limit import HOURS_PER_WORKING_DAY


@dataclass(frozen=True, slots=True)
class ListedLimit:
    """The time of a case as a list publishes it.

    Attributes:
        days: working days.
        same_day: whether its one day is the day of receipt.
        waits: those that do not count.
    """

    days: int
    same_day: bool
    waits: tuple[Wait, ...]


def route_id(limit: ListedLimit) -> str:
    """Return an id that differs between limits, such as ``days-8-posting-30``."""
    waits = "".join(f"-{wait.kind}-{wait.days}" if wait.days else f"-{wait.kind}" for wait in limit.waits)
    return ("same-day" if limit.same_day else f"days-{limit.days}") + waits


def route_for(limit: ListedLimit, agency_role: str) -> dict[str, Any]:
    """Return a route in the catalogue's JSON shape; its counted steps, done by one role of agency, take the whole time."""
    hours = limit.days * HOURS_PER_WORKING_DAY
    if not limit.waits:
        return _in_a_row([_work("handling", "Giải quyết hồ sơ", "Handle the dossier", agency_role, hours)])
    first = hours // 2
    return _in_a_row(
        [
            _work("assessment", "Thẩm định hồ sơ", "Assess the dossier", agency_role, first),
            *(_posting(wait.days) if wait.days else _tax() for wait in limit.waits),
            _work("completion", "Hoàn thiện kết quả", "Complete the result", agency_role, hours - first),
        ]
    )


_GENERATED = (
    [("handling", "Giải quyết hồ sơ", "officer")],
    [("assessment", "Thẩm định hồ sơ", "officer"), ("completion", "Hoàn thiện kết quả", "officer")],
)
"""Id, task and official's role of the counted steps that :func:`route_for` makes."""


def generated_for(route: Mapping[str, Any]) -> str | None:
    """Return the role of the agencies for which :func:`route_for` made a route, which then holds nothing that a list does not know;
    None for any other route."""
    counted = [step for step in route["steps"] if step["counted"]]
    roles = {step["agency_role"] for step in counted}
    tasks = [(step["id"], step["task"], step["official_role"]) for step in counted]
    return roles.pop() if len(roles) == 1 and tasks in _GENERATED else None


def lacks(route: Mapping[str, Any], waits: Iterable[Wait]) -> list[Wait]:
    """Return the waits for which a route has no uncounted step: of postings one that lasts, of taxes one at the tax office."""
    uncounted = [step for step in route["steps"] if not step["counted"]]
    lasting = any(step.get("wait_days") for step in uncounted)
    taxed = any(step["agency_role"] == "tax" for step in uncounted)
    return [wait for wait in waits if not (lasting if wait.kind == "posting" else taxed)]


def _in_a_row(steps: list[dict[str, Any]]) -> dict[str, Any]:
    for step, following in zip(steps, [*(step["id"] for step in steps[1:]), "end"], strict=True):
        step["outcomes"] = {outcome: target or following for outcome, target in step["outcomes"].items()}
    return {"start": steps[0]["id"], "steps": steps}


def _work(id_: str, task: str, task_en: str, agency_role: str, hours: int) -> dict[str, Any]:
    return {
        "id": id_,
        "task": task,
        "task_en": task_en,
        "agency_role": agency_role,
        "official_role": "officer",
        "working_hours": hours,
        "counted": True,
        "outcomes": {"completed": ""},
    }


def _posting(days: int) -> dict[str, Any]:
    return {
        "id": "posting",
        "task": f"Niêm yết công khai tại Ủy ban nhân dân cấp xã ({days} ngày)",
        "task_en": f"Post publicly at the commune ({days} days)",
        "agency_role": "peoples_committee",
        "official_role": "officer",
        "working_hours": 0,
        "counted": False,
        "wait_days": days,
        "output": {"code": "posting-record", "name": "Biên bản kết thúc niêm yết công khai"},
        "outcomes": {"completed": "", "contested": "end"},
    }


def _tax() -> dict[str, Any]:
    return {
        "id": "tax",
        "task": "Xác định nghĩa vụ tài chính, ra thông báo nộp tiền",
        "task_en": "Determine the financial obligation and issue the payment notice",
        "agency_role": "tax",
        "official_role": "officer",
        "working_hours": 0,
        "counted": False,
        "output": {"code": "payment-notice", "name": "Thông báo nộp tiền"},
        "outcomes": {"completed": "", "obligation": ""},
        "obligation": {"kind": "tax", "name": "Nghĩa vụ tài chính về đất đai", "outcome": "obligation"},
    }
