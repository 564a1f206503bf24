"""Apologies to citizens: announced before the due time, signed for a lateness, and owed but not signed; by responsible agency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.stats.measures.activities import Counts


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


def count_apologies(events: Counts, missing: Mapping[str, int], announced: int) -> ApologyTotals:
    """Counts the apologies of a scope; its filters and agencies are those of the dossiers.

    Args:
        events: of the period.
        missing: responsible agency → letters owed at its end.
        announced: the measure `extended` of the same scope.
    """
    signed, unsigned = events.get("apology_signed", {}), events.get("apology_unsigned", {})
    return ApologyTotals(
        announced, sum(signed.values()), sum(unsigned.values()), sum(missing.values()), signed, missing
    )
