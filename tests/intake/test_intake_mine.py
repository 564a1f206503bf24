"""My dossiers: all that a signed-in person applies for or acts in, and nobody else's."""

from __future__ import annotations

import io
from typing import Any

import pytest

from services.intake.online_supplements.domain import paper_key
from services.intake.sign_in.domain import IDLE
from tests.intake.desk_clerk import confirmation
from tests.intake.online_fixture import OWN, CitizenBrowser, png
from tests.intake.service_fixture import IntakeService
from tests.intake.test_intake_online_supplements import ASKED, SUPPLEMENT, WITHDRAW

ME, OTHER = "096190002345", "096085003456"
REPRESENTATIVE = {"name": "Trần Thị An", "id_number": ME, "relation": "legal", "authority": ""}
CO_APPLICANT = {"name": "Trần Thị An", "id_number": ME}


def get(person: CitizenBrowser, path: str) -> Any:
    """Opens a page anywhere."""
    return person.client.get(path, headers=OWN)


def send(person: CitizenBrowser, path: str, **form: Any) -> Any:
    """Sends a form anywhere."""
    return person.client.post(path, data=form, headers=OWN)


def mine(person: CitizenBrowser) -> str:
    """The list."""
    answer = person.dossiers()
    assert answer.status_code == 200
    return str(answer.text)


def test_all_that_is_under_ones_number_is_listed_with_what_it_asks(intake: IntakeService) -> None:
    me = CitizenBrowser(intake, ME)
    draft = me.begin()
    online = me.begin()
    me.fill(online)
    me.submit(online)
    (application,) = intake.rows("application")
    at_counter = intake.file(applicant__id_number=ME)["code"]
    asked = intake.file(applicant__id_number=ME)["code"]
    intake.receive_event("supplement.requested", asked, until="2025-12-08T23:59:00+07:00")
    represented = intake.file(representative=REPRESENTATIVE)["code"]
    together = intake.file(co_applicants=[CO_APPLICANT])["code"]
    strangers = intake.file()["code"]
    page = mine(me)
    for code in (application["code"], at_counter, asked, represented, together):
        assert f"/intake/mine/{code}" in page
    assert f"/drafts/{draft}" in page
    assert strangers not in page
    for text in ("Bổ sung giấy tờ đến hết ngày 08/12/2025", "Người đại diện", "Cùng đứng tên", "Nộp "):
        assert text in page
    intake.post(f"/applications/{application['code']}/accept", {})
    assert mine(me).count(f'/intake/mine/{application["code"]}"') == 1, "a dossier now, and no application any more"


@pytest.mark.parametrize("path", ["", WITHDRAW, SUPPLEMENT, "/intake/dossier/delivery", "/intake/pay"])
def test_nobody_else_opens_ones_dossier(sqlite_intake: IntakeService, path: str) -> None:
    code = sqlite_intake.file(applicant__id_number=ME)["code"]
    sqlite_intake.receive_event("supplement.requested", code)
    me, other, nobody = (CitizenBrowser(sqlite_intake, number) for number in (ME, OTHER, OTHER))
    nobody.post("/sign-out")
    own = f"/intake/mine/{code}"
    assert get(me, own).status_code == 200
    assert get(other, own).status_code == 404
    assert "/sign-in?next=" in get(nobody, own).headers["Location"]
    carried = me.client.get_cookie("motcua_lookup", path="/intake/")
    assert carried
    for person in (other, nobody):  # whoever has the cookie that names the dossier still needs the sign-in
        person.client.set_cookie("motcua_lookup", carried.value, path="/intake/")
        answer = get(person, path or "/intake/dossier")
        assert answer.status_code in (303, 404), "it says no more than the cookie did"
        assert send(person, WITHDRAW, reason="x", confirmed="1", form_key="a-key-of-the-other").status_code in (
            303,
            404,
        )
    assert sqlite_intake.emitted("dossier.withdrawn") == []
    sqlite_intake.advance(IDLE * 2)
    assert "/sign-in?next=" in get(me, "/intake/dossier").headers["Location"], "the session is over"


def test_ones_dossier_is_supplemented_without_a_secret(intake: IntakeService) -> None:
    code = intake.file(applicant__id_number=ME)["code"]
    intake.receive_event("supplement.requested", code, papers=ASKED["papers"])
    me = CitizenBrowser(intake, ME)
    page = get(me, f"/intake/mine/{code}").text
    assert SUPPLEMENT in page
    files = {"file": (io.BytesIO(png()), "a.png")}
    assert send(me, f"{SUPPLEMENT}/{paper_key(ASKED['papers'][0])}", **files).status_code == 303
    sent = confirmation(send(me, SUPPLEMENT))
    assert send(me, SUPPLEMENT, **sent).headers["Location"] == "/intake/dossier"
    assert len(intake.emitted("dossier.supplemented")) == 1
    assert "/intake/mine" in get(me, "/intake/dossier").text


def test_who_applies_together_reads_and_does_not_withdraw(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file(co_applicants=[CO_APPLICANT])["code"]
    acting = sqlite_intake.file(representative=REPRESENTATIVE)["code"]
    me = CitizenBrowser(sqlite_intake, ME)
    assert WITHDRAW not in get(me, f"/intake/mine/{code}").text
    assert get(me, WITHDRAW).headers["Location"] == "/intake/dossier"
    assert send(me, WITHDRAW, reason="x").status_code == 303
    assert WITHDRAW in get(me, f"/intake/mine/{acting}").text
    sent = confirmation(send(me, WITHDRAW, reason="Tôi đổi ý"))
    assert send(me, WITHDRAW, **sent).status_code == 303
    assert [event["data"]["dossier"] for event in sqlite_intake.emitted("dossier.withdrawn")] == [acting]


def test_the_same_number_of_another_kind_of_document_is_another_person(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file(applicant__id_number=ME, applicant__id_kind="passport")
    me = CitizenBrowser(sqlite_intake, ME)
    assert code["code"] not in mine(me)
    assert get(me, f"/intake/mine/{code['code']}").status_code == 404


def test_staff_and_programs_have_no_such_page(sqlite_intake: IntakeService) -> None:
    assert sqlite_intake.client.get("/intake/mine", headers=OWN | sqlite_intake.token()).status_code == 403
