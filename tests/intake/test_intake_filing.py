"""Filing over the API: the receipt, the events, and everything that is refused."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import pytest

from services.intake.lookup.domain import secret_matches
from tests.intake.service_fixture import (
    BIRTH,
    COPIES,
    DESK,
    LAND,
    LAND_TRANSFER,
    OTHER_DESK,
    PROMISED,
    REGISTRY,
    World,
    changed,
)


def test_receipt(world: World) -> None:
    answer = world.post("/dossiers", LAND_TRANSFER)
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


def test_secret_is_stored_hashed(world: World) -> None:
    receipt = world.file()
    (row,) = world.rows("dossier")
    assert len(receipt["secret"]) == 6
    assert secret_matches(receipt["secret"], row["secret_hash"])
    assert receipt["secret"] not in str(row)


def test_events_of_a_filing(world: World) -> None:
    code = world.file()["code"]
    registered, received = [body for body in world.emitted() if body["partitionkey"] == code]
    assert registered["type"] == "vn.motcua.applicant.registered.v1"
    assert registered["sequence"] < received["sequence"]
    assert registered["data"] == {
        "dossier": code,
        "name": "Nguyễn Thị Bưởi",
        "phone": "0912345678",
        "email": "buoi@example.vn",
    }
    assert received["type"] == "vn.motcua.dossier.received.v1"
    assert received["data"]["procedure_version"] == 1
    assert (received["data"]["remote"], received["data"]["chosen"]) == (False, [])
    assert received["data"]["promised_at"] == PROMISED.isoformat()
    assert not {"Bưởi", "0912345678", "095185001234"} & set(str(received["data"]).split())


def test_numbers_count_up_by_desk_and_day(world: World) -> None:
    codes = [world.file()["code"], world.file()["code"], world.file(receiving_agency=OTHER_DESK)["code"]]
    world.pass_(timedelta(days=1))
    codes.append(world.file()["code"])
    assert codes == [
        "H12.31.01-251120-0001",
        "H12.31.01-251120-0002",
        "H12.32.01-251120-0001",
        "H12.31.01-251121-0001",
    ]


def test_a_refused_filing_takes_no_number(world: World) -> None:
    assert world.post("/dossiers", changed(LAND_TRANSFER, papers=[])).status_code == 422
    assert world.file()["code"].endswith("-0001")


def test_the_same_key_files_once(world: World) -> None:
    first = world.post("/dossiers", LAND_TRANSFER, key="k-1")
    again = world.post("/dossiers", LAND_TRANSFER, key="k-1")
    assert again.json == first.json
    assert len(world.rows("dossier")) == 1
    assert len(world.emitted("dossier.received")) == 1


def received(world: World) -> float:
    """The metric of received dossiers, as intake exposes it."""
    text = world.client.get("/intake/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("motcua_dossiers_received_total{")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if DESK in line)


def test_a_dossier_is_counted_once_after_its_commit(world: World) -> None:
    before = received(world)
    for _ in range(2):
        assert world.post("/dossiers", LAND_TRANSFER, key="k-1").status_code == 201
    assert received(world) == before + 1
    assert world.post("/dossiers", changed(LAND_TRANSFER, papers=[])).status_code == 422
    assert world.post("/dossiers", LAND_TRANSFER, agency=OTHER_DESK).status_code == 403
    assert received(world) == before + 1


def test_missing_papers_are_named_and_nothing_is_stored(world: World) -> None:
    answer = world.post("/dossiers", changed(LAND_TRANSFER, papers=["application"]))
    assert answer.status_code == 422
    assert answer.json["type"] == "urn:motcua:problem:missing-papers"
    assert {"code", "name"} == set(answer.json["missing"][0])
    assert "certificate" in [paper["code"] for paper in answer.json["missing"]]
    assert {error["field"] for error in answer.json["errors"]} == {"papers"}
    assert world.rows("dossier") == []
    assert world.rows("dossier_number") == []
    assert world.emitted("dossier.received") == []


def test_papers_by_name_and_with_copies(world: World) -> None:
    detail = world.get(f"/dossiers/{world.file()['code']}").json
    names = [paper["name"] for paper in detail["papers"]]
    papers = [names[0].upper(), {"code": "certificate", "copies": 2}, {"name": names[2]}, "Ảnh chụp thửa đất"]
    code = world.file(papers=papers)["code"]
    kept = [(paper["code"], paper["copies"]) for paper in world.get(f"/dossiers/{code}").json["papers"]]
    assert kept == [("application", 1), ("certificate", 2), ("contract", 1), ("", 1)]


def test_the_case_may_be_named_or_left_out_where_there_is_one(world: World) -> None:
    named = world.file(case="Chuyển đổi, chuyển nhượng, thừa kế, tặng cho, góp vốn")
    assert named["case"] == "transfer"
    one = world.file(procedure=COPIES, case=None, papers=_required(world, COPIES))
    assert one["case"] == "default"


def test_immediate_procedures_are_promised_for_the_day(world: World) -> None:
    receipt = world.file(procedure=BIRTH, case="on-time", papers=_required(world, BIRTH))
    assert receipt["promised_at"].startswith("2025-11-20T17:")
    assert (receipt["fee"], receipt["fee_items"]) == (0, [])


def test_remote_places_get_the_extra_days(world: World) -> None:
    here = datetime.fromisoformat(world.file()["promised_at"])
    there = datetime.fromisoformat(world.file(remote=True)["promised_at"])
    assert there - here > timedelta(days=10)
    assert [body["data"]["remote"] for body in world.emitted("dossier.received")] == [False, True]


def test_a_desk_of_three_levels_in_its_time(world: World) -> None:
    world.hand.seconds = datetime.fromisoformat("2017-03-01T08:00+07:00").timestamp()
    receipt = world.file(receiving_agency="000.21.34.H04")
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
def test_what_is_wrong_is_named(lone_world: World, fields: dict[str, object], field: str) -> None:
    answer = lone_world.post("/dossiers", changed(LAND_TRANSFER, **fields))
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json["errors"]]
    assert lone_world.rows("dossier") == []


def test_all_faults_of_an_applicant_at_once(lone_world: World) -> None:
    answer = lone_world.post("/dossiers", changed(LAND_TRANSFER, applicant__name="", applicant__phone="x"))
    assert [error["field"] for error in answer.json["errors"]] == ["applicant.name", "applicant.phone"]


def test_a_needed_case_names_the_options(lone_world: World) -> None:
    answer = lone_world.post("/dossiers", changed(LAND_TRANSFER, case=None))
    assert {option["code"] for option in answer.json["options"]} >= {"transfer", "lease"}


def test_a_clerk_files_at_his_own_desk_only(lone_world: World) -> None:
    answer = lone_world.post("/dossiers", LAND_TRANSFER, agency=OTHER_DESK)
    assert answer.status_code == 403
    assert lone_world.rows("dossier") == []


@pytest.mark.parametrize("role", ["citizen", "officer", "leader", "agency", "device", "provider", "operator"])
def test_only_clerks_file(lone_world: World, role: str) -> None:
    assert lone_world.post("/dossiers", LAND_TRANSFER, role=role).status_code == 403


def test_names_are_kept_composed(lone_world: World) -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn  Thị Bưởi ")
    code = lone_world.file(applicant__name=decomposed)["code"]
    assert lone_world.get(f"/dossiers/{code}").json["applicant"]["name"] == "Nguyễn Thị Bưởi"


def _required(world: World, procedure: str) -> list[str]:
    papers = world.get(f"/procedures/{procedure}").json["papers"]
    return [paper["code"] for paper in papers if paper["required"]]
