"""Errors about papers → problem details; part of the service's one table."""

from __future__ import annotations

from services.rating.papers.domain import OtherDesk, PaperEntered, PaperTooLate, UnknownOfficial, UnknownPaper
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _wrong(status: int, slug: str, field: str, title: str, title_en: str) -> Problem:
    return Problem(
        status, slug, title, title_en, errors=[{"field": field, "message": title + ".", "message_en": title_en + "."}]
    )


PAPER_PROBLEMS: ProblemTable = {
    PaperEntered: lambda _: _wrong(
        409, "paper-entered", "number", "Phiếu số này đã được nhập", "A paper of this number was entered before"
    ),
    OtherDesk: lambda _: _wrong(
        404,
        "unknown-dossier",
        "dossier",
        "Không có hồ sơ này tại nơi tiếp nhận, hoặc hồ sơ chưa trả kết quả",
        "There is no such dossier at this desk, or its result was not handed over yet",
    ),
    PaperTooLate: lambda _: _wrong(
        410,
        "paper-too-late",
        "day",
        "Đến ngày này đã hết thời hạn đánh giá hồ sơ",
        "On this day the time for the rating was over",
    ),
    UnknownOfficial: lambda _: _wrong(
        404, "unknown-official", "official", "Cán bộ này không làm việc tại đây", "This official does not work here"
    ),
    UnknownPaper: lambda _: _wrong(
        404, "unknown-paper", "number", "Chưa nhập phiếu nào có số này", "No paper of this number was entered"
    ),
}
