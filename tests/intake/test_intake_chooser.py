"""The chooser of cases: few questions lead to exactly the papers, time and fee."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.procedures.chooser import progress
from shared.catalogue import Procedure, load_builtin, parse_data
from tests.intake.service_fixture import LAND, IntakeService
from tests.shared.catalogue.test_catalogue_importing import LAND as LAND_LIST
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.serving import served

PROCEDURES = {procedure.code: procedure for procedure in (*parse_data(LAND_LIST), *load_builtin())}
BIRTH, LINKED_DEATH, CERTIFICATION = "1.001193", "1.011537", "2.000884"
MOST_QUESTIONS = 6


@pytest.mark.parametrize(
    ("code", "given_answers", "case", "papers", "fee", "days"),
    [
        (
            BIRTH,
            {"q-age": ["in-time"], "q-surrogacy": ["no"], "q-identity": ["have"], "q-representative": ["myself"]},
            "on-time",
            ["application", "birth-certificate"],
            0,
            0,
        ),
        (
            BIRTH,
            {"q-age": ["late"], "q-surrogacy": ["no"], "q-identity": ["none"], "q-representative": ["somebody"]},
            "late",
            ["application", "birth-certificate", "identity", "authorization"],
            5000,
            0,
        ),
        (
            LAND,
            {
                "q-transaction": ["transfer"],
                "q-mortgage": ["yes"],
                "q-recipients": ["no"],
                "q-representative": ["myself"],
                "remote": ["yes"],
            },
            "transfer",
            ["application", "certificate", "contract", "mortgagee-consent"],
            550_000,
            10,
        ),
        (CERTIFICATION, {}, "default", ["document", "identity"], 10_000, 0),
    ],
)
def test_answers_decide_case_papers_fee_and_time(
    code: str, given_answers: dict[str, list[str]], case: str, papers: list[str], fee: int, days: int
) -> None:
    found = progress(PROCEDURES[code], given_answers).checklist
    assert found is not None
    assert (found.case.code, [paper.code for paper in found.papers]) == (case, papers)
    assert (found.fee, found.extra_days) == (fee, days)


def test_linked_procedures_decide_the_time() -> None:
    procedure = PROCEDURES[LINKED_DEATH]
    assert procedure.linked is not None
    every = [one.code for one in procedure.linked.procedures]
    few = progress(procedure, {"linked": every[:2], "papers": []}).checklist
    all_of_them = progress(procedure, {"linked": every, "papers": []}).checklist
    assert few is not None
    assert all_of_them is not None
    assert few.limit.amount < all_of_them.limit.amount


@settings(deadline=None)
@given(st.sampled_from(sorted(PROCEDURES)), st.data())
def test_every_way_through_every_procedure_ends_in_a_checklist(code: str, data: st.DataObject) -> None:
    procedure: Procedure = PROCEDURES[code]
    answers: dict[str, list[str]] = {}
    for _ in range(MOST_QUESTIONS + 1):
        found = progress(procedure, answers)
        if found.next is None:
            break
        assert found.next.name not in answers
        codes = [option.code for option in found.next.options]
        if not found.next.several:
            answers[found.next.name] = [data.draw(st.sampled_from(codes))]
        elif found.next.kind == "linked":
            assert procedure.linked is not None
            answers["linked"] = sorted(data.draw(st.sampled_from(list(procedure.linked.choices()))))
        else:
            answers[found.next.name] = data.draw(st.lists(st.sampled_from(codes), unique=True))
    result = progress(procedure, answers).checklist
    assert result is not None, answers
    required = procedure.required_papers(result.case.code)
    assert set(required) <= set(result.papers) <= set(procedure.accepted_papers(result.case.code))
    assert result.fee == procedure.fee(result.case.code)
    assert result.limit == procedure.limit_for(result.case.code, result.chosen)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(PROCEDURES)),
    st.dictionaries(st.text(max_size=10), st.lists(st.text(max_size=5), max_size=3), max_size=4),
)
def test_answers_that_are_not_possible_decide_nothing(code: str, answers: dict[str, list[str]]) -> None:
    assert progress(PROCEDURES[code], answers).next == progress(PROCEDURES[code], {}).next


def test_a_question_with_one_possible_answer_is_not_asked() -> None:
    procedure = PROCEDURES["1.004859"]
    found = progress(procedure, {"q-what": ["add"]})
    assert found.next is not None
    assert found.next.name == "q-identity"
    without = replace(procedure, questions=())
    first = progress(without, {}).next
    assert first is not None
    assert first.kind == "case"


def test_the_pages_refuse_nothing_that_was_typed_into_the_address(sqlite_intake: IntakeService) -> None:
    place = f"/intake/procedures/{BIRTH}"
    asked = sqlite_intake.client.get(f"{place}/choose?q-age=never&asked=q-age")
    assert asked.status_code == 200
    assert 'role="alert"' in asked.text
    assert sqlite_intake.client.get(f"{place}/checklist").headers["Location"].endswith("/choose")
    done = sqlite_intake.client.get(f"/intake/procedures/{CERTIFICATION}/choose")
    assert (done.status_code, done.headers["Location"]) == (303, f"/intake/procedures/{CERTIFICATION}/checklist")
    unknown = sqlite_intake.client.get("/intake/procedures/9.999999/choose", headers={"Accept": "text/html"})
    assert unknown.status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_citizen_finds_out_what_to_bring(
    sqlite_intake: IntakeService, page_at: PageAt, width: int, scripts: bool
) -> None:
    with served(sqlite_intake.client.application) as address:
        page = page_at(width, java_script_enabled=scripts)
        page.goto(f"{address}/intake/procedures")
        page.get_by_label("Ông/bà cần làm việc gì?").fill("giay kahi sinh")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=giay**")
        assert "gần nhất" in page.get_by_role("status").inner_text()
        screenshot(page, f"catalogue-search-{width}")
        page.get_by_role("link", name="Đăng ký khai sinh", exact=True).click()
        screenshot(page, f"catalogue-procedure-{width}")
        page.get_by_role("link", name="Xem giấy tờ ông/bà cần chuẩn bị").click()
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("alert").wait_for()
        screenshot(page, f"catalogue-choose-{width}")
        for answer in ("Quá 60 ngày", "Không", "Đã có", "Người được tôi ủy quyền"):
            page.get_by_label(answer, exact=True).check()
            page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("heading", name="Giấy tờ ông/bà cần chuẩn bị").wait_for()
        shown = page.inner_text("main")
        assert "Văn bản ủy quyền" in shown
        assert "5.000" in shown
        assert "thẻ căn cước" not in shown.split("Theo câu trả lời")[0].lower()
        screenshot(page, f"catalogue-checklist-{width}")
        page.get_by_role("link", name="Sửa Ai sẽ đi nộp hồ sơ?").click()
        page.get_by_label("Chính tôi").check()
        page.get_by_role("button", name="Tiếp tục").click()
        assert "Văn bản ủy quyền" not in page.inner_text("main")
        if scripts:
            assert page_width(page) <= width
