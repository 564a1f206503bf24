"""A citizen sends papers that were asked for, withdraws what is not received yet, or lets the time for the papers pass."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from services.intake import worker
from services.intake.applications.endings import close_unsupplemented
from services.intake.online_supplements.commands import delete_unsent
from services.intake.online_supplements.domain import paper_key
from shared.persistence.reading_audit import reading_audit
from tests.intake.desk_clerk import Clerk, Visitor, confirmation, faulty_fields, holder
from tests.intake.online_fixture import pdf, png
from tests.intake.service_fixture import IntakeService, at
from tests.intake.test_intake_submission import submission, submit

SUPPLEMENT, WITHDRAW, DOSSIER = "/intake/dossier/supplement", "/intake/dossier/withdraw", "/intake/dossier"
ASKED: dict[str, Any] = {"papers": ["Bản chụp Giấy chứng nhận", "Trích lục khai tử"], "reason": "Ảnh bị mờ."}


def waiting_application(intake: IntakeService) -> dict[str, Any]:
    """An application of which papers are asked for on Thursday, 20 November 2025."""
    filed = submit(intake, submission())
    assert intake.post(f"/applications/{filed['code']}/supplement-request", ASKED).status_code == 200
    return filed


def waiting_dossier(intake: IntakeService) -> dict[str, Any]:
    """A dossier of which papers are asked for until the end of 8 December 2025."""
    filed = intake.file()
    values = {"papers": ASKED["papers"], "reason": ASKED["reason"], "until": "2025-12-08T23:59:00+07:00"}
    assert intake.receive_event("supplement.requested", filed["code"], **values).applied == 1
    return filed


WAITING = {"application": waiting_application, "dossier": waiting_dossier}


def upload(citizen: Visitor, paper: str, content: bytes = b"", name: str = "anh.png") -> Any:
    """Uploads a file for a paper asked for."""
    return citizen.send(f"{SUPPLEMENT}/{paper_key(paper)}", file=(io.BytesIO(content or png()), name))


@pytest.mark.parametrize("kind", WAITING)
def test_a_citizen_sends_the_papers_from_home_once(intake: IntakeService, kind: str) -> None:
    filed = WAITING[kind](intake)
    citizen = holder(intake, filed)
    assert SUPPLEMENT in citizen.get(DOSSIER).text
    asked = citizen.get(SUPPLEMENT).text
    for text in (*ASKED["papers"], "Ảnh bị mờ.", "Chưa có"):
        assert text in asked
    assert faulty_fields(citizen.send(SUPPLEMENT)) == ["papers"]
    assert faulty_fields(upload(citizen, ASKED["papers"][0], b"MZ no picture")) == ["file"]
    for content in (pdf(), png(), png()):  # the last one is the same file once more
        assert upload(citizen, ASKED["papers"][0], content).status_code == 303
    question = citizen.send(SUPPLEMENT)
    assert "Còn thiếu so với yêu cầu: Trích lục khai tử." in question.text
    assert intake.rows("online_supplement")[0]["sent_at"] is None, "asked about first"
    sent = confirmation(question)
    for _ in range(2):
        answer = citizen.send(SUPPLEMENT, **sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, DOSSIER)
    assert "Đã gửi giấy tờ bổ sung" in citizen.get(DOSSIER).text
    assert len(intake.emitted(f"{kind}.supplemented")) == 1
    assert [citizen.get(SUPPLEMENT).status_code, citizen.send(SUPPLEMENT).status_code] == [409, 409]
    assert upload(citizen, ASKED["papers"][1]).status_code == 409
    if kind == "application":
        detail = intake.get(f"/applications/{filed['code']}").json
        assert detail["status"] == "supplemented"
        assert [len(one["uploads"]) for one in detail["papers"] if one["name"] == ASKED["papers"][0]] == [2]
    else:
        assert intake.get(f"/dossiers/{filed['code']}").json["state"] == 4
        (request,) = intake.rows("supplement_request")
        assert (request["received_by"], request["supplemented_at"]) == (None, at("2025-11-20 08:15"))


def test_the_desk_opens_what_was_sent_and_the_reading_is_recorded(intake: IntakeService) -> None:
    filed = waiting_dossier(intake)
    citizen = holder(intake, filed)
    upload(citizen, ASKED["papers"][0], pdf(), "so do.pdf")
    clerk, (file,) = Clerk(intake), intake.rows("upload")
    place = f"/intake/dossiers/{filed['code']}/files/{file['id']}"
    assert clerk.get(place).status_code == 404, "not sent yet"
    citizen.confirm(SUPPLEMENT)
    assert place in clerk.get(f"/intake/dossiers/{filed['code']}").text
    opened = clerk.get(place)
    assert (opened.status_code, opened.data) == (200, pdf())
    assert opened.headers["Content-Disposition"].startswith("attachment")
    elsewhere = Clerk(intake, agency="H12.32.01").get(place)
    assert elsewhere.headers["Location"].startswith(f"/intake/dossiers/{filed['code']}/access"), (
        "asked for the reason first"
    )
    with intake.store.read() as connection:
        assert connection.execute(reading_audit.select()).all()


def test_files_are_seen_by_none_but_who_uploads_until_they_are_sent(sqlite_intake: IntakeService) -> None:
    filed = waiting_dossier(sqlite_intake)
    citizen, stranger = holder(sqlite_intake, filed), Visitor(sqlite_intake)
    upload(citizen, ASKED["papers"][0])
    (file,) = sqlite_intake.rows("upload")
    place = f"{SUPPLEMENT}/files/{file['id']}"
    assert citizen.get(place).data == png()
    for visitor in (stranger, holder(sqlite_intake, sqlite_intake.file(applicant__id_number="095185001235"))):
        assert visitor.get(place).status_code in (303, 404, 409)
        assert visitor.send(f"{place}/delete").status_code in (303, 404, 409)
    assert [row["state"] for row in sqlite_intake.rows("upload")] == ["kept"]
    assert citizen.send(f"{place}/delete").status_code == 303
    assert faulty_fields(citizen.send(SUPPLEMENT)) == ["papers"]
    assert stranger.get(SUPPLEMENT).headers["Location"] == "/intake/"
    assert citizen.get(f"{SUPPLEMENT}/nothing").status_code == 404


def test_a_form_of_another_window_changes_nothing(sqlite_intake: IntakeService) -> None:
    first, second = sqlite_intake.file(), sqlite_intake.file(applicant__id_number="095185001235")
    citizen = holder(sqlite_intake, first)
    sent = confirmation(citizen.send(WITHDRAW, dossier=first["code"], reason="Tôi đổi ý"))
    citizen.send("/intake/", code=second["code"], secret=second["secret"])
    assert citizen.send(WITHDRAW, **sent).headers["Location"] == DOSSIER
    assert sqlite_intake.emitted("dossier.withdrawn") == []


@pytest.mark.parametrize("kind", WAITING)
def test_papers_come_in_time_until_midnight_of_the_last_day(intake: IntakeService, kind: str) -> None:
    filed = WAITING[kind](intake)
    last = {"application": "2025-12-05 23:59", "dossier": "2025-12-08 23:59"}[kind]
    citizen = holder(intake, filed)
    upload(citizen, ASKED["papers"][0])
    intake.hand_clock.seconds = at(last).timestamp()
    assert close_unsupplemented(intake.context) == 0
    citizen = holder(intake, filed)
    sent = confirmation(citizen.send(SUPPLEMENT))
    intake.advance(timedelta(minutes=1))
    late = citizen.send(SUPPLEMENT, **sent)
    assert (late.status_code, "Đã hết thời hạn" in late.text) == (409, True)
    assert upload(citizen, ASKED["papers"][1]).status_code == 409
    assert intake.emitted(f"{kind}.supplemented") == []
    intake.hand_clock.seconds = at(last).timestamp()
    assert citizen.send(SUPPLEMENT, **sent).status_code == 303


def test_an_application_whose_papers_never_come_is_closed_once_at_the_end_of_its_time(intake: IntakeService) -> None:
    filed = waiting_application(intake)
    intake.hand_clock.seconds = at("2025-12-09 10:00").timestamp()
    assert [close_unsupplemented(intake.context) for _ in range(2)] == [1, 0]
    (event,) = intake.emitted("application.closed")
    assert (event["data"]["cause"], event["data"]["closed_at"]) == ("no_supplement", "2025-12-05T23:59:00+07:00")
    assert intake.get(f"/applications/{filed['code']}").json["status"] == "closed"
    page = holder(intake, filed).get(DOSSIER).text
    assert "Giấy tờ không được bổ sung đến hết ngày 05/12/2025" in page
    for path, body in (("supplement", {"papers": ["contract"]}), ("accept", {}), ("refuse", {"reason": "x"})):
        assert intake.post(f"/applications/{filed['code']}/{path}", body).status_code == 409
    assert len(intake.emitted("application.closed")) == 1


def test_an_application_that_was_answered_is_not_closed(sqlite_intake: IntakeService) -> None:
    filed = waiting_application(sqlite_intake)
    sqlite_intake.post(f"/applications/{filed['code']}/supplement", {"papers": ["contract"]})
    sqlite_intake.advance(timedelta(days=30))
    assert close_unsupplemented(sqlite_intake.context) == 0
    assert sqlite_intake.emitted("application.closed") == []


def test_a_citizen_withdraws_what_is_not_received_yet(intake: IntakeService) -> None:
    filed = submit(intake, submission())
    citizen = holder(intake, filed)
    assert WITHDRAW in citizen.get(DOSSIER).text
    assert faulty_fields(citizen.send(WITHDRAW, reason=" ")) == ["reason"]
    sent = confirmation(citizen.send(WITHDRAW, reason="Tôi bán cho người khác"))
    for _ in range(2):
        assert citizen.send(WITHDRAW, **sent).headers["Location"] == DOSSIER
    (event,) = intake.emitted("application.closed")
    assert event["data"]["cause"] == "withdrawn"
    assert "bán cho" not in str(event), "the reason stays in intake"
    page = citizen.get(DOSSIER).text
    assert "Ông/bà đã rút hồ sơ" in page
    assert WITHDRAW not in page
    detail = intake.get(f"/applications/{filed['code']}").json
    assert (detail["status"], detail["state"], detail["withdrawal_reason"]) == (
        "withdrawn",
        8,
        "Tôi bán cho người khác",
    )
    assert intake.post(f"/applications/{filed['code']}/accept", {}).status_code == 409
    assert intake.rows("dossier") == []
    shown = Clerk(intake).get("/intake/applications?show=ended").text
    assert filed["code"] in shown


def test_a_withdrawal_that_comes_after_the_acceptance_is_refused_and_leads_to_the_dossier(
    sqlite_intake: IntakeService,
) -> None:
    filed = submit(sqlite_intake, submission())
    citizen = holder(sqlite_intake, filed)
    sent = confirmation(citizen.send(WITHDRAW, reason="Tôi đổi ý"))
    sqlite_intake.post(f"/applications/{filed['code']}/accept", {})
    assert citizen.send(WITHDRAW, **sent).status_code == 303, "it is the dossier that is withdrawn, as asked"
    assert sqlite_intake.emitted("application.closed") == []
    assert len(sqlite_intake.emitted("dossier.withdrawn")) == 1


def test_what_was_never_sent_is_deleted(intake: IntakeService) -> None:
    filed = waiting_dossier(intake)
    upload(holder(intake, filed), ASKED["papers"][0])
    intake.advance(timedelta(days=29))
    assert delete_unsent(intake.context) == 0
    intake.advance(timedelta(days=2))
    assert delete_unsent(intake.context) == 1
    assert intake.rows("online_supplement") == []
    assert worker.delete_discarded_uploads(intake.context) == 1
