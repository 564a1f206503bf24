"""The national portal's plug-in reads a dossier; all others are refused, and the reading is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.access import may_observe
from services.intake.plugin_access.schemas import ObservedDossierSchema
from shared.auth import Principal
from shared.national_portal.history import DossierEvent
from shared.national_portal.mapping import dossier_record
from shared.national_portal.rules import load_rules
from shared.persistence.reading_audit import reading_audit
from shared.runtime.reference_data import load_reference
from tests.intake.service_fixture import DESK, LAND, REGISTRY, IntakeService, at
from tests.intake.test_intake_submission import submission, submit

PORTAL = "G22.01"
NOT_FOR_THE_PORTAL = {
    "explanation",
    "payments",
    "receiver_name",
    "return_note",
    "withdrawal_reason",
    "place",
    "history",
}


def read(intake: IntakeService, code: str, agency: str = PORTAL, role: str = "agency") -> Any:
    return intake.get(f"/observer/dossiers/{code}", agency=agency, role=role)


def test_the_fields_of_the_portal_view(intake: IntakeService) -> None:
    code = intake.file()["code"]
    intake.receive_event("step.assigned", code, task="t-1", agency=REGISTRY, assigned_at="2025-11-20T10:00:00+07:00")
    intake.receive_event(
        "supplement.requested", code, task="t-1", agency=REGISTRY, requested_at="2025-11-21T09:00:00+07:00"
    )
    answer = read(intake, code)
    assert answer.status_code == 200
    view = answer.json
    assert view.keys() == set(ObservedDossierSchema().fields)
    assert not view.keys() & NOT_FOR_THE_PORTAL
    assert (view["code"], view["procedure"]["code"], view["channel"]) == (code, LAND, "counter")
    assert (view["field"], view["field_name"]) == ("land", "Đất đai")
    assert view["applicant"]["name"] == "Nguyễn Thị Bưởi"
    assert [request["agency"] for request in view["supplement_requests"]] == [REGISTRY]
    assert {"step": "printing", "code": "certificate"}.items() <= view["outputs"][-1].items()
    assert [item["amount"] for item in view["fee_items"]]
    assert [(row["action"], row["agency"], row["roles"], row["record"]) for row in intake.rows(reading_audit)] == [
        ("portal", PORTAL, "agency", code)
    ]


def test_the_portal_view_has_all_that_the_portals_record_needs(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    received = sqlite_intake.emitted("dossier.received")[0]["data"]
    story = [DossierEvent("dossier.received", received)]
    record = dossier_record(story, read(sqlite_intake, code).json, load_rules(), lambda agency: agency)
    assert (record["MaHoSo"], record["ChuHoSo"], record["TrangThaiHoSo"]) == (code, "Nguyễn Thị Bưởi", "2")
    assert (record["NgayTiepNhan"], record["NgayHenTra"]) == ("20251120081500", "20251202173000")
    assert len(record["TaiLieuNop"]) == 3


def test_what_is_not_received_is_in_state_1_and_what_is_refused_in_state_3(sqlite_intake: IntakeService) -> None:
    code = submit(sqlite_intake, submission())["code"]
    view = read(sqlite_intake, code).json
    assert view.keys() == set(ObservedDossierSchema().fields)
    assert (view["state"], view["channel"], view["received_at"]) == (1, "online", None)
    sqlite_intake.post(f"/applications/{code}/refuse", {"reason": "Sai thẩm quyền."})
    assert read(sqlite_intake, code).json["state"] == 3
    assert read(sqlite_intake, f"{code[:-1]}9").status_code == 404


@pytest.mark.parametrize(
    ("agency", "role", "type_"),
    [
        (DESK, "agency", "wrong-agency"),
        (REGISTRY, "agency", "wrong-agency"),
        ("", "agency", "wrong-agency"),
        ("X99", "agency", "wrong-agency"),
        (PORTAL, "clerk", "forbidden"),
        (PORTAL, "leader", "forbidden"),
        (PORTAL, "operator", "forbidden"),
    ],
)
def test_all_others_are_refused(sqlite_intake: IntakeService, agency: str, role: str, type_: str) -> None:
    code = sqlite_intake.file()["code"]
    for requested in (code, "nothing"):  # a refusal does not disclose which dossiers exist
        answer = read(sqlite_intake, requested, agency, role)
        assert (answer.status_code, answer.json["type"]) == (403, f"urn:motcua:problem:{type_}")
    assert sqlite_intake.rows(reading_audit) == []


def test_an_unknown_dossier_and_a_missing_token(sqlite_intake: IntakeService) -> None:
    assert read(sqlite_intake, "H12-999999-0001").status_code == 404
    assert sqlite_intake.client.get("/intake/api/observer/dossiers/x").status_code == 401
    assert sqlite_intake.rows(reading_audit) == []


def test_the_observer_role_depends_on_the_day() -> None:
    agencies = load_reference().agencies
    portal = Principal("plug-in", frozenset({"agency"}), PORTAL)
    assert may_observe(portal, agencies, at("2025-11-20 08:00").date())
    assert not may_observe(portal, agencies, at("2014-11-20 08:00").date())
