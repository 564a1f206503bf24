"""A province's list over the procedures in force: what the list does not know is kept, every change is told."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalogue import Procedure, differences, load_builtin, parse_data, read_import
from shared.catalogue.merging import CannotMerge, merge
from shared.catalogue.route_analysis import longest_hours
from shared.data_files import DataError
from tests.shared.catalogue.test_catalogue_importing import LAND, LAND_FILE, SAMPLE

IN_FORCE = {procedure.code: procedure for procedure in load_builtin()}
LISTED = {entry["ma_tthc"]: entry for entry in LAND}


def imported(tmp_path: Path, *entries: dict[str, Any], replace: bool = False, known: Procedure | None = None) -> Any:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(list(entries), ensure_ascii=False), encoding="utf-8")
    return read_import(path, IN_FORCE | ({known.code: known} if known else {}), replace)


def entry(code: str, /, **changed: Any) -> dict[str, Any]:
    return copy.deepcopy(LISTED[code]) | changed


def lines(tmp_path: Path, entry: dict[str, Any]) -> list[str]:
    (procedure,) = imported(tmp_path, entry).procedures
    return list(differences(IN_FORCE[procedure.code].as_dict(), procedure.as_dict()))


def test_the_real_list_changes_nothing_that_is_in_force() -> None:
    found = read_import(LAND_FILE, IN_FORCE)
    assert found.held_back == ()
    both = [procedure for procedure in found.procedures if procedure.code in IN_FORCE]
    assert len(both) >= 4
    assert [procedure.digest for procedure in both] == [IN_FORCE[procedure.code].digest for procedure in both]


@pytest.mark.parametrize(
    ("code", "case", "steps", "fee"),
    [("1.013831", "transfer", 8, 550_000), ("1.012786", "default", 6, 50_000), ("1.011441", "default", 5, 80_000)],
)
def test_routes_fees_and_codes_survive_a_list(tmp_path: Path, code: str, case: str, steps: int, fee: int) -> None:
    (procedure,) = imported(tmp_path, entry(code)).procedures
    assert len(procedure.route(case).steps) == steps
    assert procedure.fee(case) == fee
    assert [paper.code for paper in procedure.papers] == [paper.code for paper in IN_FORCE[code].papers]
    uncounted = [step.id for step in procedure.route(case).steps if not step.counted]
    assert uncounted == {"1.013831": ["tax"], "1.012786": ["posting"], "1.011441": []}[code]


def test_a_shorter_limit_plans_less_time_for_each_step(tmp_path: Path) -> None:
    listed = entry("1.013831")
    listed["truong_hop"][1]["so_ngay_lam_viec"] = 6
    (procedure,) = imported(tmp_path, listed).procedures
    assert procedure.case("transfer").limit.as_dict() == {"working_days": 6}
    assert longest_hours(procedure.route("transfer")) == 48
    assert len(procedure.route("transfer").steps) == 8
    assert procedure.fee("transfer") == 550_000
    assert longest_hours(procedure.route("lease")) == longest_hours(IN_FORCE["1.013831"].route("lease"))
    shown = lines(tmp_path, listed)
    assert "~ cases.transfer.limit.working_days: 8 → 6" in shown
    assert "~ routes.with-tax-8-days.steps.assessment.working_hours: 16 → 12" in shown


def test_cases_that_shared_a_route_get_their_own_when_one_is_shortened() -> None:
    known = IN_FORCE["2.000488"].as_dict()
    listed = {**known, "cases": copy.deepcopy(known["cases"])}
    listed["cases"][0]["limit"] = {"working_days": 5}
    merged = Procedure.from_dict(merge(known, listed))
    assert longest_hours(merged.route("plain"), "plain") <= 40
    assert [case.route for case in merged.cases] == ["record", "record-2"]
    assert longest_hours(merged.route("verified"), "verified") == longest_hours(
        IN_FORCE["2.000488"].route("verified"), "verified"
    )


def test_another_posting_changes_the_days_of_the_step_and_nothing_else(tmp_path: Path) -> None:
    listed = entry("1.012786", thoi_gian_nguyen_van="10 ngày làm việc (Không tính thời gian niêm yết 30 ngày).")
    listed["truong_hop"][0]["khong_tinh_thoi_gian"] = "Niêm yết 30 ngày"
    shown = lines(tmp_path, listed)
    assert "~ routes.days-10.steps.posting.wait_days: 15 → 30" in shown
    assert {line.split(":")[0] for line in shown} == {
        "~ limit_text",
        "~ cases.default.uncounted",
        "~ routes.days-10.steps.posting.task",
        "~ routes.days-10.steps.posting.task_en",
        "~ routes.days-10.steps.posting.wait_days",
    }


def test_a_wait_without_a_step_in_the_route_in_force_is_held_back(tmp_path: Path) -> None:
    listed = entry("1.011441")
    listed["truong_hop"][0]["khong_tinh_thoi_gian"] = "Niêm yết 15 ngày"
    found = imported(tmp_path, listed)
    assert found.procedures == ()
    (held,) = found.held_back
    assert held.code == "1.011441"
    assert 'is the uncounted "Niêm yết 15 ngày"' in held.reason


def test_a_case_that_the_list_does_not_name_is_held_back_unless_replaced(tmp_path: Path) -> None:
    listed = entry("1.013831")
    listed["truong_hop"][1]["ten"] = "Chuyển nhượng và các trường hợp khác"
    (held,) = imported(tmp_path, listed).held_back
    assert held.reason.startswith("the list does not name these cases in force: transfer (Chuyển đổi")
    found = imported(tmp_path, listed, replace=True)
    assert found.held_back == ()
    assert [case.code for case in found.procedures[0].cases] == ["1", "2"]
    assert found.procedures[0].fee("2") == 0


def test_a_new_case_gets_a_code_and_a_route_of_its_own(tmp_path: Path) -> None:
    listed = entry("1.013831")
    listed["truong_hop"].append({"ten": "Trường hợp khác", "so_ngay_lam_viec": 5})
    (procedure,) = imported(tmp_path, listed).procedures
    assert [case.code for case in procedure.cases] == ["lease", "transfer", "3"]
    assert [step.id for step in procedure.route("3").steps] == ["handling"]
    assert procedure.fee("transfer") == 550_000


def test_papers_follow_the_list_and_keep_their_codes(tmp_path: Path) -> None:
    listed = entry("1.012786")
    listed["thanh_phan_ho_so"] = [*listed["thanh_phan_ho_so"][1:], "Giấy xác nhận của Công an"]
    (procedure,) = imported(tmp_path, listed).procedures
    assert [paper.code for paper in procedure.papers] == ["survey", "2"]
    shown = lines(tmp_path, listed)
    assert any(line.startswith("- papers.application: ") for line in shown)
    assert any(line.startswith("+ papers.2: ") for line in shown)


def test_a_route_that_came_from_a_list_is_made_anew(tmp_path: Path) -> None:
    (first,) = imported(tmp_path, SAMPLE[1]).procedures
    listed = copy.deepcopy(SAMPLE[1])
    listed["truong_hop"][0] |= {"so_ngay_lam_viec": 12, "khong_tinh_thoi_gian": "Niêm yết 15 ngày"}
    (second,) = imported(tmp_path, listed, known=first).procedures
    assert [step.wait_days for step in second.route("1").steps] == [None, 15, None]
    assert second.case("2") == first.case("2")


def test_a_route_that_came_from_a_list_keeps_its_agencies(tmp_path: Path) -> None:
    (first,) = parse_data([SAMPLE[1]], agency_role="natural_resources")
    (again,) = imported(tmp_path, SAMPLE[1], known=first).procedures
    assert again.digest == first.digest


def test_a_written_route_of_one_step_is_no_lists_route(tmp_path: Path) -> None:
    (listed,) = parse_data([SAMPLE[0]])
    written = listed.as_dict()
    written["routes"]["default"]["steps"][0] |= {"task": "Tiếp nhận và ký", "official_role": "leader"}
    known = Procedure.from_dict(written)
    (kept,) = imported(tmp_path, SAMPLE[0], known=known).procedures
    assert kept.digest == known.digest


@pytest.mark.parametrize(
    ("known", "days", "kept"),
    [
        ({"calendar_days": 10}, 10, {"calendar_days": 10}),
        ({"calendar_days": 10}, 8, {"working_days": 8}),
        ({"working_hours": 16}, 2, {"working_hours": 16}),
        ({"working_hours": 4}, 1, {"working_days": 1}),
    ],
)
def test_a_limit_in_another_unit_is_kept_if_the_number_is_the_same(
    known: dict[str, int], days: int, kept: dict[str, int]
) -> None:
    base = IN_FORCE["1.012784"].as_dict()
    base["cases"][0]["limit"] = known
    base["routes"]["days-12"]["steps"] = [{**step, "working_hours": 0.5} for step in base["routes"]["days-12"]["steps"]]
    listed = copy.deepcopy(base)
    listed["cases"][0]["limit"] = {"working_days": days}
    assert merge(base, listed)["cases"][0]["limit"] == kept


def test_an_outcome_that_would_not_be_valid_is_held_back() -> None:
    known = IN_FORCE["1.012786"].as_dict()
    listed = {**known, "papers": [known["papers"][0], {**known["papers"][0], "code": "other"}]}
    with pytest.raises(CannotMerge, match="repeats the code"):
        merge(known, listed)


def test_a_file_that_breaks_the_sub_dossier_of_another_procedure_is_refused(tmp_path: Path) -> None:
    listed = {**SAMPLE[0], "ma_tthc": "1.014028"}
    with pytest.raises(DataError, match=r'1\.011537\): procedure 1\.014028 has no case "default"'):
        imported(tmp_path, {**listed, "truong_hop": [{"ten": "A", "so_ngay_lam_viec": 30}]}, replace=True)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(IN_FORCE.values())), st.data())
def test_whatever_limits_a_list_gives_fees_codes_and_steps_survive(known: Procedure, data: st.DataObject) -> None:
    listed = known.as_dict()
    listed["cases"] = [
        {**case, "code": str(number), "limit": {"working_days": data.draw(st.integers(1, 40))}}
        for number, case in enumerate(listed["cases"], start=1)
    ]
    try:
        merged = Procedure.from_dict(merge(known.as_dict(), {**listed, "fees": []}))
    except CannotMerge:
        if known.linked:  # a linked procedure may have a limit of its own, which its steps no longer fit
            return
        raise
    assert (merged.fees, merged.papers) == (known.fees, known.papers)
    assert [case.code for case in merged.cases] == [case.code for case in known.cases]
    for case in merged.cases:
        steps = [step.id for step in merged.route(case.code).steps]
        assert steps == [step.id for step in known.route(case.code).steps]
        if not known.linked:
            assert longest_hours(merged.route(case.code), case.code) <= case.limit.planned_hours
