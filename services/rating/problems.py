"""Domain error → problem details: the one table of rating."""

from __future__ import annotations

from services.rating.access import NoOwnAgency
from services.rating.complaints.problems import COMPLAINT_PROBLEMS
from services.rating.invitations.domain import AlreadyUsed, Expired, UnknownToken
from services.rating.officials.domain import UnknownHomeAgency
from services.rating.ratings.corrections import UnknownRating
from services.rating.ratings.domain import DossierRated, OtherRating
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem

PROBLEMS: ProblemTable = {
    **COMPLAINT_PROBLEMS,
    UnknownToken: lambda _: Problem(404, "unknown-token", "Mã đánh giá không đúng", "This rating code is not known"),
    AlreadyUsed: lambda _: Problem(
        409, "already-rated", "Mã này đã được dùng để đánh giá", "This rating code was used before"
    ),
    Expired: lambda _: Problem(
        410, "invitation-expired", "Đã hết thời hạn đánh giá", "The time for this rating is over"
    ),
    DossierRated: lambda _: Problem(
        409, "dossier-rated", "Hồ sơ này đã được đánh giá", "This dossier was rated before"
    ),
    OtherRating: lambda _: Problem(
        409, "other-rating", "Mã này đã dùng cho một đánh giá khác", "This id was used for another rating"
    ),
    NoOwnAgency: lambda _: Problem(403, "wrong-agency"),
    UnknownHomeAgency: lambda _: Problem(
        422,
        "invalid",
        errors=[
            {
                "field": "home_agency",
                "message": "Không có cơ quan này vào ngày đó.",
                "message_en": "There is no such agency on that day.",
            }
        ],
    ),
    UnknownRating: lambda _: Problem(404, "unknown-rating", "Không có đánh giá này", "There is no such rating"),
}


domain_errors_as_problems = translation(PROBLEMS)
