"""Helpers of rating's tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.rating.officials.store import officials
from services.rating.ratings.commands import keep_rating
from services.rating.ratings.domain import NewRating, Rating
from shared.messaging.event import new_id
from shared.observability.metrics import exposition
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK = "H57.10.01"


def invite(rating: ServiceUnderTest, dossier: str = "D-1", **told: Any) -> str:
    """Applies `dossier.returned` for a dossier, with fields that differ; returns the token of its invitation."""
    returned_at = rating.store.clock.now().isoformat()
    rating.apply(event("dossier.returned", 1, dossier=dossier, returned_at=returned_at, **told))
    (token,) = [entry.data["token"] for entry in rating.emitted("rating.invited") if entry.key == dossier]
    return str(token)


def counted_ratings(score: int) -> float:
    """How many ratings with this score the metric has counted, over all agencies."""
    lines = exposition("rating")[0].decode().splitlines()
    found = [line for line in lines if line.startswith("motcua_ratings_total") and f'score="{score}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def keep(rating: ServiceUnderTest, *scores: int, **about: Any) -> list[str]:
    """Keeps a rating of a visit for each score; returns their ids.

    Args:
        rating: the service.
        scores: one for each rating.
        **about: fields of the ratings that differ; `at` is when the first was given, `apart` how long between two of them.
    """
    at, apart = about.pop("at", None) or rating.store.clock.now(), about.pop("apart", timedelta())
    answers = {name: about.pop(name) for name in ("criteria", "courtesy", "comment") if name in about}
    given = {"kind": "visit", "agency": DESK, "channel": "device", **about}

    def work(unit: UnitOfWork) -> list[str]:
        made = [
            NewRating(new_id(), rating=Rating(score, **answers), given_at=at + place * apart, **given)
            for place, score in enumerate(scores)
        ]
        for one in made:
            keep_rating(unit, one)
        return [one.id for one in made]

    return rating.store.run(work)


def register(rating: ServiceUnderTest, *subjects: str, agency: str = DESK) -> None:
    """Puts officials into the register of an agency; their names are Cán bộ and their subject."""

    def work(unit: UnitOfWork) -> None:
        for subject in subjects:
            row = {"id": new_id(), "subject": subject, "agency": agency, "valid_from": date(2020, 1, 1)}
            row |= {"name": f"Cán bộ {subject}", "position": "Chuyên viên", "active": True}
            row |= {"recorded_by": "leader-1", "recorded_at": unit.now}
            unit.connection.execute(officials.insert(), personal_values(officials, row))

    rating.store.run(work)
