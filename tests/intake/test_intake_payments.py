"""Payments at the desk."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest

from tests.intake.service_fixture import OTHER_DESK, IntakeService


@pytest.fixture
def code(intake: IntakeService) -> str:
    return str(intake.file()["code"])


def pay(intake: IntakeService, code: str, amount: int, obligation: str | None = None, **more: str) -> tuple[int, Any]:
    body = {"amount": amount, "method": "transfer", "obligation": obligation, **more}
    answer = intake.post(f"/dossiers/{code}/payments", body)
    return answer.status_code, answer.json


def resolve(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.resolved", code)


def test_the_filing_fee(intake: IntakeService) -> None:
    receipt = intake.file()
    status, paid = pay(intake, receipt["code"], receipt["fee"], reference="BL 0001")
    assert status == 201
    assert (paid["amount"], paid["obligation"], paid["reference"], paid["state"]) == (550_000, None, "BL 0001", 2)
    (announced,) = intake.emitted("fee.paid")
    assert announced["data"] == {
        "dossier": receipt["code"],
        "payment": paid["id"],
        "obligation": None,
        "amount": 550_000,
        "paid_at": "2025-11-20T08:15:00+07:00",
    }
    assert intake.get(f"/dossiers/{receipt['code']}").json["fee_paid_at"] == "2025-11-20T08:15:00+07:00"


def test_the_amount_must_be_what_is_owed(intake: IntakeService, code: str) -> None:
    status, problem = pay(intake, code, 1)
    assert (status, problem["owed"]) == (422, 550_000)
    assert problem["errors"][0]["field"] == "amount"
    assert intake.emitted("fee.paid") == intake.rows("payment") == []


def test_the_fee_is_paid_once(intake: IntakeService, code: str) -> None:
    assert pay(intake, code, 550_000)[0] == 201
    status, problem = pay(intake, code, 550_000)
    assert (status, problem["type"]) == (409, "urn:motcua:problem:already-paid")
    assert len(intake.rows("payment")) == 1


def test_nothing_is_owed_for_a_free_procedure(intake: IntakeService) -> None:
    free = intake.file(procedure="1.001193", case="on-time", papers=["application", "birth-certificate"])
    status, problem = pay(intake, free["code"], 1_000)
    assert (status, problem["type"]) == (409, "urn:motcua:problem:nothing-owed")


def test_processing_goes_on_after_the_last_obligation_is_paid(intake: IntakeService, code: str) -> None:
    intake.receive_event("obligation.requested", code, obligation="a", amount=10)
    intake.receive_event("obligation.requested", code, obligation="b", amount=20)
    assert pay(intake, code, 10, "a")[1]["state"] == 6
    assert pay(intake, code, 550_000)[1]["state"] == 6
    assert pay(intake, code, 20, "b")[1]["state"] == 4
    assert [body["data"]["obligation"] for body in intake.emitted("fee.paid")] == ["a", None, "b"]
    detail = intake.get(f"/dossiers/{code}").json
    assert detail["state"] == 4
    assert all(one["paid_at"] for one in detail["obligations"])
    assert [one["amount"] for one in detail["payments"]] == [10, 550_000, 20]


def test_concurrent_payments_pay_an_obligation_once(intake: IntakeService, code: str) -> None:
    intake.receive_event("obligation.requested", code, obligation="a", amount=10)
    answers: list[int] = []
    barrier = Barrier(4)

    def clerk() -> None:
        barrier.wait()
        answers.append(pay(intake, code, 10, "a")[0])

    threads = [Thread(target=clerk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(intake.rows("payment")) == len(intake.emitted("fee.paid")) == 1


def test_only_own_obligations(intake: IntakeService, code: str) -> None:
    other = intake.file()["code"]
    intake.receive_event("obligation.requested", other, obligation="a", amount=10)
    status, problem = pay(intake, code, 10, "a")
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
def test_faulty_payments(sqlite_intake: IntakeService, body: dict[str, object], field: str) -> None:
    answer = sqlite_intake.post(f"/dossiers/{sqlite_intake.file()['code']}/payments", body)
    assert answer.status_code == 422
    assert field in ["", *(error["field"] for error in answer.json["errors"])]


@pytest.mark.parametrize("path", ["payments", "return"])
def test_only_the_receiving_desk(sqlite_intake: IntakeService, path: str) -> None:
    code = sqlite_intake.file()["code"]
    resolve(sqlite_intake, code)
    body = {"amount": 550_000, "method": "cash"} if path == "payments" else {}
    assert sqlite_intake.post(f"/dossiers/{code}/{path}", body, agency=OTHER_DESK).status_code == 403
    assert sqlite_intake.post(f"/dossiers/{code}/{path}", body, role="leader").status_code == 403
    assert sqlite_intake.post(f"/dossiers/H12.31.01-251120-0077/{path}", body).status_code == 404
