"""Faults in regulation files: all are reported, each with its file and entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.data_files import DataError
from shared.regulations import RegulationNotFound, Regulations

NUMBER = {"name": "wait_days", "value": 15, "unit": "calendar_days", "article": "19.5", "certainty": "law"}


def version(id: str, begins: str, ends: str | None, **more: Any) -> dict[str, Any]:
    spans = {"valid_from": begins, "valid_to": ends}
    return {"id": id, "title_vi": "Nghị định", "title_en": "Decree", **spans, "numbers": [NUMBER], **more}


def load(directory: Path, *versions: dict[str, Any]) -> Regulations:
    for index, content in enumerate(versions):
        (directory / f"{index}.json").write_text(json.dumps(content), encoding="utf-8")
    return Regulations.load(directory)


def test_sound_versions_load_and_may_end(tmp_path: Path) -> None:
    regulations = load(tmp_path, version("a", "2020-01-01", "2020-12-31"), version("b", "2021-01-01", "2021-12-31"))
    last = regulations.get("b").valid_to
    assert last is not None
    assert regulations.on(last).number("wait_days").count == 15
    with pytest.raises(RegulationNotFound):
        regulations.on(last.replace(year=2022))


def number(**more: Any) -> dict[str, Any]:
    return version("a", "2020-01-01", None, numbers=[{**NUMBER, **more}])


ONE_FAULT = [
    ("value", number(value="15"), "0.json: numbers[0] (wait_days): value: must be a whole number, not negative"),
    ("negative", number(value=-1), "0.json: numbers[0] (wait_days): value: must be a whole number, not negative"),
    ("no yes or no", number(unit="boolean"), "(wait_days): value: must be true or false"),
    ("no time", number(unit="time_of_day", value="25:00"), "(wait_days): value: must be a time of day such as 15:00"),
    ("unit", number(unit="days"), "(wait_days): unit: 'days' is none of boolean, calendar_days"),
    ("certainty", number(certainty="rumour"), "(wait_days): certainty: 'rumour' is none of law, secondary, memory"),
    ("article", number(article=""), "(wait_days): article: must be a text, not ''"),
    ("name", number(name="Wait"), "0.json: numbers[0] (Wait): name: 'Wait' is not lower-case words"),
    ("unknown entry", number(source="x"), "0.json: numbers[0] (wait_days): source: unknown"),
    (
        "number twice",
        version("a", "2020-01-01", None, numbers=[NUMBER] * 2),
        "numbers[1] (wait_days): name: given twice",
    ),
    ("no number", version("a", "2020-01-01", None, numbers=[]), "0.json: numbers: must have at least 1 entry"),
    ("id", version("A 1", "2020-01-01", None), "0.json: id: 'A 1' is not lower-case letters"),
    ("date", version("a", "1/1/2020", None), "0.json: valid_from: must be a date such as 2025-07-01, not '1/1/2020'"),
]


@pytest.mark.parametrize(("content", "fault"), [r[1:] for r in ONE_FAULT], ids=[r[0] for r in ONE_FAULT])
def test_fault(tmp_path: Path, content: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError) as error:
        load(tmp_path, content)
    assert any(fault in str(found) for found in error.value.faults), error.value.faults


def test_faults_of_all_files_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        load(tmp_path, number(unit="days"), number(certainty="rumour"))
    assert [fault.position.split(":")[0] for fault in error.value.faults] == ["0.json", "1.json"]


def test_gaps_overlaps_and_repeated_ids_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        load(
            tmp_path,
            version("a", "2020-01-01", "2020-12-31"),
            version("b", "2021-01-02", "2021-12-31"),
            version("b", "2021-12-31", None),
        )
    assert str(error.value).splitlines() == [
        "b: given 2 times",
        "b: begins on 2021-01-02, but a ends on 2020-12-31: a gap",
        "b: begins on 2021-12-31, while b is still in force",
    ]


def test_only_the_last_version_may_be_without_end(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="b: begins on 2021-01-01, while a is still in force"):
        load(tmp_path, version("a", "2020-01-01", None), version("b", "2021-01-01", None))


def test_no_version_at_all_is_a_fault() -> None:
    with pytest.raises(DataError, match="no regulation at all"):
        Regulations([])
