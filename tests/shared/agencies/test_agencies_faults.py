"""Faults in agency files: all are reported together, each with its file and place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.agencies import Agencies, UnknownAgency
from shared.data_files import DataError

PROVINCE = {"code": "p", "name": "Tỉnh P", "level": "province", "valid_from": "2025-07-01"}
COMMUNE = {"code": "p.c", "name": "Xã C", "level": "commune", "parent": "p", "valid_from": "2025-07-01"}
DESK = {
    "code": "H12.31.01",
    "name": "Một cửa xã C",
    "level": "commune",
    "unit": "p.c",
    "roles": ["one_stop_desk"],
    "valid_from": "2025-07-01",
}


def load(directory: Path, units: list[Any], agencies: list[Any]) -> Agencies:
    content = {"units": units, "agencies": agencies}
    (directory / "p.json").write_text(json.dumps(content), encoding="utf-8")
    return Agencies.load(directory)


def faults_of(directory: Path, units: list[Any], agencies: list[Any]) -> list[str]:
    with pytest.raises(DataError) as error:
        load(directory, units, agencies)
    return [str(fault) for fault in error.value.faults]


def test_sound_data_loads(tmp_path: Path) -> None:
    assert load(tmp_path, [PROVINCE, COMMUNE], [DESK]).get("H12.31.01").calendar is None
    assert Agencies.load(str(tmp_path)).resolve("one_stop_desk", "H12.31.01", date(2025, 7, 1)).name == "Một cửa xã C"


def test_an_agency_may_end_without_a_successor(tmp_path: Path) -> None:
    agencies = load(tmp_path, [PROVINCE, COMMUNE], [{**DESK, "valid_to": "2025-12-31"}])
    with pytest.raises(UnknownAgency, match="ended on 2025-12-31 and has no successor"):
        agencies.successor("H12.31.01", date(2026, 1, 1))


def test_central_agencies_are_the_last_resort(tmp_path: Path) -> None:
    centre = {"code": "vn", "name": "Trung ương", "level": "central", "valid_from": "2025-07-01"}
    ministry = {**DESK, "code": "G01", "level": "central", "unit": "vn", "roles": ["police"]}
    agencies = load(tmp_path, [centre, PROVINCE, COMMUNE], [DESK, ministry])
    assert agencies.resolve("police", "H12.31.01", date(2025, 8, 1)).code == "G01"


def test_equally_near_agencies_are_taken_in_order_of_code(tmp_path: Path) -> None:
    twins = [{**DESK, "code": code, "roles": ["tax"]} for code in ("G12.02", "G12.01")]
    agencies = load(tmp_path, [PROVINCE, COMMUNE], [DESK, *twins])
    assert agencies.resolve("tax", "H12.31.01", date(2025, 8, 1)).code == "G12.01"


ONE_FAULT = [
    (
        "unit lacks a name",
        [PROVINCE, {**COMMUNE, "name": ""}],
        [],
        "p.json: units[1] (p.c): name: must be a text, not ''",
    ),
    ("unit of no level", [{**PROVINCE, "level": "region"}], [], "p.json: units[0] (p): level: 'region' is none of"),
    ("unknown entry", [{**PROVINCE, "successor": "x"}], [], "p.json: units[0] (p): successor: unknown"),
    ("no object", ["p"], [], "p.json: units[0]: must be an object"),
    (
        "successors too early",
        [{**PROVINCE, "successors": ["q"]}],
        [],
        "(p): successors: given, but there is no valid_to",
    ),
    (
        "ends before it begins",
        [{**PROVINCE, "valid_to": "2025-01-01"}],
        [],
        "(p): valid_to: 2025-01-01 is before valid_from",
    ),
    ("no identifier", [], [{**DESK, "code": "12"}], "p.json: agencies[0] (12): code: '12' is not an agency identifier"),
    ("unknown role", [], [{**DESK, "roles": ["desk"]}], "(H12.31.01): roles[0]: 'desk' is none of one_stop_desk"),
    ("no role", [], [{**DESK, "roles": []}], "(H12.31.01): roles: must have at least 1 entry"),
    ("role twice", [], [{**DESK, "roles": ["tax", "tax"]}], "(H12.31.01): roles: lists an entry twice"),
    ("successor too early", [], [{**DESK, "successor": "H12"}], "successor: given, but there is no valid_to"),
    ("calendar", [], [{**DESK, "calendar": {"week": []}}], "(H12.31.01): calendar: week: unknown"),
    ("unit missing", [PROVINCE], [DESK], "(H12.31.01): unit: no unit 'p.c'"),
    ("parent missing", [COMMUNE], [], "(p.c): parent: no unit 'p'"),
    ("parent not above", [PROVINCE, {**COMMUNE, "level": "province"}], [], "parent: 'p' is not of a higher level"),
    (
        "unit too young",
        [PROVINCE, COMMUNE],
        [{**DESK, "valid_from": "2025-06-30"}],
        "'p.c' does not exist on 2025-06-30",
    ),
    (
        "unit ends first",
        [PROVINCE, {**COMMUNE, "valid_to": "2025-12-31"}],
        [DESK],
        "(H12.31.01): unit: 'p.c' does not exist on 2026-01-01",
    ),
    (
        "another level",
        [PROVINCE, COMMUNE],
        [{**DESK, "level": "province"}],
        "level: 'province' is not the level of the unit",
    ),
    ("serves nobody", [PROVINCE, COMMUNE], [{**DESK, "serves": ["q"]}], "(H12.31.01): serves: no unit 'q'"),
    ("parent agency", [PROVINCE, COMMUNE], [{**DESK, "parent": "H12"}], "(H12.31.01): parent: no agency 'H12'"),
    (
        "successor missing",
        [PROVINCE, COMMUNE],
        [{**DESK, "valid_to": "2025-12-31", "successor": "H12"}],
        "successor: 'H12' does not exist on 2026-01-01, the day after the end",
    ),
    (
        "twice at a time",
        [PROVINCE, COMMUNE],
        [DESK, DESK],
        "agencies[1] (H12.31.01): code: also valid in p.json: agencies[0]",
    ),
]


@pytest.mark.parametrize(("units", "agencies", "fault"), [r[1:] for r in ONE_FAULT], ids=[r[0] for r in ONE_FAULT])
def test_fault(tmp_path: Path, units: list[Any], agencies: list[Any], fault: str) -> None:
    faults = faults_of(tmp_path, units, agencies)
    assert any(fault in found for found in faults), faults


def test_all_faults_of_all_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    faults = faults_of(tmp_path, [{**PROVINCE, "level": "region"}], [{**DESK, "code": "12", "roles": ["desk"]}])
    assert [fault.split(": ")[0] for fault in faults] == ["a.json", "p.json", "p.json", "p.json"]


def test_a_directory_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \*\.json file here"):
        Agencies.load(tmp_path)
