"""Tables as files: what a spreadsheet shows is what the table holds, and no text of a cell is run."""

from __future__ import annotations

import csv
from datetime import date, datetime
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.exports import MAX_SHEET_NAME, Cell, Table, csv_of, xlsx_of
from shared.runtime.clock import VIETNAM
from tests.support.sheets import sheets_of

DANGEROUS = ("=1+1", "+84 912", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")
NOON = datetime(2025, 11, 20, 12, 0, tzinfo=VIETNAM)
TABLE = Table(
    "Kết quả theo cơ quan",
    ("Cơ quan", "Tiếp nhận", "Đúng hạn (%)", "Ngày", "Lúc"),
    [("UBND xã Phước Long", 1234, 97.5, date(2025, 11, 20), NOON), ("=cmd|' /C calc'!A0", 0, None, None, None)],
    [("Kỳ", "01/11/2025 – 20/11/2025"), ("Lĩnh vực", "=HYPERLINK(1)")],
)


def _csv(table: Table) -> list[list[str]]:
    return list(csv.reader(StringIO(csv_of(table).decode("utf-8-sig"), newline="")))


def test_a_csv_file_begins_with_its_columns_and_ends_with_its_notes() -> None:
    assert csv_of(TABLE).startswith(b"\xef\xbb\xbf")
    assert _csv(TABLE) == [
        ["Cơ quan", "Tiếp nhận", "Đúng hạn (%)", "Ngày", "Lúc"],
        ["UBND xã Phước Long", "1234", "97.5", "2025-11-20", "2025-11-20T12:00:00+07:00"],
        ["'=cmd|' /C calc'!A0", "0", "", "", ""],
        [],
        ["Kết quả theo cơ quan"],
        ["Kỳ", "01/11/2025 – 20/11/2025"],
        ["Lĩnh vực", "'=HYPERLINK(1)"],
    ]


def test_a_sheet_holds_numbers_as_numbers_and_texts_as_texts() -> None:
    (rows,) = sheets_of(xlsx_of(TABLE)).values()
    assert rows[0] == ["Kết quả theo cơ quan"]
    assert rows[1:3] == [["Kỳ: 01/11/2025 – 20/11/2025"], ["Lĩnh vực: =HYPERLINK(1)"]]
    assert rows[4] == list(TABLE.columns)
    day = (date(2025, 11, 20) - date(1899, 12, 30)).days
    assert rows[5] == ["UBND xã Phước Long", 1234.0, 97.5, day, day + 0.5]
    assert rows[6] == ["=cmd|' /C calc'!A0", 0.0, None, None, None]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_of_a_csv_file_is_taken_for_a_formula(text: str) -> None:
    written = _csv(Table("-bảng", ("=cột",), [(text,)], [("+ghi chú", text)]))
    assert all(cell.startswith("'") for row in written for cell in row)


def test_numbers_below_zero_stay_numbers() -> None:
    table = Table("Thay đổi", ("Số",), [(-3,), (-0.5,)])
    assert _csv(table)[1:3] == [["-3"], ["-0.5"]]
    assert sheets_of(xlsx_of(table))["Thay đổi"][-2:] == [[-3.0], [-0.5]]


def test_each_table_has_a_sheet_with_a_name_that_excel_takes() -> None:
    titles = ("Theo cơ quan: tháng 11/2025, toàn tỉnh", "theo cơ quan: tháng 11/2025, TOÀN TỈNH", "[]:*?/\\", "'x'", "")
    names = list(sheets_of(xlsx_of(*(Table(title, ("a",), [(1,)]) for title in titles))))
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(0 < len(name) <= MAX_SHEET_NAME and not set(name) & set("[]:*?/\\") for name in names)


def test_a_row_with_too_few_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table("x", ("a", "b"), [("1",)])


CELLS = st.one_of(
    st.none(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9),
    st.dates(date(1900, 3, 1), date(2999, 1, 1)),
    st.text(max_size=20),
    st.sampled_from(DANGEROUS),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.text(max_size=40))
def test_whatever_a_table_holds_both_files_can_be_read(rows: list[tuple[Cell, Cell]], title: str) -> None:
    table = Table(title, ("a", "b"), rows)
    written = _csv(table)
    assert len(written) == len(rows) + 3
    for row, line in zip(rows, written[1:], strict=False):
        for cell, text in zip(row, line, strict=True):
            assert not isinstance(cell, str) or text.removeprefix("'") == cell or text == cell
    (sheet,) = sheets_of(xlsx_of(table)).values()
    assert len(sheet) == 3 + len(rows)
