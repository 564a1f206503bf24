"""A leader's pages for apologies: the list, one letter, the register on screen and as files."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from services.routing.apologies.register_pages import _plain
from tests.routing.apology_letters import NEXT_MORNING, NUMBER, letters, make_late, newest, report, sign
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TAX, Headers, RoutingFixture

PAGE = "/routing/apologies"
OTHER = "000.00.14.H57-251120-0119"
CHOSEN = {"cause": "verification", "reason": "Cần đo đạc lại.", "new_due_at": "2025-12-10T17:00"}


@pytest.fixture
def leader(land: RoutingFixture) -> Headers:
    """The leader of the land registry."""
    return land.token("leader", REGISTRY, "leader-1")


def two_late(land: RoutingFixture) -> list[str]:
    land.receive(OTHER)
    land.complete("transfer", code=OTHER)
    make_late(land)
    land.advance_to(NEXT_MORNING)
    report(land)
    return [newest(land).id, newest(land, OTHER).id]


def test_the_list_shows_who_waits_and_how_often_it_was_reported(land: RoutingFixture, leader: Headers) -> None:
    two_late(land)
    page = land.client().get(PAGE, headers=leader).text
    assert CODE in page
    assert OTHER in page
    assert "1 ngày, gần nhất 03/12/2025" in page
    assert "Late dossiers" not in page
    work = land.client().get("/routing/", headers=leader).text
    assert "Hồ sơ quá hạn chưa có văn bản xin lỗi được ký: 2" in work
    assert "xin lỗi được ký" not in land.client().get("/routing/", headers=land.token("officer", REGISTRY)).text
    other = land.client().get(PAGE, headers=land.token("leader", TAX)).text
    assert CODE not in other
    assert land.client().get(PAGE, headers=land.token("officer", REGISTRY)).status_code == 403


def test_several_letters_are_signed_at_once(land: RoutingFixture, leader: Headers) -> None:
    ids = two_late(land)
    form = {"apology": ids, **CHOSEN}
    answer = land.client().post(PAGE, data=form, headers=leader)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert {newest(land).written_number, newest(land, OTHER).written_number} == {NUMBER, f"02/PXL-{REGISTRY}"}
    again = land.client().post(PAGE, data=form, headers=leader)
    assert (again.status_code, "Đã ký, số 01/PXL" in again.text) == (200, True)
    assert len(land.event_names("apology.signed")) == 1


def test_a_letter_that_cannot_be_signed_does_not_stop_the_others(land: RoutingFixture, leader: Headers) -> None:
    ids = two_late(land)
    sign(land, ids[0])
    answer = land.client().post(PAGE, data={"apology": [*ids, "none"], **CHOSEN}, headers=leader)
    assert answer.status_code == 200
    assert "Số văn bản đã ký: 1" in answer.text
    assert "Không có văn bản xin lỗi none." in answer.text
    assert newest(land, OTHER).state == "signed"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Vui lòng chọn từ 1 đến 50 văn bản"),
        ({"apology": [str(number) for number in range(51)]}, "Vui lòng chọn từ 1 đến 50 văn bản"),
        ({"apology": "x", "new_due_at": "tomorrow"}, "Thời điểm không hợp lệ"),
        ({"apology": "x", "reason": "x" * 2001}, "Dài quá 2000 ký tự"),
        ({"apology": "x", "cause": "x" * 31}, "Dài quá 30 ký tự"),
    ],
)
def test_a_form_that_says_too_little_or_too_much_signs_nothing(
    land: RoutingFixture, leader: Headers, form: dict[str, object], message: str
) -> None:
    make_late(land)
    answer = land.client().post(PAGE, data=form, headers=leader)
    assert (answer.status_code, message in answer.text) == (422, True)
    assert newest(land).state == "draft"


def test_a_letter_is_kept_read_and_signed(land: RoutingFixture, leader: Headers) -> None:
    draft = make_late(land)
    path, client = f"{PAGE}/{draft.id}", land.client()
    assert "chưa chọn" in client.get(path, headers=leader).text
    form = {**CHOSEN, "revision": str(draft.revision)}
    assert client.post(path, data={**form, "action": "save"}, headers=leader).status_code == 303
    stale = client.post(path, data={**form, "action": "sign"}, headers=leader)
    assert (stale.status_code, "đã được sửa sau khi" in stale.text) == (409, True)
    assert newest(land).state == "draft"
    form["revision"] = str(newest(land).revision)
    assert client.post(path, data={**form, "action": "sign"}, headers=leader).status_code == 303
    page = client.get(path, headers=leader).text
    assert NUMBER in page
    assert "Cần đo đạc lại." in page
    assert client.post(path, data={**form, "action": "sign"}, headers=leader).status_code == 409
    assert client.post(path, data={**form, "action": "burn"}, headers=leader).status_code == 422
    assert NUMBER in client.get(f"/routing/dossiers/{CODE}", headers=leader).text


def test_a_date_on_a_day_off_is_named_at_its_field(land: RoutingFixture, leader: Headers) -> None:
    draft = make_late(land)
    form = {**CHOSEN, "new_due_at": "2025-12-07T09:00", "revision": str(draft.revision), "action": "sign"}
    answer = land.client().post(f"{PAGE}/{draft.id}", data=form, headers=leader)
    assert answer.status_code == 422
    assert "09:00 07/12/2025 không nằm trong giờ làm việc" in answer.text
    assert 'href="#f-sign-new_due_at"' in answer.text
    assert newest(land) == draft, "nothing is kept of a signature that failed"


def test_the_agency_is_changed_on_the_page_of_the_letter(land: RoutingFixture, leader: Headers) -> None:
    draft = make_late(land)
    form = {"action": "agency", "agency": DESK, "reason": "Chuyển chậm", "revision": str(draft.revision)}
    path = f"{PAGE}/{draft.id}"
    assert land.client().post(path, data=form | {"agency": TAX}, headers=leader).status_code == 422
    assert land.client().post(path, data=form, headers=leader).status_code == 303
    page = land.client().get(path, headers=land.token("leader", DESK, "leader-2")).text
    assert "Chuyển chậm" in page
    assert "Ký và gửi người dân" in page
    assert "Ký và gửi người dân" not in land.client().get(path, headers=leader).text


def test_others_do_not_see_a_letter(land: RoutingFixture) -> None:
    draft = make_late(land)
    client = land.client()
    assert client.get(f"{PAGE}/{draft.id}", headers=land.token("officer", REGISTRY)).status_code == 200
    assert client.get(f"{PAGE}/{draft.id}", headers=land.token("leader", TAX)).status_code == 403
    assert client.get(f"{PAGE}/none", headers=land.token("leader", REGISTRY)).status_code == 404
    post = client.post(f"{PAGE}/{draft.id}", data={"action": "sign"}, headers=land.token("leader", TAX))
    assert (post.status_code, letters(land)) == (403, [draft])


def test_the_register_on_screen_as_csv_and_as_pdf(land: RoutingFixture, leader: Headers) -> None:
    for id_ in two_late(land):
        sign(land, id_)
    client = land.client()
    page = client.get(f"{PAGE}/register", headers=leader).text
    assert NUMBER in page
    answer = client.get(f"{PAGE}/register.csv?year=2025", headers=leader)
    assert answer.content_type == "text/csv; charset=utf-8"
    head, *rows = csv.reader(StringIO(answer.data.decode("utf-8-sig")))
    assert head[:3] == ["Số", "Ngày ký", "Mã hồ sơ"]
    assert [row[0] for row in rows] == [NUMBER, f"02/PXL-{REGISTRY}"]
    assert {row[2] for row in rows} == {CODE, OTHER}
    paper = client.get(f"{PAGE}/register.pdf?agency={REGISTRY}", headers=leader)
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    assert "Chưa có văn bản nào" in client.get(f"{PAGE}/register?year=2024", headers=leader).text


@pytest.mark.parametrize(
    ("query", "status"), [("agency=G12.12.01", 403), ("year=abc", 422), ("year=0", 422), ("year=99999999999", 422)]
)
def test_only_ones_own_register_of_a_year(sqlite_land: RoutingFixture, query: str, status: int) -> None:
    leader = sqlite_land.token("leader", REGISTRY)
    for ending in ("", ".csv", ".pdf"):
        assert sqlite_land.client().get(f"{PAGE}/register{ending}?{query}", headers=leader).status_code == status


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@a", "\tx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert _plain(text) == f"'{text}"
    assert _plain(f"a{text}") == f"a{text}"


def test_the_api_lists_and_signs(land: RoutingFixture, leader: Headers) -> None:
    draft = make_late(land)
    client = land.client()
    listed = client.get("/routing/api/apologies?limit=1", headers=leader).json
    assert (listed["total"], [one["id"] for one in listed["items"]], listed["next"]) == (1, [draft.id], "")
    path = f"/routing/api/apologies/{draft.id}/sign"
    empty = client.post(path, json={}, headers=leader)
    assert (empty.status_code, empty.json["errors"][0]["field"], empty.json["article"]) == (422, "cause", "19.6")
    body = {"cause": "verification", "new_due_at": "2025-12-10T17:00:00+07:00"}
    assert client.post(path, json=body, headers=land.token("leader", TAX)).status_code == 403
    signed = client.post(path, json=body, headers=leader)
    assert (signed.status_code, signed.json["written_number"]) == (200, NUMBER)
    again = client.post(path, json=body, headers=leader)
    assert (again.status_code, again.json["type"].rsplit(":", 1)[-1]) == (409, "apology-closed")
    assert client.get("/routing/api/apologies", headers=leader).json["items"] == []


def test_the_list_has_pages(land: RoutingFixture, leader: Headers) -> None:
    two_late(land)
    client = land.client()
    first = client.get("/routing/api/apologies?limit=1", headers=leader).json
    second = client.get(
        "/routing/api/apologies", query_string={"limit": 1, "cursor": first["next"]}, headers=leader
    ).json
    assert {first["items"][0]["dossier"], second["items"][0]["dossier"]} == {CODE, OTHER}
    assert second["next"] == ""
    assert client.get("/routing/api/apologies?cursor=nonsense", headers=leader).json["total"] == 2
