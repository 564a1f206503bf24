"""Submits a rating, for the API and the page; and gives it to the one who may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.rating.invitations.commands import use_token
from services.rating.ratings.domain import Label, Rating
from services.rating.ratings.form import rating_form
from services.rating.ratings.store import add_rating, kept_rating
from shared.contracts import json_fields
from shared.observability import metrics
from shared.persistence.unit_of_work import UnitOfWork


def submit_rating(work: UnitOfWork, token: str, rating: Rating) -> None:
    """Uses up the token and stores the rating in one transaction. The event carries the score, never the comment.

    Args:
        work: the transaction.
        token: as typed.
        rating: checked against the form.

    Raises:
        services.rating.invitations.domain.UnknownToken: no invitation has this token.
        services.rating.invitations.domain.AlreadyUsed: the invitation was used, perhaps by a concurrent request.
        services.rating.invitations.domain.Expired: the invitation has expired.
    """
    rated = use_token(work, token)
    add_rating(work.connection, rated.dossier, rating, work.now)
    work.emit("rating.given", asdict(rated) | {"score": rating.score, "given_at": work.now})
    work.after_commit(metrics.ratings.labels("rating", rated.agency, str(rating.score)).inc)


def provide_rating(work: UnitOfWork, dossier: str, request: str) -> None:
    """Answers what is kept of the rating of a dossier. The answer travels encrypted, to intake alone.

    Args:
        work: the transaction.
        dossier: its code.
        request: to which it answers.
    """
    kept = kept_rating(work.connection, dossier)
    answer = {"dossier": dossier, "request": request, "provided_at": work.now}
    rating = json_fields(asdict(kept)) | {"criteria": _answers(kept.criteria or {})} if kept else None
    work.emit("personal_data.rating_provided", answer | {"rating": rating})


def _answers(criteria: Mapping[str, int]) -> list[dict[str, Any]]:
    """What was answered, with the questions."""
    asked = rating_form().criteria
    labels = {name: asked[name] if name in asked else Label(name, name) for name in criteria}
    return [
        {"name": name, "label": labels[name].vi, "label_en": labels[name].en, "score": score}
        for name, score in criteria.items()
    ]
