"""Tables of numbers as files: CSV for any program, XLSX for spreadsheets. A text of a cell is never a formula or a link."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from shared.runtime.clock import VIETNAM

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "xlsx": XLSX}
"""Ending of the file's name → its media type."""
MAX_TEXT = 32767
"""Characters that a cell of a spreadsheet holds."""
MAX_SHEET_NAME = 31
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What office programs take for the beginning of a formula (OWASP, CSV injection)."""
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

Cell = str | int | float | date | datetime | None
"""A value; None for what is not known or does not apply. A moment has a time zone."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a page or a paper shows it.

    Attributes:
        title: what it is about; also the name of its sheet.
        columns: their titles; a unit is part of the title, such as ``Đúng hạn (%)``.
        rows: as many cells each as there are columns.
        notes: pairs of term and text: the period, the moment of the numbers (as of), the filters, how a number is computed.

    Raises:
        ValueError: a row has more or fewer cells than there are columns.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        wrong = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if wrong is not None:
            raise ValueError(f"{self.title}: {len(wrong)} cells for {len(self.columns)} columns")


def csv_of(table: Table) -> bytes:
    """A table as CSV (RFC 4180) in UTF-8 with its mark, as spreadsheets expect it.

    The first line holds the columns' titles, so that programs can read it; the title and the notes follow the table, after an empty
    line. Numbers have a decimal point, days and moments are of ISO 8601.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(title) for title in table.columns])
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    writer.writerow([])
    writer.writerow([_harmless(table.title)])
    writer.writerows([_harmless(term), _harmless(note)] for term, note in table.notes)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(*tables: Table) -> bytes:
    """Tables as one XLSX file, each on a sheet of its own: title, notes, and the table with numbers as numbers and days as days."""
    out, names = BytesIO(), set[str]()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        formats = _formats(book)
        for table in tables:
            name = _sheet_name(table.title, names)
            names.add(name.casefold())
            _write(book.add_worksheet(name), table, formats)
    return out.getvalue()


def _harmless(text: str) -> str:
    """A text that no office program takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _harmless(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(VIETNAM).isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _formats(book: Any) -> dict[str, Any]:
    cell = {"border": 1, "valign": "top", "text_wrap": True}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"}),
        "text": book.add_format(cell),
        "whole": book.add_format(cell | {"num_format": "#,##0"}),
        "decimal": book.add_format(cell | {"num_format": "#,##0.0#"}),
        "day": book.add_format(cell | {"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format(cell | {"num_format": "hh:mm dd/mm/yyyy"}),
    }


def _sheet_name(title: str, taken: set[str]) -> str:
    """A title as a sheet's name: short, without the characters that Excel refuses, and of one sheet only."""
    plain = _NOT_IN_SHEET_NAMES.sub(" ", title).strip(" '")[:MAX_SHEET_NAME].strip(" '") or "Bảng"
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: MAX_SHEET_NAME - len(str(number)) - 1]} {number}"
    return name


def _write(sheet: Any, table: Table, formats: dict[str, Any]) -> None:
    sheet.write_string(0, 0, table.title[:MAX_TEXT], formats["title"])
    for line, (term, note) in enumerate(table.notes, start=1):
        sheet.write_string(line, 0, f"{term}: {note}"[:MAX_TEXT])
    head = len(table.notes) + 2
    for column, title in enumerate(table.columns):
        sheet.set_column(column, column, _width(table, column))
        sheet.write_string(head, column, title, formats["head"])
    for line, row in enumerate(table.rows, start=head + 1):
        for column, cell in enumerate(row):
            _write_cell(sheet, line, column, cell, formats)
    sheet.freeze_panes(head + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)


def _write_cell(sheet: Any, line: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None:
        sheet.write_blank(line, column, None, formats["text"])
    elif isinstance(cell, str):
        sheet.write_string(line, column, cell[:MAX_TEXT], formats["text"])
    elif isinstance(cell, datetime):
        sheet.write_datetime(line, column, cell.astimezone(VIETNAM).replace(tzinfo=None), formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, cell, formats["day"])
    else:
        sheet.write_number(line, column, cell, formats["whole" if isinstance(cell, int) else "decimal"])


def _width(table: Table, column: int) -> int:
    """Enough for most of a column's texts, which wrap."""
    longest = max((len(row[column]) for row in table.rows if isinstance(row[column], str)), default=0)  # type: ignore[arg-type]
    return min(60, max(12, longest + 2))
