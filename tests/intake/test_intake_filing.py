"""Filing over the API: the receipt, the events, and the refusals."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta

import pytest

from services.intake.components import EXTENSION
from services.intake.filing.domain.identity_document import DocumentKind
from shared.runtime.lookup_secret import secret_matches
from tests.intake.service_fixture import (
    BIRTH,
    COPIES,
    DESK,
    LAND,
    LAND_TRANSFER,
    OTHER_DESK,
    PROMISED,
    REGISTRY,
    IntakeService,
    at,
    changed,
)
from tests.support.pdf import text_of


def test_receipt(intake: IntakeService) -> None:
    answer = intake.post("/dossiers", LAND_TRANSFER)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/intake/api/dossiers/H12.31.01-251120-0001"
    receipt = answer.json
    assert receipt["code"] == "H12.31.01-251120-0001"
    assert datetime.fromisoformat(receipt["promised_at"]) == PROMISED
    assert receipt["received_at"] == "2025-11-20T08:15:00+07:00"
    assert receipt["regulation"] == "nd118-2025"
    assert receipt["procedure"] == {"code": LAND, "name": receipt["procedure"]["name"], "version": 1}
    assert receipt["case"] == "transfer"
    assert receipt["receiving_agency"] == DESK
    assert (receipt["state"], receipt["state_label"]) == (2, "Được tiếp nhận")
    assert receipt["fee"] == sum(item["amount"] for item in receipt["fee_items"]) > 0
    assert receipt["lookup_url"].endswith("/intake/?code=H12.31.01-251120-0001")
    codes = [note["code"] for note in receipt["explanation"]]
    assert codes[0] == "received"
    assert codes[-1] == "due"
    assert "weekend" in codes


def test_secret_is_stored_hashed(intake: IntakeService) -> None:
    receipt = intake.file()
    (row,) = intake.rows("dossier")
    assert len(receipt["secret"]) == 8
    assert secret_matches(receipt["secret"], row["secret_hash"], intake.context.settings.hash_key)
    assert receipt["secret"] not in str(row)


def test_events_of_a_filing(intake: IntakeService) -> None:
    receipt = intake.file()
    code = receipt["code"]
    registered, received, handled = [body for body in intake.emitted() if body["partitionkey"] == code]
    assert registered["type"] == "vn.motcua.applicant.registered.v1"
    assert registered["sequence"] < received["sequence"]
    assert secret_matches(receipt["secret"], registered["data"].pop("lookup_hash"), intake.context.settings.hash_key)
    assert registered["data"] == {
        "dossier": code,
        "name": "Nguyễn Thị Bưởi",
        "phone": "0912345678",
        "email": "buoi@example.vn",
        "address": "Ấp Long Thành",
    }
    assert received["type"] == "vn.motcua.dossier.received.v1"
    assert received["data"]["procedure_version"] == 1
    assert (received["data"]["remote"], received["data"]["chosen"]) == (False, [])
    assert received["data"]["promised_at"] == PROMISED.isoformat()
    assert handled["type"] == "vn.motcua.official.handled_dossier.v1", "in the dossier's own order"
    assert (handled["data"]["act"], handled["data"]["desk"]) == ("received", "H12.31.01")
    assert not {"Bưởi", "0912345678", "095185001234"} & set(str([received["data"], handled["data"]]).split())


def test_numbers_count_up_by_desk_and_day(intake: IntakeService) -> None:
    codes = [intake.file()["code"], intake.file()["code"], intake.file(receiving_agency=OTHER_DESK)["code"]]
    intake.advance(timedelta(days=1))
    codes.append(intake.file()["code"])
    assert codes == [
        "H12.31.01-251120-0001",
        "H12.31.01-251120-0002",
        "H12.32.01-251120-0001",
        "H12.31.01-251121-0001",
    ]


def test_a_refused_filing_takes_no_number(intake: IntakeService) -> None:
    assert intake.post("/dossiers", changed(LAND_TRANSFER, papers=[])).status_code == 422
    assert intake.file()["code"].endswith("-0001")


def test_the_same_key_files_once(intake: IntakeService) -> None:
    first = intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    again = intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    assert again.json == first.json
    assert len(intake.rows("dossier")) == 1
    assert len(intake.emitted("dossier.received")) == 1


def received(intake: IntakeService) -> float:
    """The metric of received dossiers, as intake exposes it."""
    text = intake.client.get("/intake/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("motcua_dossiers_received_total{")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if DESK in line)


def test_desks_and_fields_without_a_dossier_are_counted_as_zero(intake: IntakeService) -> None:
    text = intake.client.get("/intake/metrics").text
    shown = [line for line in text.splitlines() if line.startswith("motcua_dossiers_received_total{") and DESK in line]
    with intake.store.read() as connection:
        assert (
            len(shown)
            >= len(intake.client.application.extensions[EXTENSION].catalogue.fields(connection, date(2025, 12, 31)))
            > 1
        )


def test_a_dossier_is_counted_once_after_its_commit(intake: IntakeService) -> None:
    before = received(intake)
    for _ in range(2):
        assert intake.post("/dossiers", LAND_TRANSFER, key="k-1").status_code == 201
    assert received(intake) == before + 1
    assert intake.post("/dossiers", changed(LAND_TRANSFER, papers=[])).status_code == 422
    assert intake.post("/dossiers", LAND_TRANSFER, agency=OTHER_DESK).status_code == 403
    assert received(intake) == before + 1


def test_missing_papers_are_named_and_nothing_is_stored(intake: IntakeService) -> None:
    answer = intake.post("/dossiers", changed(LAND_TRANSFER, papers=["application"]))
    assert answer.status_code == 422
    assert answer.json["type"] == "urn:motcua:problem:missing-papers"
    assert {"code", "name"} == set(answer.json["missing"][0])
    assert "certificate" in [paper["code"] for paper in answer.json["missing"]]
    assert {error["field"] for error in answer.json["errors"]} == {"papers"}
    assert intake.rows("dossier") == []
    assert intake.rows("dossier_number") == []
    assert intake.emitted("dossier.received") == []


def test_papers_by_name_and_with_copies(intake: IntakeService) -> None:
    detail = intake.get(f"/dossiers/{intake.file()['code']}").json
    names = [paper["name"] for paper in detail["papers"]]
    papers = [names[0].upper(), {"code": "certificate", "copies": 2}, {"name": names[2]}, "Ảnh chụp thửa đất"]
    code = intake.file(papers=papers)["code"]
    kept = [(paper["code"], paper["copies"]) for paper in intake.get(f"/dossiers/{code}").json["papers"]]
    assert kept == [("application", 1), ("certificate", 2), ("contract", 1), ("", 1)]


def test_the_case_may_be_a_name_or_left_out_if_there_is_one(intake: IntakeService) -> None:
    named = intake.file(case="Chuyển đổi, chuyển nhượng, thừa kế, tặng cho, góp vốn")
    assert named["case"] == "transfer"
    one = intake.file(procedure=COPIES, case=None, papers=_required(intake, COPIES))
    assert one["case"] == "default"


def test_immediate_procedures_are_promised_for_the_day(intake: IntakeService) -> None:
    receipt = intake.file(procedure=BIRTH, case="on-time", papers=_required(intake, BIRTH))
    assert receipt["promised_at"].startswith("2025-11-20T17:")
    assert (receipt["fee"], receipt["fee_items"]) == (0, [])


def test_remote_places_get_the_extra_days(intake: IntakeService) -> None:
    here = datetime.fromisoformat(intake.file()["promised_at"])
    there = datetime.fromisoformat(intake.file(remote=True)["promised_at"])
    assert there - here > timedelta(days=10)
    assert [body["data"]["remote"] for body in intake.emitted("dossier.received")] == [False, True]


def test_a_desk_that_existed_before_the_merger(intake: IntakeService) -> None:
    intake.hand_clock.seconds = datetime.fromisoformat("2017-03-01T08:00+07:00").timestamp()
    receipt = intake.file(receiving_agency="000.21.34.H04")
    assert receipt["code"] == "000.21.34.H04-170301-0001"
    assert receipt["regulation"] != "nd118-2025"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"procedure": "9.999999"}, "procedure"),
        ({"case": None}, "case"),
        ({"case": "nonsense"}, "case"),
        ({"channel": "pigeon"}, "channel"),
        ({"receiving_agency": "H99.99"}, "receiving_agency"),
        ({"receiving_agency": REGISTRY}, "receiving_agency"),
        ({"receiving_agency": "000.21.34.H04"}, "receiving_agency"),
        ({"applicant__name": " \t "}, "applicant.name"),
        ({"applicant__name": "12345"}, "applicant.name"),
        ({"applicant__phone": "12345"}, "applicant.phone"),
        ({"applicant__phone": "0112345678"}, "applicant.phone"),
        ({"applicant__id_number": "1234567"}, "applicant.id_number"),
        ({"applicant__id_number": "09518500123x"}, "applicant.id_number"),
        ({"applicant__email": "buoi"}, "applicant.email"),
        ({"applicant__name": "x" * 201}, "applicant.name"),
        ({"papers": [17]}, "papers.0"),
        ({"papers": [{"code": "application", "copies": 0}]}, "papers.0"),
        ({"papers": [{"code": "application", "colour": "red"}]}, "papers.0"),
    ],
)
def test_faults_are_named(sqlite_intake: IntakeService, fields: dict[str, object], field: str) -> None:
    answer = sqlite_intake.post("/dossiers", changed(LAND_TRANSFER, **fields))
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json["errors"]]
    assert sqlite_intake.rows("dossier") == []


def test_all_faults_of_an_applicant_at_once(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.post("/dossiers", changed(LAND_TRANSFER, applicant__name="", applicant__phone="x"))
    assert [error["field"] for error in answer.json["errors"]] == ["applicant.name", "applicant.phone"]


def test_a_missing_case_lists_the_options(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.post("/dossiers", changed(LAND_TRANSFER, case=None))
    assert {option["code"] for option in answer.json["options"]} >= {"transfer", "lease"}


def test_a_clerk_files_only_at_the_own_desk(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.post("/dossiers", LAND_TRANSFER, agency=OTHER_DESK)
    assert answer.status_code == 403
    assert sqlite_intake.rows("dossier") == []


@pytest.mark.parametrize("role", ["citizen", "officer", "leader", "agency", "device", "provider", "operator"])
def test_only_clerks_file(sqlite_intake: IntakeService, role: str) -> None:
    assert sqlite_intake.post("/dossiers", LAND_TRANSFER, role=role).status_code == 403


def test_names_are_stored_as_nfc(sqlite_intake: IntakeService) -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn  Thị Bưởi ")
    code = sqlite_intake.file(applicant__name=decomposed)["code"]
    assert sqlite_intake.get(f"/dossiers/{code}").json["applicant"]["name"] == "Nguyễn Thị Bưởi"


def _required(intake: IntakeService, procedure: str) -> list[str]:
    papers = intake.get(f"/procedures/{procedure}").json["papers"]
    return [paper["code"] for paper in papers if paper["required"]]


@pytest.mark.parametrize(
    ("fields", "kind", "phone", "sms"),
    [
        ({"id_number": "C1234567", "phone": "+86 138 1234 5678"}, "passport", "+8613812345678", False),
        ({"id_number": "385123456", "id_kind": "passport", "phone": "024 3999 9999"}, "passport", "02439999999", False),
        ({"id_number": "095-185-001-234", "phone": "01646545327"}, "citizen_id", "0346545327", True),
        ({"id_number": "0312345678-001", "phone": "0912/345678"}, "tax_code", "0912345678", True),
    ],
)
def test_foreigners_organisations_and_old_numbers_are_received(
    sqlite_intake: IntakeService, fields: dict[str, str], kind: str, phone: str, sms: bool
) -> None:
    receipt = sqlite_intake.file(**{f"applicant__{name}": value for name, value in fields.items()})
    assert receipt["sms_possible"] is sms
    applicant = sqlite_intake.get(f"/dossiers/{receipt['code']}").json["applicant"]
    assert (applicant["id_kind"], applicant["phone"]) == (kind, phone)
    path = f"/intake/dossiers/{receipt['code']}/receipt.pdf"
    printed = text_of(sqlite_intake.client.post(path, headers=sqlite_intake.token()).data)
    assert DocumentKind(kind).vi in printed
    assert ("không nhận được tin nhắn SMS" in printed) is not sms


def test_a_time_limit_beyond_the_recorded_holidays_is_a_problem_and_records_nothing(intake: IntakeService) -> None:
    intake.hand_clock.seconds = at("2045-12-28 09:00").timestamp()
    answer = intake.post("/dossiers", LAND_TRANSFER)
    assert answer.status_code == 503
    assert "Lịch ngày nghỉ lễ" in answer.json["detail"]
    assert intake.rows("dossier") == []
    assert intake.emitted("dossier.received") == []
