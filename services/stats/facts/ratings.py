"""Ratings, each under its own id, so that no fact tells who has rated: what is known of each, from its events in any order.

A correction does not change what was given: it says what counts instead, and the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts import dossiers
from services.stats.facts.domain import SATISFIED_FROM, day_number
from services.stats.facts.once import once
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import ratings
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.writing import Contribution

Data = Mapping[str, Any]
_SAME = ("kind", "dossier", "agency", "procedure", "field", "score", "channel")


def given(row: Row, data: Data) -> Row:
    """A citizen rated the handling of a dossier, or a visit.

    Raises:
        Conflict: another rating of this id is known.
    """
    return once(ratings, row, {name: data[name] for name in (*_SAME, "given_at")}, "given_at", _SAME)


def corrected(row: Row, data: Data) -> Row:
    """A rating counts with another score, or not at all."""
    if row["corrected_at"] is not None and row["corrected_at"] >= data["corrected_at"]:
        return row
    return {**row, "corrected_at": data["corrected_at"], "corrected_score": data["score"]}


def counted_score(rating: Row) -> int | None:
    """The score with which a rating counts; None if it does not count."""
    score: int | None = rating["score"] if rating["corrected_at"] is None else rating["corrected_score"]
    return score


def of_dossier(row: Row, rating: Row) -> Row:
    """What a rating says of its dossier.

    Args:
        row: the dossier.
        rating: given for it.
    """
    score = counted_score(rating)
    return dossiers.rated(row, rating["given_at"], score, None if score is None else score >= SATISFIED_FROM)


def _contributions(row: Row) -> list[Contribution]:
    """How often each score was given, by kind and channel; "" stands for the score of one that does not count."""
    if row["given_at"] is None:  # only its correction is known
        return []
    score = counted_score(row)
    part = "/".join((row["kind"], row["channel"], "" if score is None else str(score)))
    return [(day_number(row["given_at"]), ("rating", part), "number", 1)]


def _place(row: Row, dossier: Place) -> Place:
    """As the rating says itself; only a dossier has a handling agency, and a channel by which it was filed."""
    return Place(
        row["agency"] or "", dossier.handling_agency, row["field"] or "", row["procedure"] or "", dossier.channel
    )


RATINGS = Subject(ratings, tables.EVENTS, _contributions, _place, dossier_column="dossier", named_alone=True)
