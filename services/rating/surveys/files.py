"""The published files of a campaign: the result as XLSX, and the answers without words and without small strata as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from services.rating.surveys.answering import CHANNELS
from services.rating.surveys.method import method_text
from services.rating.surveys.questions import FACTOR_NAMES, SCALE_NAMES, Factor, Kind
from services.rating.surveys.results import GivenAnswers, Part, Results, Stratum
from services.rating.surveys.store import Survey

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PART_COLUMNS = ("Nội dung", "Số phiếu", "Chỉ số hài lòng (%)", "Cận dưới 95% (%)", "Cận trên 95% (%)")
TOO_FEW = "chưa đủ số phiếu"
REST = "khác"
"""In the file of answers, the stratum of those whose own stratum has too few answers to be shown."""

NameOf = Callable[[str], str]


def results_xlsx(survey: Survey, results: Results, organiser: str, agency_name: NameOf) -> bytes:
    """The result as an XLSX file. Texts are never formulas or links.

    Args:
        survey: a campaign that is over.
        results: of it.
        organiser: the organiser's name.
        agency_name: code → name.
    """
    out, plan = BytesIO(), survey.plan
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    wording = {question.code: question.vi for question in survey.questions}
    groups = {str(number): one.vi for number, one in enumerate(plan.groups, start=1)}
    with xlsxwriter.Workbook(out, options) as book:
        _overview(book, survey, results, organiser)
        _parts(book, "Theo yếu tố", results.factors, lambda key: FACTOR_NAMES[Factor(key)][0])
        _parts(book, "Theo câu hỏi", results.questions, lambda key: wording[key])
        if results.procedures:
            _parts(book, "Theo thủ tục", results.procedures, plan.procedure_name)
            _parts(book, "Theo cơ quan", results.agencies, agency_name)
        if results.groups:
            _parts(book, "Theo nhóm", results.groups, lambda key: groups[key])
        _counts(book, survey, results)
        _table(book, "Phương pháp", ("Phương pháp",), [(line,) for line in method_text(survey)], (100,))
    return out.getvalue()


def _overview(book: Any, survey: Survey, results: Results, organiser: str) -> None:
    plan, whole = survey.plan, results.overall
    rows: list[tuple[Any, ...]] = [
        ("Khảo sát", plan.name_vi),
        ("Cơ quan tổ chức", organiser),
        ("Thời gian", f"{plan.opens_on:%d/%m/%Y} – {plan.closes_on:%d/%m/%Y}"),
        ("Số hồ sơ thuộc phạm vi khảo sát", results.population),
        ("Số người được mời", results.invited),
        ("Số người được mời đã trả lời", results.invited_answered),
        ("Tỷ lệ trả lời (%)", results.response_rate),
        ("Tổng số phiếu", results.answers),
        *((f"  {CHANNELS[channel][0]}", count) for channel, count in results.by_channel.items()),
        ("Chỉ số hài lòng (%)", whole.value),
        ("Cận dưới 95% (%)", whole.low),
        ("Cận trên 95% (%)", whole.high),
    ]
    _table(book, "Kết quả", ("Nội dung", "Giá trị"), rows, (40, 60))


def _parts(book: Any, sheet: str, parts: Sequence[Part], name_of: NameOf) -> None:
    rows = [
        (name_of(one.key), one.answers, one.value if one.value is not None else TOO_FEW, one.low, one.high)
        for one in parts
    ]
    _table(book, sheet, PART_COLUMNS, rows, (60, 10, 20, 18, 18))


def _counts(book: Any, survey: Survey, results: Results) -> None:
    rows = []
    for question in survey.questions:
        if question.kind is Kind.TEXT:
            continue
        names = (
            {str(value): vi for value, (vi, _) in SCALE_NAMES.items()}
            if question.kind is Kind.SCALE
            else {option.code: option.vi for option in question.options}
        )
        rows += [(question.vi, names[key], count) for key, count in results.counts[question.code].items()]
    _table(book, "Số lượng trả lời", ("Câu hỏi", "Trả lời", "Số phiếu"), rows, (60, 40, 10))


def _table(book: Any, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[int]) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1})
    cell = book.add_format({"text_wrap": True, "border": 1, "valign": "top"})
    for column, (title, width) in enumerate(zip(columns, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is None:
                sheet.write_blank(line, column, None, cell)
            elif isinstance(value, str):
                sheet.write_string(line, column, value, cell)
            else:
                sheet.write_number(line, column, value, cell)
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def answers_csv(survey: Survey, strata: Sequence[Stratum], answers: Sequence[GivenAnswers]) -> bytes:
    """The answers as CSV (UTF-8 with a byte order mark, so that office programs show Vietnamese), one a line.

    They are in the order of their random ids. There is no word that somebody wrote, no day and no channel. A stratum with too few
    answers is not named; if all such strata together have too few, their answers are left out.

    Args:
        survey: a campaign that is over.
        strata: of it.
        answers: of it.
    """
    asked = [question for question in survey.questions if question.kind is not Kind.TEXT]
    counted = Counter(one.stratum for one in answers)
    least = survey.plan.shown_least
    shown = {one.number: one for one in strata if counted[one.number] >= least}
    rest = sum(count for number, count in counted.items() if number not in shown)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["procedure", "agency", "group", *(question.code for question in asked)])
    for one in answers:
        known = shown.get(one.stratum)
        if known is None and rest < least:
            continue
        place = [known.procedure, known.agency, _plain(known.vi)] if known else [REST, REST, REST]
        writer.writerow([*place, *(one.values.get(question.code, "") for question in asked)])
    return text.getvalue().encode("utf-8-sig")


def _plain(name: str) -> str:
    """A name that no office program takes for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t") else name
