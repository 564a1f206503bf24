"""The desk corrects an applicant's data: with a reason, kept, announced; a new phone voids the old secret."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.service_fixture import OTHER_DESK, IntakeService


def correct(intake: IntakeService, code: str, agency: str = "H12.31.01", **body: Any) -> Any:
    headers = intake.token("clerk", agency)
    return intake.client.patch(f"/intake/api/dossiers/{code}/applicant", json=body, headers=headers)


def look_up(intake: IntakeService, code: str, secret: str) -> int:
    answer = intake.client.get("/intake/api/lookup", query_string={"code": code, "secret": secret})
    return int(answer.status_code)


def test_a_new_phone_is_announced_and_voids_the_old_secret(intake: IntakeService) -> None:
    receipt = intake.file()
    answer = correct(intake, receipt["code"], phone="0912/345679", reason="Gõ nhầm số")
    assert answer.status_code == 200, answer.json
    assert (answer.json["changed"], answer.json["applicant"]["phone"]) == (["phone"], "0912345679")
    assert look_up(intake, receipt["code"], receipt["secret"]) == 404
    assert look_up(intake, receipt["code"], answer.json["secret"]) == 200
    (corrected,) = intake.emitted("applicant.corrected")
    assert (corrected["data"]["phone"], corrected["data"]["name"]) == ("0912345679", "Nguyễn Thị Bưởi")
    (changed,) = intake.emitted("dossier.contact_changed")
    assert changed["data"].keys() == {"dossier", "changed_at"}
    history = intake.get(f"/dossiers/{receipt['code']}/applicant/corrections").json["items"]
    assert [(entry["reason"], entry["was"], entry["corrected_by"]) for entry in history] == [
        ("Gõ nhầm số", {"phone": "0912345678"}, "clerk-7")
    ]
    assert intake.get(f"/dossiers/{receipt['code']}").json["applicant"]["phone"] == "0912345679"


def test_another_name_or_document_keeps_the_secret(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    answer = correct(sqlite_intake, receipt["code"], name="Nguyễn Thị Bưởi B", id_number="C1234567", reason="Nhầm")
    assert (answer.json["changed"], answer.json["secret"]) == (["id_kind", "id_number", "name"], None)
    assert look_up(sqlite_intake, receipt["code"], receipt["secret"]) == 200
    assert sqlite_intake.emitted("dossier.contact_changed") == []
    assert len(sqlite_intake.emitted("applicant.corrected")) == 1


def test_what_is_right_already_changes_nothing(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    answer = correct(sqlite_intake, receipt["code"], phone="+84 912 345 678", reason="Nhầm")
    assert (answer.status_code, answer.json["changed"], answer.json["secret"]) == (200, [], None)
    assert sqlite_intake.emitted("applicant.corrected") == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "123", "reason": "x"}, "phone"),
        ({"name": "\u3164", "reason": "x"}, "name"),
        ({"phone": "0912345679"}, "reason"),
        ({"phone": "0912345679", "reason": "  "}, "reason"),
        ({"id_kind": "old_id", "reason": "x"}, "id_number"),
    ],
)
def test_wrong_corrections_name_the_field(sqlite_intake: IntakeService, body: dict[str, str], field: str) -> None:
    receipt = sqlite_intake.file()
    answer = correct(sqlite_intake, receipt["code"], **body)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert sqlite_intake.emitted("applicant.corrected") == []


def test_only_the_receiving_desk_corrects(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    assert correct(sqlite_intake, receipt["code"], OTHER_DESK, phone="0912345679", reason="x").status_code == 403
    history = sqlite_intake.get(f"/dossiers/{receipt['code']}/applicant/corrections", agency=OTHER_DESK)
    assert history.status_code == 403
