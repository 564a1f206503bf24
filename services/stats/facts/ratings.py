"""The writers of facts about ratings, each under its own id, so that no fact tells who has rated. Their events may come in any order.

A correction does not change what was given: it says what counts instead, and the last one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table, and_, case, or_
from sqlalchemy.dialects import postgresql, sqlite

from services.stats.facts.domain import SATISFIED_FROM
from services.stats.facts.dossiers import DOSSIERS, rated
from services.stats.facts.store import ratings
from services.stats.facts.subjects import facts_of
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

_C = ratings.c
_SAME = ("kind", "dossier", "agency", "procedure", "field", "score", "channel")


def _given(insert: Callable[[Table], Any]) -> Any:
    row = insert(ratings)
    alike = and_(*(_C[name].is_not_distinct_from(row.excluded[name]) for name in _SAME))
    unknown = _C.given_at.is_(None)  # its correction has come first
    changes = {name: row.excluded[name] for name in _SAME}
    changes["given_at"] = case((unknown, row.excluded.given_at), else_=_C.given_at)
    changed = row.on_conflict_do_update(index_elements=[_C.rating], set_=changes, where=or_(unknown, alike))
    return changed.returning(ratings)


def _corrected(insert: Callable[[Table], Any]) -> Any:
    row = insert(ratings)
    newer = or_(_C.corrected_at.is_(None), _C.corrected_at < row.excluded.corrected_at)
    changes = {name: row.excluded[name] for name in ("corrected_at", "corrected_score")}
    return row.on_conflict_do_update(index_elements=[_C.rating], set_=changes, where=newer).returning(ratings)


_GIVEN: Mapping[str, Any] = {"sqlite": _given(sqlite.insert), "postgresql": _given(postgresql.insert)}
_CORRECTED: Mapping[str, Any] = {"sqlite": _corrected(sqlite.insert), "postgresql": _corrected(postgresql.insert)}


def record_rating_given(event: Event, work: UnitOfWork) -> None:
    """A citizen rated the handling of a dossier, or a visit.

    Raises:
        Conflict: another rating of this id is known.
    """
    row = {name: event.data[name] for name in ("rating", *_SAME, "given_at")}
    known = work.execute(_GIVEN[work.connection.dialect.name], row).mappings().first()
    if known is None:
        raise Conflict(f"rating {row['rating']} is known with other contents")
    _record_of_dossier(work, known)


def record_rating_corrected(event: Event, work: UnitOfWork) -> None:
    """A rating counts with another score, or not at all."""
    data = event.data
    row = {"rating": data["rating"], "corrected_at": data["corrected_at"], "corrected_score": data["score"]}
    known = work.execute(_CORRECTED[work.connection.dialect.name], row).mappings().first()
    if known is not None:
        _record_of_dossier(work, known)


def _record_of_dossier(work: UnitOfWork, rating: Mapping[Any, Any]) -> None:
    """What a rating says of its dossier; nothing yet if only its correction is known."""
    dossier, given_at = rating["dossier"], rating["given_at"]
    if dossier is None or given_at is None:
        return
    score = rating["score"] if rating["corrected_at"] is None else rating["corrected_score"]
    satisfied = None if score is None else score >= SATISFIED_FROM
    facts_of(work).change(DOSSIERS, (dossier,), lambda row: rated(row, given_at, score, satisfied))
