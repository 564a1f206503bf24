"""Filing online: a draft is its owner's alone, is saved at each step, and is submitted once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from services.intake import worker
from services.intake.online.commands import delete_old_drafts
from services.intake.online.rules import draft_rules
from services.intake.sign_in.domain import IDLE
from tests.intake.online_fixture import OWN, CitizenBrowser, png
from tests.intake.service_fixture import DESK, LAND, IntakeService

ANOTHER = "096085003456"


def test_a_citizen_files_from_home(intake: IntakeService) -> None:
    me = CitizenBrowser(intake)
    draft = me.begin()
    me.fill(draft)
    check = me.get(f"/drafts/{draft}/check").text
    for text in ("Trần Thị An", "096190002345", "0912345670", "Bản điện tử"):
        assert text in check
    done = me.submit(draft)
    assert (done.status_code, done.headers["Location"]) == (303, f"/intake/online/drafts/{draft}/submitted")
    (application,) = intake.rows("application")
    assert (application["receiving_agency"], application["applicant_name"]) == (DESK, "Trần Thị An")
    assert application["submitter"] == me.citizen.subject
    page = me.get(f"/drafts/{draft}/submitted").text
    assert application["code"] in page
    secret = re.search(r'Mã bí mật: <strong class="code">(\w{8})<', page)
    assert secret, page
    assert [event["data"]["channel"] for event in intake.emitted("dossier.filed")] == ["online"]
    assert application["code"] in me.dossiers().text


def test_a_button_pressed_twice_submits_once(intake: IntakeService) -> None:
    me = CitizenBrowser(intake)
    draft = me.begin()
    me.fill(draft)
    assert [me.submit(draft).status_code for _ in range(3)] == [303] * 3
    assert len(intake.rows("application")) == 1
    assert len(intake.emitted("dossier.filed")) == 1
    me.post(f"/drafts/{draft}/applicant", phone="0999999999")
    me.post(f"/drafts/{draft}/delete")
    assert len(intake.rows("upload")) == 3, "what was submitted stays"
    assert {row["state"] for row in intake.rows("upload")} == {"kept"}


def test_a_draft_goes_on_where_it_was_left_on_another_device(sqlite_intake: IntakeService) -> None:
    me = CitizenBrowser(sqlite_intake)
    draft = me.begin()
    me.post(f"/drafts/{draft}/case", case="transfer")
    me.post(f"/drafts/{draft}/desk", desk=DESK)
    other = CitizenBrowser(sqlite_intake)
    assert f"/drafts/{draft}" in other.dossiers().text
    assert other.get(f"/drafts/{draft}").headers["Location"].endswith("/applicant")
    desk = other.get(f"/drafts/{draft}/desk").text
    assert re.search(rf'<option value="{re.escape(DESK)}" selected>', desk), "Back shows what was answered"


def test_a_step_is_not_open_before_those_before_it(sqlite_intake: IntakeService) -> None:
    me = CitizenBrowser(sqlite_intake)
    draft = me.begin()
    for step in ("desk", "papers", "check"):
        assert me.get(f"/drafts/{draft}/{step}").headers["Location"].endswith(f"/drafts/{draft}")
        assert me.post(f"/drafts/{draft}/{step}", confirmed="yes").status_code == 303
    assert sqlite_intake.rows("application") == []
    assert me.get(f"/drafts/{draft}/nothing").status_code == 404


@pytest.mark.parametrize("path", ["", "/case", "/delete", "/papers/application", "/submitted", "/files/x"])
def test_nobody_else_sees_a_draft(sqlite_intake: IntakeService, path: str) -> None:
    mine = CitizenBrowser(sqlite_intake).begin()
    other = CitizenBrowser(sqlite_intake, ANOTHER)
    assert other.get(f"/drafts/{mine}{path}").status_code == 404
    assert other.post(f"/drafts/{mine}/case", case="transfer").status_code == 404
    assert other.post(f"/drafts/{mine}/delete").status_code == 404
    assert len(sqlite_intake.rows("online_draft")) == 1
    assert mine not in other.dossiers().text


@pytest.mark.parametrize(
    ("step", "form", "field"),
    [
        ("case", {}, "case"),
        ("case", {"case": "nothing"}, "case"),
        ("desk", {"desk": "H12.14.02"}, "desk"),
        ("applicant", {"phone": "12", "email": "an", "address": "x" * 501}, "phone"),
        ("papers", {}, "papers"),
        ("result", {}, "delivery"),
        ("result", {"delivery": "post", "delivery_address": " "}, "delivery_address"),
        ("check", {}, "confirmed"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    sqlite_intake: IntakeService, step: str, form: dict[str, str], field: str
) -> None:
    me = CitizenBrowser(sqlite_intake)
    draft = me.begin()
    me.fill(draft)
    if step == "papers":
        for row in sqlite_intake.rows("upload"):
            me.post(f"/drafts/{draft}/files/{row['id']}/delete")
    before = sqlite_intake.rows("online_draft")
    answer = me.post(f"/drafts/{draft}/{step}", **form)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert f'id="f-{field}"' in answer.text
    for typed in (value for value in form.values() if value.strip() and step == "applicant"):
        assert typed in answer.text, "nothing typed is lost"
    assert sqlite_intake.rows("online_draft") == before


def test_another_sites_page_changes_nothing(sqlite_intake: IntakeService) -> None:
    me = CitizenBrowser(sqlite_intake)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = me.client.post("/intake/online/drafts", data={"procedure": LAND}, headers=headers)
        assert answer.status_code in (400, 401)
    assert sqlite_intake.rows("online_draft") == []


def test_a_session_ends_by_signing_out_and_by_resting(sqlite_intake: IntakeService) -> None:
    me, rests = CitizenBrowser(sqlite_intake), CitizenBrowser(sqlite_intake)
    copied = CitizenBrowser(sqlite_intake)
    copied.client.set_cookie("motcua_citizen", me.token, path="/intake")
    assert copied.dossiers().status_code == 200
    assert me.post("/sign-out").status_code == 303
    for browser in (me, copied):
        assert browser.get("").headers["Location"].startswith("/intake/online/sign-in?next=")
    sqlite_intake.advance(IDLE + timedelta(minutes=1))
    assert rests.get("").status_code == 303
    worker.delete_ended_sessions(sqlite_intake.context)
    assert sqlite_intake.rows("citizen_session") == []


def test_the_tables_hold_no_name_and_no_number_before_submission(sqlite_intake: IntakeService) -> None:
    me = CitizenBrowser(sqlite_intake)
    draft = me.begin()
    me.post(f"/drafts/{draft}/case", case="transfer")
    me.post(f"/drafts/{draft}/desk", desk=DESK)
    me.post(f"/drafts/{draft}/applicant", phone="0977777777", address="Khóm Bí Mật")
    with sqlite_intake.store.read() as connection:
        tables = ("online_draft", "citizen_session")
        kept = str([connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables])
    for text in ("An", "096190002345", "0977777777", "Bí Mật", me.token):
        assert not re.search(rf"\b{text}\b", kept)


def test_old_drafts_and_their_files_are_deleted(intake: IntakeService) -> None:
    me = CitizenBrowser(intake)
    old, sent = me.begin(), me.begin()
    me.upload(old, "application", png())  # not a step yet: the case is open
    me.fill(old)
    me.fill(sent)
    me.submit(sent)
    files = {row["id"]: row["draft"] for row in intake.rows("upload")}
    storage = intake.client.application.extensions["motcua.intake"].storage
    intake.advance(timedelta(days=draft_rules(intake.context.clock.now().date()).kept_days, hours=1))
    delete_old_drafts(intake.context)
    assert worker.delete_discarded_uploads(intake.context) == 3
    assert {row["draft"] for row in intake.rows("upload")} == {sent}
    for id, draft in files.items():
        try:
            storage.open(id).close()
            assert draft == sent
        except LookupError:
            assert draft == old


def test_a_citizen_has_so_many_drafts_and_no_more(sqlite_intake: IntakeService) -> None:
    me = CitizenBrowser(sqlite_intake)
    most = draft_rules(sqlite_intake.context.clock.now().date()).drafts
    answers: list[Any] = [me.post("/drafts", procedure=LAND) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [303] * most + [409]
    assert me.post("/drafts", procedure="nothing").status_code == 422


def test_a_staff_session_is_no_citizen(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.client.get("/intake/online", headers=OWN | sqlite_intake.token())
    assert answer.status_code == 403
