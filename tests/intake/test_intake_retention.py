"""Personal data of what is over are erased when their time is over; held dossiers, numbers and times stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from services.intake.retention.commands import erase_old
from services.intake.retention.rules import retention_rules
from tests.intake.counter_clerk import audit
from tests.intake.desk_clerk import Clerk, faulty_fields
from tests.intake.service_fixture import DESK, LAND_TRANSFER, THURSDAY, IntakeService
from tests.intake.test_intake_nothing_in_clear import Marks, file_at_the_counter, file_by_post, hand_over, ok, person
from tests.support.backups import back_up, restore

RULES = retention_rules(THURSDAY.date())
FIVE_YEARS = timedelta(days=RULES.dossier_days)


def all_of(intake: IntakeService, code: str) -> str:
    """All that the tables say about a dossier, readable."""
    tables = ["dossier", "application", "supplement_request", "payment", "refund", "result_hand_over", "document"]
    tables += ["applicant_correction", "foreign_access", "one_time_code", "upload", "fee_waiver"]
    rows = [row for table in tables for row in intake.rows(table) if code in (row.get("dossier"), row.get("code"))]
    return str(rows)


def test_a_dossier_is_erased_when_its_time_is_over_once_and_again_after_a_restore(intake: IntakeService) -> None:
    marks = Marks()
    code = file_at_the_counter(intake, marks)
    kept = [place for place, paper in enumerate(intake.get(f"/dossiers/{code}").json["papers"]) if paper.get("kept")]
    hand_over(intake, marks, code)
    ok(intake.post(f"/dossiers/{code}/originals/given-back", {"places": kept}))
    under_way = str(ok(intake.post("/dossiers", LAND_TRANSFER | {"applicant": person(marks)})).json["code"])
    before: dict[str, Any] = next(row for row in intake.rows("dossier") if row["code"] == code)
    intake.advance(FIVE_YEARS - timedelta(days=1))
    assert erase_old(intake.context) == 0
    intake.advance(timedelta(days=2))
    assert marks.in_(all_of(intake, code))
    assert erase_old(intake.context) == 1
    assert erase_old(intake.context) == 0
    assert not marks.in_(all_of(intake, code))
    assert marks.in_(all_of(intake, under_way)), "what is not over stays"
    (waiver,) = intake.rows("fee_waiver")
    assert [row["state"] for row in intake.rows("upload") if row["draft"] == waiver["id"]] == ["deleted"] * 2
    after = next(row for row in intake.rows("dossier") if row["code"] == code)
    same = ("code", "state", "procedure", "received_at", "returned_at", "fee", "receiving_agency")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert [event["data"]["dossier"] for event in intake.emitted("dossier.erased")] == [code]
    page = intake.client.get(f"/intake/dossiers/{code}", headers=intake.token() | {"Accept": "text/html"})
    assert page.status_code == 200
    assert not marks.in_(page.text)
    assert intake.get(f"/dossiers/{code}").json["applicant"]["name"] == ""


def test_a_held_dossier_stays_until_it_is_released(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = str(intake.file()["code"])
    intake.receive_event("dossier.stopped", code, stopped_at="2025-11-28T10:00:00+07:00")
    path = f"/dossiers/{code}/legal-hold"
    assert intake.post(path, {"held": True}, role="leader").status_code == 422, "a reason is needed"
    assert intake.post(path, {"held": True, "reason": "x"}, agency="H12.32.01", role="leader").status_code == 403
    assert intake.post(path, {"held": True, "reason": "Đơn khiếu nại số 12"}).status_code == 403, "clerks may not"
    ok(intake.post(path, {"held": True, "reason": "Đơn khiếu nại số 12"}, role="leader", agency=DESK))
    intake.advance(FIVE_YEARS + timedelta(days=10))
    assert erase_old(intake.context) == 0
    ok(intake.post(path, {"held": False}, role="leader", agency="H12"))
    assert erase_old(intake.context) == 1
    assert "Bưởi" not in all_of(intake, code)


def test_a_restored_database_erases_again_what_notify_remembers_and_nothing_new_for_some_days(
    intake: IntakeService, tmp_path: Path
) -> None:
    marks = Marks()
    codes = [str(ok(intake.post("/dossiers", LAND_TRANSFER | {"applicant": person(marks)})).json["code"]) for _ in "ab"]
    for code in codes:
        intake.receive_event("dossier.stopped", code, stopped_at="2025-11-28T10:00:00+07:00")
    held = {"held": True, "reason": marks.text("Đơn của")}
    ok(intake.post(f"/dossiers/{codes[0]}/legal-hold", held, role="leader"))
    intake.advance(FIVE_YEARS + timedelta(days=10))
    url = intake.store.engine.url.render_as_string(hide_password=False)
    copy = back_up(url, tmp_path / "copy")
    ok(intake.post(f"/dossiers/{codes[0]}/legal-hold", {"held": False}, role="leader"))
    ok(intake.post(f"/dossiers/{codes[1]}/legal-hold", held, role="leader"))
    assert erase_old(intake.context) == 1
    intake.store.close()
    restore(url, copy)
    assert marks.in_(all_of(intake, codes[0])), "the backup has it"
    for _ in range(2):
        intake.receive_event("contact.erased", codes[0], erased_at="2030-12-06T08:15:00+07:00")
        assert not marks.in_(all_of(intake, codes[0]))
    assert len([one for one in intake.emitted("dossier.erased") if one["data"]["dossier"] == codes[0]]) == 1
    intake.advance(timedelta(days=RULES.after_restore_days) - timedelta(hours=1))
    assert erase_old(intake.context) == 0
    assert marks.in_(all_of(intake, codes[1])), "the hold that was lost can be set again"
    intake.advance(timedelta(hours=2))
    assert erase_old(intake.context) == 1


def test_leaders_hold_a_dossier_for_a_period_on_a_page_and_who_did_it_stays_on_record(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    intake.receive_event("dossier.stopped", code, stopped_at="2025-11-28T10:00:00+07:00")
    leader, path = Clerk(intake, role="leader", subject="leader-1"), f"/intake/dossiers/{code}/legal-hold"
    assert Clerk(intake).get(path).status_code == 403
    assert Clerk(intake, agency="H12.32.01", role="leader").get(path).status_code == 403
    assert leader.get(f"/intake/legal-holds?code={code.lower()}").headers["Location"] == path
    assert "until" in str(faulty_fields(leader.send(path, reason="Đơn số 12", until="2025-11-19")))
    assert faulty_fields(leader.send(path, reason=" ", until="")) == ["reason"]
    assert leader.confirm(path, reason="Đơn số 12", until="2032-12-31").status_code == 303
    assert leader.confirm(path, reason="Đơn số 12", until="2031-12-31").status_code == 303
    assert [row["ended_by"] for row in intake.rows("legal_hold")].count("leader-1") == 1, "changed, and the former kept"
    assert "Đang được giữ" in leader.get(path).text
    assert "Đơn số 12" in leader.get("/intake/legal-holds").text
    assert "Đơn số 12" not in Clerk(intake, agency="H12.32.01", role="leader").get("/intake/legal-holds").text
    for clerk, link in ((leader, True), (Clerk(intake), False)):
        page = clerk.get(f"/intake/dossiers/{code}").text
        assert "Đang được giữ, không xóa dữ liệu cá nhân" in page
        assert "31/12/2031" in page
        assert (path in page) is link
    assert ("legal-hold", code) in audit(intake)
    intake.advance(FIVE_YEARS + timedelta(days=10))
    assert erase_old(intake.context) == 0
    intake.advance(timedelta(days=500))
    assert erase_old(intake.context) == 1, "its period is over"
    assert "Đơn số 12" not in str(intake.rows("legal_hold"))
    assert "Dữ liệu cá nhân đã được xóa" in leader.get(path).text
    assert leader.confirm(path, reason="Đơn số 13", until="").status_code == 409
    assert "hết thời gian giữ" in leader.get("/intake/legal-holds?show=ended").text


def test_a_refused_application_is_erased_earlier(sqlite_intake: IntakeService) -> None:
    intake, marks = sqlite_intake, Marks()
    file_by_post(intake, marks)
    (refused,) = [row["code"] for row in intake.rows("application") if row["status"] == "refused"]
    (waiting,) = [row["code"] for row in intake.rows("application") if row["status"] != "refused"]
    intake.advance(timedelta(days=RULES.refused_application_days + 1))
    assert erase_old(intake.context) == 1
    assert not marks.in_(all_of(intake, refused))
    assert marks.in_(all_of(intake, waiting))
    assert intake.get(f"/applications/{refused}").json["applicant"]["name"] == ""
