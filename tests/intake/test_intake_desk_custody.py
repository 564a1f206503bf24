"""Originals in the custody of the desk, until they are given back."""

from __future__ import annotations

import pytest

from tests.intake.counter_clerk import FILLED, Clerk, fields_of
from tests.intake.service_fixture import IntakeService
from tests.support.html import read_page


def test_originals_are_given_back_from_a_list_to_tick(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    place = clerk.file(**FILLED | {"paper.contract.form": "original", "paper.contract.kept": "1"}).headers["Location"]
    code = place.rpartition("/")[2]
    assert code in clerk.get("/intake/desk/originals").text
    place = f"/intake/desk/originals/{code}"
    page = clerk.get(place)
    boxes = [one for one in read_page(page.text).all("input") if one.get("name") == "paper"]
    assert [one.get("value") for one in boxes] == ["1", "2"]
    assert clerk.send(place, **fields_of(page)).status_code == 422, "nothing is ticked"
    done = fields_of(page) | {"paper": "1"}
    assert [clerk.send(place, **done).status_code for _ in range(2)] == [303, 303]
    assert "Đã trả lại" in clerk.get(place).text
    [row] = intake.rows("dossier")
    assert row["originals_kept"] == 1
    papers = intake.get(f"/dossiers/{code}").json["papers"]
    assert [one.get("given_back_at") for one in papers] == [None, "2025-11-20T08:15:00+07:00", None, None]


@pytest.mark.parametrize("places", [[0], [1, 9], [1, 1, 2], []])
def test_only_what_is_kept_is_given_back(sqlite_intake: IntakeService, places: list[int]) -> None:
    papers = ["application", {"code": "certificate", "form": "original", "kept": True}, "contract"]
    code = sqlite_intake.file(papers=papers)["code"]
    answer = sqlite_intake.post(f"/dossiers/{code}/originals/given-back", {"places": places})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith("places")
    assert [row["originals_kept"] for row in sqlite_intake.rows("dossier")] == [1]


def test_originals_are_given_back_by_the_api_and_a_supplement_may_bring_more(intake: IntakeService) -> None:
    kept = {"code": "certificate", "form": "original", "kept": True}
    code = intake.file(papers=["application", kept, "contract"])["code"]
    answer = intake.post(f"/dossiers/{code}/originals/given-back", {"places": [1]})
    assert (answer.status_code, answer.json["originals_kept"]) == (200, 0)
    assert intake.post(f"/dossiers/{code}/originals/given-back", {"places": [1]}).status_code == 422
    intake.receive_event("step.assigned", code)
    intake.receive_event("supplement.requested", code)
    intake.post(f"/dossiers/{code}/supplement", {"papers": [kept]})
    assert [row["originals_kept"] for row in intake.rows("dossier")] == [1]
