"""One land transfer from filing to rating, only over HTTP, on files and on servers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.intake.filing.domain.dossier_code import CodePattern
from services.registry import SERVICE_NAMES
from shared.calendar import TimeLimit
from shared.client.http import wait_for
from shared.client.people import People
from shared.client.tracked_dossier import LAND_TRANSFER, token_in
from tests.faults.delivery_audit import pending_work
from tests.journeys import actors
from tests.journeys.actors import DESK, LAND_REGISTRY, TAX_OFFICE
from tests.journeys.conftest import MONDAY
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.processes import wait_until

TAX = 12_500_000
WAY = (
    ("transfer", DESK, "clerk"),
    ("assessment", LAND_REGISTRY, "officer"),
    ("tax", TAX_OFFICE, "officer"),
    ("printing", LAND_REGISTRY, "officer"),
    ("checking", LAND_REGISTRY, "officer"),
    ("signing", LAND_REGISTRY, "leader"),
    ("hand-over", LAND_REGISTRY, "clerk"),
    ("receive-result", DESK, "clerk"),
)


def test_a_land_transfer_from_filing_to_rating(any_platform: InProcessPlatform) -> None:
    people = any_platform.people()
    receipt = file_at_the_desk(any_platform, people)
    code = receipt["code"]
    through_to_the_tax_office(any_platform, people, receipt)
    pay_the_tax(any_platform, people, receipt)
    through_to_the_result(any_platform, people, receipt)
    hand_over_and_rate(any_platform, people, receipt)
    numbers_and_lists_agree(people, code)
    nothing_is_left_over(any_platform)


def file_at_the_desk(platform: InProcessPlatform, people: People) -> dict[str, Any]:
    receipt: dict[str, Any] = people.file(DESK, LAND_TRANSFER)
    assert CodePattern().parse(receipt["code"]) == CodePattern().parse(f"{DESK}-251103-0001")
    calendar = platform.reference.calendar(DESK, MONDAY.date())
    due = calendar.promise(MONDAY, TimeLimit(working_days=8), platform.reference.regulation(MONDAY.date()))
    assert datetime.fromisoformat(receipt["promised_at"]) == due.at
    assert due.at == MONDAY.replace(day=13, hour=17, minute=30)  # eight working days, the first day not counted
    assert receipt["explanation"] == [note.as_dict() for note in due.explanation]
    assert receipt["fee"] == 550_000
    assert receipt["secret"]
    seen = actors.look_up(people, receipt)
    assert (seen["state_label"], seen["receiving_agency"]) == ("Được tiếp nhận", DESK)
    actors.sms(people, receipt["code"], "received")
    return receipt


def through_to_the_tax_office(platform: InProcessPlatform, people: People, receipt: dict[str, Any]) -> None:
    for step, agency, role in WAY[:2]:
        complete(platform, people, receipt["code"], step, agency, role)
    seen = actors.shown(people, receipt, "Đang xử lý")
    wait_until(lambda: actors.look_up(people, receipt)["place"]["agency"] == TAX_OFFICE, what="the tax office shown")
    assert seen["promised_at"] == receipt["promised_at"]


def pay_the_tax(platform: InProcessPlatform, people: People, receipt: dict[str, Any]) -> None:
    code = receipt["code"]
    tax = actors.step_at(people, code, "tax")
    assert (tax["agency"], tax["counted"], tax["due_at"]) == (TAX_OFFICE, False, None)
    people.complete(tax, "obligation", amount=TAX)
    seen = actors.shown(people, receipt, "Yêu cầu thực hiện nghĩa vụ tài chính")
    assert [one["amount"] for one in seen["obligations_unpaid"]] == [TAX]
    assert "12.500.000" in actors.sms(people, code, "obligation")["text"]
    platform.clock.pass_(timedelta(days=2))  # two working days during which the clock is paused
    desk = people.client_for("clerk", DESK)
    (owed,) = desk.get(f"/intake/api/dossiers/{code}")["obligations"]
    actors.refused(422, people.pay, DESK, code, TAX - 1, owed["id"])
    people.pay(DESK, code, TAX, owed["id"])
    actors.refused(409, people.pay, DESK, code, TAX, owed["id"])
    actors.step_at(people, code, "printing")
    clock = people.routing_view(DESK, code)["clock"]
    assert not clock["paused"]
    assert clock["uncounted_minutes"] == 2 * 8 * 60
    assert datetime.fromisoformat(clock["due_at"]) == MONDAY.replace(day=17, hour=17, minute=30)
    assert clock["promised_at"] == receipt["promised_at"]
    assert actors.shown(people, receipt, "Đang xử lý")["obligations_unpaid"] == []


def through_to_the_result(platform: InProcessPlatform, people: People, receipt: dict[str, Any]) -> None:
    for step, agency, role in WAY[3:]:
        complete(platform, people, receipt["code"], step, agency, role)
    actors.shown(people, receipt, "Đã xử lý xong")
    actors.sms(people, receipt["code"], "result_ready")
    steps = people.routing_view(DESK, receipt["code"])["steps"]
    assert [(one["step"], one["agency"], one["official_role"]) for one in steps] == list(WAY)


def complete(platform: InProcessPlatform, people: People, code: str, step: str, agency: str, role: str) -> None:
    """An official of the agency finds the step in their own worklist and completes it."""
    actors.step_at(people, code, step)
    official = people.client_for(role, agency)
    (task,) = official.get("/routing/api/tasks", state="open", dossier=code)["items"]
    assert (task["step"], task["agency"], task["official_role"]) == (step, agency, role)
    platform.clock.pass_(timedelta(minutes=20))
    people.complete(task, "completed")


def hand_over_and_rate(platform: InProcessPlatform, people: People, receipt: dict[str, Any]) -> None:
    code = receipt["code"]
    platform.clock.pass_(timedelta(hours=1))
    actors.hand_back(people, code)
    actors.shown(people, receipt, "Đã trả kết quả")
    token = token_in(actors.sms(people, code, "rating_invitation")["text"])
    citizen = people.public()
    assert citizen.post("/rating/api/ratings", {"token": token, "score": 5})["accepted"]
    actors.refused(409, citizen.post, "/rating/api/ratings", {"token": token, "score": 1})
    actors.refused(404, citizen.post, "/rating/api/ratings", {"token": "0" * 20, "score": 1})


WITHOUT_LIST = ("rated", "satisfied")
"""A list would tell how one person has rated."""


def numbers_and_lists_agree(people: People, code: str) -> None:
    yes = ("received", "resolved", "on_time", "early", "returned", "rated", "satisfied", "paid")
    no = ("late", "overdue", "resolved_late", "in_progress", "in_progress_overdue")
    summary = actors.counts(people, **dict.fromkeys(yes, 1), **dict.fromkeys(no, 0))
    assert (summary["average_score"], summary["fees_paid"], summary["on_time_share"]) == (5.0, TAX, 100.0)
    for measure in (*yes, *no):
        if measure in WITHOUT_LIST:
            actors.refused(422, actors.listed, people, measure)
        else:
            assert actors.listed(people, measure) == [code] * summary[measure]
    assert {entry["agency"]: entry["completed"] for entry in summary["steps"]} == {DESK: 2, LAND_REGISTRY: 5}
    wait_for(
        lambda: people.client_for("leader", DESK).get("/stats/api/summary")["messages"]["sent"] == 4,
        actors.TIMEOUT,
        "four messages counted",
    )


def nothing_is_left_over(platform: InProcessPlatform) -> None:
    stores = {name: platform.contexts[name].store for name in SERVICE_NAMES}
    wait_until(lambda: not any(pending_work(stores, platform.settings).values()), what="empty outboxes and queues")
    assert len(list(platform.spool.glob("*.json"))) == 4
