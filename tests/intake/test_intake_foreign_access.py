"""Who opens a dossier that is not theirs to work on says why first; leaders see it, and nothing is shown before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.applicant import InvalidField
from services.intake.foreign_access.domain import MAX_TEXT, MIN_TEXT, REASONS, VALID, checked_reason, split_header
from shared.persistence.reading_audit import reading_audit
from tests.intake.payments.test_refunds_and_closing import Person
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.intake.test_intake_submission import submission, submit
from tests.support.html import read_page, repeated_ids, unlabelled

TEXT = "Bà Bưởi hỏi tại quầy"
HEADER = {"X-Access-Reason": f"applicant_asks; {quote(TEXT)}"}


def slug(answer: Any) -> str:
    return str(answer.json["type"]).rpartition(":")[2]


def test_the_api_takes_the_reason_with_the_request(intake: IntakeService) -> None:
    code = intake.file()["code"]
    path, clerk = f"/intake/api/dossiers/{code}", intake.token("clerk", OTHER_DESK, "clerk-9")
    refused = intake.client.get(path, headers=clerk)
    assert (refused.status_code, slug(refused)) == (403, "access-reason-needed")
    assert refused.json["reasons"] == list(REASONS)
    assert "Bưởi" not in refused.text
    wrong = intake.client.get(path, headers=clerk | {"X-Access-Reason": "because; I want to"})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "reason")
    assert intake.rows("foreign_access") == []
    opened = intake.client.get(path, headers=clerk | HEADER)
    assert opened.json["applicant"]["name"] == "Nguyễn Thị Bưởi"
    (kept,) = intake.rows("foreign_access")
    assert (kept["subject"], kept["agency"], kept["desk"]) == ("clerk-9", OTHER_DESK, DESK)
    assert (kept["dossier"], kept["reason"], kept["text"]) == (code, "applicant_asks", TEXT)
    assert [row["subject"] for row in intake.rows(reading_audit)] == ["clerk-9"], "the reading is in the audit too"
    assert intake.client.get(path, headers=clerk).status_code == 200, "for half an hour"
    intake.advance(VALID + timedelta(minutes=1))
    assert intake.client.get(path, headers=clerk).status_code == 403
    assert intake.client.get(path, headers=intake.token("clerk", OTHER_DESK, "clerk-8")).status_code == 403
    officer = intake.client.get(path, headers=intake.token("officer", OTHER_DESK) | HEADER)
    assert (officer.status_code, slug(officer)) == (403, "wrong-agency"), "a reason opens nothing for others"


def test_the_page_asks_first_and_leaders_see_who_opened_what(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file()["code"]
    assert Person(intake, "clerk", "clerk-1").get(f"/intake/dossiers/{code}").status_code == 200, (
        "no question for one's own"
    )
    clerk = Person(intake, "clerk", "clerk-9", OTHER_DESK)
    clerk.send("/intake/dossiers", text=code.lower())
    assert f"/intake/dossiers/{code}" in clerk.get("/intake/dossiers").text, "how to get there"
    for page in ("", "/documents", "/payments"):
        sent = clerk.get(f"/intake/dossiers/{code}{page}")
        assert sent.status_code == 303
        assert sent.headers["Location"] == f"/intake/dossiers/{code}/access?next=/intake/dossiers/{code}{page}"
    asked = clerk.get(sent.headers["Location"])
    assert "Bưởi" not in asked.text
    assert not unlabelled(read_page(asked.text))
    assert not repeated_ids(read_page(asked.text))
    assert clerk.send(f"/intake/dossiers/{code}/access", reason="complaint", text="ngắn") == 422
    empty = clerk.client.post(f"/intake/dossiers/{code}/access", data={}, headers={"Origin": "http://localhost"})
    for field in ("reason", "text"):
        assert f'href="#f-{field}' in empty.text, "all faults at once"
    elsewhere = {"reason": "complaint", "text": TEXT, "next": "https://example.com/"}
    answer = clerk.client.post(
        f"/intake/dossiers/{code}/access", data=elsewhere, headers={"Origin": "http://localhost"}
    )
    assert answer.headers["Location"] == f"/intake/dossiers/{code}"
    assert "Nguyễn Thị Bưởi" in clerk.get(f"/intake/dossiers/{code}").text
    for agency, sees in ((DESK, True), (OTHER_DESK, True), ("H12", True), ("H12.14.02", False)):
        report = Person(intake, "leader", "leader-1", agency).get("/intake/foreign-access")
        assert report.status_code == 200
        assert (TEXT in report.text) is sees, agency
    assert Person(intake, "clerk", "clerk-1").get("/intake/foreign-access").status_code == 403
    outside = Person(intake, "leader", "leader-1").get("/intake/foreign-access?since=2025-01-01&until=2025-02-01")
    assert TEXT not in outside.text


def test_an_application_of_another_desk_needs_a_reason_too(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = submit(intake, submission())["code"]
    leader = intake.token("leader", "H12", "leader-1")
    listed = intake.client.get(f"/intake/api/applications?agency={DESK}", headers=leader).json["items"]
    assert [(item["code"], item["applicant_name"]) for item in listed] == [(code, "")]
    assert "Bưởi" not in intake.client.get("/intake/applications", headers=leader).text
    path = f"/intake/api/applications/{code}"
    assert slug(intake.client.get(path, headers=leader)) == "access-reason-needed"
    assert intake.client.get(path, headers=leader | HEADER).json["applicant"]["name"] == "Nguyễn Thị Bưởi"
    assert intake.get(f"/applications/{code}").status_code == 200


def test_lists_of_other_desks_name_nobody(sqlite_intake: IntakeService) -> None:
    sqlite_intake.file()
    headers = sqlite_intake.token("leader", "H12")
    (listed,) = sqlite_intake.client.get(f"/intake/api/dossiers?agency={DESK}", headers=headers).json["items"]
    assert listed["applicant_name"] == ""
    (own,) = sqlite_intake.get("/dossiers").json["items"]
    assert own["applicant_name"] == "Nguyễn Thị Bưởi"


@given(st.text(max_size=400), st.sampled_from([*REASONS, "", "x"]))
def test_a_reason_is_one_of_the_list_with_a_text_that_says_something(text: str, reason: str) -> None:
    try:
        kept = checked_reason(*split_header(f"{reason}; {quote(text)}"))
    except InvalidField:
        return
    assert kept.reason in REASONS
    assert MIN_TEXT <= len(kept.text) <= MAX_TEXT


@pytest.mark.parametrize("header", ["", ";", "applicant_asks", "applicant_asks;", "applicant_asks;%ff%fe"])
def test_half_a_header_is_no_reason(header: str) -> None:
    with pytest.raises(InvalidField):
        checked_reason(*split_header(header))
