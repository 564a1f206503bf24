"""What staff may read, and that it is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, World


def audit(world: World) -> list[tuple[str, str, str, str, str]]:
    return [(row["subject"], row["role"], row["agency"], row["action"], row["dossier"]) for row in world.rows("audit")]


def test_a_dossier_in_full_and_on_record(world: World) -> None:
    code = world.file()["code"]
    detail = world.get(f"/dossiers/{code}").json
    assert detail["applicant"] == {
        "name": "Nguyễn Thị Bưởi",
        "id_number": "095185001234",
        "phone": "0912345678",
        "email": "buoi@example.vn",
        "address": "Ấp Long Thành",
    }
    assert (detail["state"], detail["case"], detail["channel"]) == (2, "transfer", "counter")
    assert detail["obligations"] == detail["payments"] == detail["history"] == []
    assert detail["place"]["agency"] == DESK
    assert audit(world) == [("clerk-7", "clerk", DESK, "read", code)]


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("clerk", DESK, 200),
        ("clerk", OTHER_DESK, 403),
        ("clerk", "H12.31", 403),
        ("leader", DESK, 200),
        ("leader", "H12.31", 200),
        ("leader", "H12", 200),
        ("leader", REGISTRY, 200),
        ("leader", OTHER_DESK, 403),
        ("leader", "H12.32", 403),
        ("leader", "", 403),
        ("officer", DESK, 403),
        ("operator", DESK, 403),
        ("citizen", "", 403),
    ],
)
def test_who_may_read(lone_world: World, role: str, agency: str, status: int) -> None:
    code = lone_world.file()["code"]
    lone_world.happen("step.assigned", code, agency=REGISTRY)
    assert lone_world.get(f"/dossiers/{code}", role=role, agency=agency).status_code == status
    assert len(audit(lone_world)) == (status == 200)


def test_an_unknown_dossier(lone_world: World) -> None:
    assert lone_world.get("/dossiers/H12.31.01-251120-0999").status_code == 404
    assert lone_world.client.get("/intake/api/dossiers/H12.31.01-251120-0999").status_code == 401
    assert audit(lone_world) == []


def test_the_worklist_in_pages(world: World) -> None:
    codes = []
    for _ in range(5):
        codes.append(world.file()["code"])
        world.pass_(timedelta(minutes=1))
    world.file(receiving_agency=OTHER_DESK)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = world.get("/dossiers", limit=2, after=after).json
        seen += [item["code"] for item in page["items"]]
        after = page["next"]
    assert seen == codes[::-1]
    assert {entry[3:] for entry in audit(world)} == {("list", "")}
    item = world.get("/dossiers").json["items"][0]
    assert item["applicant_name"] == "Nguyễn Thị Bưởi"
    assert not [text for text in ("0912345678", "095185001234", "buoi@", "Long Thành") if text in str(item)]


def test_the_worklist_by_state(world: World) -> None:
    first, second, third = (world.file()["code"] for _ in range(3))
    world.happen("dossier.resolved", first)
    world.happen("dossier.resolved", second)
    world.post(f"/dossiers/{second}/return", {"citizen_notified": True})

    def listed(**query: Any) -> set[str]:
        return {item["code"] for item in world.get("/dossiers", **query).json["items"]}

    assert listed() == {first, third}
    assert listed(state=9) == {first}
    assert listed(state=10) == {second}
    assert listed(state=5) == set()


def test_the_worklist_is_the_own_desks(lone_world: World) -> None:
    lone_world.file()
    assert lone_world.get("/dossiers", agency=OTHER_DESK).json == {"items": [], "next": None}
    own = lone_world.client.get("/intake/api/dossiers?agency=H12.31.01", headers=lone_world.token())
    assert len(own.json["items"]) == 1
    other = lone_world.client.get("/intake/api/dossiers?agency=H12.32.01", headers=lone_world.token())
    assert other.status_code == 403
    assert lone_world.get("/dossiers", state=11).status_code == 422


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
def test_leaders_list_the_desks_below_them(lone_world: World, role: str, agency: str, status: int) -> None:
    code = lone_world.file()["code"]
    answer = lone_world.client.get(f"/intake/api/dossiers?agency={DESK}", headers=lone_world.token(role, agency))
    assert answer.status_code == status
    if status == 200:
        assert [item["code"] for item in answer.json["items"]] == [code]


def test_no_agency_no_worklist(lone_world: World) -> None:
    lone_world.file()
    assert lone_world.get("/dossiers", agency="").status_code == 403
