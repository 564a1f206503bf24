"""The desk's pages for correcting an applicant's data: asked about first, nothing typed is lost, done once, and only at the desk."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.auth import issue_token
from shared.messaging.tables import idempotency_keys
from shared.persistence.reading_audit import reading_audit
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, open_paper, page_width, screenshot
from tests.support.html import read_page, repeated_ids, unlabelled
from tests.support.pdf import text_of

PRESENT = {
    "name": "Nguyễn Thị Bưởi",
    "id_number": "095185001234",
    "id_kind": "citizen_id",
    "phone": "0912345678",
    "email": "buoi@example.vn",
    "address": "Ấp Long Thành",
}
MISTYPED = {**PRESENT, "phone": "0912 345 679", "reason": "Gõ nhầm số cuối"}


class Clerk:
    """A clerk's browser at a desk."""

    def __init__(self, intake: IntakeService, code: str, agency: str = DESK, role: str = "clerk") -> None:
        self.client = intake.client.application.test_client()
        self.client.set_cookie("motcua_session", issue_token(intake.context.settings.auth, "clerk-7", role, agency))
        self.path = f"/intake/dossiers/{code}/applicant"

    def get(self, below: str = "") -> Any:
        """Opens the form or the page below it."""
        return self.client.get(self.path + below, headers={"Accept": "text/html"})

    def send(self, **typed: str) -> Any:
        """Sends the form as a browser does."""
        headers = {"Accept": "text/html", "Origin": "http://localhost"}
        return self.client.post(self.path, data=typed, headers=headers)

    def confirm(self, **typed: str) -> Any:
        """Sends the form and confirms what it asks."""
        return self.send(**confirmation(self.send(**typed)))


def confirmation(asked: Any) -> dict[str, str]:
    """The hidden fields of the form that confirms."""
    assert asked.status_code == 200, asked.text
    (form,) = [one for one in read_page(asked.text).all("form") if "confirmed" in fields_of(one)]
    return fields_of(form)


def fields_of(form: Any) -> dict[str, str]:
    """Names and values of a form's fields."""
    boxes = {one.get("name"): "".join(map(str, one.children)).removeprefix("\n") for one in form.all("textarea")}
    return {one.get("name"): one.get("value") for one in form.all("input")} | boxes


def shown_secret(page: str) -> str:
    """The new secret that the last page shows."""
    found = re.search(r'name="secret" value="(\w+)"', page)
    assert found, page
    return found[1]


def test_a_mistyped_phone_is_corrected_once_it_is_confirmed(intake: IntakeService) -> None:
    receipt = intake.file()
    clerk = Clerk(intake, receipt["code"])
    asked = clerk.send(**MISTYPED)
    for text in ("0912345678", "0912345679", "Gõ nhầm số cuối", "không dùng được nữa"):
        assert text in asked.text
    assert "buoi@example.vn" not in re.sub(r"<input[^>]*>", "", asked.text), "what stays is not asked about"
    assert intake.emitted("applicant.corrected") == [], "nothing yet"
    done = clerk.send(**confirmation(asked))
    assert (done.status_code, done.headers["Location"]) == (303, clerk.path + "/corrected")
    secret = shown_secret(clerk.get("/corrected").text)
    assert secret == shown_secret(clerk.get("/corrected").text), "a reload loses no secret"
    look_up = {"code": receipt["code"], "secret": secret}
    assert intake.client.get("/intake/api/lookup", query_string=look_up).status_code == 200
    look_up["secret"] = receipt["secret"]
    assert intake.client.get("/intake/api/lookup", query_string=look_up).status_code == 404
    (corrected,) = intake.emitted("applicant.corrected")
    assert corrected["data"]["phone"] == "0912345679"
    history = clerk.get().text
    assert "Gõ nhầm số cuối" in history
    assert {(row["action"], row["record"]) for row in intake.rows(reading_audit)} == {("dossier", receipt["code"])}


def test_a_button_pressed_twice_corrects_once_and_shows_one_secret(intake: IntakeService) -> None:
    receipt = intake.file()
    clerk = Clerk(intake, receipt["code"])
    confirmed = confirmation(clerk.send(**MISTYPED))
    clerk.send(**confirmed)
    first = shown_secret(clerk.get("/corrected").text)
    again = clerk.send(**confirmed)
    assert again.status_code == 303
    assert shown_secret(clerk.get("/corrected").text) == first
    assert len(intake.emitted("applicant.corrected")) == 1
    assert first.encode() not in b"".join(str(row).encode() for row in intake.rows(idempotency_keys)), "kept sealed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "123"}, "phone"),
        ({"name": "123"}, "name"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"id_kind": "passport", "id_number": "không có"}, "id_number"),
        ({"email": "buoi"}, "email"),
        ({"address": "x" * 501}, "address"),
    ],
)
def test_wrong_data_name_the_field_and_nothing_typed_is_lost(
    sqlite_intake: IntakeService, change: dict[str, str], field: str
) -> None:
    clerk = Clerk(sqlite_intake, sqlite_intake.file()["code"])
    typed = {**MISTYPED, **change}
    for extra in ({}, {"confirmed": "1", "form_key": "k-1"}):
        answer = clerk.send(**typed, **extra)
        assert answer.status_code == 422
        page = read_page(answer.text)
        (alert,) = [one for one in page.all() if one.get("role") == "alert"]
        (link,) = alert.all("a")
        ids = {one.get("id") for one in page.all() if one.get("aria-invalid") == "true"}
        assert ids == {link.get("href")[1:]} == {f"f-{field}"}
        (form,) = [one for one in page.all("form") if "phone" in fields_of(one)]
        shown = fields_of(form)
        assert {name: shown[name].strip() for name in shown if name in typed} == {
            name: text.strip() for name, text in typed.items() if name in shown and name != "id_kind"
        }
        assert (repeated_ids(page), unlabelled(page)) == ([], [])
    assert sqlite_intake.emitted("applicant.corrected") == []


