"""Errors about flags → problem details; part of the service's one table."""

from __future__ import annotations

from services.rating.scores.flags.domain import DecidedMeanwhile, UnknownFlag
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem

FLAG_PROBLEMS: ProblemTable = {
    UnknownFlag: lambda _: Problem(404, "not-found", detail="Không có mục này.", detail_en="There is no such flag."),
    DecidedMeanwhile: lambda _: Problem(
        409,
        "decided-meanwhile",
        "Người khác vừa kết luận về mục này; xin xem lại trước khi quyết định",
        "Somebody else has just decided about this; please look at it again",
    ),
}
