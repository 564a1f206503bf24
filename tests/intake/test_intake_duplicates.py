"""The same filing again within a minute is asked about; exact for parallel ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from services.intake.filing.duplicates import WINDOW
from services.intake.worker import delete_old_fingerprints
from tests.intake.service_fixture import LAND_TRANSFER, IntakeService, changed


def test_of_eight_parallel_filings_one_is_received(intake: IntakeService) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: intake.post("/dossiers", LAND_TRANSFER), range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 7
    (dossier,) = intake.rows("dossier")
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json["type"], answer.json["existing"]) == (
                "urn:motcua:problem:already-filed",
                dossier["code"],
            )
    assert len(intake.emitted("dossier.received")) == 1
    assert dossier["code"].endswith("-0001")
    assert intake.file()["code"].endswith("-0002")  # the refused ones took no number


def test_after_a_minute_with_a_key_or_by_insisting_it_is_another_dossier(intake: IntakeService) -> None:
    assert intake.post("/dossiers", LAND_TRANSFER).status_code == 201
    assert intake.post("/dossiers", LAND_TRANSFER, key="a").status_code == 201
    assert intake.post("/dossiers", LAND_TRANSFER | {"insist": True}).status_code == 201
    intake.advance(WINDOW - timedelta(seconds=1))
    assert intake.post("/dossiers", LAND_TRANSFER).status_code == 409
    intake.advance(timedelta(seconds=1))
    assert intake.post("/dossiers", LAND_TRANSFER).status_code == 201
    assert intake.post("/dossiers", LAND_TRANSFER).status_code == 409


def test_other_people_papers_and_cases_are_no_duplicates(sqlite_intake: IntakeService) -> None:
    for body in (
        LAND_TRANSFER,
        changed(LAND_TRANSFER, applicant__id_number="095185001235"),
        changed(LAND_TRANSFER, applicant__name="Lê Văn Tám"),
        changed(LAND_TRANSFER, papers=[*LAND_TRANSFER["papers"], "Sơ đồ"]),
    ):
        assert sqlite_intake.post("/dossiers", body).status_code == 201
    same = changed(LAND_TRANSFER, applicant__id_number="095-185-001-234", papers=LAND_TRANSFER["papers"][::-1])
    assert sqlite_intake.post("/dossiers", same).status_code == 409


def test_fingerprints_hold_no_personal_data_and_are_deleted(intake: IntakeService) -> None:
    intake.post("/dossiers", LAND_TRANSFER)
    (row,) = intake.rows("recent_filing")
    assert len(row["fingerprint"]) == 64
    assert delete_old_fingerprints(intake.context) == 0
    intake.advance(WINDOW + timedelta(seconds=1))
    assert delete_old_fingerprints(intake.context) == 1
