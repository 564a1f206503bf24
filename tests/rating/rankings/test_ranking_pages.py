"""Who sees which ranking and assessment on which page, what the files hold, and that readings are recorded."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.rating.app import create_app
from services.rating.officials.store import officials
from services.rating.rankings import store
from services.rating.rankings.commands import issue
from services.rating.rankings.domain import SubjectKind
from services.rating.rankings.store import Paper
from services.rating.rankings.sweeps import count_rankings
from shared.auth import Principal
from shared.persistence.reading_audit import reading_audit
from tests.rating.rankings.seed import ABOVE, CENTRE, HOME, OTHER_DESK, PROVINCE, correct, rate_often, register
from tests.rating.rankings.test_assessments import opened
from tests.support.pdf import text_of
from tests.support.service import ServiceUnderTest

NAME = "Nguyễn Thị an"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    """A browser, with rankings of the last quarter to be issued."""
    for subject in ("an", "binh"):
        register(rating, subject)
    rate_often(rating, {5: 40}, "an", 1)
    rate_often(rating, {5: 8, 3: 1, 1: 4}, "binh", 2)
    rate_often(rating, {5: 30, 1: 2}, agency=OTHER_DESK)
    count_rankings(rating.context)
    return rating.client(create_app)


def paper(service: ServiceUnderTest, kind: SubjectKind, agency: str = CENTRE) -> Paper:
    with service.store.read() as connection:
        found = store.latest(connection, agency, kind, "2025-Q3")
    assert found is not None
    return found


def open_page(
    service: ServiceUnderTest, client: FlaskClient, path: str, role: str = "", agency: str = CENTRE, subject: str = "x"
) -> TestResponse:
    headers = service.headers(role, agency, subject) if role else {}
    return client.get(path, headers=headers)


def issue_all(service: ServiceUnderTest) -> None:
    leader = Principal("leader-1", frozenset({"leader"}), PROVINCE)
    for kind, agency in ((SubjectKind.OFFICIAL, CENTRE), (SubjectKind.COUNTER, CENTRE), (SubjectKind.AGENCY, PROVINCE)):
        draft = paper(service, kind, agency)
        service.store.run(partial(issue, actor=leader, id_=draft.id, digest=draft.digest))


READERS = [
    ("", "", 401),
    ("clerk", CENTRE, 403),
    ("officer", CENTRE, 403),
    ("citizen", "", 403),
    ("leader", OTHER_DESK, 403),
    ("leader", HOME, 403),
    ("leader", CENTRE, 200),
    ("leader", ABOVE, 200),
    ("auditor", "", 200),
]


def test_who_reads_a_ranking_that_names_officials(rating: ServiceUnderTest, client: FlaskClient) -> None:
    path, recorded = f"/rating/rankings/papers/{paper(rating, SubjectKind.OFFICIAL).id}", 0
    for role, agency, status in READERS:
        answers = [
            open_page(rating, client, path + ending, role, agency) for ending in ("", "/table.xlsx", "/paper.pdf")
        ]
        assert [answer.status_code for answer in answers] == [status] * 3, (role, agency)
        assert (NAME in answers[0].text) == (status == 200)
        readings = rating.rows(reading_audit)[recorded:]
        assert [row["action"] for row in readings] == ["ranking"] * (3 if status == 200 else 0)
        recorded += len(readings)


def test_everybody_sees_agencies_and_nobody_by_name(rating: ServiceUnderTest, client: FlaskClient) -> None:
    assert "Chưa có bảng xếp hạng nào" in open_page(rating, client, "/rating/rankings").text
    draft = paper(rating, SubjectKind.AGENCY, PROVINCE)
    for ending in ("", "/paper.pdf", "/table.xlsx"):
        assert client.get(f"/rating/rankings/agencies/{draft.id}{ending}").status_code == 404
    issue_all(rating)
    page = client.get("/rating/rankings").text
    assert "Trung tâm Phục vụ hành chính công xã Phước Long" in page
    for id_ in (paper(rating, SubjectKind.OFFICIAL).id, paper(rating, SubjectKind.COUNTER).id, "none"):
        for ending in ("", "/paper.pdf", "/table.xlsx"):
            assert client.get(f"/rating/rankings/agencies/{id_}{ending}").status_code == 404
    shown = [page, client.get(f"/rating/rankings/agencies/{draft.id}").text]
    shown.append(text_of(client.get(f"/rating/rankings/agencies/{draft.id}/paper.pdf").data))
    names = [row["name"] for row in _staff(rating)]
    assert names
    for text in shown:
        assert not [name for name in [*names, "leader-1", "binh"] if re.search(rf"\b{name}\b", text)]


def test_an_official_sees_their_own_place_only(rating: ServiceUnderTest, client: FlaskClient) -> None:
    own = "/rating/rankings/mine"
    assert "Chưa có bảng xếp hạng" in open_page(rating, client, own, "clerk", subject="binh").text
    issue_all(rating)
    page = open_page(rating, client, own, "clerk", subject="binh").text
    assert "2 trong 2 người được xếp hạng" in page
    assert "61,5%" in page
    assert NAME not in page
    assert "Chưa có bảng xếp hạng" in open_page(rating, client, own, "clerk", subject="dung").text


def test_a_leader_issues_what_they_have_read(rating: ServiceUnderTest, client: FlaskClient) -> None:
    draft = paper(rating, SubjectKind.OFFICIAL)
    path, headers = f"/rating/rankings/papers/{draft.id}", rating.headers("leader", CENTRE, "leader-1") | OWN
    listed = client.get("/rating/rankings/papers", headers=headers).text
    assert "chờ ban hành" in listed
    assert (
        client.post(path, data={"digest": draft.digest}, headers=rating.headers("leader", OTHER_DESK) | OWN).status_code
        == 403
    )
    rate_often(rating, {1: 3}, "an", 1)
    answer = client.post(path, data={"digest": draft.digest}, headers=headers)
    assert answer.status_code == 409
    assert ">43</td>" in answer.text  # the figures as they now are
    (digest,) = re.findall(r'name="digest" value="(\w+)"', answer.text)
    assert client.post(path, data={"digest": digest}, headers=headers).status_code == 303
    again = client.post(path, data={"digest": digest}, headers=headers)
    assert (again.status_code, paper(rating, SubjectKind.OFFICIAL).written_number) == (409, f"01/BXH-{CENTRE}")
    shown = client.get(path, headers=headers).text
    assert f"01/BXH-{CENTRE}" in shown
    assert 'name="digest"' not in shown
    english = client.get(f"{path}?lang=en", headers=headers).text
    assert "Ranking of officials, Quarter 3 of 2025" in english


def test_a_replaced_paper_says_so_and_the_new_one_names_it(rating: ServiceUnderTest, client: FlaskClient) -> None:
    issue_all(rating)
    first = paper(rating, SubjectKind.OFFICIAL)
    (late,) = rate_often(rating, {5: 1}, "binh", 2)
    rating.hand.pass_(timedelta(hours=1))
    correct(rating, late, 2)
    count_rankings(rating.context)
    second = paper(rating, SubjectKind.OFFICIAL)
    leader = Principal("leader-1", frozenset({"leader"}), CENTRE)
    issued = rating.store.run(lambda work: issue(work, leader, second.id, second.digest))
    headers = rating.headers("leader", CENTRE)
    texts = [
        text_of(client.get(f"/rating/rankings/papers/{one.id}/paper.pdf", headers=headers).data)
        for one in (first, issued)
    ]
    assert f"Đã được thay thế bằng Bảng xếp hạng số {issued.written_number} ngày 03 tháng 11 năm 2025" in texts[0]
    assert f"(Thay thế Bảng xếp hạng số {first.written_number} ngày 03 tháng 11 năm 2025)" in texts[1]


def test_the_files_show_what_is_kept(rating: ServiceUnderTest, client: FlaskClient) -> None:
    place, headers = (
        f"/rating/rankings/papers/{paper(rating, SubjectKind.OFFICIAL).id}",
        rating.headers("leader", CENTRE),
    )
    assert "DỰ THẢO" in text_of(client.get(f"{place}/paper.pdf", headers=headers).data)
    issue_all(rating)
    kept = paper(rating, SubjectKind.OFFICIAL)
    text = text_of(client.get(f"{place}/paper.pdf", headers=headers).data)
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        f"Số: 01/BXH-{CENTRE}",
        "Phước Long, ngày 03 tháng 11 năm 2025",
        "Quý III năm 2025",
        "1 Nguyễn Thị an Chuyên viên 40 40 0 0 100,0 91,2 – 100,0 5,00",
        "2 Nguyễn Thị binh Chuyên viên 13 8 1 4 61,5 35,5 – 82,3 3,62",
        "(Ký tên và đóng dấu)",
        "công thức Wilson",
        kept.digest,
    ):
        assert said in text
    assert "DỰ THẢO" not in text
    rows = sheet_of(client.get(f"{place}/table.xlsx", headers=headers).data)
    assert rows[0][0] == "BẢNG XẾP HẠNG CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC"
    assert rows[5] == [1.0, "Nguyễn Thị an", "Chuyên viên", 40.0, 40.0, 0.0, 0.0, 100.0, 91.2, 100.0, 5.0]
    assert rows[6] == [2.0, "Nguyễn Thị binh", "Chuyên viên", 13.0, 8.0, 1.0, 4.0, 61.5, 35.5, 82.3, 3.62]


def test_a_name_is_never_a_formula(rating: ServiceUnderTest) -> None:
    register(rating, "x", name='=HYPERLINK("http://x.example","An")')
    rate_often(rating, {5: 10}, "x")
    count_rankings(rating.context)
    path = f"/rating/rankings/papers/{paper(rating, SubjectKind.OFFICIAL).id}/table.xlsx"
    file = rating.client(create_app).get(path, headers=rating.headers("leader", CENTRE)).data
    assert sheet_of(file)[5][1] == '=HYPERLINK("http://x.example","An")'
    with ZipFile(BytesIO(file)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_an_assessment_walks_through_its_pages(rating: ServiceUnderTest) -> None:
    one, client = opened(rating), rating.client(create_app)
    path = f"/rating/assessments/{one.id}"
    leader = rating.headers("leader", CENTRE, "leader-1") | OWN
    official = rating.headers("clerk", CENTRE, "an") | OWN
    department = rating.headers("leader", HOME, "leader-d") | OWN

    def act(headers: dict[str, str], action: str, **typed: str) -> int:
        shown = client.get(path, headers=headers).text
        revision = re.search(r'name="revision" value="(\d+)"', shown)
        data = {"action": action, "revision": revision[1] if revision else "0", **typed}
        return client.post(path, data=data, headers=headers).status_code

    assert client.get(path, headers=official).status_code == 404
    assert client.get(path, headers=department).status_code == 403
    assert act(leader, "show", remark="") == 422
    assert act(leader, "edit", remark="Nháp.") == 303
    assert act(leader, "show", remark="Hoàn thành tốt.") == 303
    assert "Chưa có phiếu" not in client.get("/rating/assessments/mine", headers=official).text
    assert "chờ ý kiến" in client.get("/rating/assessments", headers=leader).text
    assert client.get(path, headers=department).status_code == 403
    assert act(department, "acknowledge") == 403
    assert act(leader, "sign", answer="") == 409
    assert act(official, "comment", comment="Tôi có ý kiến.") == 303
    assert act(leader, "sign", answer="Đã trả lời.") == 303
    received = client.get("/rating/assessments", headers=department).text
    assert "chờ xác nhận" in received
    assert act(department, "acknowledge") == 303
    text = text_of(client.get(f"{path}/paper.pdf", headers=department).data)
    for said in (
        f"01/PĐG-{CENTRE}",
        "Hoàn thành tốt.",
        "Tôi có ý kiến.",
        "Đã trả lời.",
        "Sở Nông nghiệp và Môi trường",
    ):
        assert said in text
    register_text = text_of(client.get("/rating/assessments/register.pdf", headers=leader).data)
    assert f"01/PĐG-{CENTRE}" in register_text
    assert client.get("/rating/assessments/register?agency=H12.32.01", headers=leader).status_code == 403
    readers = {row["subject"] for row in rating.rows(reading_audit) if row["record"] == "an"}
    assert readers == {"leader-1", "an", "leader-d"}


def _staff(service: ServiceUnderTest) -> list[dict[str, str]]:
    return service.rows(officials)


def sheet_of(file: bytes) -> list[list[str | float]]:
    """The rows of the first sheet of an XLSX file, read from its XML."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with ZipFile(BytesIO(file)) as archive:
        texts = [
            "".join(part.itertext())
            for part in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).findall("m:si", space)
        ]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    found: list[list[str | float]] = []
    for row in sheet.findall("m:sheetData/m:row", space):
        while len(found) < int(row.get("r", "0")) - 1:
            found.append([])
        cells: list[str | float] = []
        for cell in row.findall("m:c", space):
            value = cell.findtext("m:v", "", space)
            cells.append(texts[int(value)] if cell.get("t") == "s" else float(value))
        found.append(cells)
    return found
