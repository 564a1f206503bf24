"""Turns every exception into problem details. The caller's errors are named; ours are logged under an id that the caller gets."""

from __future__ import annotations

import logging
import secrets
import traceback
from http import HTTPStatus
from typing import Any

import sqlalchemy.exc
from flask import Flask, Response, current_app, g, make_response, render_template, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from shared.auth import KeysUnavailable
from shared.calendar import CalendarRangeError
from shared.persistence.engine import may_succeed_later
from shared.web.admission.overload import OVERLOAD
from shared.web.admission.refusals import busy, database_busy
from shared.web.busy_page import form_again
from shared.web.field_errors import errors_of, field_errors
from shared.web.problem import Problem
from shared.web.problem_titles import CONTENT_TYPE, SLUGS
from shared.web.reading_audit import discard_readings
from shared.web.session_cookie import SignIn

log = logging.getLogger(__name__)

TIME_LIMIT = "57014"  # PostgreSQL: a statement ran into its time limit


def unavailable(error: BaseException) -> bool:
    """Whether the same request may succeed later: the database is lost, busy or full, or the issuer's keys cannot be read."""
    if isinstance(error, KeysUnavailable) or may_succeed_later(error):
        return True
    slow = isinstance(error, sqlalchemy.exc.OperationalError)
    return slow and getattr(getattr(error, "orig", None), "sqlstate", None) == TIME_LIMIT


def is_duplicate(error: BaseException) -> bool:
    """Whether a uniqueness constraint of the database was violated."""
    if not isinstance(error, sqlalchemy.exc.IntegrityError):
        return False
    name = getattr(error.orig, "sqlite_errorname", "")
    return getattr(error.orig, "sqlstate", "") == "23505" or name in (
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
    )


def to_problem(error: BaseException) -> Problem:
    """The problem of an exception; an unexpected one is logged under an id that the caller gets."""
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # raised after the view, such as by a reading that could not be recorded
        return to_problem(error.original_exception)
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return Problem(422, "invalid", errors=errors_of(error))
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, CalendarRangeError):
        return Problem(
            503,
            "unavailable",
            detail="Lịch ngày nghỉ lễ của hệ thống chưa có dữ liệu cho thời hạn này; hồ sơ chưa được ghi nhận.",
            detail_en="The system has no holidays recorded for this time limit yet; nothing was recorded.",
            cause=f"the holidays are not recorded far enough: {error}",
        )
    if unavailable(error):
        what = "the issuer's keys" if isinstance(error, KeysUnavailable) else "the database"
        cause = f"{what} cannot be used: {type(error).__name__}"
        return (
            busy(OVERLOAD.refuse(by_process=False), cause)
            if isinstance(error, KeysUnavailable)
            else database_busy(cause)
        )
    if is_duplicate(error):
        return Problem(409, "conflict")
    if isinstance(error, sqlalchemy.exc.DataError):  # such as a NUL character, or a number beyond the column's range
        return Problem(422, "invalid", detail="Có giá trị không thể lưu trữ.", detail_en="A value cannot be stored.")
    return _unexpected(error)


def _from_http(error: HTTPException) -> Problem:
    status = error.code or 500
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    slug = SLUGS.get(status)
    if slug is None:
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
        return Problem(status, f"http-{status}", "Yêu cầu không thực hiện được", phrase, headers=headers)
    return Problem(status, slug, errors=field_errors(_webargs_messages(error)), headers=headers)


def _webargs_messages(error: HTTPException) -> dict[str, Any]:
    """The messages of webargs, without their outermost level (json, query, …)."""
    messages: dict[str, Any] = {}
    for found in (getattr(error, "data", None) or {}).get("messages", {}).values():
        messages |= found if isinstance(found, dict) else {"_schema": found}
    return messages


def _unexpected(error: BaseException) -> Problem:
    """Logs the type and the place of an error, not its text: database errors quote personal data."""
    failure = secrets.token_hex(8)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    kinds = [type(link).__name__ for link in _chain(error)]
    log.error("unexpected failure %s: %s at %s", failure, " from ".join(kinds), " < ".join(places[:-13:-1]))
    return Problem(500, "unexpected", instance=f"urn:motcua:failure:{failure}")


def _chain(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
    return chain


def wants_page() -> bool:
    """Whether the request is a browser's, outside the JSON API."""
    if request.path.startswith(f"/{current_app.name}/api/"):
        return False
    return request.accept_mimetypes.best_match([CONTENT_TYPE, "application/json", "text/html"]) == "text/html"


def _problem_page(problem: Problem) -> str:
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return render_template("busy.html", problem=problem, again=form_again(request))
    return render_template("problem.html", problem=problem)


def register_error_handlers(app: Flask) -> None:
    """Answers every error with a problem: JSON for programs, a page for people."""

    def answer(error: Exception) -> Response:
        if isinstance(error, SignIn):
            return error.answer()
        discard_readings()
        problem = to_problem(error)
        g.motcua_cause = problem.cause
        if not wants_page():
            return problem.response()
        page = make_response(_problem_page(problem), problem.status)
        page.headers.extend(problem.headers)
        return page

    app.register_error_handler(Exception, answer)
    app.register_error_handler(HTTPException, answer)
