"""Drafts of procedures: edited on a page, compared, published once, in force from their day; by the province's centre alone."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from services.intake.procedures.catalogue import Catalogue
from shared.auth import issue_token
from shared.catalogue import load_builtin, parse_data
from tests.intake.desk_clerk import faulty_fields
from tests.intake.service_fixture import DESK, LAND, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page, repeated_ids, unlabelled
from tests.support.serving import served

CENTRE = "H12.20"
CODE = "2.001955"
PATH = f"/intake/procedures/{CODE}/draft"
SHORTER = {
    "case-default-limit": "5",
    "case-default-law": "7",
    "case-default-decision": "Quyết định 10/QĐ-UBND",
    "case-default-since": "2025-11-01",
}

QUESTION = {
    "code": "a",
    "text": "?",
    "text_en": "?",
    "answers": [
        {"code": "x", "text": "x", "text_en": "x", "cases": ["no"]},
        {"code": "y", "text": "y", "text_en": "y"},
    ],
}
"""A question that names a case which does not exist."""


class Editor:
    """A leader's browser."""

    def __init__(self, intake: IntakeService, agency: str = CENTRE, role: str = "leader") -> None:
        self.client = intake.client.application.test_client()
        self.token = issue_token(intake.context.settings.auth, "leader-1", role, agency)
        self.client.set_cookie("motcua_session", self.token)

    def get(self, path: str = PATH) -> Any:
        return self.client.get(path, headers={"Accept": "text/html"})

    def send(self, path: str = PATH, **typed: str) -> Any:
        return self.client.post(path, data=typed, headers={"Accept": "text/html", "Origin": "http://localhost"})

    def publish(self, **more: str) -> Any:
        page = self.get(PATH + "/preview").text
        found = dict(re.findall(r'name="(number|form_key)" value="([^"]*)"', page.split("</form>")[-3]))
        return self.send(PATH + "/preview", **found, **more)


def test_a_draft_is_compared_and_published(intake: IntakeService) -> None:
    editor = Editor(intake)
    form = read_page(editor.get().text)
    assert not repeated_ids(form)
    assert not unlabelled(form)
    saved = editor.send(number="0", **SHORTER, **{"new-1": "Bản sao quyết định", "paper-discipline": ""})
    assert (saved.status_code, saved.headers["Location"]) == (303, PATH + "/preview")
    assert intake.client.get(f"/intake/api/procedures/{CODE}").json["version"] == 1, "nothing is published yet"
    shown = editor.get(PATH + "/preview").text
    for text in ("thời hạn giải quyết (ngày làm việc): <strong>7 → 5</strong>", "Thêm – Giấy tờ: Bản sao quyết định"):
        assert text in shown
    assert "cases.default" not in shown
    done = editor.publish()
    assert (done.status_code, done.headers["Location"]) == (303, f"/intake/procedures/{CODE}/versions")
    (row,) = [one for one in intake.rows("procedure") if one["code"] == CODE and one["version"] == 2]
    assert (row["origin"], row["published_by"]) == ("editor", "leader-1")
    assert [
        body["data"]["version"] for body in intake.emitted("procedure.published") if body["partitionkey"] == CODE
    ] == [
        1,
        2,
    ]
    with intake.store.read() as connection:
        found = Catalogue().current(connection, CODE, date(2025, 12, 1))
    assert found is not None
    assert found[0] == 2
    assert "discipline" not in {paper.code for paper in found[1].papers}
    assert intake.rows("procedure_draft") == []


def test_a_version_comes_into_force_on_its_day(intake: IntakeService) -> None:
    editor = Editor(intake)
    editor.send(number="0", **SHORTER, effective_from="2026-03-01")
    editor.publish()
    with intake.store.read() as connection:
        catalogue = Catalogue()
        versions = [
            (catalogue.current(connection, CODE, day) or (0,))[0] for day in (date(2026, 2, 28), date(2026, 3, 1))
        ]
        assert versions == [1, 2]
    page = intake.client.get(f"/intake/procedures/{CODE}/versions").text
    assert "Sắp có hiệu lực" in page
    assert "chưa áp dụng" in intake.client.get(f"/intake/procedures/{CODE}/versions/2").text


def test_a_shortened_limit_is_listed(intake: IntakeService) -> None:
    editor = Editor(intake)
    assert "0 trong" in intake.client.get("/intake/procedures/shortened").text
    editor.send(number="0", **SHORTER)
    editor.publish()
    fresh = intake.client.application.test_client()
    with intake.store.read() as connection:
        (found,) = [one for _, one in Catalogue().all(connection, date(2025, 12, 1)) if one.code == CODE]
    assert found.cases[0].shortened is not None
    assert found.cases[0].shortened.days(found.cases[0].limit) == 2
    assert fresh.get("/intake/procedures/shortened").status_code == 200


def test_two_editors_do_not_overwrite_each_other(intake: IntakeService) -> None:
    one, other = Editor(intake), Editor(intake)
    assert one.send(number="0", name="Tên thứ nhất").status_code == 303
    refused = other.send(number="0", name="Tên thứ hai")
    assert refused.status_code == 409
    assert "Tên thứ hai" in refused.text, "what was typed is not lost"
    key = re.findall(r'name="form_key" value="([^"]*)"', one.get(PATH + "/preview").text)[0]
    assert one.send(number="1", name="Tên thứ ba").status_code == 303
    assert other.send(PATH + "/preview", number="1", form_key=key).status_code == 409
    assert one.publish().status_code == 303
    assert one.send(PATH + "/preview", number="2", form_key="another").status_code == 409


