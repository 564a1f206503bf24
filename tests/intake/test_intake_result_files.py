"""Electronic results: published by the desk, taken by the citizen, verified by anybody, and readable nowhere else."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from services.intake import worker
from services.intake.results.domain import Method
from services.intake.retention.store import erase
from shared.storage import StorageUnavailable
from shared.web.session_cookie import COOKIE as STAFF
from tests.intake.online_fixture import pdf, png
from tests.intake.service_fixture import IntakeService

DUE = "2025-12-02T17:30:00+07:00"
OWN = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
RESULT = pdf()
HASH = hashlib.sha256(RESULT).hexdigest()


class Desk:
    """A dossier with a result, the clerk's browser, and the browser of the citizen who holds the receipt."""

    def __init__(self, intake: IntakeService, **filed: Any) -> None:
        self.intake = intake
        receipt = intake.file(**filed)
        self.code, self.secret = str(receipt["code"]), receipt["secret"]
        intake.receive_event("dossier.resolved", self.code, resolved_at="2025-11-20T08:15:00+07:00", due_at=DUE)
        app = intake.client.application
        self.clerk, self.citizen = app.test_client(), app.test_client()
        token = intake.token()["Authorization"].removeprefix("Bearer ")
        self.clerk.set_cookie(STAFF, token)
        self.open()

    def open(self) -> Any:
        """The citizen looks the dossier up; the page."""
        self.citizen.post("/intake/", data={"code": self.code, "secret": self.secret}, headers=OWN)
        return self.citizen.get("/intake/dossier", headers=OWN)

    def publish(self, content: bytes = RESULT, copies: str = "electronic") -> Any:
        """The clerk publishes a file."""
        data = {"file": (io.BytesIO(content), "ket qua.pdf"), "copies": copies}
        return self.clerk.post(f"/intake/dossiers/{self.code}/result-file", data=data, headers=OWN)

    def take(self) -> Any:
        """The citizen presses the button of the page."""
        return self.citizen.post("/intake/dossier/result", data={"dossier": self.code}, headers=OWN)

    @property
    def state(self) -> int:
        return int(self.intake.get(f"/dossiers/{self.code}").json["state"])


def test_a_result_is_published_taken_and_verified(intake: IntakeService) -> None:
    desk = Desk(intake)
    assert "Tải kết quả" not in desk.open().text
    assert desk.publish().status_code == 303
    (event,) = intake.emitted("result.published")
    assert event["data"] == {
        "dossier": desk.code,
        "receiving_agency": "H12.31.01",
        "number": "01/KQDT-H12.31.01",
        "sha256": HASH,
        "published_at": "2025-11-20T08:15:00+07:00",
    }
    assert "Tải kết quả (PDF)" in desk.open().text
    answer = desk.take()
    assert (answer.status_code, answer.data) == (200, RESULT)
    assert f"ket-qua-{desk.code}.pdf" in answer.headers["Content-Disposition"]
    assert desk.state == 10
    (returned,) = intake.emitted("dossier.returned")
    assert returned["data"]["method"] == Method.ELECTRONIC
    assert desk.take().data == RESULT  # once more: the device was lost
    assert len(intake.emitted("dossier.returned")) == 1
    assert "người nộp tự tải về" in desk.clerk.get(f"/intake/dossiers/{desk.code}", headers=OWN).text
    anybody = intake.client.application.test_client()
    found = anybody.post("/intake/verify/results", data={"file": (io.BytesIO(RESULT), "x.pdf")}, headers=OWN)
    assert found.headers["Location"].endswith(f"/intake/verify/results/{HASH}")
    page = anybody.get(f"/intake/verify/results/{HASH}").text
    assert "01/KQDT-H12.31.01" in page
    assert "Bưởi" not in page
    assert anybody.get(f"/intake/verify/results/{'0' * 64}").status_code == 404
    assert anybody.post("/intake/verify/results", data={}, headers=OWN).status_code == 422


