"""The public look-up: the least that helps, and no way to guess."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake import worker
from services.intake.lookup.throttle import MAX_FAILURES, WINDOW
from shared.messaging.tables import idempotency
from tests.intake.service_fixture import LAND_TRANSFER, World


def look_up(world: World, code: str, secret: str) -> Any:
    return world.client.get("/intake/api/lookup", query_string={"code": code, "secret": secret})


def personal(text: str) -> list[str]:
    return [word for word in ("Bưởi", "0912345678", "095185001234", "buoi@", "Long Thành") if word in text]


def test_how_a_dossier_stands(world: World) -> None:
    receipt = world.file()
    world.happen("obligation.requested", receipt["code"], obligation="a", name="Thuế", kind="tax", amount=10)
    answer = look_up(world, receipt["code"].lower(), receipt["secret"].lower())
    assert answer.status_code == 200
    shown = answer.json
    assert (shown["state"], shown["state_label"]) == (6, "Yêu cầu thực hiện nghĩa vụ tài chính")
    assert shown["promised_at"] == receipt["promised_at"] == shown["due_at"]
    assert shown["obligations_unpaid"] == [{"name": "Thuế", "kind": "tax", "amount": 10}]
    assert shown["fee_unpaid"] == 550_000
    assert shown["place"]["agency_name"] == "Trung tâm Phục vụ hành chính công xã Phước Long"
    assert personal(answer.text) == []
    assert "applicant" not in shown
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_code_and_a_wrong_secret_are_told_alike(world: World) -> None:
    receipt = world.file()
    wrong_secret = look_up(world, receipt["code"], "AAAAAA")
    wrong_code = look_up(world, "H12.31.01-251120-0999", receipt["secret"])
    no_code = look_up(world, "nonsense", receipt["secret"])
    assert wrong_secret.status_code == wrong_code.status_code == no_code.status_code == 404
    assert wrong_secret.data == wrong_code.data == no_code.data


@pytest.mark.parametrize("exists", [True, False])
def test_guessing_is_stopped_whether_or_not_the_dossier_exists(world: World, exists: bool) -> None:
    receipt = world.file()
    code = receipt["code"] if exists else "H12.31.01-251120-0999"
    answers = [look_up(world, code, "AAAAAA").status_code for _ in range(MAX_FAILURES + 2)]
    assert answers == [404] * MAX_FAILURES + [429] * 2
    stopped = look_up(world, code, receipt["secret"])
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= WINDOW.total_seconds()
    assert stopped.json["retry_after"] == int(stopped.headers["Retry-After"])
    world.pass_(WINDOW)
    assert look_up(world, code, receipt["secret"]).status_code == (200 if exists else 404)


def test_tries_are_counted_by_code_and_window(world: World) -> None:
    first, second = world.file(), world.file()
    for _ in range(MAX_FAILURES - 1):
        look_up(world, first["code"], "AAAAAA")
    assert look_up(world, first["code"], first["secret"]).status_code == 200
    world.pass_(WINDOW)
    assert look_up(world, first["code"], "AAAAAA").status_code == 404
    assert look_up(world, first["code"], first["secret"]).status_code == 200
    for _ in range(MAX_FAILURES):
        look_up(world, second["code"], "AAAAAA")
    assert look_up(world, second["code"], second["secret"]).status_code == 429
    assert look_up(world, first["code"], first["secret"]).status_code == 200


def test_texts_that_are_no_codes_leave_no_trace(world: World) -> None:
    for text in ("x", "'; DROP TABLE dossier;--", "9" * 99):
        assert look_up(world, text, "AAAAAA").status_code == 404
    assert world.rows("lookup_failure") == []


def test_code_and_secret_are_needed(lone_world: World) -> None:
    answer = lone_world.client.get("/intake/api/lookup")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json["errors"]} == {"code", "secret"}


def test_old_counts_are_forgotten(world: World) -> None:
    look_up(world, "H12.31.01-251120-0999", "AAAAAA")
    assert worker.delete_old_lookup_failures(world.context) == 0
    world.pass_(WINDOW + timedelta(seconds=1))
    assert worker.delete_old_lookup_failures(world.context) == 1
    assert world.rows("lookup_failure") == []


def test_kept_answers_with_their_secrets_are_forgotten(world: World) -> None:
    def kept() -> list[dict[str, Any]]:
        return world.rows(idempotency)

    world.post("/dossiers", LAND_TRANSFER, key="k-1")
    assert worker.delete_old_answers(world.context) == 0
    assert len(kept()) == 1
    assert personal(str(kept())) == []
    world.pass_(worker.KEEP_ANSWERS + timedelta(seconds=1))
    assert worker.delete_old_answers(world.context) == 1
    assert kept() == []


def test_the_worker_runs_both() -> None:
    assert [sweep.run for sweep in worker.WORKER.sweeps] == [
        worker.delete_old_lookup_failures,
        worker.delete_old_answers,
    ]
