"""Whoever holds an official paper can verify it; guessing stays hopeless."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from services.intake.documents import store
from services.intake.documents.domain import normalise_number
from services.intake.documents.printing import verify_url
from services.intake.lookup.throttle import MAX_FAILURES
from tests.intake.document_fixture import fetched, issue
from tests.intake.service_fixture import DESK, IntakeService


def test_anybody_who_holds_a_paper_can_verify_it(intake: IntakeService) -> None:
    code = intake.file()["code"]
    issue(intake, code)
    with intake.store.read() as connection:
        [document] = store.documents_of(connection, code)
    address = urlsplit(verify_url("http://localhost", document))
    page = intake.client.get(f"{address.path}?{address.query}")
    assert page.status_code == 200
    assert code in page.text
    assert "N*** T** B***" in page.text
    assert "Được tiếp nhận" in page.text
    for personal in ("Bưởi", "095185001234", "912345678", "Ấp Long Thành"):
        assert personal not in page.text
    [check] = parse_qs(address.query)["code"]
    typed = intake.client.get(
        "/intake/verify", query_string={"number": f"1 / gtn-{DESK.lower()}", "code": f"{check[:5]}-{check[5:]}".lower()}
    )
    assert intake.client.get(typed.headers["Location"]).status_code == 200


def test_wrong_check_codes_are_counted_and_the_right_one_is_never_refused(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    issue(intake, intake.file()["code"])
    with intake.store.read() as connection:
        [document] = store.issued(connection, f"01/GTN-{DESK}")
    path = f"/intake/verify/{document.number}"
    asked = [intake.client.get(path, query_string={"code": "AAAAA-AAAAA"}) for _ in range(MAX_FAILURES + 1)]
    assert [one.status_code for one in asked] == [404] * MAX_FAILURES + [429]
    assert all(document.dossier not in one.text for one in asked)
    assert intake.client.get(path, query_string={"code": document.check_code}).status_code == 200
    assert document.dossier not in intake.client.get(path).text, "nothing without the check code"
    assert intake.client.get("/intake/verify/99/XYZ", query_string={"code": "A"}).status_code == 404


def test_erased_contents_are_gone_and_the_paper_stays_verifiable(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file()["code"]
    address = issue(intake, code).headers["Location"]
    intake.store.run(lambda work: store.erase_contents(work.connection, code))
    assert fetched(intake, address).status_code == 410
    [row] = intake.rows("document")
    assert row["contents"] is None
    assert (
        intake.client.get(f"/intake/verify/{row['number']}", query_string={"code": row["check_code"]}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1/gtn-h12", "01/GTN-H12"), (" 007 / PT-A ", "07/PT-A"), ("x", "X"), ("١/A", "١/A"), ("", "")],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: str) -> None:
    assert normalise_number(typed) == number