def test_a_result_that_is_on_paper_too_is_handed_over_by_the_desk(intake: IntakeService) -> None:
    desk = Desk(intake)
    desk.publish(copies="paper")
    assert desk.take().data == RESULT
    assert desk.state == 9
    (row,) = intake.rows("result_file")
    assert row["taken_at"] is not None
    body = {"identity": "citizen_card", "citizen_notified": True}
    assert intake.post(f"/dossiers/{desk.code}/return", body).status_code == 200
    assert desk.take().data == RESULT


def test_originals_in_custody_are_still_handed_over_at_the_desk(sqlite_intake: IntakeService) -> None:
    papers = [{"code": one, "form": "original", "kept": True} for one in ("application", "certificate", "contract")]
    desk = Desk(sqlite_intake, papers=papers)
    desk.publish()
    assert desk.take().data == RESULT
    assert desk.state == 9


def test_another_file_takes_the_place_of_the_first_and_the_same_one_changes_nothing(intake: IntakeService) -> None:
    desk = Desk(intake)
    for content in (RESULT, RESULT, pdf(b" ")):
        assert desk.publish(content).status_code == 303
    assert [event["data"]["number"][:2] for event in intake.emitted("result.published")] == ["01", "02"]
    anybody = intake.client.application.test_client()
    assert anybody.get(f"/intake/verify/results/{HASH}").status_code == 404
    worker.delete_discarded_uploads(intake.context)
    assert len(intake.rows("upload")) == 1
    assert desk.take().data == pdf(b" ")
    assert desk.publish().status_code == 409  # handed over


def test_the_file_is_erased_with_the_dossier(intake: IntakeService) -> None:
    desk = Desk(intake)
    desk.publish()
    desk.take()
    intake.store.run(lambda work: erase(work, desk.code))
    worker.delete_discarded_uploads(intake.context)
    assert (intake.rows("result_file"), intake.rows("upload")) == ([], [])
    assert [path for path in (intake.context.settings.data / "uploads").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("content", "copies", "field"), [(png(), "paper", "file"), (RESULT, "", "copies")])
def test_what_is_missing_or_wrong_is_named(
    sqlite_intake: IntakeService, content: bytes, copies: str, field: str
) -> None:
    desk = Desk(sqlite_intake)
    answer = desk.publish(content, copies)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert sqlite_intake.rows("result_file") == []


def test_a_result_that_cannot_be_read_now_is_not_counted_as_taken(
    sqlite_intake: IntakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(sqlite_intake)
    desk.publish()
    storage = sqlite_intake.client.application.extensions["motcua.intake"].storage

    def away(*_: Any) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as failing:
        failing.setattr(storage, "open", away)
        assert desk.take().status_code == 503
    assert desk.state == 9
    assert desk.take().data == RESULT


def test_nobody_gets_the_file_without_the_dossier(sqlite_intake: IntakeService) -> None:
    desk = Desk(sqlite_intake)
    desk.publish()
    stranger = sqlite_intake.client.application.test_client()
    assert stranger.post("/intake/dossier/result", headers=OWN).status_code == 303
    assert stranger.get(f"/intake/dossiers/{desk.code}/result-file.pdf", headers=OWN).status_code in (302, 303)
    token = sqlite_intake.token(agency="H12.32.01")["Authorization"].removeprefix("Bearer ")
    stranger.set_cookie(STAFF, token)
    assert stranger.get(f"/intake/dossiers/{desk.code}/result-file.pdf", headers=OWN).status_code == 403
    assert desk.clerk.get(f"/intake/dossiers/{desk.code}/result-file.pdf", headers=OWN).data == RESULT
    kept = [path for path in (sqlite_intake.context.settings.data / "uploads").rglob("*") if path.is_file()]
    assert [b"%PDF" in path.read_bytes() for path in kept] == [False]
