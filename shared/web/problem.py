"""Problem details (RFC 9457), the one format of all errors: Vietnamese first and English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, cast

import orjson
from flask import Response
from marshmallow import INCLUDE, Schema, fields

from shared.regulations import RuleViolation
from shared.web.problem_titles import CONTENT_TYPE, TITLES, TYPE_PREFIX

MAX_ERRORS = 20
MAX_TEXT = 500
"""Characters of a text in a problem that may repeat what was sent."""


class FieldError(TypedDict, total=False):
    """What is wrong with one field, named by its dotted path such as ``applicant.phone`` or ``papers.0.name``."""

    field: str
    message: str
    message_en: str


class Problem(Exception):
    """An error that is answered to the caller; raise it anywhere below a view.

    Args:
        status: the HTTP status.
        slug: the last part of the type, ``urn:motcua:problem:<slug>``; stable, lower-case words with hyphens.
        title: the type's title in Vietnamese; by default from :data:`TITLES`.
        title_en: the same in English.
        detail: what is wrong this time, in Vietnamese; no personal data.
        errors: what is wrong field by field; the first MAX_ERRORS are told, and how many more there are.
        headers: HTTP headers of the answer.
        cause: why, for the request's line in the log; no personal data; the caller does not get it.
        extensions: further members, JSON-ready, such as ``detail_en`` or ``retry_after``.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str = "",
        title_en: str = "",
        *,
        detail: str = "",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        cause: str = "",
        **extensions: Any,
    ) -> None:
        super().__init__(f"{status} {slug}")
        known = TITLES.get(slug, ("", ""))
        self.status = status
        self.slug = slug
        self.title = title or known[0]
        self.title_en = title_en or known[1]
        self.detail = detail[:MAX_TEXT]
        every = list(errors)
        self.errors = [_short_error(error) for error in every[:MAX_ERRORS]]
        self.errors_omitted = len(every) - len(self.errors)
        self.headers = dict(headers or {})
        self.cause = cause
        self.extensions = extensions
        if not self.title or not self.title_en:
            raise ValueError(f"problem {slug!r} needs a title in Vietnamese and in English")

    def body(self) -> dict[str, Any]:
        """The members, without those that are empty."""
        members: dict[str, Any] = {
            "type": TYPE_PREFIX + self.slug,
            "title": self.title,
            "title_en": self.title_en,
            "status": self.status,
        }
        if self.detail:
            members["detail"] = self.detail
        if self.errors:
            members["errors"] = self.errors
        if self.errors_omitted:
            members["errors_omitted"] = self.errors_omitted
        return members | self.extensions

    def response(self) -> Response:
        """The answer as ``application/problem+json``."""
        return Response(orjson.dumps(self.body()), self.status, self.headers, content_type=CONTENT_TYPE)


MISSING: dict[str, tuple[str, str]] = {
    "reason": ("Vui lòng nhập lý do.", "Please enter the reason."),
    "document": ("Vui lòng nhập số văn bản.", "Please enter the number of the document."),
    "papers": ("Vui lòng nhập giấy tờ cần bổ sung.", "Please enter the papers to be supplemented."),
}
"""What to say when a rule needs words that were not given, by field."""


def _short_error(error: FieldError) -> FieldError:
    return cast(FieldError, {name: str(text)[:MAX_TEXT] for name, text in error.items()})


def rule_violation(error: RuleViolation) -> Problem:
    """The problem of a broken rule of the law or of the platform, with its article; where words are missing, that of their field."""
    if error.missing:
        vi, en = MISSING[error.missing]
        fault: FieldError = {"field": error.missing, "message": vi, "message_en": en}
        return Problem(
            422,
            "invalid",
            detail=error.vi,
            detail_en=error.en,
            errors=[fault],
            code=error.code,
            regulation=error.regulation,
            article=error.article,
        )
    return Problem(
        409,
        "rule-broken",
        "Quy định không cho phép",
        "A rule forbids it",
        detail=error.vi,
        detail_en=error.en,
        code=error.code,
        regulation=error.regulation,
        article=error.article,
    )


class FieldErrorSchema(Schema):
    """One member of `errors`, for the documentation."""

    field = fields.String(
        required=True, metadata={"description": "Dotted path of the field", "example": "applicant.phone"}
    )
    message = fields.String(required=True, metadata={"description": "In Vietnamese"})
    message_en = fields.String(metadata={"description": "In English"})


class ProblemSchema(Schema):
    """Problem details, for the documentation."""

    class Meta:
        """A type of problem may have further members."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"example": "urn:motcua:problem:invalid"})
    title = fields.String(required=True, metadata={"description": "The type's title, in Vietnamese"})
    title_en = fields.String(required=True, metadata={"description": "The type's title, in English"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(metadata={"description": "What is wrong this time"})
    instance = fields.String(metadata={"description": "The id of an unexpected error in the log"})
    errors = fields.List(fields.Nested(FieldErrorSchema), metadata={"description": f"The first {MAX_ERRORS}"})
    errors_omitted = fields.Integer(metadata={"description": "How many more errors there are"})
