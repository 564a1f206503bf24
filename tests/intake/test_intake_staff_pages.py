"""Officials' pages of dossiers: who sees which, the search by name, and that every reading is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.dossiers import store
from shared.persistence.reading_audit import reading_audit
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, IntakeService


def listed(intake: IntakeService, role: str, agency: str, text: str = "", state: str = "") -> str:
    headers = intake.token(role, agency) | {"Accept": "text/html"}
    intake.client.post("/intake/dossiers", data={"text": text, "state": state}, headers=headers)
    answer = intake.client.get("/intake/dossiers", headers=headers)
    assert answer.status_code == 200
    return str(answer.text)


def shown(intake: IntakeService, code: str, role: str, agency: str) -> Any:
    return intake.client.get(f"/intake/dossiers/{code}", headers=intake.token(role, agency) | {"Accept": "text/html"})


@pytest.mark.parametrize("text", ["Nguyễn Thị Bưởi", "buoi", "NGUYEN buoi", "nguyễn thi bưởi", "-0001"])
def test_a_dossier_is_found_by_name_or_code(intake: IntakeService, text: str) -> None:
    code = intake.file()["code"]
    other = intake.file(applicant__name="Trần Quốc Việt")["code"]
    page = listed(intake, "clerk", DESK, text)
    assert code in page
    assert other not in page
    assert other in listed(intake, "clerk", DESK)
    assert code not in listed(intake, "clerk", DESK, "%")
    assert code not in listed(intake, "clerk", DESK, "bưởi hồng")


def test_each_agency_sees_its_own(intake: IntakeService) -> None:
    code = intake.file()["code"]
    for role, agency in (("clerk", OTHER_DESK), ("leader", OTHER_DESK), ("officer", REGISTRY), ("officer", DESK)):
        assert code not in listed(intake, role, agency)
        answer = shown(intake, code, role, agency)
        assert answer.status_code == 403 or answer.headers["Location"].startswith(f"/intake/dossiers/{code}/access")
    intake.receive_event("step.assigned", code, task="t-1", agency=REGISTRY)
    assert code in listed(intake, "officer", REGISTRY)
    page = shown(intake, code, "officer", REGISTRY)
    for text in ("Nguyễn Thị Bưởi", "095185001234", "0912345678", "Ấp Long Thành", "Đăng ký biến động"):
        assert text in page.text
    intake.receive_event("step.completed", code, task="t-1", agency=REGISTRY, outcome="completed")
    assert shown(intake, code, "officer", REGISTRY).status_code == 303, "no longer their business: they are asked why"
    assert shown(intake, code, "clerk", DESK).status_code == 200


def test_readings_are_recorded_and_names_are_in_no_address(intake: IntakeService) -> None:
    code = intake.file()["code"]
    listed(intake, "clerk", DESK, "Bưởi")
    shown(intake, code, "clerk", DESK)
    assert {(row["action"], row["record"]) for row in intake.rows(reading_audit)} == {
        ("dossiers", DESK),
        ("dossier", code),
    }
    answer = intake.client.post("/intake/dossiers", data={"text": "Bưởi"}, headers=intake.token("clerk", DESK))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/intake/dossiers")


def test_a_corrected_name_is_found(intake: IntakeService) -> None:
    code = intake.file()["code"]
    intake.store.run(lambda work: store.change(work, store.lock(work.connection, code), applicant_name="Lê Thị Đào"))
    assert code in listed(intake, "clerk", DESK, "dao")
    assert code not in listed(intake, "clerk", DESK, "buoi")
