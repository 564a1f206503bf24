"""A file is used only once it was found free of viruses."""

from __future__ import annotations

from dataclasses import replace
from typing import IO

import pytest

from services.intake import worker
from shared.virus_scan import ScannerUnavailable
from tests.intake.online_fixture import pdf, png
from tests.intake.service_fixture import IntakeService
from tests.intake.upload_fixture import begun, stored_files
from tests.support.clamd import EICAR


class Scanner:
    """A virus scanner that can be away."""

    def __init__(self) -> None:
        self.away = True
        self.scanned = 0

    def scan(self, content: IO[bytes]) -> str:
        if self.away:
            raise ScannerUnavailable("away")
        self.scanned += 1
        return "Eicar" if EICAR in content.read() else ""


@pytest.fixture
def scanner(intake: IntakeService, monkeypatch: pytest.MonkeyPatch) -> Scanner:
    """The scanner of the web process and of the worker."""
    made = Scanner()
    known = intake.client.application.extensions["motcua.intake"]
    intake.client.application.extensions["motcua.intake"] = replace(known, scanner=made)
    monkeypatch.setattr(worker, "read_scanner", lambda: made)
    return made


def test_a_file_with_a_virus_is_refused_and_never_stored(intake: IntakeService, scanner: Scanner) -> None:
    scanner.away = False
    me, draft = begun(intake)
    assert me.upload(draft, "application", pdf(), "don.pdf").status_code == 303
    answer = me.upload(draft, "application", pdf(b"%" + EICAR + b"\n"), "virus.pdf")
    assert answer.status_code == 422
    assert "virus.pdf: Tệp có vi-rút" in answer.text
    assert [row["name"] for row in intake.rows("upload")] == ["don.pdf"]


def test_a_file_that_came_while_the_scanner_was_away_is_used_only_once_it_is_clean(
    intake: IntakeService, scanner: Scanner
) -> None:
    me, draft = begun(intake)
    assert me.upload(draft, "application", png()).status_code == 303
    (row,) = intake.rows("upload")
    assert row["state"] == "checking"
    assert "Đang kiểm tra" in me.get(f"/drafts/{draft}/papers/application").text
    assert me.get(f"/drafts/{draft}/files/{row['id']}").status_code == 404
    assert me.upload(draft, "application", png()).status_code == 303  # pressed once more
    assert worker.scan_waiting_uploads(intake.context) == 0
    scanner.away = False
    assert [worker.scan_waiting_uploads(intake.context) for _ in range(2)] == [1, 0]
    assert me.get(f"/drafts/{draft}/files/{row['id']}").data == png()
    assert scanner.scanned == 1


def test_a_virus_that_is_found_later_takes_the_file_away_and_says_so(intake: IntakeService, scanner: Scanner) -> None:
    me, draft = begun(intake)
    me.upload(draft, "application", pdf(b"%" + EICAR + b"\n"), "virus.pdf")
    (row,) = intake.rows("upload")
    scanner.away = False
    assert worker.scan_waiting_uploads(intake.context) == 1
    assert stored_files(intake) == []
    page = me.get(f"/drafts/{draft}/papers/application").text
    assert "virus.pdf" in page
    assert "Không được nhận" in page
    assert me.get(f"/drafts/{draft}/files/{row['id']}").status_code == 404
    me.post(f"/drafts/{draft}/files/{row['id']}/delete")
    assert worker.delete_discarded_uploads(intake.context) == 1
    assert intake.rows("upload") == []


def test_nothing_is_submitted_without_a_file_that_is_still_being_checked(
    intake: IntakeService, scanner: Scanner
) -> None:
    me, draft = begun(intake)
    scanner.away = False
    me.fill(draft)
    scanner.away = True
    me.upload(draft, "certificate", png(2, 2), "them.png")
    answer = me.post(f"/drafts/{draft}/papers")
    assert answer.status_code == 422
    assert "Tệp đang được kiểm tra vi-rút: them.png" in answer.text
    assert me.submit(draft).headers["Location"].endswith(f"/drafts/{draft}/papers")
    assert intake.rows("application") == []
    scanner.away = False
    worker.scan_waiting_uploads(intake.context)
    assert me.submit(draft).headers["Location"].endswith("/submitted")
    (filed,) = intake.rows("application")
    assert "them.png" in filed["papers"]
