"""Co-signing: those who apply together agree, each with an account of their own, to exactly what is then submitted."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from services.intake.online.commands import delete_old_drafts
from services.intake.online.rules import draft_rules
from tests.intake.online_fixture import CitizenBrowser, pdf
from tests.intake.service_fixture import IntakeService

ME, WIFE, BROTHER = "096190002345", "096085003456", "096088004567"


def asked(intake: IntakeService, *numbers: str) -> tuple[CitizenBrowser, str]:
    """A complete draft of a land transfer, about which some people are asked."""
    me = CitizenBrowser(intake, ME)
    draft = me.begin()
    me.fill(draft)
    for number in numbers:
        assert me.post(f"/drafts/{draft}/people", id_number=number).status_code == 303
    return me, draft


def seen(person: CitizenBrowser, draft: str) -> str:
    """The version that a person sees."""
    found = re.search(r'name="version" value="([0-9a-f]{64})"', person.get(f"/together/{draft}").text)
    assert found
    return found[1]


def agree(person: CitizenBrowser, draft: str, version: str = "") -> Any:
    """A person agrees to what they see, or to an older version."""
    return person.post(f"/together/{draft}", version=version or seen(person, draft), confirmed="yes", agree="1")


def test_a_draft_is_submitted_once_all_have_agreed_and_all_are_listed(intake: IntakeService) -> None:
    me, draft = asked(intake, WIFE, BROTHER)
    wife, brother = CitizenBrowser(intake, WIFE), CitizenBrowser(intake, BROTHER)
    refused = me.submit(draft)
    assert (refused.status_code, 'href="#f-others"' in refused.text) == (422, True)
    assert f"/together/{draft}" in wife.dossiers().text
    page = wife.get(f"/together/{draft}").text
    for text in ("Trần Thị An, 096190002345", "0912345670", BROTHER, "Bản điện tử", "anh.png"):
        assert text in page, "all of it is shown"
    assert wife.post(f"/together/{draft}", version=seen(wife, draft), agree="1").status_code == 422, "not declared"
    assert agree(wife, draft).status_code == 303
    assert me.submit(draft).status_code == 422, "one is missing"
    assert agree(brother, draft).status_code == 303
    assert [me.submit(draft).status_code for _ in range(2)] == [303, 303]
    (application,) = intake.rows("application")
    people = json.loads(application["parties"])["co_applicants"]
    assert {(one["id_number"], one["name"], one["address"]) for one in people} == {
        (number, "Trần Thị An", "Khóm 3") for number in (WIFE, BROTHER)
    }
    assert {row["identity"] for row in intake.rows("online_consent")} == {""}
    assert f"/intake/mine/{application['code']}" in wife.dossiers().text
    for path in (f"/together/{draft}", f"/together/{draft}/files/{intake.rows('upload')[0]['id']}"):
        assert wife.get(path).status_code == 404, "no draft any more"
    assert me.get(f"/drafts/{draft}/submitted").status_code == 200


@pytest.mark.parametrize("change", ["phone", "file", "person", "back"])
def test_any_change_voids_what_was_agreed_to(sqlite_intake: IntakeService, change: str) -> None:
    me, draft = asked(sqlite_intake, WIFE)
    wife = CitizenBrowser(sqlite_intake, WIFE)
    old = seen(wife, draft)
    agree(wife, draft)
    if change == "file":
        me.upload(draft, "contract", pdf())
    elif change == "person":
        me.post(f"/drafts/{draft}/people", id_number=BROTHER)
        me.post(f"/drafts/{draft}/people", id_number=BROTHER)  # the button pressed twice
    else:
        me.post(f"/drafts/{draft}/applicant", phone="0912345671", address="Khóm 3")
    if change == "back":
        me.post(f"/drafts/{draft}/applicant", phone="0912345670", address="Khóm 3")
        assert me.submit(draft).status_code == 303, "exactly the same again"
        return
    assert "cần đồng ý lại" in me.get(f"/drafts/{draft}/others").text
    assert "cần đồng ý lại" in wife.dossiers().text
    assert me.submit(draft).status_code == 422
    agree(wife, draft, old)
    assert "vừa được sửa" in wife.get(f"/together/{draft}").text
    assert me.submit(draft).status_code == 422, "what she had seen before is not this"
    agree(wife, draft)
    assert me.submit(draft).status_code == (422 if change == "person" else 303)


def test_one_declines_and_is_taken_off(intake: IntakeService) -> None:
    me, draft = asked(intake, WIFE)
    wife = CitizenBrowser(intake, WIFE)
    agree(wife, draft)
    assert wife.post(f"/together/{draft}", decline="1").status_code == 303, "until it is submitted one may think again"
    assert me.submit(draft).status_code == 422
    others = me.get(f"/drafts/{draft}/others").text
    assert "Không đồng ý" in others
    (row,) = intake.rows("online_consent")
    me.post(f"/drafts/{draft}/people/{row['person']}/remove")
    assert wife.get(f"/together/{draft}").status_code == 404
    assert me.submit(draft).status_code == 303
    assert json.loads(intake.rows("application")[0]["parties"])["co_applicants"] == []


def test_questions_and_answers_expire(sqlite_intake: IntakeService) -> None:
    me, draft = asked(sqlite_intake, WIFE)
    wife = CitizenBrowser(sqlite_intake, WIFE)
    days = draft_rules(sqlite_intake.context.clock.now().date()).answer_days
    version = seen(wife, draft)
    sqlite_intake.advance(timedelta(days=days, minutes=1))
    me, wife = CitizenBrowser(sqlite_intake, ME), CitizenBrowser(sqlite_intake, WIFE)
    agree(wife, draft, version)
    assert "Quá hạn trả lời" in me.get(f"/drafts/{draft}/others").text
    assert draft not in wife.dossiers().text
    me.post(f"/drafts/{draft}/people", id_number=WIFE)
    agree(wife, draft)
    sqlite_intake.advance(timedelta(days=days, minutes=1))
    me = CitizenBrowser(sqlite_intake, ME)
    assert me.submit(draft).status_code == 422, "agreed too long ago"


def test_nobody_else_sees_the_draft_and_nobody_answers_for_another(sqlite_intake: IntakeService) -> None:
    me, draft = asked(sqlite_intake, WIFE)
    wife, stranger = CitizenBrowser(sqlite_intake, WIFE), CitizenBrowser(sqlite_intake, BROTHER)
    version, file = seen(wife, draft), sqlite_intake.rows("upload")[0]["id"]
    for person in (stranger, me):
        assert person.get(f"/together/{draft}").status_code == 404
        assert person.get(f"/together/{draft}/files/{file}").status_code == 404
        assert agree(person, draft, version).status_code == 404
    assert wife.get(f"/together/{draft}/files/{file}").status_code == 200
    assert wife.get(f"/drafts/{draft}/check").status_code == 404, "read-only"
    assert wife.post(f"/drafts/{draft}/people", id_number=BROTHER).status_code == 404
    assert [row["state"] for row in sqlite_intake.rows("online_consent")] == ["asked"]
    with sqlite_intake.store.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM online_consent").all())
    assert ME not in kept
    assert WIFE not in kept


@pytest.mark.parametrize("number", ["", "12", ME, "0312345678"])
def test_only_another_persons_identity_number_is_accepted(sqlite_intake: IntakeService, number: str) -> None:
    me, draft = asked(sqlite_intake)
    refused = me.post(f"/drafts/{draft}/people", id_number=number)
    assert (refused.status_code, 'href="#f-id_number"' in refused.text) == (422, True)
    assert sqlite_intake.rows("online_consent") == []


def test_an_unfinished_draft_is_not_shown_and_goes_with_its_questions(sqlite_intake: IntakeService) -> None:
    me = CitizenBrowser(sqlite_intake, ME)
    draft = me.begin()
    me.post(f"/drafts/{draft}/case", case="transfer")
    me.post(f"/drafts/{draft}/people", id_number=WIFE)
    wife = CitizenBrowser(sqlite_intake, WIFE)
    page = wife.get(f"/together/{draft}").text
    assert "đang khai hồ sơ" in page
    assert 'name="agree"' not in page
    agree(wife, draft, "0" * 64)
    assert [row["state"] for row in sqlite_intake.rows("online_consent")] == ["asked"]
    sqlite_intake.advance(timedelta(days=31))
    delete_old_drafts(sqlite_intake.context)
    assert sqlite_intake.rows("online_consent") == []
