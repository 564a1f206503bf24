"""Apologies to citizens: announced before the due time, signed for a lateness, and owed but not signed; by responsible agency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from services.stats.facts.store import apologies, dossiers
from services.stats.measures.queries import Scope

_C = apologies.c


@dataclass(frozen=True, slots=True)
class ApologyTotals:
    """Apologies (form 04) of a period.

    Attributes:
        announced: dossiers whose delay was announced before the due time (NĐ 118/2025, article 19.6); the measure `extended`.
        signed: letters signed for dossiers that were late.
        unsigned: latenesses that ended in the period, by the result or the end of the dossier, without a letter.
        missing: letters owed and not signed at the end of the period, or now.
        signed_by_agency, missing_by_agency: of these, by the responsible agency.
    """

    announced: int
    signed: int
    unsigned: int
    missing: int
    signed_by_agency: Mapping[str, int]
    missing_by_agency: Mapping[str, int]


def count_apologies(connection: Connection, scope: Scope, announced: int) -> ApologyTotals:
    """Counts the apologies of a scope; its filters and agencies are those of the dossiers.

    Args:
        connection: reads.
        scope: period and filters.
        announced: the measure `extended` of the same scope.
    """
    signed = _by_agency(connection, scope, scope.in_period(_C.signed_at))
    missing = _by_agency(connection, scope, missing_at_end(scope))
    ended = _by_agency(connection, scope, and_(scope.in_period(_C.withdrawn_at), _C.withdrawn_cause == "ended"))
    return ApologyTotals(announced, sum(signed.values()), sum(ended.values()), sum(missing.values()), signed, missing)


def missing_at_end(scope: Scope) -> ColumnElement[bool]:
    """The condition that a letter is owed and not signed at the end of the period, or now if that is earlier."""
    until = scope.observed_until
    unsigned = or_(_C.signed_at.is_(None), _C.signed_at >= until)
    owed = or_(_C.withdrawn_at.is_(None), _C.withdrawn_at >= until)
    return and_(_C.missing_at < until, unsigned, owed)


def _by_agency(connection: Connection, scope: Scope, condition: ColumnElement[bool]) -> dict[str, int]:
    conditions = scope.filter_conditions()
    table = apologies.join(dossiers, dossiers.c.code == _C.dossier) if conditions else apologies
    counted = select(_C.agency, func.count()).select_from(table).where(condition, *conditions)
    return {row[0]: row[1] for row in connection.execute(counted.group_by(_C.agency).order_by(_C.agency))}
