"""A citizen says in which language and by which channels they want to be told; intake keeps it sealed and tells notify alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from services.intake.filing.domain.applicant import make_applicant
from services.intake.filing.domain.preferences import USUAL, Preferences, preferences_in
from services.intake.retention import store as retention
from tests.intake.desk_clerk import Clerk, faulty_fields
from tests.intake.online_fixture import CitizenBrowser
from tests.intake.service_fixture import COPIES, DESK, LAND, LAND_TRANSFER, IntakeService
from tests.intake.test_intake_corrections import correct
from tests.support.html import read_page

WISHES = {"language": "en", "channels": ["chat", "email"], "chat_user": "zalo-4711"}
APPLICANT = LAND_TRANSFER["applicant"]
PERSON: dict[str, Any] = {"name": "Lê An", "id_number": "095185001234", "phone": "0912345678"}


def told(intake: IntakeService, name: str = "applicant.registered") -> list[dict[str, Any]]:
    """What notify is told of the wishes, by each event."""
    found = [event["data"] for event in intake.emitted(name)]
    return [{wish: data[wish] for wish in WISHES if wish in data} for data in found]


@pytest.mark.parametrize(
    ("wishes", "faults"),
    [
        ({}, []),
        ({"language": "en", "channels": ["sms"]}, []),
        ({"channels": ["email"], "email": "an@example.vn"}, []),
        ({"channels": "email,sms", "email": "an@example.vn"}, []),
        ({"channels": ["letter"], "address": "Ấp 5"}, []),
        ({"channels": ["chat"], "chat_user": "u1"}, []),
        ({"channels": ["email"]}, ["channels"]),
        ({"channels": ["email"], "email": "  "}, ["channels"]),
        ({"channels": ["letter", "chat"]}, ["channels", "channels"]),
        ({"channels": ["sms", "sms"]}, ["channels"]),
        ({"channels": ["fax"]}, ["channels"]),
        ({"language": "fr"}, ["language"]),
        ({"chat_user": "x" * 101}, ["chat_user"]),
        ({"chat_user": "a\u0000b"}, ["chat_user"]),
    ],
)
def test_each_channel_needs_its_address(wishes: dict[str, Any], faults: list[str]) -> None:
    applicant, found = make_applicant(**PERSON, **wishes)
    assert [fault.field for fault in found] == faults
    assert (applicant is None) == bool(faults)


@pytest.mark.parametrize(
    "one", [USUAL, Preferences("en"), Preferences("vi", ("letter", "sms")), Preferences("vi", (), "u")]
)
def test_preferences_are_read_as_they_were_kept(one: Preferences) -> None:
    assert preferences_in(one.as_column()) == one
    assert (one.as_column() is None) == (one == USUAL)


def test_wishes_are_kept_sealed_and_told_to_notify(intake: IntakeService) -> None:
    receipt = intake.file(applicant=APPLICANT | WISHES)
    shown = intake.get(f"/dossiers/{receipt['code']}").json["applicant"]
    assert {name: shown[name] for name in WISHES} == WISHES
    assert told(intake) == [WISHES]
    with intake.store.read() as connection:
        (kept,) = connection.execute(text("select applicant_preferences from dossier")).scalars()
    assert kept
    assert "zalo-4711" not in kept
    intake.store.run(lambda work: retention.erase(work, receipt["code"]))
    assert [row["applicant_preferences"] for row in intake.rows("dossier")] == [None]


def test_who_wants_nothing_special_leaves_nothing_behind(intake: IntakeService) -> None:
    intake.file(applicant=APPLICANT | {"language": "vi", "channels": []})
    assert [row["applicant_preferences"] for row in intake.rows("dossier")] == [None]
    assert told(intake) == [{}]


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"channels": ["email"], "email": ""}, "applicant.channels"),
        ({"channels": ["fax"]}, "applicant.channels.0"),
        ({"channels": ["sms"] * 5}, "applicant.channels"),
        ({"channels": "sms"}, "applicant.channels"),
        ({"language": "fr"}, "applicant.language"),
        ({"chat_user": "x" * 101}, "applicant.chat_user"),
    ],
)
def test_what_is_wrong_is_named(sqlite_intake: IntakeService, wishes: dict[str, Any], field: str) -> None:
    body = {"channel": "counter", "receiving_agency": DESK, **LAND_TRANSFER, "applicant": APPLICANT | wishes}
    answer = sqlite_intake.post("/dossiers", body)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert sqlite_intake.rows("dossier") == []


def test_wishes_are_corrected_and_told_again(intake: IntakeService) -> None:
    code = intake.file(applicant=APPLICANT | WISHES)["code"]
    answer = correct(intake, code, language="vi", channels=["email"], reason="Đổi ý")
    assert (answer.status_code, answer.json["changed"]) == (200, ["channels", "language"])
    assert answer.json["applicant"]["channels"] == ["email"]
    assert told(intake, "applicant.corrected") == [{"language": "vi", "channels": ["email"], "chat_user": "zalo-4711"}]
    history = intake.get(f"/dossiers/{code}/applicant/corrections").json["items"]
    assert [one["was"] for one in history] == [{"language": "en", "channels": "chat,email"}]
    refused = correct(intake, code, email="", reason="Không còn")
    assert [error["field"] for error in refused.json["errors"]] == ["channels"]


def test_a_correction_of_something_else_keeps_the_wishes(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file(applicant=APPLICANT | WISHES)["code"]
    assert correct(sqlite_intake, code, name="Nguyễn Thị Bưởi B", reason="Nhầm").json["changed"] == ["name"]
    assert told(sqlite_intake, "applicant.corrected") == [WISHES]


def chosen(page: str, name: str) -> list[str]:
    """The answers that are chosen in a group of radio buttons."""
    boxes = [box for box in read_page(page).all("input") if box.get("name") == name]
    assert len(boxes) > 1
    return [box.get("value") or "" for box in boxes if "checked" in box.attributes]


def test_the_counter_asks_and_offers_the_same_again(sqlite_intake: IntakeService) -> None:
    clerk, path = Clerk(sqlite_intake), f"/intake/desk/{COPIES}"
    empty = clerk.get(path).text
    assert (chosen(empty, "applicant.channels"), chosen(empty, "applicant.language")) == ([""], [""])
    sqlite_intake.file(applicant=APPLICANT | WISHES)
    filled = clerk.send(path, do="fill", **{"applicant.id_number": APPLICANT["id_number"]}).text
    assert (chosen(filled, "applicant.channels"), chosen(filled, "applicant.language")) == (["chat,email"], ["en"])
    assert "zalo-4711" in filled


def test_the_counter_says_which_address_is_missing(sqlite_intake: IntakeService) -> None:
    typed = {f"applicant.{name}": value for name, value in PERSON.items()}
    clerk, path = Clerk(sqlite_intake), f"/intake/desk/{COPIES}"
    answer = clerk.send(path, do="review", **typed, **{"applicant.channels": "email", "other_papers": "Đơn"})
    assert "applicant-channels" in faulty_fields(answer)


def test_a_citizen_chooses_online(intake: IntakeService) -> None:
    me = CitizenBrowser(intake)
    draft = me.begin(LAND)
    me.fill(draft)
    refused = me.post(f"/drafts/{draft}/applicant", phone="0912345670", channels="email", language="en")
    assert refused.status_code == 422
    me.post(f"/drafts/{draft}/applicant", phone="0912345670", email="an@example.vn", channels="email", language="en")
    assert me.submit(draft).status_code == 303
    assert told(intake) == [{"language": "en", "channels": ["email"], "chat_user": ""}]
    (application,) = intake.rows("application")
    assert preferences_in(application["applicant_preferences"]) == Preferences("en", ("email",))
