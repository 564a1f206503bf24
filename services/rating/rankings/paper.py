"""A ranking as the official paper: PDF for the signature, XLSX for further work. Both show the frozen content and count nothing."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from services.rating.rankings.domain import SubjectKind
from services.rating.rankings.store import Paper
from services.rating.rankings.wording import SUBJECTS, TITLES, method_in_words, period_label, unranked_in_words
from shared.agencies import Agencies
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.documents.words import day_in_words
from shared.runtime.clock import VIETNAM

FORM = Path(__file__).parent / "templates" / "forms" / "ranking.typ"
BASIS = "Nghị định số 118/2025/NĐ-CP, Điều 33"
DRAFT = "DỰ THẢO"
SHEETS = "Xếp hạng", "Phương pháp"
HEAD = 4
"""The row of the columns' names in the table, from 0."""


def columns_of(kind: SubjectKind, confidence_percent: int) -> list[tuple[str, int]]:
    """The columns of a ranking as papers name them, with their widths in characters."""
    position = [("Chức vụ", 28)] if kind == SubjectKind.OFFICIAL else []
    named = "Họ và tên" if kind == SubjectKind.OFFICIAL else SUBJECTS[kind][0]
    return [
        ("Hạng", 7),
        (named, 44),
        *position,
        ("Số lượt đánh giá", 11),
        ("Hài lòng", 11),
        ("Bình thường", 11),
        ("Không hài lòng", 11),
        ("Tỷ lệ hài lòng (%)", 12),
        (f"Khoảng tin cậy {confidence_percent}% (%)", 16),
        ("Điểm trung bình", 11),
    ]


def paper_pdf(paper: Paper, replaces: Paper | None, successor: Paper | None, agencies: Agencies) -> bytes:
    """The paper as PDF; a draft and a replaced paper say so.

    Args:
        paper: any.
        replaces: the issued paper that it replaces.
        successor: the issued paper that replaces it.
        agencies: for the head.
    """
    content, at = paper.read(), paper.issued_at or paper.drawn_up_at
    kind, day = SubjectKind(paper.kind), at.astimezone(VIETNAM).date()
    percent = content["method"]["confidence_percent"]
    data = issuer_fields(agencies, paper.agency, day) | {
        "title": f"{TITLES[kind][0]}, {period_label(paper.period)[0]}",
        "heading": TITLES[kind][0],
        "period": period_label(paper.period)[0],
        "basis": BASIS,
        "number": paper.written_number or "        /",
        "mark": "" if paper.is_issued else DRAFT,
        "replaces": "" if replaces is None else _named(replaces),
        "void": "" if successor is None else f"Đã được thay thế bằng {_named(successor)}",
        "positions": kind == SubjectKind.OFFICIAL,
        "columns": [name for name, _ in columns_of(kind, percent)],
        "rows": [_texts(row, kind) for row in content["rows"]],
        "unranked": unranked_in_words(content)[0],
        "method": [vi for vi, _ in method_in_words(content)],
        "digest": paper.digest,
    }
    return render_pdf(_template(), data, at)


def paper_xlsx(paper: Paper) -> bytes:
    """The paper as an XLSX file: a table with numbers as numbers, and the method. Names are texts, never formulas or links."""
    content, kind, out = paper.read(), SubjectKind(paper.kind), BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        _write_table(book, paper, content, kind)
        sheet = book.add_worksheet(SHEETS[1])
        sheet.set_column(0, 0, 120)
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        notes = [vi for vi, _ in method_in_words(content)]
        for line, text in enumerate([*notes, f"Mã băm SHA-256 của số liệu: {paper.digest}"]):
            sheet.write_string(line, 0, text, wrapped)
    return out.getvalue()


def _write_table(book: Any, paper: Paper, content: dict[str, Any], kind: SubjectKind) -> None:
    sheet = book.add_worksheet(SHEETS[0])
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"})
    plain = book.add_format({"text_wrap": True, "border": 1, "valign": "top"})
    formats = {0: plain, 1: book.add_format({"border": 1, "valign": "top", "num_format": "0.0"})}
    formats[2] = book.add_format({"border": 1, "valign": "top", "num_format": "0.00"})
    sheet.write_string(0, 0, TITLES[kind][0].upper(), book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, f"{content['agency_name']}, {period_label(paper.period)[0]}")
    sheet.write_string(2, 0, f"Số: {paper.written_number}" if paper.is_issued else DRAFT)
    columns = columns_of(kind, content["method"]["confidence_percent"])
    # the two ends of the interval are numbers of their own here
    place = len(columns) - 2
    name = columns[place][0].removesuffix(" (%)")
    columns[place : place + 1] = [(f"{name}, từ (%)", 14), (f"{name}, đến (%)", 14)]
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(HEAD, column, name, head)
    line = HEAD
    for line, row in enumerate(content["rows"], HEAD + 1):
        texts = [row["name"], row["position"]] if kind == SubjectKind.OFFICIAL else [row["name"]]
        counts = [row[name] for name in ("ratings", "satisfied", "neutral", "dissatisfied")]
        sheet.write_number(line, 0, row["rank"], plain)
        for column, text in enumerate(texts, 1):
            sheet.write_string(line, column, text, plain)
        shares = [(row[name], 1) for name in ("share", "low", "high")]
        values = [*((number, 0) for number in counts), *shares, (row["mean"], 2)]
        for column, (value, decimals) in enumerate(values, 1 + len(texts)):
            sheet.write_number(line, column, value, formats[decimals])
    sheet.write_string(line + 2, 0, unranked_in_words(content)[0])
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)


def _texts(row: dict[str, Any], kind: SubjectKind) -> list[str]:
    """A row as papers write it."""
    named = [row["name"], row["position"]] if kind == SubjectKind.OFFICIAL else [row["name"]]
    counts = [_whole(row[name]) for name in ("ratings", "satisfied", "neutral", "dissatisfied")]
    interval = f"{decimal(row['low'], 1)} – {decimal(row['high'], 1)}"
    return [str(row["rank"]), *named, *counts, decimal(row["share"], 1), interval, decimal(row["mean"], 2)]


def decimal(value: float, places: int) -> str:
    """A number as Vietnamese papers write it: 97,5."""
    return f"{value:.{places}f}".replace(".", ",")


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _named(paper: Paper) -> str:
    at = paper.issued_at or paper.drawn_up_at
    return f"Bảng xếp hạng số {paper.written_number} {day_in_words(at.astimezone(VIETNAM).date())}"


@cache
def _template() -> Template:
    return read_template(FORM)
