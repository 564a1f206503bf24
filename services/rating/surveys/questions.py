"""Questions of a campaign, which are its data, and what is an answer to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.rating.surveys.domain import Fault, Invalid
from shared.text import has_unprintable

LOWEST, HIGHEST, SATISFIED = 1, 5, 4
"""The scale, and from which of its values on somebody is satisfied: 4 (hài lòng) and 5 (rất hài lòng)."""
MAX_QUESTIONS = 60
MAX_OPTIONS = 20
MAX_WORDING = 300
MAX_COMMENT = 1000
CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")


class Kind(StrEnum):
    """Of a question: the scale of satisfaction from 1 to 5, one of several options, or words."""

    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


class Factor(StrEnum):
    """The five factors of SIPAS (QĐ 2640/QĐ-BNV of 2017, QĐ 1001/QĐ-BNV of 2023)."""

    ACCESS = "access"
    PROCEDURE = "procedure"
    OFFICIAL = "official"
    RESULT = "result"
    FEEDBACK = "feedback"


FACTOR_NAMES: Mapping[Factor, tuple[str, str]] = {
    Factor.ACCESS: ("Tiếp cận dịch vụ", "Access to the service"),
    Factor.PROCEDURE: ("Thủ tục hành chính", "The procedure"),
    Factor.OFFICIAL: ("Công chức giải quyết công việc", "The officials"),
    Factor.RESULT: ("Kết quả dịch vụ", "The result"),
    Factor.FEEDBACK: ("Tiếp nhận, giải quyết phản ánh, kiến nghị", "Handling of feedback"),
}
SCALE_NAMES: Mapping[int, tuple[str, str]] = {
    1: ("Rất không hài lòng", "Very dissatisfied"),
    2: ("Không hài lòng", "Dissatisfied"),
    3: ("Bình thường", "Neutral"),
    4: ("Hài lòng", "Satisfied"),
    5: ("Rất hài lòng", "Very satisfied"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose.

    Attributes:
        code: as stored.
        vi, en: what the citizen reads.
    """

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        code: unique in its campaign; answers are stored under it.
        kind: how it is answered.
        vi, en: what the citizen reads.
        factor: of a question with the scale.
        required: whether it must be answered; words never must.
        options: of a question with options.
    """

    code: str
    kind: Kind
    vi: str
    en: str
    factor: Factor | None = None
    required: bool = False
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What one person answered.

    Attributes:
        values: question → 1 to 5, or the code of an option.
        texts: question → words; kept apart from the values.
    """

    values: Mapping[str, int | str]
    texts: Mapping[str, str]


def question_faults(question: Question) -> list[Fault]:
    """What is wrong with a question."""
    faults = []
    if not CODE.fullmatch(question.code):
        faults.append(Fault("code", "Chữ thường, số và gạch dưới.", "Small letters, digits and underscores."))
    for field, text in (("vi", question.vi), ("en", question.en)):
        if not 0 < len(text) <= MAX_WORDING:
            faults.append(Fault(field, f"Nhập từ 1 đến {MAX_WORDING} ký tự.", f"Enter 1 to {MAX_WORDING} characters."))
    if (question.factor is not None) != (question.kind is Kind.SCALE):
        faults.append(
            Fault("factor", "Chỉ câu hỏi theo thang điểm mới có yếu tố.", "Questions with the scale have a factor.")
        )
    if (2 <= len(question.options) <= MAX_OPTIONS) != (question.kind is Kind.CHOICE):
        faults.append(
            Fault(
                "options",
                "Câu hỏi lựa chọn có từ 2 đến 20 phương án.",
                "A choice has 2 to 20 options, others have none.",
            )
        )
    elif any(not 0 < len(text) <= MAX_WORDING for one in question.options for text in (one.vi, one.en)):
        faults.append(Fault("options", "Mỗi dòng: tiếng Việt | tiếng Anh.", "Each line: Vietnamese | English."))
    return faults


def questionnaire_faults(questions: Sequence[Question]) -> list[Fault]:
    """What is wrong with all questions together: without a question with the scale there is no index."""
    if len(questions) > MAX_QUESTIONS:
        return [Fault("questions", f"Nhiều nhất {MAX_QUESTIONS} câu hỏi.", f"At most {MAX_QUESTIONS} questions.")]
    if not any(question.kind is Kind.SCALE for question in questions):
        return [
            Fault("questions", "Cần ít nhất một câu hỏi theo thang điểm.", "At least one question needs the scale.")
        ]
    return []


def read_answers(questions: Sequence[Question], filled: Mapping[str, str]) -> Answers:
    """The answers of a filled form.

    Args:
        questions: of the campaign.
        filled: field ``q.<code>`` → what was chosen or typed; fields that are missing or empty were not answered.

    Raises:
        Invalid: a required question is not answered, or an answer is none of those that the question allows.
    """
    faults: list[Fault] = []
    values: dict[str, int | str] = {}
    texts: dict[str, str] = {}
    for question in questions:
        field = f"q.{question.code}"
        given = filled.get(field, "").replace("\r\n", "\n").strip()
        if not given:
            if question.required:
                faults.append(Fault(field, "Xin chọn một câu trả lời.", "Please choose an answer."))
        elif question.kind is Kind.TEXT:
            if len(given) > MAX_COMMENT or has_unprintable(given):
                faults.append(
                    Fault(
                        field,
                        f"Nhiều nhất {MAX_COMMENT} ký tự, không có ký tự lạ.",
                        f"At most {MAX_COMMENT} characters.",
                    )
                )
            texts[question.code] = given
        elif (value := _value(question, given)) is None:
            faults.append(Fault(field, "Xin chọn một câu trả lời.", "Please choose an answer."))
        else:
            values[question.code] = value
    if faults:
        raise Invalid(*faults)
    if not values:
        first = next(question for question in questions if question.kind is not Kind.TEXT)
        raise Invalid(Fault(f"q.{first.code}", "Xin trả lời ít nhất một câu.", "Please answer at least one question."))
    return Answers(values, texts)


def _value(question: Question, given: str) -> int | str | None:
    if question.kind is Kind.SCALE:
        allowed = {str(value): value for value in range(LOWEST, HIGHEST + 1)}
        return allowed.get(given)
    return given if given in {option.code for option in question.options} else None


def question_json(question: Question) -> dict[str, Any]:
    """A question as it is stored."""
    return {
        "code": question.code,
        "kind": str(question.kind),
        "vi": question.vi,
        "en": question.en,
        "factor": str(question.factor) if question.factor else None,
        "required": question.required,
        "options": [[option.code, option.vi, option.en] for option in question.options],
    }


def question_of(stored: Mapping[str, Any]) -> Question:
    """A question as it was stored."""
    return Question(
        stored["code"],
        Kind(stored["kind"]),
        stored["vi"],
        stored["en"],
        Factor(stored["factor"]) if stored["factor"] else None,
        stored["required"],
        tuple(Option(*option) for option in stored["options"]),
    )
