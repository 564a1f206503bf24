"""Submitting an application: what is stored and announced, repetitions, and what is refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.intake.applications import store
from services.intake.applications.domain import ApplicationPaper, Delivery, Parcel, Status, SubmittedPaper, Upload
from services.intake.applications.submission import Submission, submit_application
from services.intake.components import make_components
from services.intake.filing.commands import UnknownProcedure
from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.assessment import MissingPapers
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.lookup_secret import secret_matches
from tests.intake.service_fixture import DESK, LAND, IntakeService, at, reference

PHOTO = Upload("uploads/1", "ab" * 32, 20_480, "image/jpeg", "trang 1.jpg")
PAPERS = (
    SubmittedPaper("application"),
    SubmittedPaper("certificate", 1, (PHOTO,)),
    SubmittedPaper("contract", 2),
)
APPLICANT = Applicant("Nguyễn Thị Bưởi", "095185001234", "0912345678", "buoi@example.vn", "Ấp Long Thành")


def submission(id: str = "draft-1", **fields: Any) -> Submission:
    desk = reference().agencies.get(DESK, at("2025-11-20 08:15").date())
    made = Submission(id, LAND, "transfer", "online", desk, APPLICANT, PAPERS, submitter="hash-1")
    return replace(made, **fields)


def submit(intake: IntakeService, made: Submission) -> dict[str, Any]:
    components = make_components(intake.context.settings, {})

    def run(work: UnitOfWork) -> tuple[UnitOfWork, dict[str, Any]]:
        return work, submit_application(work, components, made)

    work, receipt = intake.store.run(run)
    return receipt | {"code": work.resolve_placeholder(receipt["code"])}


def test_an_application_gets_a_code_of_its_desk_and_waits(intake: IntakeService) -> None:
    receipt = submit(intake, submission(delivery=Delivery("post", "Ấp Long Thành"), note="Gọi buổi sáng"))
    assert receipt["code"] == f"{DESK}-251120-0001"
    assert (receipt["state"], receipt["state_label"]) == (1, "Mới đăng ký")
    assert receipt["filed_at"] == at("2025-11-20 08:15")
    assert receipt["answer_by"] == at("2025-11-21 08:15")
    with intake.store.read() as connection:
        stored = store.get(connection, receipt["code"])
    assert stored.status is Status.WAITING
    assert (stored.delivery, stored.delivery_address, stored.note) == ("post", "Ấp Long Thành", "Gọi buổi sáng")
    assert stored.applicant_name == "Nguyễn Thị Bưởi"
    assert stored.submitter == "hash-1"
    assert secret_matches(receipt["secret"], stored.secret_hash, intake.context.settings.hash_key)
    assert intake.rows("dossier") == []


def test_its_uploads_stay_with_their_papers(sqlite_intake: IntakeService) -> None:
    receipt = submit(sqlite_intake, submission())
    with sqlite_intake.store.read() as connection:
        papers = store.papers_of(store.get(connection, receipt["code"]))
    assert {paper.filed.code: paper.uploads for paper in papers} == {
        "application": (),
        "certificate": (PHOTO,),
        "contract": (),
    }
    assert [ApplicationPaper.from_dict(paper.as_dict()) for paper in papers] == list(papers)


def test_it_is_announced_without_personal_data(sqlite_intake: IntakeService) -> None:
    code = submit(sqlite_intake, submission())["code"]
    [contact], [filed] = sqlite_intake.emitted("applicant.registered"), sqlite_intake.emitted("dossier.filed")
    assert (contact["data"]["dossier"], contact["data"]["phone"]) == (code, "0912345678")
    assert filed["data"]["dossier"] == code
    assert (filed["data"]["channel"], filed["data"]["receiving_agency"]) == ("online", DESK)
    assert "Bưởi" not in str(filed)


def test_codes_are_of_one_sequence_with_those_of_the_counter(sqlite_intake: IntakeService) -> None:
    assert sqlite_intake.file()["code"].endswith("-0001")
    assert submit(sqlite_intake, submission())["code"].endswith("-0002")
    assert sqlite_intake.file()["code"].endswith("-0003")


def test_a_repeated_submission_gets_the_first_receipt(intake: IntakeService) -> None:
    first = submit(intake, submission())
    intake.advance(timedelta(hours=30))
    assert submit(intake, submission()) == first
    assert len(intake.rows("application")) == 1
    assert len(intake.emitted("dossier.filed")) == 1
    other = submit(intake, submission("draft-2"))
    assert (other["code"] != first["code"], other["secret"] != first["secret"]) == (True, True)


def test_simultaneous_submissions_of_one_draft_are_one(intake: IntakeService) -> None:
    receipts: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: receipts.append(submit(intake, submission()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(receipts) == 4
    assert all(receipt == receipts[0] for receipt in receipts)
    assert len(intake.rows("application")) == 1


def test_online_nothing_may_be_missing_by_post_it_may(sqlite_intake: IntakeService) -> None:
    few = (SubmittedPaper("application"),)
    with pytest.raises(MissingPapers):
        submit(sqlite_intake, submission(papers=few))
    assert sqlite_intake.rows("application_submission") == []
    parcel = Parcel("RB123456789VN", "Nguyễn Thị Bưởi, Ấp Long Thành")
    receipt = submit(sqlite_intake, submission(papers=few, channel="post", parcel=parcel, clerk="clerk-7"))
    with sqlite_intake.store.read() as connection:
        stored = store.get(connection, receipt["code"])
    assert (stored.channel, stored.parcel_number, stored.registered_by) == ("post", "RB123456789VN", "clerk-7")


def test_an_unknown_procedure_is_refused(sqlite_intake: IntakeService) -> None:
    with pytest.raises(UnknownProcedure):
        submit(sqlite_intake, submission(procedure="9.999999"))
