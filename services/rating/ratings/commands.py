"""Keeps ratings, whichever way they come in; and gives one to the person who may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.rating.invitations.commands import use_invitation_by_sms, use_token
from services.rating.invitations.domain import RatedDossier
from services.rating.officials.domain import COUNTER, Part
from services.rating.officials.store import parts_of_dossier
from services.rating.ratings.domain import (
    BY_SMS,
    OF_DOSSIER,
    ON_THE_WEB,
    DossierRated,
    Label,
    NewRating,
    OtherRating,
    Rating,
)
from services.rating.ratings.form import form_of_version, rating_form
from services.rating.ratings.store import add_rating, add_rating_officials, is_same, kept_rating
from shared.contracts import json_fields
from shared.messaging.event import new_id
from shared.observability import metrics
from shared.persistence.unit_of_work import UnitOfWork


def submit_rating(work: UnitOfWork, token: str, rating: Rating, channel: str = ON_THE_WEB) -> None:
    """Uses up the token and stores the rating in one transaction. The event carries the score, never the comment.

    Args:
        work: the transaction.
        token: as typed.
        rating: checked against the form.
        channel: the web, or a kiosk.

    Raises:
        services.rating.invitations.domain.UnknownToken: no invitation has this token.
        services.rating.invitations.domain.AlreadyUsed: the invitation was used, perhaps by a concurrent request.
        services.rating.invitations.domain.Expired: the invitation has expired.
    """
    keep_rating(work, _of_dossier(use_token(work, token), rating, channel, work.now))


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
        keep_rating(work, _of_dossier(rated, Rating(score), BY_SMS, submitted_at))


def keep_rating(work: UnitOfWork, new: NewRating) -> bool:
    """Stores a rating, by whichever channel it came: the only way in. The same rating again, under the same id, changes nothing.

    The event carries the score, never the comment, and nothing that tells who rated.

    Args:
        work: the transaction.
        new: checked against the form, by somebody who has the right to rate.

    Returns:
        whether it is new.

    Raises:
        services.rating.ratings.domain.OtherRating: another rating of this id is known.
        services.rating.ratings.domain.DossierRated: the dossier was rated before.
    """
    work.flush()
    if not add_rating(work.connection, new, new.form or rating_form().version):
        same = is_same(work.connection, new)
        if same is None:
            raise DossierRated(new.dossier)
        if not same:
            raise OtherRating(new.id)
        return False
    add_rating_officials(work, new.id, _officials(work, new))
    named = ("kind", "dossier", "agency", "procedure", "field", "channel", "given_at")
    about = {name: getattr(new, name) for name in named}
    work.emit("rating.given", about | {"rating": new.id, "score": new.rating.score})
    work.after_commit(metrics.ratings.labels("rating", new.agency, str(new.rating.score)).inc)
    return True


def _officials(work: UnitOfWork, new: NewRating) -> list[Part]:
    """Whom a rating is about: of a dossier who received and handled it, of a visit who served."""
    if new.dossier is not None:
        return parts_of_dossier(work.connection, new.dossier)
    return [Part(new.official, COUNTER)] if new.official else []


def _of_dossier(rated: RatedDossier, rating: Rating, channel: str, given_at: datetime) -> NewRating:
    return NewRating(
        new_id(),
        OF_DOSSIER,
        rated.agency,
        rating,
        channel,
        given_at,
        dossier=rated.dossier,
        procedure=rated.procedure,
        field=rated.field,
        form=rated.form,
    )


def provide_rating(work: UnitOfWork, dossier: str, request: str) -> None:
    """Answers what is kept of the rating of a dossier. The answer travels encrypted, to intake alone.

    Args:
        work: the transaction.
        dossier: its code.
        request: to which it answers.
    """
    kept = kept_rating(work.connection, dossier)
    answer = {"dossier": dossier, "request": request, "provided_at": work.now}
    rating = json_fields(asdict(kept)) | {"criteria": _answers(kept.criteria or {}, kept.form)} if kept else None
    work.emit("personal_data.rating_provided", answer | {"rating": rating})


def _answers(criteria: Mapping[str, int], version: str) -> list[dict[str, Any]]:
    """What was answered, with the questions."""
    asked = form_of_version(version).criteria
    labels = {name: asked[name] if name in asked else Label(name, name) for name in criteria}
    return [
        {"name": name, "label": labels[name].vi, "label_en": labels[name].en, "score": score}
        for name, score in criteria.items()
    ]
