"""Giving a rating, the same for the API and the page."""

from __future__ import annotations

from dataclasses import asdict

from services.rating.ratings import store
from services.rating.ratings.domain import Rating, ensure_open, token_hash
from services.rating.ratings.store import RatedDossier
from shared.persistence.unit_of_work import UnitOfWork


def submit_rating(work: UnitOfWork, token: str, rating: Rating) -> RatedDossier:
    """Uses the token up and keeps the rating, in one transaction; announces the score, never the words.

    Args:
        work: the transaction.
        token: as the citizen typed it.
        rating: checked against the form.

    Returns:
        what was rated.

    Raises:
        services.rating.ratings.domain.UnknownToken: no invitation has this token.
        services.rating.ratings.domain.AlreadyUsed: somebody, perhaps just now, used it.
        services.rating.ratings.domain.Expired: its time is over.
    """
    hash_ = token_hash(token)
    subject = store.use_invitation(work.connection, hash_, work.now)
    if subject is None:
        invitation = ensure_open(store.find_invitation(work.connection, hash_), work.now)
        raise AssertionError(f"the open invitation of {invitation.dossier} could not be used")
    store.add_rating(work.connection, subject.dossier, rating, work.now)
    work.emit("rating.given", asdict(subject) | {"score": rating.score, "given_at": work.now})
    return subject
