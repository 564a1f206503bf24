"""The national portal's plug-in reads what the portal is told of a dossier; nobody else does, and it is on record."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.access import may_observe
from services.intake.plugin_access.schemas import ObservedDossierSchema
from shared.auth import Principal
from shared.national_portal.history import Happening
from shared.national_portal.mapping import dossier_record
from shared.national_portal.rules import load_rules
from shared.runtime.reference_data import load_reference
from tests.intake.service_fixture import DESK, LAND, REGISTRY, World, at

PORTAL = "G22.01"
KEPT_BACK = {"explanation", "payments", "receiver_name", "return_note", "withdrawal_reason", "place", "history"}


def read(world: World, code: str, agency: str = PORTAL, role: str = "agency") -> Any:
    return world.get(f"/observer/dossiers/{code}", agency=agency, role=role)


def test_what_the_portal_is_told(world: World) -> None:
    code = world.file()["code"]
    world.happen("step.assigned", code, task="t-1", agency=REGISTRY, assigned_at="2025-11-20T10:00:00+07:00")
    world.happen("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at="2025-11-21T09:00:00+07:00")
    answer = read(world, code)
    assert answer.status_code == 200
    shown = answer.json
    assert shown.keys() == set(ObservedDossierSchema().fields)
    assert not shown.keys() & KEPT_BACK
    assert (shown["code"], shown["procedure"]["code"], shown["channel"]) == (code, LAND, "counter")
    assert (shown["field"], shown["field_name"]) == ("land", "Đất đai")
    assert shown["applicant"]["name"] == "Nguyễn Thị Bưởi"
    assert [request["agency"] for request in shown["supplement_requests"]] == [REGISTRY]
    assert {"step": "printing", "code": "certificate"}.items() <= shown["outputs"][-1].items()
    assert [item["amount"] for item in shown["fee_items"]]
    assert [(row["action"], row["agency"], row["role"], row["dossier"]) for row in world.rows("audit")] == [
        ("portal", PORTAL, "agency", code)
    ]


def test_what_intake_says_is_all_that_the_portals_record_needs(lone_world: World) -> None:
    code = lone_world.file()["code"]
    received = lone_world.emitted("dossier.received")[0]["data"]
    story = [Happening("dossier.received", received)]
    made = dossier_record(story, read(lone_world, code).json, load_rules(), lambda agency: agency)
    assert (made["MaHoSo"], made["ChuHoSo"], made["TrangThaiHoSo"]) == (code, "Nguyễn Thị Bưởi", "2")
    assert (made["NgayTiepNhan"], made["NgayHenTra"]) == ("20251120081500", "20251202173000")
    assert len(made["TaiLieuNop"]) == 3


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
def test_nobody_else_may(lone_world: World, agency: str, role: str, type_: str) -> None:
    code = lone_world.file()["code"]
    for asked in (code, "nothing"):  # whoever may not read is not told either what there is
        answer = read(lone_world, asked, agency, role)
        assert (answer.status_code, answer.json["type"]) == (403, f"urn:motcua:problem:{type_}")
    assert lone_world.rows("audit") == []


def test_an_unknown_dossier_and_a_stranger(lone_world: World) -> None:
    assert read(lone_world, "H12-999999-0001").status_code == 404
    assert lone_world.client.get("/intake/api/observer/dossiers/x").status_code == 401
    assert lone_world.rows("audit") == []


def test_the_role_counts_on_the_day() -> None:
    agencies = load_reference().agencies
    portal = Principal("plug-in", frozenset({"agency"}), PORTAL)
    assert may_observe(portal, agencies, at("2025-11-20 08:00").date())
    assert not may_observe(portal, agencies, at("2014-11-20 08:00").date())
