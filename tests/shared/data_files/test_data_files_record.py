"""Reading records: good values come back typed, every fault is collected with its file and place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from shared.data_files import DataError, Fault, Record, raise_faults, read_record, read_records

GOOD = {
    "name": "Xã Phước Long",
    "kinds": ["a", "b"],
    "count": 3,
    "pause": 0.5,
    "open": True,
    "labels": {"vi": "Đất đai", "en": "Land"},
    "valid_from": "2025-07-01",
    "valid_to": None,
    "part": {"count": 1},
    "parts": [{"code": "x", "count": 2}],
}


def record(content: object, faults: list[Fault]) -> Record:
    return Record(content, "f.json", faults)


def test_good_entries_come_back_typed() -> None:
    faults: list[Fault] = []
    good = record(GOOD, faults)
    assert good.text("name") == "Xã Phước Long"
    assert good.texts("kinds", choices=("a", "b")) == ("a", "b")
    assert good.integer("count", least=1, most=3) == 3
    assert good.positive_number("pause") == 0.5
    assert good.boolean("open") is True
    assert good.text_map("labels") == {"vi": "Đất đai", "en": "Land"}
    assert good.span() == (date(2025, 7, 1), None)
    assert good.record("part").integer("count") == 1
    assert [part.integer("count") for part in good.records("parts")] == [2]
    good.done()
    assert faults == []


def test_optional_entries_may_be_missing() -> None:
    faults: list[Fault] = []
    empty = record({}, faults)
    assert (empty.optional_text("a"), empty.optional_integer("b"), empty.optional_boolean("c")) == (None, None, None)
    assert (empty.optional_record("d"), empty.texts("e"), empty.records("f"), empty.raw("g")) == (None, (), [], None)
    assert faults == []


FAULTS: list[tuple[object, Callable[[Record], object], object, str]] = [
    ({}, lambda r: r.text("x"), "", "f.json: x: missing"),
    ({"x": " "}, lambda r: r.text("x"), "", "f.json: x: must be a text, not ' '"),
    ({"x": "c"}, lambda r: r.optional_text("x", choices=("a", "b")), "c", "f.json: x: 'c' is none of a, b"),
    ({"x": True}, lambda r: r.integer("x"), 0, "f.json: x: must be a whole number, not True"),
    ({"x": -1}, lambda r: r.integer("x"), -1, "f.json: x: must not be negative"),
    ({"x": 1}, lambda r: r.integer("x", least=2), 1, "f.json: x: must be 2 or more"),
    ({"x": 6}, lambda r: r.integer("x", least=1, most=5), 6, "f.json: x: must be from 1 to 5"),
    ({}, lambda r: r.integer("x", least=1), 1, "f.json: x: missing"),
    ({"x": "1"}, lambda r: r.optional_integer("x"), None, "f.json: x: must be a whole number, not '1'"),
    ({"x": 0}, lambda r: r.positive_number("x"), 1.0, "f.json: x: must be a number above 0, not 0"),
    ({"x": True}, lambda r: r.positive_number("x"), 1.0, "f.json: x: must be a number above 0, not True"),
    ({"x": 1}, lambda r: r.boolean("x"), False, "f.json: x: must be true or false, not 1"),
    ({"x": "no"}, lambda r: r.optional_boolean("x"), None, "f.json: x: must be true or false, not 'no'"),
    ({"x": []}, lambda r: r.text_map("x"), {}, "f.json: x: must be an object"),
    ({"x": {"a": 1}}, lambda r: r.text_map("x"), {"a": ""}, "f.json: x.a: must be a text, not 1"),
    ({"x": {}}, lambda r: r.records("x"), [], "f.json: x: must be a list"),
    ({"x": {}}, lambda r: r.record("x").text("y"), "", "f.json: x: y: missing"),
    ({"x": [{}]}, lambda r: r.records("x")[0].text("y"), "", "f.json: x[0]: y: missing"),
    ({"x": 5}, lambda r: r.optional_record("x"), ..., "f.json: x: must be an object"),
    ({"x": 5}, lambda r: r.done(), None, "f.json: x: unknown"),
    (5, lambda r: r.done(), None, "f.json: must be an object"),
]


@pytest.mark.parametrize(("content", "read", "stand_in", "fault"), FAULTS, ids=[row[-1] for row in FAULTS])
def test_a_fault_is_collected_and_a_stand_in_returned(
    content: object, read: Callable[[Record], object], stand_in: object, fault: str
) -> None:
    faults: list[Fault] = []
    value = read(record(content, faults))
    assert [str(found) for found in faults] == [fault]
    assert stand_in is ... or value == stand_in


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', None])
def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "f.json").write_bytes(content)
    faults: list[Fault] = []
    unread = read_record(tmp_path / "f.json", faults)
    assert unread.text("name") == ""
    assert unread.record("part").integer("count") == 0
    assert unread.records("parts", at_least=1) == []
    unread.done()
    assert [fault.position for fault in faults] == ["f.json"]


def test_records_of_a_directory_come_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(f'{{"name": "{name}"}}', encoding="utf-8")
    faults: list[Fault] = []
    assert [found.text("name") for found in read_records(tmp_path, faults)] == ["a", "b"]
    assert faults == []


def test_the_error_shows_all_faults_one_a_line() -> None:
    raise_faults([])
    with pytest.raises(DataError) as error:
        raise_faults([Fault("a.json: x", "missing"), Fault("mục 3", "lạ", code="1.000001"), Fault("", "empty")])
    assert str(error.value).splitlines() == ["a.json: x: missing", "mục 3 (1.000001): lạ", "empty"]


def test_texts_are_cleaned_as_in_forms(tmp_path: Path) -> None:
    texts = {"name": "\ufeffXã\u200b  Phước Long\u202e ", "code": "H12.31\u00ad.01"}
    (tmp_path / "f.json").write_text(json.dumps(texts), encoding="utf-8")
    faults: list[Fault] = []
    read = read_record(tmp_path / "f.json", faults)
    assert (read.text("name"), read.text("code", pattern=r"[A-Z0-9.]+"), faults) == ("Xã Phước Long", "H12.31.01", [])


@pytest.mark.parametrize("sign", ["\\u0000", "\\u001b", "\\ud800", "\\ue000"])
def test_a_text_that_cannot_be_printed_is_named_by_file_entry_and_field(tmp_path: Path, sign: str) -> None:
    content = f'{{"units": [{{"code": "a", "name": "b"}}, {{"code": "c{sign}", "name": "d{sign}"}}], "map": {{"e{sign}": "f"}}}}'
    (tmp_path / "f.json").write_text(content, encoding="utf-8")
    faults: list[Fault] = []
    read = read_record(tmp_path / "f.json", faults)
    for unit in read.records("units", named_by="code"):
        unit.text("code")
        unit.text("name")
    read.text_map("map")
    where = f"f.json: units[1] (c{json.loads(chr(34) + sign + chr(34))})"
    assert [fault.position for fault in faults] == [f"{where}: code", f"{where}: name", "f.json: map"]
    assert all(fault.message.endswith("holds a character that cannot be printed") for fault in faults)
    assert all(str(fault).isprintable() for fault in faults)
