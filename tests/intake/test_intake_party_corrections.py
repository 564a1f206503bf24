"""At the desk, mistyped data of a representative and of co-applicants are put right, with a reason and what was there before."""

from __future__ import annotations

import json
from typing import Any

from tests.intake.desk_clerk import Clerk, confirmation, faulty_fields
from tests.intake.online_fixture import CitizenBrowser
from tests.intake.service_fixture import OTHER_DESK, IntakeService

RIGHT, WRONG = "096190002345", "096190002354"
PEOPLE: dict[str, Any] = {
    "representative": {
        "name": "Lê Thị Đào",
        "id_number": "096085003456",
        "relation": "authorised",
        "authority": "Số 12, ngày 01/11/2025",
    },
    "co_applicants": [
        {"name": "Trần Văn Cam", "id_number": "096088004567", "birth_date": "1988"},
        {"name": "Trần Thị An", "id_number": WRONG},
    ],
}


def typed(intake: IntakeService, code: str, **changes: str) -> dict[str, str]:
    """The form as it is shown, with some fields typed over; ``__`` stands for a dot."""
    people = json.loads(next(row["parties"] for row in intake.rows("dossier") if row["code"] == code))
    form = {f"representative.{name}": text for name, text in (people["representative"] or {}).items()}
    for number, one in enumerate(people["co_applicants"]):
        form |= {f"co_applicants.{number}.{name}": text for name, text in one.items()}
    return form | {"reason": "Gõ nhầm số"} | {name.replace("__", "."): text for name, text in changes.items()}


def test_a_mistyped_number_is_put_right_and_the_right_person_then_sees_the_dossier(intake: IntakeService) -> None:
    code = intake.file(**PEOPLE)["code"]
    place, clerk = f"/intake/dossiers/{code}/parties", Clerk(intake)
    assert place in clerk.get(f"/intake/dossiers/{code}").text
    assert WRONG in clerk.get(place).text
    assert code not in CitizenBrowser(intake, RIGHT).dossiers().text
    form = typed(intake, code, co_applicants__1__id_number=RIGHT, representative__authority="Số 21, ngày 01/11/2025")
    question = clerk.send(place, **form)
    for text in (f"{WRONG} → {RIGHT}", "Số 12, ngày 01/11/2025 → Số 21", "Gõ nhầm số"):
        assert text in question.text
    sent = confirmation(question)
    for _ in range(2):
        assert clerk.send(place, **sent).headers["Location"] == f"/intake/dossiers/{code}"
    assert code in CitizenBrowser(intake, RIGHT).dossiers().text
    assert code not in CitizenBrowser(intake, WRONG).dossiers().text
    (row,) = intake.rows("applicant_correction")
    assert json.loads(row["was"]) == {
        "representative.authority": "Số 12, ngày 01/11/2025",
        "co_applicants.1.id_number": WRONG,
    }
    assert (row["reason"], row["corrected_by"]) == ("Gõ nhầm số", "clerk-7")
    assert "Người cùng đứng tên" in clerk.get(f"/intake/dossiers/{code}/applicant").text


def test_people_are_taken_off_and_added(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file(**PEOPLE)["code"]
    place, clerk = f"/intake/dossiers/{code}/parties", Clerk(sqlite_intake)
    nobody = dict.fromkeys(("representative__name", "representative__id_number", "representative__authority"), "")
    gone = dict.fromkeys(("co_applicants__0__name", "co_applicants__0__id_number", "co_applicants__0__birth_date"), "")
    more = {"co_applicants__2__name": "Võ Thị Mai", "co_applicants__2__id_number": "096177001111"}
    clerk.confirm(place, **typed(sqlite_intake, code, **nobody, **gone, **more))
    people = json.loads(sqlite_intake.rows("dossier")[0]["parties"])
    assert people["representative"] is None
    assert [one["name"] for one in people["co_applicants"]] == ["Trần Thị An", "Võ Thị Mai"]
    off = {f"co_applicants__{number}__{name}": "" for number in (0, 1) for name in ("name", "id_number")}
    clerk.confirm(place, **typed(sqlite_intake, code, **off))
    row = sqlite_intake.rows("dossier")[0]
    assert (row["parties"], row["parties_index"]) == ("", "")


def test_what_is_wrong_is_named_at_its_line_and_nothing_is_changed(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file(**PEOPLE)["code"]
    place, clerk = f"/intake/dossiers/{code}/parties", Clerk(sqlite_intake)
    before = sqlite_intake.rows("dossier")
    gone = dict.fromkeys(("co_applicants__0__name", "co_applicants__0__id_number", "co_applicants__0__birth_date"), "")
    form = typed(sqlite_intake, code, **gone, co_applicants__1__id_number="12", reason=" ", representative__name="")
    assert sorted(faulty_fields(clerk.send(place, **form))) == [
        "co_applicants-1-id_number",
        "reason",
        "representative-name",
    ]
    unchanged = clerk.send(place, **typed(sqlite_intake, code))
    assert (unchanged.status_code, "Chưa có thông tin nào được sửa" in unchanged.text) == (422, True)
    assert Clerk(sqlite_intake, agency=OTHER_DESK).send(place, **form).status_code == 403
    assert sqlite_intake.rows("dossier") == before
    assert sqlite_intake.rows("applicant_correction") == []
