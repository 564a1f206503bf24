"""The pages of campaigns: a leader plans, opens, closes and publishes; citizens answer; clerks enter papers; everybody reads the result."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.rating.app import create_app
from services.rating.surveys import sweeps
from services.rating.surveys.answer_store import answers, invitations
from services.rating.surveys.store import surveys
from services.rating.surveys.template import survey_data
from tests.rating.surveys.support import (
    DESK,
    FIRST,
    OPEN_PLAN,
    OTHER_DESK,
    filled,
    invited,
    opened,
    return_dossiers,
    set_day,
)
from tests.support.service import ServiceUnderTest

TYPED = {
    "name_vi": "Chỉ số hài lòng 2026",
    "name_en": "Satisfaction in 2026",
    "population": "dossiers",
    "opens_on": "2026-08-15",
    "closes_on": "2026-09-30",
    "procedures": "1.004873 | Xác nhận tình trạng hôn nhân\n1.001193",
    "agencies": DESK,
    "returned_from": "2026-01-01",
    "returned_until": "2026-07-31",
    "sample": "6",
    "stratum_least": "2",
    "reminder_days": "7",
    "shown_least": "3",
    "groups": "",
    "form_key": "new-1",
}


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


@pytest.fixture
def leader(rating: ServiceUnderTest) -> dict[str, str]:
    return rating.headers("leader", DESK)


def make(client: FlaskClient, leader: dict[str, str], **changes: str) -> TestResponse:
    return client.post("/rating/surveys/new", data=TYPED | changes, headers=leader)


def do(client: FlaskClient, leader: dict[str, str], place: str, action: str) -> TestResponse:
    return client.post(place, data={"action": action}, headers=leader)


def test_from_the_plan_to_the_published_page(
    rating: ServiceUnderTest, client: FlaskClient, leader: dict[str, str]
) -> None:
    return_dossiers(rating, {"1.004873": 12, "1.001193": 8})
    made = make(client, leader)
    assert made.status_code == 303
    assert make(client, leader).location == made.location, "the button was pressed twice"
    place = made.location
    assert len(rating.rows(surveys)) == 1
    asked = client.get(f"{place}/confirm/open", headers=leader)
    assert "không sửa được nữa" in asked.text
    assert do(client, leader, place, "open").status_code == 303
    assert do(client, leader, place, "open").status_code == 409
    set_day(rating, FIRST)
    sweeps.send_due_invitations(rating.context)
    for number, event in enumerate(invited(rating)):
        link = f"/rating/s/{event.data['token']}"
        page = client.get(link)
        assert page.text.count("<fieldset") == 23
        assert event.data["dossier"] not in page.text
        assert client.post(link, data=filled(5 if number else 2, trips="one", wish="<b>=1+1")).status_code == 303
    followed = client.get(place, headers=leader).text
    assert "Xác nhận tình trạng hôn nhân (1.004873)" in followed
    id = place.rpartition("/")[2]
    public = f"/rating/survey-results/{id}"
    assert client.get(public).status_code == 404
    assert client.get(f"{place}/texts", headers=leader).text.count("&lt;b&gt;") == 0
    assert do(client, leader, place, "close").status_code == 303
    assert client.get(f"{place}/texts", headers=leader).text.count("&lt;b&gt;") == 6
    assert client.get(public).status_code == 404
    assert do(client, leader, place, "publish").status_code == 303
    shown = client.get(public).text
    assert "chỉ số hài lòng chung" in shown
    assert "Cochran 1977" in shown
    assert "wish" not in shown
    assert "<b>" not in shown
    assert place.rpartition("/")[2] in client.get("/rating/survey-results").text
    english = client.get(public, query_string={"lang": "en"}).text
    assert "overall index of satisfaction" in english
    assert_files(client, public)


def assert_files(client: FlaskClient, public: str) -> None:
    with ZipFile(BytesIO(client.get(f"{public}.xlsx").data)) as book:
        names = ElementTree.fromstring(book.read("xl/workbook.xml")).iter()
        sheets = [one.get("name") for one in names if one.tag.endswith("}sheet")]
        words = book.read("xl/sharedStrings.xml").decode()
    assert sheets[:3] == ["Kết quả", "Theo yếu tố", "Theo câu hỏi"]
    assert "Xác nhận tình trạng hôn nhân (1.004873)" in words
    body = client.get(f"{public}.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(body)))
    assert "1+1" not in body
    assert {row["agency"] for row in rows} <= {DESK, "khác"}
    assert len(rows) <= 6
    assert {row["trips"] for row in rows} == {"one"}


def test_a_stratum_with_too_few_answers_is_not_in_the_file(
    rating: ServiceUnderTest, client: FlaskClient, leader: dict[str, str]
) -> None:
    return_dossiers(rating, {"1.004873": 12, "1.001193": 8})
    place = make(client, leader, shown_least="3").location
    do(client, leader, place, "open")
    set_day(rating, FIRST)
    sweeps.send_due_invitations(rating.context)
    strata = {row["dossier"]: row["stratum"] for row in rating.rows(invitations)}
    assert sorted(strata.values()) == [1, 1, 2, 2, 2, 2]  # 8·6/20 = 2.4 and 12·6/20 = 3.6
    for event in invited(rating):
        client.post(f"/rating/s/{event.data['token']}", data=filled())
    do(client, leader, place, "close")
    do(client, leader, place, "publish")
    public = place.replace("/surveys/", "/survey-results/")
    rows = list(csv.DictReader(StringIO(client.get(f"{public}.csv").data.decode("utf-8-sig"))))
    assert [row["procedure"] for row in rows] == ["1.004873"] * 4, "two of the other would be known by what is left"
    assert "chưa đủ phiếu" in client.get(public).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_vi": " "}, "name_vi"),
        ({"name_en": "x" * 201}, "name_en"),
        ({"opens_on": "31/8/2026"}, "opens_on"),
        ({"closes_on": "2026-08-14"}, "closes_on"),
        ({"closes_on": "9999-12-31"}, "closes_on"),
        ({"returned_until": ""}, "returned_until"),
        ({"returned_until": "2025-12-31"}, "returned_until"),
        ({"sample": "0"}, "sample"),
        ({"sample": "-5"}, "sample"),
        ({"sample": "٣"}, "sample"),
        ({"stratum_least": "7"}, "stratum_least"),
        ({"shown_least": "1"}, "shown_least"),
        ({"agencies": OTHER_DESK}, "agencies"),
        ({"procedures": "1.1\n1.1"}, "procedures"),
        ({"procedures": "\n".join(map(str, range(700)))}, "procedures"),
        ({"population": "open"}, "groups"),
        ({"population": "open", "groups": "A\nA"}, "groups"),
    ],
)
def test_a_plan_with_a_fault_is_shown_again(
    rating: ServiceUnderTest, client: FlaskClient, leader: dict[str, str], changes: dict[str, str], field: str
) -> None:
    answer = make(client, leader, **changes)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text or f'href="#f-{field}"' in answer.text
    assert "Satisfaction" in answer.text or "name_en" in changes
    assert rating.rows(surveys) == []


def test_another_agency_neither_sees_nor_changes_a_campaign(
    rating: ServiceUnderTest, client: FlaskClient, leader: dict[str, str]
) -> None:
    place = make(client, leader).location
    stranger, above = rating.headers("leader", OTHER_DESK), rating.headers("leader", "H12")
    for path in (place, f"{place}/plan", f"{place}/questions", f"{place}/draw", f"{place}/texts", f"{place}/links"):
        assert client.get(path, headers=stranger).status_code == 403, path
    for path in (place, f"{place}/plan", f"{place}/questions", f"{place}/papers"):
        assert client.post(path, data=TYPED | {"action": "open"}, headers=stranger).status_code in (403, 404), path
    assert client.get(place, headers=above).status_code == 200
    assert do(client, above, place, "open").status_code == 403
    assert place not in client.get("/rating/surveys", headers=stranger).text
    assert place in client.get("/rating/surveys", headers=above).text
    assert place in client.get("/rating/surveys", headers=rating.headers("auditor", "")).text
    assert client.get(f"{place}/questions", headers=rating.headers("auditor", "")).status_code == 200
    assert client.get(place.replace(place[-4:], "0000"), headers=leader).status_code == 404


def test_questions_of_a_draft_are_added_changed_and_removed(
    rating: ServiceUnderTest, client: FlaskClient, leader: dict[str, str]
) -> None:
    place = make(client, leader).location
    page = f"{place}/questions"
    added = {"action": "save", "question": "", "code": "way", "kind": "choice", "vi": "Nộp bằng cách nào?"}
    added |= {"en": "How did you file?", "options": "Trực tiếp | In person\nTrực tuyến | Online", "required": "yes"}
    assert client.post(page, data=added | {"options": "Một"}, headers=leader).status_code == 422
    assert client.post(page, data=added, headers=leader).status_code == 303
    assert client.post(page, data=added, headers=leader).status_code == 422, "the same form sent twice adds one"
    changed = added | {"question": "way", "vi": "Ông/bà nộp hồ sơ bằng cách nào?"}
    assert client.get(page, query_string={"question": "way"}, headers=leader).text.count("Trực tuyến | Online") == 1
    assert client.post(page, data=changed, headers=leader).status_code == 303
    assert "Ông/bà nộp hồ sơ bằng cách nào?" in client.get(page, headers=leader).text
    removed = {"action": "remove", "question": "way"}
    assert client.post(page, data=removed, headers=leader).status_code == 303
    assert client.post(page, data=removed, headers=leader).status_code == 303
    assert len(rating.rows(surveys)[0]["questions"]) == len(survey_data().questionnaires[0].questions)
    for question in survey_data().questionnaires[0].questions:
        answer = client.post(page, data={"action": "remove", "question": question.code}, headers=leader)
    assert rating.rows(surveys)[0]["questions"][0]["kind"] == "scale", "without a scale there is no index"
    assert answer.status_code == 303


def test_a_questionnaire_with_a_gap_is_shown_again(rating: ServiceUnderTest, client: FlaskClient) -> None:
    return_dossiers(rating, {"1.004873": 4})
    opened(rating)
    link = f"/rating/s/{invited(rating)[0].data['token']}"
    sent = filled(4, wish="Giữ lại nhé") | {"q.polite": "9", "q.seats": ""}
    answer = client.post(link, data=sent)
    assert answer.status_code == 422
    assert "<title>Lỗi" in answer.text
    assert 'id="f-q-polite-error"' in answer.text
    assert 'href="#f-q-seats"' in answer.text
    assert "Giữ lại nhé" in answer.text
    assert answer.text.count("checked") == 20
    assert rating.rows(answers) == []
    assert client.post(link, data=filled(4)).status_code == 303
    assert client.post(link, data=filled(4)).status_code == 409
    assert client.get(link).status_code == 409
    assert client.get("/rating/s/nonsense").status_code == 404


def test_an_open_campaign_is_answered_by_its_link(
    rating: ServiceUnderTest, client: FlaskClient, leader: dict[str, str]
) -> None:
    id = opened(rating, OPEN_PLAN)
    assert "Trạm y tế xã" in client.get("/rating/survey").text
    link = f"/rating/survey/{id}/2"
    assert link in client.get(f"/rating/surveys/{id}/links", headers=leader).text
    token = re.search(r'name="form_token" value="(\w+)"', client.get(link).text)
    assert token
    for _ in range(2):
        assert client.post(link, data=filled() | {"form_token": token[1]}).status_code == 303
    assert client.post(link, data=filled()).status_code == 422
    assert client.get(f"/rating/survey/{id}/3").status_code == 404
    (row,) = rating.rows(answers)
    assert (row["stratum"], row["channel"]) == (2, "link")


def test_one_address_does_not_flood_an_open_campaign(rating: ServiceUnderTest, client: FlaskClient) -> None:
    link = f"/rating/survey/{opened(rating, OPEN_PLAN)}/1"
    most = survey_data().answers_of_address
    for _ in range(most):
        client.post(link, data={"form_token": "a" * 20})  # nothing is answered: it counts all the same
    refused = client.post(link, data=filled() | {"form_token": "b" * 20})
    assert refused.status_code == 429
    other = client.post(link, data=filled() | {"form_token": "b" * 20}, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert other.status_code == 303


def test_a_clerk_enters_a_paper_once(rating: ServiceUnderTest, client: FlaskClient) -> None:
    return_dossiers(rating, {"1.004873": 4})
    place = f"/rating/surveys/{opened(rating)}/papers"
    clerk = rating.headers("clerk", DESK)
    assert place in client.get("/rating/surveys", headers=clerk).text
    sent = filled(4) | {"number": " p 12 ", "stratum": "1", "form_key": "paper-1"}
    for _ in range(2):
        assert client.post(place, data=sent, headers=clerk).status_code == 303
    again = client.post(place, data=sent | {"form_key": "paper-2"}, headers=clerk)
    assert again.status_code == 409
    assert "Phiếu có số này đã được nhập" in again.text
    assert client.get(place, headers=rating.headers("clerk", OTHER_DESK)).status_code == 403
    assert [row["channel"] for row in rating.rows(answers)] == ["paper"]


def test_a_code_is_typed_in(rating: ServiceUnderTest, client: FlaskClient) -> None:
    return_dossiers(rating, {"1.004873": 4})
    opened(rating)
    token = invited(rating)[0].data["token"]
    for typed in (token, token.upper(), f"https://x.example/rating/s/{token}", f"{token[:5]} {token[5:]}"):
        assert client.post("/rating/survey", data={"code": typed}).location == f"/rating/s/{token}"
    assert client.post("/rating/survey", data={"code": "abc"}).status_code == 422
