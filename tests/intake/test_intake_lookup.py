"""The public look-up: progress without personal data, and the throttle against guessing."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.intake import worker
from services.intake.lookup.throttle import MAX_FAILURES, MAX_FAILURES_OF_ADDRESS, WINDOW
from shared.messaging.tables import idempotency_keys
from tests.intake.service_fixture import LAND_TRANSFER, OTHER_DESK, IntakeService


def look_up(intake: IntakeService, code: str, secret: str) -> Any:
    return intake.client.get("/intake/api/lookup", query_string={"code": code, "secret": secret})


def personal(text: str) -> list[str]:
    return [word for word in ("Bưởi", "0912345678", "095185001234", "buoi@", "Long Thành") if word in text]


def test_the_look_up_shows_progress(intake: IntakeService) -> None:
    receipt = intake.file()
    intake.receive_event("obligation.requested", receipt["code"], obligation="a", name="Thuế", kind="tax", amount=10)
    answer = look_up(intake, receipt["code"].lower(), receipt["secret"].lower())
    assert answer.status_code == 200
    view = answer.json
    assert (view["state"], view["state_label"]) == (6, "Yêu cầu thực hiện nghĩa vụ tài chính")
    assert view["promised_at"] == receipt["promised_at"] == view["due_at"]
    assert view["obligations_unpaid"] == [{"name": "Thuế", "kind": "tax", "amount": 10}]
    assert view["fee_unpaid"] == 550_000
    assert view["place"]["agency_name"] == "Trung tâm Phục vụ hành chính công xã Phước Long"
    assert personal(answer.text) == []
    assert "applicant" not in view
    assert answer.headers["Cache-Control"] == "no-store"


def test_wrong_code_and_wrong_secret_get_the_same_answer(intake: IntakeService) -> None:
    receipt = intake.file()
    wrong_secret = look_up(intake, receipt["code"], "AAAAAA")
    wrong_code = look_up(intake, "H12.31.01-251120-0999", receipt["secret"])
    no_code = look_up(intake, "nonsense", receipt["secret"])
    assert wrong_secret.status_code == wrong_code.status_code == no_code.status_code == 404
    assert wrong_secret.data == wrong_code.data == no_code.data


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_tries_of_a_code_are_limited_and_the_right_secret_is_never_refused(
    intake: IntakeService, exists: bool
) -> None:
    receipt = intake.file()
    code = receipt["code"] if exists else "H12.31.01-251120-0999"
    answers = [look_up(intake, code, "AAAAAA").status_code for _ in range(MAX_FAILURES + 2)]
    assert answers == [404] * MAX_FAILURES + [429] * 2
    stopped = look_up(intake, code, "AAAAAA")
    assert 0 < int(stopped.headers["Retry-After"]) <= WINDOW.total_seconds()
    assert stopped.json["retry_after"] == int(stopped.headers["Retry-After"])
    assert look_up(intake, code, receipt["secret"]).status_code == (200 if exists else 429)
    page = intake.client.post("/intake/", data={"code": code, "secret": receipt["secret"]}, follow_redirects=True)
    assert page.status_code == (200 if exists else 429)
    intake.advance(WINDOW)
    assert look_up(intake, code, "AAAAAA").status_code == 404


def test_wrong_tries_from_an_address_are_limited_whatever_the_code(intake: IntakeService) -> None:
    receipt = intake.file()
    codes = [f"H12.31.01-251120-{number:04d}" for number in range(100, 100 + MAX_FAILURES_OF_ADDRESS + 5)]
    answers = [look_up(intake, code, "AAAAAA").status_code for code in codes]
    assert answers == [404] * MAX_FAILURES_OF_ADDRESS + [429] * 5
    assert look_up(intake, receipt["code"], receipt["secret"]).status_code == 200
    elsewhere = intake.client.get(
        "/intake/api/lookup",
        query_string={"code": receipt["code"], "secret": "AAAAAA"},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )
    assert elsewhere.status_code == 404


@pytest.mark.parametrize("page", [False, True])
def test_of_sixty_simultaneous_wrong_tries_no_more_than_the_limit_are_told(intake: IntakeService, page: bool) -> None:
    code = intake.file()["code"]
    app, together = intake.client.application, threading.Barrier(20)

    def guess(number: int) -> int:
        together.wait(30)
        given = {"code": code, "secret": f"AAAA{number:04d}"}
        address = {"REMOTE_ADDR": f"198.51.100.{number}"}
        client = app.test_client()
        if page:
            answer = client.post("/intake/", data=given, environ_base=address, follow_redirects=True)
        else:
            answer = client.get("/intake/api/lookup", query_string=given, environ_base=address)
        return int(answer.status_code)

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(guess, range(60)))
    assert answers == {404: MAX_FAILURES, 429: 60 - MAX_FAILURES}


def test_addresses_are_stored_as_hashes_only(intake: IntakeService) -> None:
    look_up(intake, "H12.31.01-251120-0999", "AAAAAA")
    assert "127.0.0.1" not in str(intake.rows("lookup_failure"))


def test_failures_are_counted_by_window(intake: IntakeService) -> None:
    code = intake.file()["code"]
    for _ in range(MAX_FAILURES):
        look_up(intake, code, "AAAAAA")
    intake.advance(WINDOW)
    assert [look_up(intake, code, "AAAAAA").status_code for _ in range(MAX_FAILURES + 1)] == [404] * 10 + [429]


def test_a_text_that_is_no_code_counts_for_the_address_alone(intake: IntakeService) -> None:
    for text in ("x", "'; DROP TABLE dossier;--", "9" * 99):
        assert look_up(intake, text, "AAAAAA").status_code == 404
    [row] = intake.rows("lookup_failure")
    assert row["of"].startswith("address:")
    assert row["failures"] == 3


def test_code_and_secret_are_required(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.client.get("/intake/api/lookup")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json["errors"]} == {"code", "secret"}


def test_old_counts_are_deleted(intake: IntakeService) -> None:
    look_up(intake, "H12.31.01-251120-0999", "AAAAAA")
    assert worker.delete_old_lookup_failures(intake.context) == 0
    intake.advance(WINDOW + timedelta(seconds=1))
    assert worker.delete_old_lookup_failures(intake.context) == 2
    assert intake.rows("lookup_failure") == []


def test_a_kept_answer_holds_no_personal_data(intake: IntakeService) -> None:
    intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    assert len(intake.rows(idempotency_keys)) == 1
    assert personal(str(intake.rows(idempotency_keys))) == []


def test_a_kept_answer_shows_no_secret_and_a_repeated_request_still_gets_it(intake: IntakeService) -> None:
    first = intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    assert first.json["secret"] not in str(intake.rows(idempotency_keys))
    again = intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]


def test_a_repeated_request_of_another_agency_never_gets_the_secret(intake: IntakeService) -> None:
    """The same person, who now acts for another desk."""
    first = intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    again = intake.post("/dossiers", LAND_TRANSFER, agency=OTHER_DESK, key="k-1")
    assert again.status_code == 403
    assert first.json["secret"] not in again.get_data(as_text=True)
    assert first.json["code"] not in again.get_data(as_text=True)


def test_the_worker_deletes_old_failures() -> None:
    assert worker.delete_old_lookup_failures in [sweep.run for sweep in worker.WORKER.sweeps]


@pytest.mark.parametrize("dash", ["—", "‒", "–", "_", "−", "\u200b-", "-"])
@pytest.mark.parametrize("page", [False, True])
def test_a_code_typed_with_another_dash_is_found_and_no_wrong_try(
    sqlite_intake: IntakeService, dash: str, page: bool
) -> None:
    receipt = sqlite_intake.file()
    code, secret = receipt["code"].replace("-", dash), f"\ufeff{receipt['secret'][:3]}{dash}{receipt['secret'][3:]}"
    if page:
        answer = sqlite_intake.client.post("/intake/", data={"code": code, "secret": secret}, follow_redirects=True)
    else:
        answer = look_up(sqlite_intake, code, secret)
    assert answer.status_code == 200
    assert receipt["code"] in answer.text
    assert sqlite_intake.rows("lookup_failure") == []


def test_full_width_digits_are_digits(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    wide = {ord(char): ord(char) + 0xFEE0 for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-"}
    answer = look_up(sqlite_intake, receipt["code"].translate(wide), receipt["secret"].translate(wide))
    assert answer.status_code == 200


def test_the_kept_answer_to_a_correction_shows_neither_the_new_secret_nor_the_applicant(intake: IntakeService) -> None:
    receipt = intake.file()
    headers = intake.token() | {"Idempotency-Key": "k-2"}
    path, body = f"/intake/api/dossiers/{receipt['code']}/applicant", {"phone": "0987654321", "reason": "Nhập sai số"}
    first, again = (intake.client.patch(path, json=body, headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 200, first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json
    kept = str(intake.rows(idempotency_keys))
    assert first.json["secret"] not in kept
    assert personal(kept) == []
    assert "0987654321" not in kept
