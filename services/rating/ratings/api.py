"""Rating's JSON API: one public command. There is no way to ask who rated, or how (NĐ 118/2025, Điều 29.3)."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import AlreadyUsed, Expired, InvitationError, Rating, UnknownToken
from services.rating.ratings.schemas import AcceptedSchema, RatingSchema
from services.rating.ratings.store import RatedDossier
from shared.observability import metrics
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public
from shared.web.idempotency import REPLAYED
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.views import command

MAX_BODY_BYTES = 16 * 1024
"""Whoever has no token may at least not send us much: a form with the longest comment needs less than 8 kB."""

PROBLEMS: dict[type[InvitationError], tuple[int, str, str, str]] = {
    UnknownToken: (404, "unknown-token", "Mã đánh giá không đúng", "This rating code is not known"),
    AlreadyUsed: (409, "already-rated", "Mã này đã được dùng để đánh giá", "This rating code was used before"),
    Expired: (410, "invitation-expired", "Đã hết thời hạn đánh giá", "The time for this rating is over"),
}

api = ApiBlueprint("rating", description="Ratings of returned dossiers")


def limit_body() -> None:
    """Keeps the bodies of public requests small."""
    request.max_content_length = MAX_BODY_BYTES


def count_rating(response: Response) -> Response:
    """Counts a rating once its transaction is committed and it was not merely answered again."""
    given: tuple[RatedDossier, int] | None = g.pop("rating_given", None)
    if given is not None and response.status_code < 400 and REPLAYED not in response.headers:
        subject, score = given
        metrics.ratings.labels("rating", subject.agency, str(score)).inc()
    return response


def rate(work: UnitOfWork, body: dict[str, Any]) -> None:
    """Gives a checked rating.

    Raises:
        Problem: 404, 409 or 410, the token gives no right to rate.
    """
    rating = Rating(body["score"], body["criteria"], body["comment"].strip())
    try:
        subject = submit_rating(work, body["token"], rating)
    except InvitationError as error:
        raise Problem(*PROBLEMS[type(error)]) from error
    g.rating_given = (subject, rating.score)


api.before_request(limit_body)
api.after_request(count_rating)


@api.post("/ratings")
@public
@command(RatingSchema, AcceptedSchema, status=201)
def give_rating(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Rates a dossier, once, with the token of its invitation."""
    rate(work, body)
    return {"accepted": True, "score": body["score"]}
