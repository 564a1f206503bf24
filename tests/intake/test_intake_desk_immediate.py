"""Procedures whose result is given at once finish at the desk."""

from __future__ import annotations

from tests.intake.counter_clerk import FILLED, FORM, Clerk, fields_of
from tests.intake.service_fixture import COPIES, LAND_TRANSFER, THURSDAY, IntakeService

COPY = {
    "applicant.name": "Trần Quốc Việt",
    "applicant.id_number": "095090004321",
    "applicant.phone": "0987654321",
    "paper.original": "1",
    "paper.original.form": "original",
}


def test_an_immediate_procedure_finishes_at_the_desk_and_is_logged(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    path = f"/intake/desk/{COPIES}"
    asked = clerk.send(path, "review", **COPY)
    assert "trả kết quả ngay" in asked.text
    fields = fields_of(asked)
    first, again = (clerk.send(path, "finish", **fields) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    [row] = intake.rows("dossier")
    assert (row["state"], row["outcome"], row["returned_at"], row["result_notified_by"]) == (
        10,
        "completed",
        THURSDAY,
        "clerk-7",
    )
    detail = intake.get(f"/dossiers/{row['code']}").json
    assert [change["state"] for change in detail["history"]] == [4, 9, 10]
    [received], [returned] = intake.emitted("dossier.received"), intake.emitted("dossier.returned")
    assert received["data"]["finished_at"] == returned["data"]["returned_at"] == THURSDAY.isoformat()
    assert returned["data"]["dossier"] == row["code"]
    page = clerk.get(first.headers["Location"])
    assert "Đã trả kết quả" in page.text
    clerk.send(f"{first.headers['Location']}/payment", **fields_of(page))
    assert [paid["amount"] for paid in intake.rows("payment")] == [2000]


def test_what_routing_reports_of_a_finished_dossier_changes_nothing(intake: IntakeService) -> None:
    body = {"procedure": COPIES, "case": None, "papers": ["original"], "finish": True}
    receipt = intake.file(**body)
    assert receipt["state"] == 10
    for name in ("step.assigned", "dossier.resolved"):
        assert intake.receive_event(name, receipt["code"], outcome="completed").applied == 1
    [row] = intake.rows("dossier")
    assert (row["state"], row["resolved_at"], row["place_step"]) == (10, THURSDAY, "")


def test_a_procedure_of_other_agencies_is_not_finished_at_the_desk(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.post("/dossiers", LAND_TRANSFER | {"finish": True})
    assert [error["field"] for error in answer.json["errors"]] == ["finish"]
    clerk = Clerk(sqlite_intake)
    asked = clerk.send(FORM, "review", **FILLED)
    assert "trả kết quả ngay" not in asked.text
    assert clerk.send(FORM, "finish", **fields_of(asked)).status_code == 422
    assert sqlite_intake.rows("dossier") == []