@pytest.mark.parametrize(
    "typed",
    [
        {"case-default-limit": "soon"},
        {"case-default-limit": "0"},
        {"case-default-law": "3"},
        {"name": " "},
        {"effective_from": "2026-02-30"},
        {"case-default-law": "9"},
    ],
)
def test_faults_are_shown_and_nothing_typed_is_lost(intake: IntakeService, typed: dict[str, str]) -> None:
    answer = Editor(intake).send(number="0", regulation="Bộ luật Lao động 2019", **typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Bộ luật Lao động 2019" in answer.text
    assert intake.rows("procedure_draft") == []


def test_a_draft_is_dropped(intake: IntakeService) -> None:
    editor = Editor(intake)
    editor.send(number="0", name="Tên khác")
    assert editor.publish(drop="1").status_code == 303
    assert intake.rows("procedure_draft") == []
    assert max(one["version"] for one in intake.rows("procedure") if one["code"] == CODE) == 1


@pytest.mark.parametrize(("agency", "role"), [(DESK, "leader"), (CENTRE, "clerk"), ("H12.14.02", "leader")])
def test_only_leaders_of_the_provinces_centre_edit(sqlite_intake: IntakeService, agency: str, role: str) -> None:
    editor = Editor(sqlite_intake, agency, role)
    assert editor.get().status_code == 403
    assert editor.send(number="0", name="X").status_code == 403
    assert editor.send(PATH + "/preview", number="1", form_key="k").status_code == 403


def test_every_builtin_procedure_can_be_saved_as_it_is(sqlite_intake: IntakeService) -> None:
    editor = Editor(sqlite_intake)
    for procedure in load_builtin():
        path = f"/intake/procedures/{procedure.code}/draft"
        form = read_page(editor.get(path).text)
        assert not repeated_ids(form)
        assert editor.send(path, number="0").status_code == 303, procedure.code
        assert "Không có thay đổi nào" in editor.get(path + "/preview").text


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"questions": [QUESTION]}, "no case"),
        ({"forms": [{"code": "f", "name": "Mẫu", "url": "https://example.vn/f.pdf", "paper": "none"}]}, "no paper"),
        ({"forms": [{"code": "f", "name": "Mẫu", "url": "javascript:alert(1)", "paper": "application"}]}, "https"),
        ({"effective_from": "2026-02-30"}, "not a day"),
    ],
)
def test_definitions_with_faults_are_refused(change: dict[str, Any], fault: str) -> None:
    whole = next(one for one in load_builtin() if one.code == LAND).as_dict()
    with pytest.raises(ValueError, match=fault):
        parse_data({"procedures": [whole | change]})


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_leader_shortens_a_limit_in_the_browser(sqlite_intake: IntakeService, page_at: PageAt, width: int) -> None:
    token = Editor(sqlite_intake).token
    with served(sqlite_intake.client.application) as address:
        page = page_at(width)
        page.context.add_cookies([{"name": "motcua_session", "value": token, "url": address}])
        page.goto(address + PATH)
        page.get_by_label("Thời hạn giải quyết").fill("5")
        page.get_by_label("Thời hạn theo luật").fill("7")
        page.get_by_label("Quyết định rút ngắn").fill("Quyết định 10/QĐ-UBND")
        page.get_by_label("Rút ngắn từ ngày").fill("2025-11-01")
        screenshot(page, f"catalogue-draft-{width}")
        page.get_by_role("button", name="Lưu dự thảo và xem trước").click()
        page.get_by_role("heading", name="Công bố phiên bản này?").wait_for()
        assert page_width(page) <= width
        screenshot(page, f"catalogue-preview-{width}")
        page.get_by_role("button", name="Công bố", exact=True).click()
        page.get_by_role("heading", name="Các phiên bản của thủ tục").wait_for()
        screenshot(page, f"catalogue-versions-{width}")


def test_each_fault_leads_to_its_field_in_the_words_of_the_form(sqlite_intake: IntakeService) -> None:
    editor = Editor(sqlite_intake)
    typed = {"name": " ", "effective_from": "31/2", "case-default-limit": "x", "new-2": "y" * 3001, **SHORTER}
    typed |= {"case-default-limit": "x", "case-default-since": "hôm qua", "paper-rules": "z" * 3001}
    answer = editor.send(number="0", **typed)
    fields = ["name", "effective_from", "case-default-limit", "case-default-since", "paper-rules", "new-2"]
    assert sorted(faulty_fields(answer)) == sorted(fields)
    page = read_page(answer.text)
    invalid = [one.get("name") for one in page.all() if one.get("aria-invalid") == "true"]
    assert sorted(invalid) == sorted(fields)
    for text in ("Không được bỏ trống.", "Phải là một số nguyên.", "Dài quá 3000 ký tự.", "hôm qua"):
        assert text in answer.text


def test_the_way_to_the_draft_is_shown_to_those_who_may_edit(sqlite_intake: IntakeService) -> None:
    page = f"/intake/procedures/{CODE}"
    assert PATH in Editor(sqlite_intake).get(page).text
    assert PATH not in Editor(sqlite_intake, agency=DESK).get(page).text
    assert PATH not in sqlite_intake.client.get(page).text
