"""Reads XLSX files as spreadsheet programs do, from their XML."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(file: bytes) -> dict[str, list[list[str | float | None]]]:
    """Sheet → its rows with their cells, None for an empty one. No cell is a formula or a link."""
    with ZipFile(BytesIO(file)) as book:
        assert book.testzip() is None
        names = [str(one.get("name")) for one in _read(book, "xl/workbook.xml").iter(f"{_MAIN}sheet")]
        strings = "xl/sharedStrings.xml"
        known = strings in book.namelist()
        texts = ["".join(one.itertext()) for one in _read(book, strings)] if known else []
        return {
            name: _rows(_read(book, f"xl/worksheets/sheet{number}.xml"), texts) for number, name in enumerate(names, 1)
        }


def _read(book: ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(name))


def _rows(sheet: ElementTree.Element, texts: list[str]) -> list[list[str | float | None]]:
    assert sheet.find(f".//{_MAIN}f") is None, "no formula"
    assert sheet.find(f".//{_MAIN}hyperlink") is None, "no link"
    found: list[list[str | float | None]] = []
    for row in sheet.iter(f"{_MAIN}row"):
        while len(found) < int(row.get("r", "0")) - 1:
            found.append([])
        found.append([_value(cell, texts) for cell in row.iter(f"{_MAIN}c")])
    return found


def _value(cell: ElementTree.Element, texts: list[str]) -> str | float | None:
    value = cell.findtext(f"{_MAIN}v")
    if value is None:
        return None
    return texts[int(value)] if cell.get("t") == "s" else float(value)
