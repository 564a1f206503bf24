"""The desk's pages of its devices: how they are, and what lies aside; and what the metrics say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from services.rating.app import create_app
from services.rating.devices.metrics import DEVICES, PAIRING
from services.rating.devices.store import deliveries
from services.rating.ratings.store import ratings
from services.rating.worker import WORKER
from shared.observability.metrics import exposition
from tests.rating.devices.device_fixture import DESK, OTHER_DESK, OWN, Tablet, pairing_code
from tests.support.service import ServiceUnderTest

MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(both: ServiceUnderTest) -> Flask:
    return both.app(create_app)


def seen(app: Flask, service: ServiceUnderTest, role: str, desk: str, path: str = "/rating/devices") -> str:
    """A page as somebody gets it."""
    answer: Any = app.test_client().get(path, headers=service.headers(role, desk) | OWN)
    assert answer.status_code == 200, answer.text
    text: str = answer.text
    return text


def test_the_desk_sees_how_its_devices_are_and_the_operator_sees_all(both: ServiceUnderTest, app: Flask) -> None:
    tablet = Tablet(app, both)
    late = tablet.tap()
    both.hand.pass_(timedelta(hours=25))
    ratings_ = [tablet.tap() for _ in range(3)]
    tablet.deliver(late, ratings_[0], ratings_[2], waiting=4_321, battery=17, charging=True, version="abc123")
    page = seen(app, both, "clerk", DESK)
    assert not [text for text in ("hoạt động", "17%", "(đang sạc)", "4.321", "abc123") if text not in page]
    [found] = [row for row in page.split("<tr>") if "abc123" in row]
    cells = [cell.partition("</td>")[0] for cell in found.split("<td>")]
    assert cells[4:9] == ["4.321", "2", "1", "1", "1"]  # waiting, kept, aside, late, missing
    both.hand.pass_(21 * MINUTE)
    assert "im lặng" in seen(app, both, "leader", DESK)
    assert "Chưa có máy nào" in seen(app, both, "leader", OTHER_DESK)
    everywhere = seen(app, both, "operator", "")
    assert ("abc123" in everywhere, "Tạo mã ghép nối" in everywhere) == (True, False)
    pairing_code(both.store, 9)
    assert "chờ ghép nối" in seen(app, both, "leader", DESK)
    both.hand.pass_(16 * MINUTE)
    assert "chờ ghép nối" not in seen(app, both, "leader", DESK)


def test_the_metrics_name_silent_devices_and_what_waits_in_them(rating: ServiceUnderTest) -> None:
    app = rating.app(create_app)
    tablet = Tablet(app, rating)
    Tablet(app, rating, number=2)
    rating.hand.pass_(21 * MINUTE)
    tablet.deliver(waiting=7)

    def gauges() -> dict[str, float]:
        DEVICES.run(rating.context)
        lines = exposition("rating")[0].decode().splitlines()
        found = [line for line in lines if line.startswith("motcua_rating_devices_") and DESK in line]
        return {line.partition("{")[0].rpartition("_")[2]: float(line.rpartition(" ")[2]) for line in found}

    assert {DEVICES, PAIRING} <= set(WORKER.sweeps)
    try:
        assert gauges() == {"paired": 2, "silent": 1, "waiting": 7}
        for number in ("1", "2"):
            leave = {"number": number, "action": "unpair"}
            app.test_client().post("/rating/devices", data=leave, headers=rating.headers("clerk", DESK) | OWN)
        assert gauges() == {"paired": 0, "silent": 0, "waiting": 0}
    finally:
        DEVICES.withdraw()


def test_a_leader_decides_once_what_lies_aside_and_learns_no_time(both: ServiceUnderTest, app: Flask) -> None:
    tablet = Tablet(app, both)
    both.hand.pass_(7 * MINUTE)
    first, second, third = (tablet.tap(score) for score in (5, 1, 2))
    tablet.delivered([first, second, third, first | {"score": 4}])
    page = seen(app, both, "leader", DESK, "/rating/devices/review")
    assert page.count("Không tính") == 3
    assert "08:07" not in page
    marks = {(row["id"], row["outcome"]): row["fingerprint"] for row in both.rows(deliveries)}

    def decide(one: dict[str, Any], outcome: str, decision: str, desk: str = DESK, role: str = "leader") -> int:
        typed = {"id": one["id"], "fingerprint": marks[one["id"], outcome], "decision": decision}
        headers = both.headers(role, desk) | OWN
        return int(app.test_client().post("/rating/devices/review", data=typed, headers=headers).status_code)

    assert decide(second, "too_soon", "count", OTHER_DESK) == 404
    assert decide(second, "too_soon", "count", role="clerk") == 403
    assert decide(first, "conflict", "count") == 404  # its id is another rating's
    assert [decide(second, "too_soon", "count") for _ in range(2)] == [303, 303]
    assert decide(second, "too_soon", "leave") == 404  # decided otherwise
    assert decide(third, "too_soon", "leave") == 303
    assert decide(first, "conflict", "leave") == 303
    assert sorted(row["score"] for row in both.rows(ratings)) == [1, 5]
    assert len(both.rows(deliveries)) == 4
    assert "Không có đánh giá nào để riêng" in seen(app, both, "leader", DESK, "/rating/devices/review")
    # delivered again, it is what was delivered before
    assert tablet.delivered([second]) == {second["id"]: "too_soon"}
    assert len(both.rows(ratings)) == 2
