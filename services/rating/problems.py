"""Domain error → problem details: the one table of rating."""

from __future__ import annotations

from services.rating.invitations.domain import AlreadyUsed, Expired, UnknownToken
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem

PROBLEMS: ProblemTable = {
    UnknownToken: lambda _: Problem(404, "unknown-token", "Mã đánh giá không đúng", "This rating code is not known"),
    AlreadyUsed: lambda _: Problem(
        409, "already-rated", "Mã này đã được dùng để đánh giá", "This rating code was used before"
    ),
    Expired: lambda _: Problem(
        410, "invitation-expired", "Đã hết thời hạn đánh giá", "The time for this rating is over"
    ),
}


domain_errors_as_problems = translation(PROBLEMS)
