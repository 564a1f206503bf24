"""Submits a rating; the API and the page both use it."""

from __future__ import annotations

from dataclasses import asdict

from services.rating.invitations.commands import use_token
from services.rating.ratings.domain import Rating
from services.rating.ratings.store import add_rating
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
