"""Adds officials to the rating of a dossier, if it was rated before it was known what they did."""

from __future__ import annotations

from services.rating.officials.domain import Part
from services.rating.ratings.store import add_rating_officials, ratings_of
from shared.persistence.unit_of_work import UnitOfWork


def name_official(work: UnitOfWork, dossier: str, part: Part) -> None:
    """Adds an official to the rating of a dossier, if there is one before the commit; asked once for all dossiers of the transaction.

    Args:
        work: the transaction, which also writes the official's part.
        dossier: its code.
        part: what the official did.
    """
    work.attached(_Named).parts.setdefault(dossier, []).append(part)


class _Named:
    """The officials whom one transaction is told of."""

    def __init__(self, work: UnitOfWork) -> None:
        self.parts: dict[str, list[Part]] = {}
        self._work = work
        work.before_commit(self._add)

    def _add(self) -> None:
        for dossier, rating in ratings_of(self._work, self.parts).items():
            add_rating_officials(self._work, rating, self.parts[dossier])
