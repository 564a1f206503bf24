"""Limits against flooding: how often wrong codes and refused ratings are answered. The right code with a complete form is never refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request

from services.rating.database import metadata
from services.rating.invitations.domain import token_hash
from shared.persistence.wrong_tries import TooManyTries, WrongTries
from shared.runtime.context import Context
from shared.web.client_address import client_address
from shared.web.problem import Problem
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])

MOST_OF_TOKEN = 10
"""Refused tries with one code in a window of :mod:`shared.persistence.wrong_tries`; its holder mistypes now and then."""
MAX_TOKEN = 100

TOKEN_FAILURES = WrongTries("token_failure", metadata)


def counted(refused: Problem, token: str) -> Problem:
    """Counts a try that was refused, for the code and for the caller's address; of both only a keyed hash is kept.

    Args:
        refused: why.
        token: as typed, whether or not it is known.

    Returns:
        what is told: why it was refused, or above a limit only that there were too many tries.
    """
    here = context()
    of_token = f"token:{token_hash(token[:MAX_TOKEN], here.settings.hash_key)}"
    try:
        TOKEN_FAILURES.count(here.store, client_address(), here.settings.hash_key, [(of_token, MOST_OF_TOKEN)])
    except TooManyTries as error:
        return _too_many(error)
    return refused


def refusals_counted(view: View) -> View:
    """Counts what a JSON view refuses, when its transaction is over; the token is in the body."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        try:
            return view(**path)
        except Problem as problem:
            body = request.get_json(silent=True)
            token = body.get("token") if isinstance(body, dict) else None
            if problem.status in (400, 413) or not isinstance(token, str):
                raise
            raise counted(problem, token) from problem

    return cast(View, endpoint)


def delete_old_failures(context: Context) -> int:
    """Deletes the counts whose window is over; returns how many."""
    return TOKEN_FAILURES.delete_old(context.store)


def _too_many(error: TooManyTries) -> Problem:
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Mã đánh giá không đúng hoặc không dùng được, và đã có quá nhiều lần thử. Ông/bà vui lòng thử lại sau {minutes} phút.",
        detail_en=f"This rating code is wrong or cannot be used, and there were too many tries. Please try again in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )
