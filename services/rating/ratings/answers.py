"""What was answered on a page's rating form, as the schemas take it: the same fields on the web, at a kiosk and for papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.rating.ratings.domain import COURTESIES, Form, InvalidAnswer, Rating, check_answers
from shared.web.problem import FieldError, Problem

_SAID = {"yes": True, "no": False}


def answers_of(typed: Mapping[str, str], form: Form) -> dict[str, Any]:
    """The answers in a page's form; what was not answered is left out.

    Args:
        typed: the fields: ``score``, ``criteria.<name>``, ``courtesy.<name>`` with yes or no, and ``comment``.
        form: whose contents were asked.
    """
    criteria = {name: _number(typed[f"criteria.{name}"]) for name in form.criteria if typed.get(f"criteria.{name}")}
    courtesy = {name: typed[f"courtesy.{name}"] for name in COURTESIES if typed.get(f"courtesy.{name}")}
    body: dict[str, Any] = {
        "criteria": criteria,
        "courtesy": {name: _SAID.get(text, text) for name, text in courtesy.items()},
        "comment": typed.get("comment", "").replace("\r\n", "\n"),
    }
    return body | ({"score": _number(typed["score"])} if typed.get("score") else {})


def checked_rating(body: Mapping[str, Any], form: Form) -> Rating:
    """The rating in a loaded body, checked against the form by which it was given.

    Raises:
        Problem: 422, the form has no such content, or no such answer.
    """
    rating = Rating(body["score"], body["criteria"], body["comment"].strip(), body["courtesy"])
    try:
        check_answers(rating, form)
    except InvalidAnswer as wrong:
        errors = [_error(name) for name in wrong.names]
        raise Problem(422, "invalid", errors=errors) from wrong
    return rating


def _error(name: str) -> FieldError:
    message = "Phiếu đánh giá không có nội dung hoặc mức này."
    return {"field": f"criteria.{name}", "message": message, "message_en": "The form has no such content or answer."}


def _number(text: str) -> int | str:
    return int(text) if len(text) == 1 and text.isdecimal() else text
