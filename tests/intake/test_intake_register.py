"""The register (form 07): by day, desk and state, on screen, as XLSX and as PDF, with totals that agree."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import text

from shared.persistence.reading_audit import reading_audit
from tests.intake.document_fixture import fetched
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.html import read_page
from tests.support.pdf import text_of

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MANY = 2_000


def sheet_of(file: bytes) -> list[list[str]]:
    """The rows of the first sheet as texts, as a spreadsheet program reads them."""
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        assert book.testzip() is None
        texts = ["".join(one.itertext()) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(f".//{NS}f") is None, "no formula"
    assert sheet.find(f".//{NS}hyperlink") is None
    return [
        [texts[int(value.text or "")] for cell in row if (value := cell.find(f"{NS}v")) is not None]
        for row in sheet.iter(f"{NS}row")
    ]


def copy_many(intake: IntakeService) -> None:
    """Puts a big day into the register: copies of its one dossier, as they are stored, every second one online."""
    with intake.store.uow() as work:
        row = dict(work.connection.exec_driver_sql("SELECT * FROM dossier").one()._mapping)
        columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        many = [row | {"code": f"X-{place:05d}", "channel": ("counter", "online")[place % 2]} for place in range(MANY)]
        work.connection.execute(text(f"INSERT INTO dossier ({columns}) VALUES ({values})"), many)


def test_the_register_of_a_day_is_shown_downloaded_and_audited(intake: IntakeService) -> None:
    code = intake.file(applicant__address='=HYPERLINK("http://evil")')["code"]
    other = intake.file(receiving_agency=OTHER_DESK)["code"]
    day = "/intake/register?day=2025-11-20"
    page = fetched(intake, day)
    assert code in page.text
    assert other not in page.text
    assert code not in fetched(intake, "/intake/register?day=2025-11-19").text
    assert code in fetched(intake, f"{day}&state=2").text
    assert code not in fetched(intake, f"{day}&state=9").text
    rows = sheet_of(fetched(intake, day.replace("register", "register.xlsx")).data)
    assert rows[2][:2] == ["TT", "Mã hồ sơ"]
    assert rows[3][1] == code
    assert any(cell.startswith("=HYPERLINK") for cell in rows[3])
    assert rows[-1][0].startswith("Tổng số: 1 hồ sơ; trong đó trực tiếp 1, trực tuyến 0")
    paper = text_of(fetched(intake, day.replace("register", "register.pdf")).data)
    assert "SỔ THEO DÕI HỒ SƠ" in paper
    assert "Tổng số: 1 hồ sơ" in paper
    assert ("register", DESK) in {(row["action"], row["record"]) for row in intake.rows(reading_audit)}
    assert fetched(intake, f"/intake/register?desk={OTHER_DESK}").status_code == 403
    for wrong in ("day=x", "state=x", "state=99"):
        assert fetched(intake, f"/intake/register?{wrong}").status_code == 422
    assert fetched(intake, "/intake/register", role="officer").status_code == 403


def test_screen_file_and_totals_of_a_big_day_agree(intake: IntakeService) -> None:
    intake.file()
    copy_many(intake)
    day = "/intake/register?day=2025-11-20"
    shown: list[str] = []
    address: Any = day
    while address:
        page = read_page(fetched(intake, address).text)
        shown += [
            link.text
            for link in page.all("a")
            if link.get("href").startswith("/intake/dossiers/") and link.text[0] in "HX"
        ]
        address = next((link.get("href") for link in page.all("a") if link.get("rel") == "next"), "")
    rows = sheet_of(fetched(intake, day.replace("register", "register.xlsx")).data)
    listed = [row for row in rows if row and row[0].isdigit()]
    assert shown == [row[1] for row in listed]
    assert [row[0] for row in listed] == [str(place) for place in range(1, MANY + 2)]
    assert rows[-1][0].startswith(
        f"Tổng số: {MANY + 1} hồ sơ; trong đó trực tiếp {MANY // 2 + 1}, trực tuyến {MANY // 2}"
    )
    assert f"Trực tuyến: {MANY // 2}" in fetched(intake, day).text
    assert sum("Trực tuyến" in row for row in listed) == MANY // 2
