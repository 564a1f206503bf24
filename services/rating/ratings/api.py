"""The JSON API of ratings: one public command. No route reads a rating (NĐ 118/2025, Điều 29.3)."""

from __future__ import annotations

from typing import Any

from flask import request

from services.rating.access import require_not_about, require_token_holder
from services.rating.problems import domain_errors_as_problems
from services.rating.ratings.answers import checked_rating
from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import ON_THE_WEB
from services.rating.ratings.form import form_of_version
from services.rating.ratings.limits import refusals_counted
from services.rating.ratings.schemas import AcceptedSchema, RatingSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public, visitor
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

MAX_BODY_BYTES = 16 * 1024
"""The route is public, so its bodies are kept small; a form with the longest comment needs less than 8 kB."""

api = ApiBlueprint("rating", description="Ratings of returned dossiers")


def limit_body() -> None:
    """Limits the size of the request body."""
    request.max_content_length = MAX_BODY_BYTES


def submit(work: UnitOfWork, body: dict[str, Any], channel: str = ON_THE_WEB) -> None:
    """Submits a rating as :class:`RatingSchema` loads it.

    Raises:
        Problem: 404, 409 or 410, the token does not give the right to rate; 403, the caller would rate their own work; 422, the form
            of this dossier has no such content.
    """
    with domain_errors_as_problems():
        invitation = require_token_holder(work.connection, body["token"], work.hash_key, work.now)
        require_not_about(work.connection, visitor(), invitation.dossier)
        rating = checked_rating(body, form_of_version(invitation.form))
        submit_rating(work, body["token"], rating, channel)


api.before_request(limit_body)


@api.post("/ratings")
@public
@refusals_counted
@command(RatingSchema, AcceptedSchema, status=201)
def give_rating(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Rates a dossier, once, with the token of its invitation."""
    submit(work, body)
    return {"accepted": True, "score": body["score"]}
