"""The register as an XLSX file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO

import xlsxwriter

from services.intake.documents.register import COLUMNS, RegisterRow

SHEET = "Sổ theo dõi hồ sơ"
HEAD = 3
"""The row of the columns' names, from 0."""


def register_xlsx(rows: Iterable[RegisterRow], desk: str, day: date, about: str, total: str) -> bytes:
    """The register as an XLSX file. Every cell is a text: what an applicant has typed is never a formula or a link.

    Args:
        rows: of :func:`services.intake.documents.register.register_rows`.
        desk: the desk's name.
        day: of the register.
        about: to what it is limited; empty if to nothing.
        total: the totals in words.
    """
    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(SHEET)
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"})
        plain = book.add_format({"text_wrap": True, "border": 1, "valign": "top"})
        title = book.add_format({"bold": True, "font_size": 14})
        sheet.write_string(0, 0, "SỔ THEO DÕI HỒ SƠ", title)
        sheet.write_string(1, 0, f"{desk}, ngày {day:%d/%m/%Y}{'; ' + about if about else ''}")
        for column, (name, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(HEAD, column, name, bold)
        line = HEAD
        for line, row in enumerate(rows, HEAD + 1):
            for column, text in enumerate(row.cells):
                sheet.write_string(line, column, text, plain)
        sheet.write_string(line + 2, 0, total)
        sheet.freeze_panes(HEAD + 1, 2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
    return out.getvalue()
