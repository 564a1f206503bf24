"""Importing a file of procedures: a plan that shows every change, and its publication."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.intake.procedures.commands import publish
from services.intake.procedures.importing import CatalogueChanged, NotInFile, plan_import, publish_import
from shared.catalogue import Procedure, load_builtin
from shared.data_files import DataError
from shared.messaging import tables as bus_tables
from tests.intake.service_fixture import LAND, IntakeService, at
from tests.shared.catalogue.test_catalogue_importing import LAND_FILE, SAMPLE

POSTED = "1.012785"
MORTGAGE = "1.011441"


def builtin(code: str = LAND) -> Procedure:
    return next(procedure for procedure in load_builtin() if procedure.code == code)


def written(directory: Path, content: Any) -> Path:
    file = directory / "procedures.json"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


def test_import(intake: IntakeService, tmp_path: Path) -> None:
    mine = builtin().as_dict() | {"code": "9.000001", "name": "Thủ tục của tỉnh"}
    file = written(tmp_path, {"procedures": [mine, builtin().as_dict()]})
    plan = plan_import(intake.context, file)
    assert (plan.read, plan.unchanged) == (2, 1)
    assert [(change.procedure.code, change.version, change.lines) for change in plan.changes] == [("9.000001", 1, ())]
    assert publish_import(intake.context, plan) == [("9.000001", 1)]
    again = plan_import(intake.context, file)
    assert (again.changes, publish_import(intake.context, again)) == ((), [])


def test_a_plan_changes_nothing_and_shows_every_change(intake: IntakeService, tmp_path: Path) -> None:
    before = len(intake.rows("procedure")), len(intake.rows(bus_tables.outbox))
    file = written(tmp_path, {"procedures": [builtin().as_dict() | {"name": "Của tỉnh", "fees": []}]})
    (change,) = plan_import(intake.context, file).changes
    assert (change.version, [line.split(":")[0] for line in change.lines]) == (
        2,
        ["~ name", "- fees.assessment", "- fees.certificate"],
    )
    assert (len(intake.rows("procedure")), len(intake.rows(bus_tables.outbox))) == before


def test_a_plan_made_from_another_catalogue_is_not_published(intake: IntakeService, tmp_path: Path) -> None:
    file = written(tmp_path, {"procedures": [builtin().as_dict() | {"name": "Của tỉnh"}]})
    plan = plan_import(intake.context, file)
    intake.store.run(lambda work: publish(work, [replace(builtin(), name="Bản khác")]))
    with pytest.raises(CatalogueChanged):
        publish_import(intake.context, plan)
    assert intake.get(f"/procedures/{LAND}").json["name"] == "Bản khác"


def test_a_faulty_file_imports_nothing(intake: IntakeService, tmp_path: Path) -> None:
    mine = builtin().as_dict() | {"code": "9.000001"}
    file = written(tmp_path, {"procedures": [mine, mine | {"code": "9.000002", "cases": []}]})
    with pytest.raises(DataError):
        plan_import(intake.context, file)


def test_only_some_procedures_of_a_file(intake: IntakeService) -> None:
    plan = plan_import(intake.context, LAND_FILE, only=[POSTED, LAND])
    assert (plan.read, plan.unchanged, plan.unread) == (2, 1, ())
    assert [change.procedure.code for change in plan.changes] == [POSTED]
    with pytest.raises(NotInFile, match=r"not in the file: 9\.999999"):
        plan_import(intake.context, LAND_FILE, only=["9.999999", POSTED])


def test_a_provincial_list_leaves_better_procedures_as_they_are(intake: IntakeService) -> None:
    plan = plan_import(intake.context, LAND_FILE)
    publish_import(intake.context, plan)
    assert plan.held_back == ()
    for code, case, steps, fee in (
        (LAND, "transfer", 8, 550_000),
        ("1.012786", "default", 6, 50_000),
        (MORTGAGE, "default", 5, 80_000),
    ):
        found = Procedure.from_dict(
            {name: value for name, value in intake.get(f"/procedures/{code}").json.items() if name != "version"}
        )
        assert (len(found.route(case).steps), found.fee(case)) == (steps, fee)
        assert intake.get(f"/procedures/{code}").json["version"] == 1


def test_insisting_takes_the_list_as_it_is(intake: IntakeService) -> None:
    plan = plan_import(intake.context, LAND_FILE, replace=True, only=[LAND])
    publish_import(intake.context, plan)
    found = intake.get(f"/procedures/{LAND}").json
    assert ([case["code"] for case in found["cases"]], found["fees"], found["version"]) == (["1", "2"], [], 2)


def test_what_contradicts_the_procedure_in_force_is_held_back(intake: IntakeService, tmp_path: Path) -> None:
    (land,) = [dict(entry) for entry in SAMPLE if entry["ma_tthc"] == LAND]
    land["truong_hop"] = [land["truong_hop"][0], {**land["truong_hop"][1], "ten": "Đổi tên"}]
    plan = plan_import(intake.context, written(tmp_path, [land]))
    assert [one.code for one in plan.held_back] == [LAND]
    assert (plan.changes, publish_import(intake.context, plan)) == ((), [])


@pytest.mark.parametrize(
    ("received", "promised"),
    [
        ("2025-11-03 08:00", "2025-11-03T17:30:00+07:00"),
        ("2025-11-03 15:00", "2025-11-03T17:30:00+07:00"),
        ("2025-11-03 15:01", "2025-11-04T17:30:00+07:00"),
        ("2025-11-07 16:00", "2025-11-10T17:30:00+07:00"),
    ],
)
@pytest.mark.parametrize(("procedure", "case"), [(MORTGAGE, "default"), ("1.012789", "available")])
def test_a_result_within_the_day_is_promised_for_the_day_of_receipt(
    sqlite_intake: IntakeService, received: str, promised: str, procedure: str, case: str
) -> None:
    publish_import(sqlite_intake.context, plan_import(sqlite_intake.context, LAND_FILE))
    sqlite_intake.hand_clock.seconds = at(received).timestamp()
    required = [paper.code for paper in builtin(procedure).required_papers(case)]
    assert sqlite_intake.file(procedure=procedure, case=case, papers=required)["promised_at"] == promised
