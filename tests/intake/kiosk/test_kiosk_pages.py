"""The pages of a kiosk: who is one, what a visitor can do, and that nothing of them is left."""

from __future__ import annotations

from datetime import timedelta

from services.intake.appointments.commands import Booking, book
from services.intake.kiosk.domain import MOST_TICKETS
from services.intake.kiosk.store import kiosks
from services.intake.tickets.store import tickets
from tests.intake.kiosk.kiosk_fixture import HOME, OWN, START, KioskBrowser, pairing_code
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, IntakeService, at


def test_only_a_paired_browser_is_a_kiosk_until_it_is_unpaired(intake: IntakeService) -> None:
    stranger = intake.client.application.test_client()
    to_pair = stranger.get(HOME, headers={"Accept": "text/html"})
    assert (to_pair.status_code, to_pair.headers["Location"].partition("?")[0]) == (303, "/intake/kiosk-pairing")
    assert stranger.post(f"{HOME}/x/ticket/land", data={"form_key": "k"}, headers=OWN).status_code == 401
    assert stranger.post("/intake/kiosk-pairing", data={"code": "12345678"}, headers=OWN).status_code == 404
    late = pairing_code(intake)
    intake.advance(timedelta(minutes=16))
    assert stranger.post("/intake/kiosk-pairing", data={"code": late}, headers=OWN).status_code == 404

    code = pairing_code(intake)
    spaced = f"{code[:4]} {code[4:]}"
    assert stranger.post("/intake/kiosk-pairing", data={"code": spaced}, headers=OWN).status_code == 303
    second = intake.client.application.test_client()
    assert second.post("/intake/kiosk-pairing", data={"code": code}, headers=OWN).status_code == 404
    assert stranger.get(HOME).status_code == 200
    assert stranger.get(f"/intake/kiosk/{OTHER_DESK}").status_code == 403
    assert code not in repr(intake.rows(kiosks))

    clerk = intake.token("clerk", DESK) | OWN
    made = intake.client.post("/intake/kiosks", data={"number": "2"}, headers=clerk, follow_redirects=True)
    assert made.status_code == 200
    assert "Mã ghép nối của máy 2" in made.text
    assert "Mã ghép nối của máy 2" not in intake.client.get("/intake/kiosks", headers=clerk).text
    elsewhere = intake.token("clerk", OTHER_DESK) | OWN
    for headers, known in ((elsewhere, 200), (clerk, 401)):
        gone = {"number": "1", "action": "unpair"}
        assert intake.client.post("/intake/kiosks", data=gone, headers=headers).status_code == 303
        assert stranger.get(HOME).status_code == known


def test_a_number_is_given_once_and_the_next_visitor_finds_nothing_of_it(intake: IntakeService) -> None:
    kiosk = KioskBrowser(intake)
    assert "Đất đai" in kiosk.begin() + kiosk.get("/ticket").text
    for _ in range(2):
        taken = kiosk.take(priority="elderly")
        assert (taken.status_code, taken.headers["Location"]) == (303, f"{HOME}/{kiosk.visit}/issued")
    [row] = intake.rows(tickets)
    assert (row["channel"], row["priority"], row["desk"]) == ("kiosk", "elderly", DESK)
    shown = kiosk.get("/issued")
    assert (row["letter"] + f"{row['number']:03d}" in shown.text, shown.headers["Cache-Control"]) == (True, "no-store")
    receipt = intake.file()
    found = kiosk.post("/look-up", code=f"http://motcua/intake/?code={receipt['code']}", secret=receipt["secret"])
    assert found.status_code == 303
    assert receipt["code"] in kiosk.get("/dossier").text
    kiosk.post("/view", view="large", back="https://elsewhere.example/")
    assert 'class="kiosk large"' in kiosk.get("").text
    assert 'lang="en"' in kiosk.get("", lang="en").text

    before = kiosk.visit
    page = kiosk.begin()
    assert ('class="kiosk"' in page, 'html lang="vi"' in page) == (True, True)
    for path in ("", "/issued", "/dossier", "/procedures?q=ly+hon", f"/procedures/{LAND}/checklist"):
        back = kiosk.client.get(f"{HOME}/{before}{path}")
        assert (back.status_code, back.headers["Location"]) == (303, START)
    assert kiosk.get("/dossier").headers["Location"].endswith("/look-up")
    assert kiosk.get("/issued").status_code == 303


def test_a_kiosk_gives_out_only_so_many_numbers_at_once(intake: IntakeService) -> None:
    kiosk = KioskBrowser(intake)
    kiosk.begin()
    assert {kiosk.take(key=f"k{number}").status_code for number in range(MOST_TICKETS)} == {303}
    refused = kiosk.take(key="one-more")
    assert ("Máy này vừa phát rất nhiều số" in refused.text, 'href="/intake/"' in refused.text) == (True, False)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert len(intake.rows(tickets)) == MOST_TICKETS
    intake.advance(timedelta(minutes=1))
    assert kiosk.take(key="later").status_code == 303
    assert kiosk.take(group="unknown", key="x").status_code in (404, 422)


def test_wrong_secrets_are_counted_at_a_kiosk_too(sqlite_intake: IntakeService) -> None:
    kiosk, receipt = KioskBrowser(sqlite_intake), sqlite_intake.file()
    kiosk.begin()
    answers = [kiosk.post("/look-up", code=receipt["code"], secret="AAAABBBB").status_code for _ in range(12)]
    assert answers == [404] * 10 + [429] * 2
    assert kiosk.post("/look-up", code=receipt["code"], secret=receipt["secret"]).status_code == 303


def test_who_has_booked_a_visit_checks_in_and_gets_the_number(intake: IntakeService) -> None:
    booking = Booking(desk=DESK, group="land", start=at("2025-11-24 09:00"), phone="0912345601")
    code = intake.store.run(lambda work: book(work, booking))["code"]
    kiosk = KioskBrowser(intake)
    kiosk.begin()
    early = kiosk.post("/check-in", code=code)
    assert (early.status_code, "Chưa báo có mặt được" in early.text, code in early.text) == (409, True, True)
    assert kiosk.post("/check-in", code="AAAAABBBBB").status_code == 404
    intake.advance(at("2025-11-24 08:50") - intake.context.clock.now())
    kiosk.begin()
    assert kiosk.post("/check-in", code=f"http://motcua/intake/appointments/{code}").status_code == 303
    assert "A001" in kiosk.get("/issued").text
    assert intake.rows(tickets)[0]["arrived_at"] is not None


def test_a_procedure_is_found_and_leads_to_its_checklist(sqlite_intake: IntakeService) -> None:
    kiosk = KioskBrowser(sqlite_intake)
    kiosk.begin()
    assert LAND in kiosk.get("/procedures", q="sang ten so do").text
    assert "Câu hỏi 1" in kiosk.get(f"/procedures/{LAND}").text
    answers = {"q-transaction": "transfer", "q-mortgage": "no", "q-recipients": "no", "q-representative": "myself"}
    checklist = kiosk.get(f"/procedures/{LAND}/checklist", **answers, remote="no")
    assert checklist.status_code == 200
    assert f"{HOME}/{kiosk.visit}/ticket/land" in checklist.text
