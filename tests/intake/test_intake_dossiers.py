"""Reading dossiers and worklists by staff, and the record of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.persistence.reading_audit import reading_audit
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, IntakeService


def audit(intake: IntakeService) -> list[tuple[str, str, str, str, str]]:
    return [
        (row["subject"], row["roles"], row["agency"], row["action"], row["record"])
        for row in intake.rows(reading_audit)
    ]


def test_a_dossier_in_full_is_audited(intake: IntakeService) -> None:
    code = intake.file()["code"]
    detail = intake.get(f"/dossiers/{code}").json
    assert detail["applicant"] == {
        "name": "Nguyễn Thị Bưởi",
        "id_number": "095185001234",
        "id_kind": "citizen_id",
        "phone": "0912345678",
        "email": "buoi@example.vn",
        "address": "Ấp Long Thành",
        "birth_date": "",
        "sex": "",
        "old_id_number": "",
        "language": "vi",
        "channels": [],
        "chat_user": "",
    }
    assert (detail["state"], detail["case"], detail["channel"]) == (2, "transfer", "counter")
    assert detail["obligations"] == detail["payments"] == detail["history"] == []
    assert detail["place"]["agency"] == DESK
    assert audit(intake) == [("clerk-7", "clerk", DESK, "dossier", code)]


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("clerk", DESK, 200),
        ("clerk", OTHER_DESK, 403),
        ("clerk", "H12.31", 403),
        ("leader", DESK, 200),
        ("leader", "H12.31", 403),
        ("leader", "H12", 403),
        ("leader", REGISTRY, 200),
        ("leader", OTHER_DESK, 403),
        ("leader", "H12.32", 403),
        ("leader", "", 403),
        ("officer", DESK, 403),
        ("operator", DESK, 403),
        ("citizen", "", 403),
    ],
)
def test_who_may_read(sqlite_intake: IntakeService, role: str, agency: str, status: int) -> None:
    code = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("step.assigned", code, agency=REGISTRY)
    assert sqlite_intake.get(f"/dossiers/{code}", role=role, agency=agency).status_code == status
    assert len(audit(sqlite_intake)) == (status == 200)


def test_an_unknown_dossier(sqlite_intake: IntakeService) -> None:
    assert sqlite_intake.get("/dossiers/H12.31.01-251120-0999").status_code == 404
    assert sqlite_intake.client.get("/intake/api/dossiers/H12.31.01-251120-0999").status_code == 401
    assert audit(sqlite_intake) == []


def test_the_worklist_in_pages(intake: IntakeService) -> None:
    codes = []
    for _ in range(5):
        codes.append(intake.file()["code"])
        intake.advance(timedelta(minutes=1))
    intake.file(receiving_agency=OTHER_DESK)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = intake.get("/dossiers", limit=2, after=after).json
        seen += [item["code"] for item in page["items"]]
        after = page["next"]
    assert seen == codes[::-1]
    assert {entry[3:] for entry in audit(intake)} == {("dossiers", DESK)}
    item = intake.get("/dossiers").json["items"][0]
    assert item["applicant_name"] == "Nguyễn Thị Bưởi"
    assert not [text for text in ("0912345678", "095185001234", "buoi@", "Long Thành") if text in str(item)]


def test_the_worklist_by_state(intake: IntakeService) -> None:
    first, second, third = (intake.file()["code"] for _ in range(3))
    intake.receive_event("dossier.resolved", first)
    intake.receive_event("dossier.resolved", second)
    intake.post(f"/dossiers/{second}/return", {"citizen_notified": True, "identity": "citizen_card"})

    def listed(**query: Any) -> set[str]:
        return {item["code"] for item in intake.get("/dossiers", **query).json["items"]}

    assert listed() == {first, third}
    assert listed(state=9) == {first}
    assert listed(state=10) == {second}
    assert listed(state=5) == set()


def test_a_clerk_lists_only_the_own_desk(sqlite_intake: IntakeService) -> None:
    sqlite_intake.file()
    assert sqlite_intake.get("/dossiers", agency=OTHER_DESK).json == {"items": [], "next": None}
    own = sqlite_intake.client.get("/intake/api/dossiers?agency=H12.31.01", headers=sqlite_intake.token())
    assert len(own.json["items"]) == 1
    other = sqlite_intake.client.get("/intake/api/dossiers?agency=H12.32.01", headers=sqlite_intake.token())
    assert other.status_code == 403
    assert sqlite_intake.get("/dossiers", state=11).status_code == 422


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("leader", "H12.31", 200),
        ("leader", "H12", 200),
        ("leader", "H12.32", 403),
        ("clerk", "H12.31", 403),
        ("leader", "", 403),
        ("clerk", "", 403),
    ],
)
def test_leaders_list_the_desks_below_them(sqlite_intake: IntakeService, role: str, agency: str, status: int) -> None:
    code = sqlite_intake.file()["code"]
    answer = sqlite_intake.client.get(f"/intake/api/dossiers?agency={DESK}", headers=sqlite_intake.token(role, agency))
    assert answer.status_code == status
    if status == 200:
        assert [item["code"] for item in answer.json["items"]] == [code]


def test_a_clerk_without_agency_has_no_worklist(sqlite_intake: IntakeService) -> None:
    sqlite_intake.file()
    assert sqlite_intake.get("/dossiers", agency="").status_code == 403
