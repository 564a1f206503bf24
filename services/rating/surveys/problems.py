"""Domain errors of surveys → problem details; :mod:`services.rating.problems` takes them into its one table."""

from __future__ import annotations

from services.rating.access import NotOrganiser
from services.rating.surveys.answering import SurveyCodeUsed, UnknownSurveyCode
from services.rating.surveys.domain import (
    AnswersClosed,
    Invalid,
    NobodyToAsk,
    PaperKnown,
    TooEarly,
    TooManyAnswers,
    UnknownSurvey,
    WrongState,
)
from shared.web.domain_errors import ProblemTable
from shared.web.problem import FieldError, Problem


def _invalid(error: Invalid) -> Problem:
    faults: list[FieldError] = [{"field": one.field, "message": one.vi, "message_en": one.en} for one in error.faults]
    return Problem(422, "invalid", errors=faults)


def _paper_known(_: PaperKnown) -> Problem:
    message: FieldError = {
        "field": "number",
        "message": "Phiếu có số này đã được nhập.",
        "message_en": "A paper of this number was entered.",
    }
    return Problem(409, "paper-known", "Phiếu này đã được nhập", "This paper was entered before", errors=[message])


SURVEY_PROBLEMS: ProblemTable = {
    NotOrganiser: lambda _: Problem(403, "wrong-agency"),
    UnknownSurvey: lambda _: Problem(404, "not-found"),
    UnknownSurveyCode: lambda _: Problem(
        404, "unknown-survey-code", "Mã khảo sát không đúng", "This survey code is not known"
    ),
    SurveyCodeUsed: lambda _: Problem(
        409, "survey-answered", "Mã này đã được dùng để trả lời", "This survey code was used before"
    ),
    AnswersClosed: lambda _: Problem(
        410, "survey-closed", "Khảo sát hiện không nhận trả lời", "This survey takes no answers now"
    ),
    WrongState: lambda _: Problem(
        409, "wrong-survey-state", "Khảo sát không còn ở trạng thái này", "The survey is not in this state any more"
    ),
    TooEarly: lambda _: Problem(
        409,
        "population-not-over",
        "Chưa mở được: hồ sơ thuộc phạm vi khảo sát còn có thể được trả",
        "It cannot be opened yet: dossiers of its population may still be returned",
    ),
    NobodyToAsk: lambda _: Problem(
        409,
        "nobody-to-ask",
        "Không có hồ sơ nào thuộc phạm vi khảo sát",
        "No returned dossier belongs to the population of this survey",
    ),
    PaperKnown: _paper_known,
    TooManyAnswers: lambda error: Problem(
        429,
        "too-many-answers",
        "Có quá nhiều phiếu trả lời từ cùng một nơi; xin thử lại sau",
        "Too many answers came from the same place; please try again later",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    ),
    Invalid: _invalid,
}
