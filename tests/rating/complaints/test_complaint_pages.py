"""Officials' pages, papers and API of complaints."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.complaints.domain import Lodged, State
from shared.persistence.reading_audit import reading_audit
from tests.rating.complaints.complaint_fixture import (
    ANSWER,
    COMMITTEE,
    DESK,
    HANDLER,
    LEADER,
    OTHER,
    TEXT,
    WHO,
    Office,
)
from tests.support.pdf import text_of

LIST = "/rating/complaint-handling"
Headers = dict[str, str]


@pytest.fixture
def client(office: Office) -> FlaskClient:
    return office.rating.client(create_app)


def who(office: Office, subject: str, role: str = "", agency: str = DESK) -> Headers:
    role = role or ("leader" if subject.startswith("leader") else "officer")
    return office.rating.headers(role, agency, subject)


def place(lodged: Lodged) -> str:
    return f"{LIST}/{lodged.code}"


def post(client: FlaskClient, office: Office, lodged: Lodged, by: str, action: str, **typed: Any) -> int:
    revision = str(office.now(lodged.code).revision)
    form = {"action": action, "revision": revision} | typed
    return client.post(place(lodged), data=form, headers=who(office, by)).status_code


def test_the_forms_lead_a_complaint_to_its_publication(client: FlaskClient, office: Office) -> None:
    lodged = office.lodge()
    assert post(client, office, lodged, LEADER, "assign", official=HANDLER) == 303
    assert post(client, office, lodged, HANDLER, "draft", text=ANSWER) == 303
    assert post(client, office, lodged, LEADER, "approve") == 303
    page = client.get(place(lodged), headers=who(office, OTHER)).text
    assert "Có thể còn thông tin cá nhân" not in page
    texts = {"question": f"{TEXT} Gọi {WHO.phone}.", "public_answer": ANSWER}
    assert post(client, office, lodged, OTHER, "publish", **texts) == 422
    assert office.now(lodged.code).state == State.ANSWERED
    form = {"action": "publish", "revision": str(office.now(lodged.code).revision), **texts}
    warned = client.post(place(lodged), data=form, headers=who(office, OTHER)).text
    assert "Có thể còn thông tin cá nhân" in warned
    assert f"Số điện thoại: {WHO.phone}" in warned
    assert f"Gọi {WHO.phone}." in warned  # what was typed is kept
    assert post(client, office, lodged, OTHER, "publish", question="Chờ lâu ở quầy.", public_answer=ANSWER) == 303
    assert office.now(lodged.code).state == State.PUBLISHED


def test_the_page_explains_its_time_limits(client: FlaskClient, office: Office) -> None:
    page = client.get(place(office.lodge()), headers=who(office, LEADER)).text
    for words in (
        "17:30 ngày 24/11/2025",
        "Ngày đầu 03/11/2025 không tính",
        "Quyết định 766/QĐ-TTg",
        "Phân loại, từ chối",
    ):
        assert words in page
    english = client.get(f"{place(office.lodge())}?lang=en", headers=who(office, LEADER)).text
    assert "The first day, 03/11/2025, is not counted" in english


def test_lists_hold_no_personal_data(client: FlaskClient, office: Office) -> None:
    lodged = office.answered(about="anh Tư")
    for subject in (LEADER, OTHER):
        for address in (LIST, f"{LIST}?queue=to_publish", f"{LIST}/register", f"{LIST}/register.csv"):
            answer = client.get(address, headers=who(office, subject))
            assert answer.status_code == 200
            for word in (WHO.name, WHO.phone, TEXT, ANSWER, "anh Tư"):
                assert word not in answer.text
    assert lodged.code in client.get(f"{LIST}?queue=to_publish", headers=who(office, OTHER)).text


def test_who_may_not_see_a_complaint_gets_neither_page_nor_paper(client: FlaskClient, office: Office) -> None:
    lodged = office.answered(officials=(OTHER,))
    for address in (place(lodged), f"{place(lodged)}/answer.pdf", f"/rating/api/complaints/{lodged.code}"):
        assert client.get(address, headers=who(office, OTHER)).status_code == 404  # it is about them
        elsewhere = who(office, "officer-9", agency="H12.32.01")
        assert client.get(address, headers=elsewhere).status_code == 403
        assert client.get(address, headers=who(office, "auditor-1", "auditor", "")).status_code == 403
        assert client.get(address).status_code == 401
        assert client.get(address, headers=who(office, HANDLER)).status_code == 200
    assert client.get(f"{LIST}/PA-X-2025-00001", headers=who(office, LEADER)).status_code == 404


def test_every_reading_is_recorded(client: FlaskClient, office: Office) -> None:
    lodged = office.answered()
    for address in (LIST, place(lodged), f"{place(lodged)}/answer.pdf", f"{LIST}/register.csv"):
        assert client.get(address, headers=who(office, LEADER)).status_code == 200
    rows = [(row["action"], row["record"]) for row in office.rating.rows(reading_audit)]
    assert rows == [
        ("complaints", DESK),
        ("complaint", lodged.code),
        ("complaint", lodged.code),
        ("complaint-register", DESK),
    ]


def test_the_answer_is_an_official_paper(client: FlaskClient, office: Office) -> None:
    lodged = office.answered()
    answer = client.get(f"{place(lodged)}/answer.pdf", headers=who(office, LEADER))
    assert answer.mimetype == "application/pdf"
    paper = text_of(answer.data)
    for words in (f"01/TLPA-{DESK}", lodged.code, "Kính gửi", WHO.name, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"):
        assert words in paper
    assert "bố trí thêm người" in re.sub(r"\s+", " ", paper)
    assert client.get(f"{place(office.lodge())}/answer.pdf", headers=who(office, LEADER)).status_code == 404


def test_an_auditor_reads_the_register_of_any_agency_and_nothing_else(client: FlaskClient, office: Office) -> None:
    lodged = office.answered()
    auditor = who(office, "auditor-1", "auditor", "")
    page = client.get(f"{LIST}/register?agency={DESK}", headers=auditor)
    assert (page.status_code, lodged.code in page.text) == (200, True)
    assert client.get(f"{LIST}/register", headers=auditor).status_code == 200
    paper = client.get(f"{LIST}/register.pdf?agency={DESK}", headers=auditor)
    assert "Tổng số: 1 phản ánh, kiến nghị." in text_of(paper.data)
    assert client.get(LIST, headers=auditor).status_code == 403
    assert (
        client.get(f"{LIST}/register?agency={DESK}", headers=who(office, "o", "officer", "H12.32")).status_code == 403
    )
    assert client.get(f"{LIST}/register?year=1", headers=auditor).status_code == 422


def test_a_form_from_an_old_page_changes_nothing(client: FlaskClient, office: Office) -> None:
    lodged = office.lodge()
    old = {"action": "assign", "revision": str(office.now(lodged.code).revision), "official": HANDLER}
    assert client.post(place(lodged), data=old, headers=who(office, LEADER)).status_code == 303
    again = client.post(place(lodged), data=old, headers=who(office, LEADER))
    assert (again.status_code, "đã thay đổi sau khi" in again.text) == (409, True)
    assert client.post(place(lodged), data={"action": "eat"}, headers=who(office, LEADER)).status_code == 422
    assert office.names().count("complaint.assigned") == 1


def test_who_passes_a_complaint_on_returns_to_the_list(client: FlaskClient, office: Office) -> None:
    lodged = office.lodge()
    form = {
        "action": "forward",
        "revision": str(office.now(lodged.code).revision),
        "agency": "H12.32.01",
        "reason": "Nhầm.",
    }
    answer = client.post(place(lodged), data=form, headers=who(office, LEADER))
    assert (answer.status_code, answer.headers["Location"]) == (303, LIST)


def test_the_api_does_what_the_pages_do(client: FlaskClient, office: Office) -> None:
    lodged = office.lodge()
    base = f"/rating/api/complaints/{lodged.code}"

    def send(path: str, subject: str, body: dict[str, Any], agency: str = DESK) -> tuple[int, Any]:
        answer = client.post(f"{base}/{path}", json=body, headers=who(office, subject, agency=agency))
        return answer.status_code, answer.get_json()

    listed = client.get("/rating/api/complaints?queue=to_assign", headers=who(office, LEADER)).get_json()
    assert ([one["code"] for one in listed["items"]], listed["total"]) == ([lodged.code], 1)
    assert "name" not in listed["items"][0]
    assert send("assignment", LEADER, {"official": "nobody"})[0] == 422
    status, assigned = send("assignment", LEADER, {"official": HANDLER, "revision": office.now(lodged.code).revision})
    assert (status, assigned["state"]) == (200, "assigned")
    assert "text" not in assigned
    assert send("more-requests", HANDLER, {"text": "Ở đâu?"})[1]["state"] == "more_requested"
    office.own("supply_more", lodged, "Quầy 3.")
    assert send("answer", HANDLER, {"text": ANSWER})[1]["state"] == "drafted"
    assert send("answer/return", LEADER, {"reason": "Ghi rõ."})[1]["state"] == "assigned"
    assert send("answer", LEADER, {"text": ANSWER})[1]["state"] == "drafted"
    status, problem = send("answer/approval", LEADER, {})
    assert (status, problem["type"]) == (409, "urn:motcua:problem:own-draft")
    assert send("answer/approval", "leader-5", {}, COMMITTEE)[1]["state"] == "answered"
    status, problem = send("publication", OTHER, {"question": WHO.phone, "answer": ANSWER})
    assert (status, problem["errors"][0]["field"]) == (422, "confirmed")
    assert send("publication", OTHER, {"question": "Chờ lâu.", "answer": ANSWER})[1]["state"] == "published"
    shown = client.get(base, headers=who(office, LEADER)).get_json()
    assert (shown["text"], shown["answer"], len(shown["entries"])) == (TEXT, ANSWER, 9)
    assert send("rejection", LEADER, {"ground": "unclear"})[0] == 409
    assert send("forwarding", LEADER, {"agency": COMMITTEE, "reason": "Vì vậy."})[0] == 409
    assert send("officials", LEADER, {"official": HANDLER})[0] == 409


@pytest.mark.parametrize("typed", ["", " ", "x" * 4001, "a\ue000b"])
def test_bad_texts_name_their_field(client: FlaskClient, office: Office, typed: str) -> None:
    lodged = office.lodge()
    office.act("assign", lodged.code, HANDLER)
    form = {"action": "draft", "revision": str(office.now(lodged.code).revision), "text": typed}
    answer = client.post(place(lodged), data=form, headers=who(office, HANDLER))
    assert answer.status_code == 422
    assert office.now(lodged.code).state == State.ASSIGNED
