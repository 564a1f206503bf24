"""Submits a rating, for the API and the page; and gives it to the one who may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.rating.invitations.commands import use_invitation_by_sms, use_token
from services.rating.invitations.domain import RatedDossier
from services.rating.ratings.domain import BY_SMS, ON_THE_WEB, Label, Rating
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
    _keep(work, use_token(work, token), rating, ON_THE_WEB, work.now)


def submit_by_sms(work: UnitOfWork, dossier: str, score: int, submitted_at: datetime) -> None:
    """Stores a rating that came by SMS; one that is too late, or not the first, changes nothing, as its sender was told.

    Args:
        work: the transaction.
        dossier: its code; notify has checked the secret.
        score: 1 to 5.
        submitted_at: business time at which notify took the SMS.

    Raises:
        shared.messaging.errors.NotYet: the dossier's return has not arrived.
    """
    rated = use_invitation_by_sms(work, dossier, submitted_at)
    if rated is not None:
        _keep(work, rated, Rating(score), BY_SMS, submitted_at)


def _keep(work: UnitOfWork, rated: RatedDossier, rating: Rating, channel: str, given_at: datetime) -> None:
    add_rating(work.connection, rated.dossier, rating, channel, given_at)
    work.emit("rating.given", asdict(rated) | {"score": rating.score, "channel": channel, "given_at": given_at})
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