def test_all_faults_are_told_at_once(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake, sqlite_intake.file()["code"])
    answer = clerk.send(**{**MISTYPED, "name": "", "phone": "1", "reason": ""})
    (alert,) = [one for one in read_page(answer.text).all() if one.get("role") == "alert"]
    assert [link.get("href") for link in alert.all("a")] == ["#f-name", "#f-phone", "#f-reason"]


def test_data_that_are_right_already_change_nothing(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake, sqlite_intake.file()["code"])
    answer = clerk.send(**{**PRESENT, "phone": "+84 912 345 678", "reason": "Nhầm"})
    assert answer.status_code == 422
    assert "Chưa có thông tin nào được sửa" in answer.text


def test_going_back_keeps_what_was_typed(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake, sqlite_intake.file()["code"])
    asked = read_page(clerk.send(**MISTYPED).text)
    (back,) = [fields_of(one) for one in asked.all("form") if "edit" in fields_of(one)]
    page = clerk.send(**back)
    assert page.status_code == 200
    assert 'value="0912 345 679"' in page.text
    assert "Gõ nhầm số cuối" in page.text
    assert 'role="alert"' not in page.text


def test_a_name_is_corrected_and_the_secret_stays(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    clerk = Clerk(sqlite_intake, receipt["code"])
    assert clerk.confirm(**{**PRESENT, "name": "Nguyễn Thị Bười", "email": "", "reason": "Nhầm dấu"}).status_code == 303
    page = clerk.get("/corrected").text
    assert 'name="secret"' not in page
    assert "vẫn dùng được" in page
    stored = sqlite_intake.get(f"/dossiers/{receipt['code']}").json["applicant"]
    assert (stored["name"], stored["email"]) == ("Nguyễn Thị Bười", "")


def test_a_confirmation_without_a_key_is_refused(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake, sqlite_intake.file()["code"])
    assert clerk.send(**MISTYPED, confirmed="1").status_code == 400
    assert sqlite_intake.emitted("applicant.corrected") == []


def test_a_key_belongs_to_one_correction(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake, sqlite_intake.file()["code"])
    confirmed = confirmation(clerk.send(**MISTYPED))
    clerk.send(**confirmed)
    other = clerk.send(**{**confirmed, "phone": "0912345670"})
    assert (other.status_code, "0912345670" in str(sqlite_intake.rows("dossier"))) == (422, False)


def test_only_clerks_of_the_desk_correct(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    for agency, role in ((OTHER_DESK, "clerk"), (DESK, "leader"), (DESK, "officer")):
        stranger = Clerk(sqlite_intake, code, agency, role)
        answers = (stranger.get(), stranger.send(**MISTYPED), stranger.get("/corrected"))
        assert {answer.status_code for answer in answers} == {403}
        assert not [answer for answer in answers if "0912345678" in answer.text]
    assert Clerk(sqlite_intake, "H12.31.01-251120-9999").get().status_code == 404
    shown = Clerk(sqlite_intake, code).get("/corrected")
    assert (shown.status_code, shown.headers["Location"]) == (303, f"/intake/dossiers/{code}"), "nothing to show"


def test_the_way_to_the_form_stands_where_it_may_be_used(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    links = {}
    for role in ("clerk", "leader"):
        browser = Clerk(sqlite_intake, code, role=role).client
        page = browser.get(f"/intake/dossiers/{code}", headers={"Accept": "text/html"}).text
        links[role] = f"{code}/applicant" in page
    assert links == {"clerk": True, "leader": False}


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_clerk_corrects_a_phone_by_hand(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    code = sqlite_intake.file()["code"]
    page = page_at(width, java_script_enabled=False, extra_http_headers=sqlite_intake.token())

    def seen(name: str) -> str:
        assert page_width(page) <= width, name
        screenshot(page, f"intake-correction-{name}-{width}")
        return page.inner_text("main")

    page.goto(f"{address}/intake/dossiers/{code}")
    page.get_by_role("link", name="Sửa thông tin người nộp").click()
    page.get_by_label("Số điện thoại").fill("0912 345")
    page.get_by_role("button", name="Tiếp tục").click()
    assert "Không phải số điện thoại" in seen("faults")
    page.get_by_role("alert").get_by_role("link", name="Số điện thoại").click()
    assert page.get_by_label("Số điện thoại").input_value() == "0912 345"
    page.get_by_label("Số điện thoại").fill("0912 345 679")
    page.get_by_label("Lý do sửa").fill("Gõ nhầm số cuối")
    seen("form")
    page.get_by_role("button", name="Tiếp tục").click()
    assert "0912345679" in seen("confirmation")
    page.get_by_role("button", name="Quay lại").click()
    assert page.get_by_label("Lý do sửa").input_value() == "Gõ nhầm số cuối"
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Lưu thông tin đã sửa").click()
    assert "Mã bí mật mới" in seen("corrected")
    secret = page.locator("main code").inner_text()
    open_paper(page, page.get_by_role("button", name="In giấy tiếp nhận mới").click)
    path = f"/intake/dossiers/{code}/receipt.pdf"
    printed = text_of(sqlite_intake.client.post(path, data={"secret": secret}, headers=sqlite_intake.token()).data)
    assert secret in printed
    assert "0912345679" in printed
