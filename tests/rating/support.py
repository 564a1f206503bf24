"""Helpers of rating's tests."""

from __future__ import annotations

from shared.observability.metrics import exposition
from tests.support.events import event
from tests.support.service import ServiceUnderTest


def invite(rating: ServiceUnderTest, dossier: str = "D-1") -> str:
    """Applies `dossier.returned` for a dossier; returns the token of its invitation."""
    returned_at = rating.store.clock.now().isoformat()
    rating.apply(event("dossier.returned", 1, dossier=dossier, returned_at=returned_at))
    (token,) = [entry.data["token"] for entry in rating.emitted("rating.invited") if entry.key == dossier]
    return str(token)


def counted_ratings(score: int) -> float:
    """How many ratings with this score the metric has counted, over all agencies."""
    lines = exposition("rating")[0].decode().splitlines()
    found = [line for line in lines if line.startswith("motcua_ratings_total") and f'score="{score}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)
