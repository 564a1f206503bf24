from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.stats.app import create_app
from services.stats.facts.procedures import procedures_on
from services.stats.index.shortened import report, shortened_case
from shared.runtime.clock import VIETNAM
from tests.support.events import event
from tests.support.service import ServiceUnderTest, body

DAY = date(2025, 12, 1)
LEVELS = {"province": 267, "district": 279, "commune": 166}
"""Procedures that Sóc Trăng had shortened, by level: 712 together (seed 001)."""


def definition(code: str, levels: list[str], law: int = 10, since: str = "2025-01-02", **other: Any) -> dict[str, Any]:
    shortened = {"law_limit": {"working_days": law}, "decision": "12/QĐ-UBND", "valid_from": since}
    case = {"code": "a", "name": "Thông thường", "limit": {"working_days": 7}, "shortened": shortened}
    unchanged = {"code": "b", "name": "Khác", "limit": {"working_days": 10}}
    return {"code": code, "name": f"Thủ tục {code}", "levels": levels, "cases": [case, unchanged], **other}


def publish(stats: ServiceUnderTest, code: str, version: int, content: dict[str, Any], day: int = 1) -> None:
    at = datetime(2025, 12, day, 9, tzinfo=VIETNAM)
    stats.apply(event("procedure.published", version, at, procedure=code, version=version, definition=content))


def test_712_is_267_279_and_166(stats: ServiceUnderTest) -> None:
    number = 0
    events = []
    for level, many in LEVELS.items():
        for _ in range(many):
            number += 1
            content = definition(f"1.{number}", [level])
            events.append(event("procedure.published", 1, procedure=f"1.{number}", version=1, definition=content))
    content = {"code": "2.1", "name": "Không rút ngắn", "levels": ["commune"], "cases": []}
    events.append(event("procedure.published", 1, procedure="2.1", version=1, definition=content))
    stats.apply(*events)
    stats.hand.pass_(timedelta(days=60))
    with stats.store.read() as connection:
        found = report(procedures_on(connection, DAY), DAY)
    assert (found.total, len(found.shortened), found.by_level, found.several_levels) == (713, 712, LEVELS, 0)
    headers = stats.headers("operator", "")
    answer = body(
        stats.client(create_app).get(f"/stats/api/index/procedures?day={DAY}&level=district", headers=headers)
    )
    assert (answer["shortened"], answer["total"], len(answer["procedures"])) == (712, 713, 279)
    assert {one["level"]: one["procedures"] for one in answer["by_level"]} == LEVELS


def test_the_report_is_that_of_its_day(both: ServiceUnderTest) -> None:
    publish(both, "1.1", 1, definition("1.1", ["province"]), day=1)
    publish(both, "1.1", 2, {"code": "1.1", "name": "Thủ tục mới", "cases": []}, day=10)
    publish(both, "1.1", 3, definition("1.1", ["commune"], effective_from="2025-12-20"), day=11)
    publish(both, "1.2", 1, definition("1.2", ["province", "commune"], since="2025-12-15"), day=1)

    def on(day: int) -> tuple[int, list[str], dict[str, int], int]:
        when = date(2025, 12, day)
        with both.store.read() as connection:
            found = report(procedures_on(connection, when), when)
        return found.total, [one.procedure for one in found.shortened], dict(found.by_level), found.several_levels

    assert on(1) == (2, ["1.1"], {"province": 1}, 0)
    assert on(10) == (2, [], {}, 0)
    assert on(15) == (2, ["1.2"], {"province": 1, "commune": 1}, 1)
    assert on(20) == (2, ["1.1", "1.2"], {"province": 1, "commune": 2}, 1)
    with both.store.read() as connection:
        assert procedures_on(connection, date(2025, 11, 30)) == []


def test_versions_come_in_any_order_and_twice(both: ServiceUnderTest) -> None:
    for version in (2, 1, 2):
        publish(both, "1.1", version, definition("1.1", ["province"], law=10 + version), day=version)
    when = date(2025, 12, 2)
    with both.store.read() as connection:
        (one,) = report(procedures_on(connection, when), when).shortened
    assert (one.cases[0].days, one.cases[0].law[0], one.cases[0].limit[0]) == (
        5.0,
        "12 ngày làm việc",
        "7 ngày làm việc",
    )


@pytest.mark.parametrize(
    ("law", "limit", "days"),
    [
        ({"working_days": 10}, {"working_days": 7}, 3.0),
        ({"working_days": 2}, {"working_hours": 4}, 1.5),
        ({"working_days": 1}, {"immediate": True}, 1.0),
    ],
)
def test_days_sooner(law: dict[str, Any], limit: dict[str, Any], days: float) -> None:
    shortened = {"law_limit": law, "decision": "1/QĐ", "valid_from": "2025-01-01"}
    assert shortened_case({"name": "A", "limit": limit, "shortened": shortened}).days == days


def test_a_definition_that_says_little_is_kept(both: ServiceUnderTest) -> None:
    both.apply(event("procedure.published"))
    with both.store.read() as connection:
        found = report(procedures_on(connection, DAY), DAY)
    assert (found.total, found.shortened) == (1, ())
