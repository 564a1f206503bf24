"""Payments and results at the desk."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest

from shared.agencies import Agencies, Agency, Unit
from tests.intake.service_fixture import DESK, OTHER_DESK, World, at, reference


@pytest.fixture
def code(world: World) -> str:
    return str(world.file()["code"])


def pay(world: World, code: str, amount: int, obligation: str | None = None, **more: str) -> tuple[int, Any]:
    body = {"amount": amount, "method": "transfer", "obligation": obligation, **more}
    answer = world.post(f"/dossiers/{code}/payments", body)
    return answer.status_code, answer.json


def resolve(world: World, code: str) -> None:
    world.happen("dossier.resolved", code)


def test_the_filing_fee(world: World) -> None:
    receipt = world.file()
    status, paid = pay(world, receipt["code"], receipt["fee"], reference="BL 0001")
    assert status == 201
    assert (paid["amount"], paid["obligation"], paid["reference"], paid["state"]) == (550_000, None, "BL 0001", 2)
    (announced,) = world.emitted("fee.paid")
    assert announced["data"] == {
        "dossier": receipt["code"],
        "payment": paid["id"],
        "obligation": None,
        "amount": 550_000,
        "paid_at": "2025-11-20T08:15:00+07:00",
    }
    assert world.get(f"/dossiers/{receipt['code']}").json["fee_paid_at"] == "2025-11-20T08:15:00+07:00"


def test_the_amount_must_be_what_is_owed(world: World, code: str) -> None:
    status, problem = pay(world, code, 1)
    assert (status, problem["owed"]) == (422, 550_000)
    assert problem["errors"][0]["field"] == "amount"
    assert world.emitted("fee.paid") == world.rows("payment") == []


def test_the_fee_is_paid_once(world: World, code: str) -> None:
    assert pay(world, code, 550_000)[0] == 201
    status, problem = pay(world, code, 550_000)
    assert (status, problem["type"]) == (409, "urn:motcua:problem:already-paid")
    assert len(world.rows("payment")) == 1


def test_nothing_is_owed_for_what_is_free(world: World) -> None:
    free = world.file(procedure="1.001193", case="on-time", papers=["application", "birth-certificate"])
    status, problem = pay(world, free["code"], 1_000)
    assert (status, problem["type"]) == (409, "urn:motcua:problem:nothing-owed")


def test_work_goes_on_when_the_last_obligation_is_paid(world: World, code: str) -> None:
    world.happen("obligation.requested", code, obligation="a", amount=10)
    world.happen("obligation.requested", code, obligation="b", amount=20)
    assert pay(world, code, 10, "a")[1]["state"] == 6
    assert pay(world, code, 550_000)[1]["state"] == 6
    assert pay(world, code, 20, "b")[1]["state"] == 4
    assert [body["data"]["obligation"] for body in world.emitted("fee.paid")] == ["a", None, "b"]
    detail = world.get(f"/dossiers/{code}").json
    assert detail["state"] == 4
    assert all(one["paid_at"] for one in detail["obligations"])
    assert [one["amount"] for one in detail["payments"]] == [10, 550_000, 20]


def test_an_obligation_is_paid_once_even_at_once(world: World, code: str) -> None:
    world.happen("obligation.requested", code, obligation="a", amount=10)
    answers: list[int] = []
    barrier = Barrier(4)

    def clerk() -> None:
        barrier.wait()
        answers.append(pay(world, code, 10, "a")[0])

    threads = [Thread(target=clerk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(world.rows("payment")) == len(world.emitted("fee.paid")) == 1


def test_only_own_obligations(world: World, code: str) -> None:
    other = world.file()["code"]
    world.happen("obligation.requested", other, obligation="a", amount=10)
    status, problem = pay(world, code, 10, "a")
    assert (status, problem["errors"][0]["field"]) == (422, "obligation")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0, "method": "cash"}, "amount"),
        ({"amount": "10", "method": "cash"}, ""),
        ({"amount": 10.5, "method": "cash"}, "amount"),
        ({"amount": 10, "method": "beads"}, "method"),
        ({"method": "cash"}, "amount"),
    ],
)
def test_faulty_payments(lone_world: World, body: dict[str, object], field: str) -> None:
    answer = lone_world.post(f"/dossiers/{lone_world.file()['code']}/payments", body)
    assert answer.status_code == 422
    assert field in ["", *(error["field"] for error in answer.json["errors"])]


def test_the_result_is_handed_over_once(world: World, code: str) -> None:
    resolve(world, code)
    answer = world.post(
        f"/dossiers/{code}/return", {"receiver_name": "Lê Văn Tám", "note": "con trai", "citizen_notified": True}
    )
    assert (answer.status_code, answer.json["state"]) == (200, 10)
    (announced,) = world.emitted("dossier.returned")
    assert announced["data"]["receiving_agency"] == DESK
    assert "Tám" not in str(announced)
    detail = world.get(f"/dossiers/{code}").json
    assert (detail["receiver_name"], detail["return_note"]) == ("Lê Văn Tám", "con trai")
    again = world.post(f"/dossiers/{code}/return", {})
    assert (again.status_code, again.json["type"], again.json["state"]) == (
        409,
        "urn:motcua:problem:not-returnable",
        10,
    )
    assert len(world.emitted("dossier.returned")) == 1


def test_no_result_yet(world: World, code: str) -> None:
    answer = world.post(f"/dossiers/{code}/return", {})
    assert (answer.status_code, answer.json["state"], answer.json["state_label"]) == (409, 2, "Được tiếp nhận")
    assert "Được tiếp nhận" in answer.json["detail"]


@pytest.mark.parametrize("path", ["payments", "return"])
def test_only_the_receiving_desk(lone_world: World, path: str) -> None:
    code = lone_world.file()["code"]
    resolve(lone_world, code)
    body = {"amount": 550_000, "method": "cash"} if path == "payments" else {}
    assert lone_world.post(f"/dossiers/{code}/{path}", body, agency=OTHER_DESK).status_code == 403
    assert lone_world.post(f"/dossiers/{code}/{path}", body, role="leader").status_code == 403
    assert lone_world.post(f"/dossiers/H12.31.01-251120-0077/{path}", body).status_code == 404


def test_after_a_merger_the_successor_hands_over(world: World) -> None:
    world.hand.seconds = at("2025-06-26 08:00").timestamp()
    code = world.file(receiving_agency="000.21.34.H04")["code"]
    resolve(world, code)
    world.hand.seconds = at("2025-07-03 08:00").timestamp()
    successor = reference().agencies.successor("000.21.34.H04", at("2025-07-03 08:00").date()).code
    listed = world.get("/dossiers", agency=successor).json["items"]
    assert [item["code"] for item in listed] == [code]
    assert world.post(f"/dossiers/{code}/return", {"citizen_notified": True}, agency=successor).status_code == 200
    assert world.emitted("dossier.returned")[0]["data"]["receiving_agency"] == "000.21.34.H04"


def test_desks_without_a_successor() -> None:
    day, last = at("2025-07-03 08:00").date(), at("2025-06-30 08:00").date()
    unit = Unit("xa", "Xã", "commune", at("2015-01-01 08:00").date())
    ended = Agency("A.1", "Một cửa cũ", "commune", "xa", ("one_stop_desk",), unit.valid_from, last, parent="A")
    agencies = Agencies([unit], [ended])
    assert agencies.acting_for("A.1", day) == {"A.1"}
    assert agencies.ancestors("A.1", day) == frozenset()
    assert agencies.ancestors("A.1", last) == {"A"}
    assert agencies.handled_by("B", day) == {"B"}
    assert agencies.name_of("A.1", day) == "Một cửa cũ"
    assert agencies.name_of("Z", day) == "Z"
