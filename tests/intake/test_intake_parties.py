"""Filing for others and with others: representatives, organisations, several applicants; papers as they were handed in."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.intake.filing.domain.applicant import InvalidField, birth_date_of
from tests.intake.service_fixture import LAND_TRANSFER, THURSDAY, IntakeService, changed

TODAY = THURSDAY.date()
PROXY = {
    "name": "Trần Văn Đại",
    "id_number": "001088000123",
    "relation": "authorised",
    "authority": "Giấy ủy quyền số 12/2025, UBND xã Phước Long chứng thực ngày 10/11/2025",
}
HUSBAND = {"name": "Lê Văn Tám", "id_number": "095083004321", "birth_date": "02/03/1983", "sex": "male"}


def faults(answer: Any) -> set[str]:
    """The fields that an answer refuses."""
    assert answer.status_code == 422, answer.json
    return {error["field"] for error in answer.json["errors"]}


def test_a_dossier_keeps_its_representative_and_all_applicants(intake: IntakeService) -> None:
    more = {"birth_date": "31/01/1985", "sex": "female", "old_id_number": "385 123 456"}
    receipt = intake.file(
        applicant=LAND_TRANSFER["applicant"] | more,
        representative=PROXY,
        co_applicants=[HUSBAND, HUSBAND | {"id_number": "B1234567"}],
    )
    shown = intake.get(f"/dossiers/{receipt['code']}").json
    assert {name: shown["applicant"][name] for name in more} == {
        "birth_date": "1985-01-31",
        "sex": "female",
        "old_id_number": "385123456",
    }
    assert shown["representative"] == PROXY | {"id_kind": "citizen_id", "phone": ""}
    assert [one["id_kind"] for one in shown["co_applicants"]] == ["citizen_id", "passport"]
    assert shown["co_applicants"][0]["birth_date"] == "1983-03-02"


def test_a_dossier_of_one_person_has_nobody_else(intake: IntakeService) -> None:
    receipt = intake.file()
    shown = intake.get(f"/dossiers/{receipt['code']}").json
    assert (shown["representative"], shown["co_applicants"], shown["applicant"]["birth_date"]) == (None, [], "")
    assert [row["parties"] for row in intake.rows("dossier")] == [""]


def test_an_organisation_files_by_its_tax_code_through_its_representative(intake: IntakeService) -> None:
    firm = {"name": "Công ty TNHH Bưởi Xanh", "id_number": "0312345678-001", "phone": "02838221234"}
    receipt = intake.file(applicant=firm, representative=PROXY | {"relation": "legal", "authority": ""})
    shown = intake.get(f"/dossiers/{receipt['code']}").json
    assert (shown["applicant"]["id_kind"], shown["applicant"]["id_number"]) == ("tax_code", "0312345678001")
    assert shown["representative"]["relation"] == "legal"


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"representative": PROXY | {"authority": " "}}, {"representative.authority"}),
        ({"representative": PROXY | {"relation": "friend"}}, {"representative.relation"}),
        ({"representative": PROXY | {"id_number": "0312345678"}}, {"representative.id_number"}),
        ({"representative": PROXY | {"phone": "12"}}, {"representative.phone"}),
        (
            {"representative": PROXY | {"name": "1", "id_number": "x"}, "applicant__phone": "1"},
            {"applicant.phone", "representative.name", "representative.id_number"},
        ),
        ({"co_applicants": [HUSBAND, HUSBAND]}, {"co_applicants.1.id_number"}),
        ({"co_applicants": [HUSBAND | {"id_number": "095 185 001 234"}]}, {"co_applicants.0.id_number"}),
        ({"co_applicants": [HUSBAND | {"birth_date": "21/11/2025"}]}, {"co_applicants.0.birth_date"}),
        ({"co_applicants": [HUSBAND] * 21}, {"co_applicants"}),
        ({"applicant": LAND_TRANSFER["applicant"] | {"birth_date": "31/02/1985"}}, {"applicant.birth_date"}),
        ({"applicant": LAND_TRANSFER["applicant"] | {"old_id_number": "12"}}, {"applicant.old_id_number"}),
        ({"applicant": LAND_TRANSFER["applicant"] | {"sex": "x"}}, {"applicant.sex"}),
    ],
)
def test_wrong_data_of_people_are_refused_by_name(
    sqlite_intake: IntakeService, fields: dict[str, Any], refused: set[str]
) -> None:
    assert faults(sqlite_intake.post("/dossiers", changed(LAND_TRANSFER, **fields))) == refused
    assert sqlite_intake.rows("dossier") == []


def test_papers_are_kept_as_they_were_handed_in(intake: IntakeService) -> None:
    papers = [
        "application",
        {"code": "certificate", "form": "original", "kept": True},
        {"code": "contract", "form": "certified", "copies": 2},
        {"code": "contract", "form": "copy"},
    ]
    receipt = intake.file(papers=papers)
    shown = intake.get(f"/dossiers/{receipt['code']}").json["papers"]
    assert [(one["code"], one["copies"], one.get("form"), one.get("kept")) for one in shown] == [
        ("application", 1, None, None),
        ("certificate", 1, "original", True),
        ("contract", 2, "certified", None),
        ("contract", 1, "copy", None),
    ]
    assert [row["originals_kept"] for row in intake.rows("dossier")] == [1]


@pytest.mark.parametrize("paper", [{"kept": True}, {"form": "copy", "kept": True}, {"form": "x"}, {"kept": "yes"}])
def test_only_an_original_is_kept(sqlite_intake: IntakeService, paper: dict[str, Any]) -> None:
    body = changed(LAND_TRANSFER, papers=[{"code": "application"} | paper])
    assert faults(sqlite_intake.post("/dossiers", body)) == {"papers.0"}


def test_no_event_holds_more_personal_data_than_the_contact(intake: IntakeService) -> None:
    intake.file(representative=PROXY, co_applicants=[HUSBAND], applicant__address="Ấp 7")
    sent = b"".join(orjson.dumps(event) for event in intake.emitted()).decode()
    for text in ("Trần Văn Đại", "001088000123", "chứng thực ngày", "Lê Văn Tám", "095083004321"):
        assert text not in sent
    others = [event for event in intake.emitted() if "applicant.registered" not in event["type"]]
    assert "Ấp 7" not in orjson.dumps(others).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31/1/1990", "1990-01-31"),
        ("31011990", "1990-01-31"),
        ("1990-01-31", "1990-01-31"),
        ("1950", "1950"),
        (" ", ""),
    ],
)
def test_dates_of_birth_are_read_as_they_are_written(text: str, expected: str) -> None:
    assert birth_date_of(text, TODAY) == expected


@pytest.mark.parametrize("text", ["1899", "2026", "32/01/1990", "29/02/1990", "abc", "21/11/2025"])
def test_other_texts_are_no_date_of_birth(text: str) -> None:
    with pytest.raises(InvalidField):
        birth_date_of(text, TODAY)
