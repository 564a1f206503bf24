"""The procedures of a profile as a catalogue, which is imported and published like any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.agencies.roles import ONE_STOP_DESK
from shared.client.profiles.model import ProcedureOfTime

HOURS_OF_DAY = 8
SIGNING_HOURS = 2
AT_DESK, DAYS = "at-the-desk", "days"
PAPER = "application"
STEPS = ("examination", "signing")
"""The steps of every procedure that is not immediate: an officer examines, a leader decides."""


def catalogue_of(procedures: Iterable[ProcedureOfTime], source: str) -> dict[str, Any]:
    """A catalogue in the format of ``motcua import procedures``.

    Args:
        procedures: those of a profile.
        source: said of each procedure.
    """
    return {"procedures": [_procedure(one, source) for one in procedures]}


def _procedure(one: ProcedureOfTime, source: str) -> dict[str, Any]:
    immediate = one.working_days == 0
    route = AT_DESK if immediate else DAYS
    limit = {"immediate": True} if immediate else {"working_days": one.working_days}
    case = {"code": "default", "name": "Mặc định", "limit": limit, "remote_extra_days": 0, "uncounted": ""}
    return {
        "code": one.code,
        "name": one.name,
        "field": one.field,
        "field_name": one.field_name,
        "regulation": "",
        "source": source,
        "limit_text": "Trong ngày" if immediate else f"{one.working_days:02d} ngày làm việc",
        "cases": [case | {"route": route}],
        "papers": [{"code": PAPER, "name": "Đơn hoặc tờ khai", "required": True, "kind": "form"}],
        "fees": [],
        "routes": {route: _at_desk() if immediate else _days(one)},
    }


def _at_desk() -> dict[str, Any]:
    step = _step("certify", ("Giải quyết tại chỗ", "Decide at the desk"), ONE_STOP_DESK, "officer", 1, "end")
    return {"start": step["id"], "steps": [step]}


def _days(one: ProcedureOfTime) -> dict[str, Any]:
    hours = one.working_days * HOURS_OF_DAY - SIGNING_HOURS
    examine, sign = STEPS
    return {
        "start": examine,
        "steps": [
            _step(examine, ("Thẩm định hồ sơ", "Examine the dossier"), one.agency_role, "officer", hours, sign),
            _step(sign, ("Duyệt, ký kết quả", "Sign the result"), one.agency_role, "leader", SIGNING_HOURS, "end"),
        ],
    }


def _step(
    id_: str, names: tuple[str, str], agency_role: str, official_role: str, hours: int, then: str
) -> dict[str, Any]:
    return {
        "id": id_,
        "task": names[0],
        "task_en": names[1],
        "agency_role": agency_role,
        "official_role": official_role,
        "working_hours": hours,
        "counted": True,
        "outcomes": {"completed": then},
    }
