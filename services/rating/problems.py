"""Domain error → problem details: the one table of rating."""

from __future__ import annotations

from services.rating.access import NoAgency, NoOwnAgency
from services.rating.complaints.problems import COMPLAINT_PROBLEMS
from services.rating.complaints.public.problems import FEEDBACK_PROBLEMS
from services.rating.devices.problems import DEVICE_PROBLEMS
from services.rating.invitations.domain import AlreadyUsed, Expired, UnknownToken
from services.rating.officials.domain import UnknownHomeAgency
from services.rating.papers.problems import PAPER_PROBLEMS
from services.rating.rankings.problems import PROBLEMS as RANKINGS
from services.rating.ratings.corrections import UnknownRating
from services.rating.ratings.domain import DossierRated, OtherRating, OwnWork
from services.rating.scores.flags.problems import FLAG_PROBLEMS
from services.rating.surveys.problems import SURVEY_PROBLEMS
from shared.runtime.clock import VIETNAM
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem


def _expired(error: Expired) -> Problem:
    day = error.expires_at.astimezone(VIETNAM)
    return Problem(
        410,
        "invitation-expired",
        "Đã hết thời hạn đánh giá",
        "The time for this rating is over",
        detail=f"Hồ sơ này được đánh giá đến {day:%H:%M} ngày {day:%d/%m/%Y}.",
        detail_en=f"This dossier could be rated until {day:%H:%M} on {day:%d/%m/%Y}.",
        expired_at=error.expires_at.isoformat(),
    )


PROBLEMS: ProblemTable = {
    **COMPLAINT_PROBLEMS,
    **FEEDBACK_PROBLEMS,
    **RANKINGS,
    **DEVICE_PROBLEMS,
    **SURVEY_PROBLEMS,
    UnknownToken: lambda _: Problem(404, "unknown-token", "Mã đánh giá không đúng", "This rating code is not known"),
    AlreadyUsed: lambda _: Problem(
        409, "already-rated", "Mã này đã được dùng để đánh giá", "This rating code was used before"
    ),
    Expired: _expired,
    OwnWork: lambda _: Problem(
        403,
        "own-work",
        "Đánh giá này là về công việc của chính ông/bà",
        "This rating is about your own work",
        detail="Cán bộ đã tiếp nhận, giải quyết hồ sơ hoặc phục vụ lượt này không gửi, nhập, sửa hay kết luận về đánh giá đó.",
        detail_en="Whoever received or handled the dossier, or served the visitor, does not give, enter or correct a rating of it.",
    ),
    NoAgency: lambda _: Problem(
        403, "forbidden", detail="Tài khoản không thuộc cơ quan nào.", detail_en="The account names no agency."
    ),
    **PAPER_PROBLEMS,
    **FLAG_PROBLEMS,
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
