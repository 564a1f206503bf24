"""The pages, files and API of reports: who sees what, what the files hold, and what a form does."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import partial
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.stats.app import create_app
from services.stats.reports import commands, store
from services.stats.reports.domain import ReportState
from services.stats.reports.store import ListFilter
from tests.support.pdf import text_of
from tests.support.reports import (
    correct_report,
    dossiers_of,
    get_report,
    leader_of,
    publish_report,
    report_something,
)
from tests.support.service import ServiceUnderTest, body

CENTRE, PROVINCE, DESK, OTHER = "H12.20", "H12", "H12.31.01", "H12.32.01"
PAGES = "/stats/reports"
READERS = [
    ("", "", 303),
    ("clerk", DESK, 403),
    ("citizen", "", 403),
    ("auditor", "", 403),
    ("leader", OTHER, 403),
    ("officer", OTHER, 403),
    ("officer", PROVINCE, 403),
    ("officer", DESK, 200),
    ("leader", DESK, 200),
    ("leader", PROVINCE, 200),
    ("operator", "", 200),
]


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    return stats.client(create_app)


class Person:
    """Somebody at a browser.

    Args:
        service: stats.
        client: of its app.
        role: of theirs.
        agency: for which they act.
    """

    def __init__(self, service: ServiceUnderTest, client: FlaskClient, role: str = "", agency: str = "") -> None:
        self._client = client
        self._headers = {"Origin": "http://localhost", "Accept": "text/html"}
        self._headers |= service.headers(role, agency, f"{role}@{agency}") if role else {}

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, headers=self._headers)

    def post(self, path: str, **typed: str) -> TestResponse:
        return self._client.post(path, data=typed, headers=self._headers)


def test_who_reads_a_report_that_is_not_published(stats: ServiceUnderTest, client: FlaskClient) -> None:
    made = report_something(stats.context, DESK)
    for role, agency, status in READERS:
        person = Person(stats, client, role, agency)
        for path in ("", "/report.xlsx", "/report.csv", "/report.pdf"):
            answer = person.get(f"{PAGES}/{made.draft}{path}")
            assert answer.status_code == status, (role, agency, path)
        listed = person.get(PAGES)
        assert (made.draft in listed.text) == (status == 200), (role, agency)
    assert Person(stats, client, "leader", DESK).get(f"{PAGES}/none").status_code == 404


def test_everybody_reads_published_reports_and_no_others(stats: ServiceUnderTest, client: FlaskClient) -> None:
    made = report_something(stats.context, DESK)
    anybody = Person(stats, client)
    listed = anybody.get("/stats/published-reports")
    assert {one for one in made.all if one in listed.text} == {made.replaced, made.corrected}
    api: Any = body(anybody.get("/stats/api/published-reports"))
    assert [one["id"] for one in api["items"]] == [made.corrected, made.replaced]
    for one in made.all:
        published = one in (made.replaced, made.corrected)
        for path in ("", "/report.pdf", "/report.xlsx", "/report.csv"):
            status = anybody.get(f"/stats/published-reports/{one}{path}").status_code
            assert status == (200 if published else 404), (one, path)
        status = anybody.get(f"/stats/api/published-reports/{one}").status_code
        assert status == (200 if published else 404)
    replaced = anybody.get(f"/stats/published-reports/{made.replaced}").text
    assert "đã được thay thế bằng bản đính chính" in replaced
    assert made.corrected in replaced
    corrected = anybody.get(f"/stats/published-reports/{made.corrected}").text
    assert "Số liệu đính chính" in corrected
    assert re.search(r"kỳ này</td>\s*<td class=\"number\">1\.204</td>\s*<td class=\"number\"><strong>1\.250", corrected)
    whole: Any = body(anybody.get(f"/stats/api/published-reports/{made.replaced}"))
    assert (whole["replaced_by"], whole["numbers"]["received"]["now"]) == (made.corrected, 1204)
    assert whole["sha256"] == get_report(stats.context, made.replaced).file_sha256
    for query, status in (("?kind=decade", 422), ("?after=x", 422), (f"?agency={OTHER}", 200), ("?limit=1", 200)):
        answer = anybody.get(f"/stats/api/published-reports{query}")
        assert answer.status_code == status, query


def test_the_list_is_read_page_by_page_and_filtered(stats: ServiceUnderTest, client: FlaskClient) -> None:
    made, seen, after = report_something(stats.context, DESK), [], ""
    while True:
        page: Any = body(Person(stats, client).get(f"/stats/api/published-reports?limit=1&after={after}"))
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [made.corrected, made.replaced]
    leader = Person(stats, client, "leader", DESK)
    for query, wanted in (
        ("state=draft", {made.draft}),
        ("state=submitted", {made.submitted}),
        ("kind=month", {made.corrected, made.replaced}),
        ("kind=decade&state=none&after=x", set(made.all)),
        (f"agency={OTHER}", set()),
        (f"agency={DESK}", set(made.all)),
    ):
        text = leader.get(f"{PAGES}?{query}").text
        assert {one for one in made.all if one in text} == wanted, query


def test_the_files_hold_the_numbers_of_the_page(stats: ServiceUnderTest, client: FlaskClient) -> None:
    made = report_something(stats.context, DESK)
    anybody, place = Person(stats, client), f"/stats/published-reports/{made.corrected}"
    pdf = anybody.get(f"{place}/report.pdf")
    assert (pdf.content_type, pdf.status_code) == ("application/pdf", 200)
    text = text_of(pdf.data)
    for wanted in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số: 02/BC-H12.31.01",
        "BÁO CÁO",
        "Hồ sơ tiếp nhận trong kỳ 1.250 1.150 625 +100",
        "1.250.000.000 ₫",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
        "Lưu: VT.",
    ):
        assert wanted in text, wanted
    assert "leader@" not in text, "the paper names nobody"
    rows = list(csv.reader(StringIO(anybody.get(f"{place}/report.csv").data.decode("utf-8-sig"))))
    assert rows[1][1:4] == ["Hồ sơ tiếp nhận trong kỳ", "", "1250"]
    with ZipFile(BytesIO(anybody.get(f"{place}/report.xlsx").data)) as book:
        assert len([name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]) == 5
    draft = Person(stats, client, "leader", DESK).get(f"{PAGES}/{made.draft}/report.pdf")
    assert "DỰ THẢO" in text_of(draft.data)


def form_key(answer: TestResponse) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def test_a_report_goes_through_the_pages_from_the_draft_to_the_correction(
    stats: ServiceUnderTest, client: FlaskClient
) -> None:
    stats.apply(*dossiers_of(DESK, date(2025, 10, 6), 12, 9, 2))
    officer, leader = Person(stats, client, "officer", DESK), Person(stats, client, "leader", DESK)
    typed = {"agency": DESK, "kind": "month", "day": "2025-10-09", "form_key": form_key(officer.get(f"{PAGES}/new"))}
    places = {officer.post(f"{PAGES}/new", **typed).headers["Location"] for _ in range(2)}
    (place,) = places
    id_ = place.rpartition("/")[2]
    digest = get_report(stats.context, id_).digest

    def act(person: Person, action: str, status: int = 303, digest: str = digest) -> TestResponse:
        question = person.get(f"{place}/confirm/{action}")
        assert question.status_code == 200
        answer = person.post(place, action=action, digest=digest)
        assert answer.status_code == status, (action, answer.text)
        return answer

    assert "Ký duyệt</button>" not in officer.get(f"{place}/confirm/sign").text
    act(officer, "submit")
    act(officer, "submit", 409)
    assert officer.post(place, action="sign", digest=digest).status_code == 403
    assert "đã thay đổi" in act(leader, "sign", 409, "another").text
    act(leader, "sign")
    assert get_report(stats.context, id_).file_sha256, "the paper is kept at once"
    act(leader, "publish")
    act(leader, "publish", 409)
    assert "Số liệu không thay đổi." in leader.get(f"{place}/confirm/correct").text
    act(leader, "correct", 409)
    stats.apply(*dossiers_of(DESK, date(2025, 10, 9), 3, 3, 1, "late"))
    assert re.search(r"number\">12</td>\s*<td class=\"number\"><strong>15", leader.get(f"{place}/confirm/correct").text)
    newer = act(officer, "correct").headers["Location"]
    assert newer != place
    assert act(officer, "correct", 409).status_code == 409
    for wrong in ({"action": "delete"}, {}):
        assert leader.post(place, **wrong).status_code == 422
    with stats.store.read() as connection:
        states = [one.state for one in store.list_reports(connection, ListFilter(), 10)]
    assert sorted(states) == [ReportState.DRAFT, ReportState.PUBLISHED]


def test_a_new_report_is_refused_with_the_field_named(stats: ServiceUnderTest, client: FlaskClient) -> None:
    leader = Person(stats, client, "leader", DESK)
    key = form_key(leader.get(f"{PAGES}/new"))
    good = {"agency": DESK, "kind": "month", "day": "2025-10-09", "form_key": key}
    for wrong, status, word in (
        ({"agency": OTHER}, 403, ""),
        ({"agency": "none"}, 403, ""),
        ({"kind": "decade"}, 422, "Không có loại kỳ này"),
        ({"day": "31/10/2025"}, 422, "Ngày không hợp lệ"),
        ({"day": "0001-01-01"}, 422, "Năm không hợp lệ"),
        ({"day": "2026-12-01"}, 422, "Kỳ này chưa bắt đầu"),
    ):
        answer = leader.post(f"{PAGES}/new", **{**good, **wrong})
        assert (answer.status_code, word in answer.text) == (status, True), wrong
    with stats.store.read() as connection:
        assert store.list_reports(connection, ListFilter(), 10) == []


def test_a_signed_report_without_its_paper_says_that_it_is_being_made(
    stats: ServiceUnderTest, client: FlaskClient
) -> None:
    made, leader = report_something(stats.context, DESK), leader_of(DESK)
    digest = get_report(stats.context, made.submitted).digest
    stats.store.run(partial(commands.sign_off, actor=leader, id_=made.submitted, digest=digest))
    person = Person(stats, client, "leader", DESK)
    answer = person.get(f"{PAGES}/{made.submitted}/report.pdf")
    assert (answer.status_code, "đang được tạo" in answer.text) == (409, True)
    assert person.post(f"{PAGES}/{made.submitted}", action="publish").status_code == 303, "publishing makes it"


def test_texts_of_agencies_and_fields_are_never_read_as_code(stats: ServiceUnderTest, client: FlaskClient) -> None:
    made = report_something(stats.context, DESK)
    known = get_report(stats.context, made.draft)
    content = known.read()
    content["agency"][0]["name"] = '=1+1 <script> #read("x")'
    actor = leader_of(DESK)
    stats.store.run(partial(commands.recount, actor=actor, id_=made.draft, content=content))
    person = Person(stats, client, "leader", DESK)
    assert "<script> #read" not in person.get(f"{PAGES}/{made.draft}").text
    text = text_of(person.get(f"{PAGES}/{made.draft}/report.pdf").data)
    assert '#read("x")' in text
    publish_report(stats.context, made.draft, actor)
    assert correct_report(stats.context, made.draft, actor), "the numbers are others"
