"""The rule of rankings: agencies of one group by their share of the possible points, with what changed since the period before.

Whoever has printed the same share has the same place, and the places that they take up are left out after them (1, 2, 2, 4). Agencies
with too few dossiers are named apart and have no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.stats.index.domain import Score, printed
from shared.agencies import Agency


class RankedGroup(StrEnum):
    """Who is ranked against whom."""

    DEPARTMENTS = "departments"
    DISTRICTS = "district"
    COMMUNES = "commune"


COMMITTEE, PROVINCE = "peoples_committee", "province"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What is known of an agency in a period.

    Attributes:
        agency: its code.
        dossiers: those in hand at some time of the period.
        score: its score.
    """

    agency: str
    dossiers: int
    score: Score

    @property
    def share(self) -> float:
        """Points of 100 possible ones, as printed; 0 if nothing is known."""
        return printed(self.score.share) if self.score.share is not None else 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a ranking.

    Attributes:
        place: from 1; those of equal share have the same.
        of: the agency.
        places_gained: since the period before, negative if lost; None if it had no place then, or by other rules.
        points_gained: of the share, with two decimals; None likewise.
    """

    place: int
    of: Ranked
    places_gained: int | None
    points_gained: float | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking.

    Attributes:
        places: by place, then code.
        too_few: those with fewer dossiers than the smallest sample, by code; they have no place.
    """

    places: Sequence[Place]
    too_few: Sequence[Ranked]


def subjects(agencies: Iterable[Agency], group: RankedGroup) -> list[Agency]:
    """The agencies of a group: people's committees of its level, or those right below the one of the province.

    Args:
        agencies: that exist on the day.
        group: who is ranked.
    """
    known = {one.code: one for one in agencies}
    committees = [one for one in known.values() if COMMITTEE in one.roles]
    if group is not RankedGroup.DEPARTMENTS:
        return [one for one in committees if one.level == group.value]
    heads = {one.code for one in committees if one.level == PROVINCE}
    return [one for one in known.values() if one.level == PROVINCE and one.parent in heads]


def rank(ranked: Iterable[Ranked], before: Iterable[Ranked] | None, smallest_sample: int) -> Ranking:
    """Ranks agencies.

    Args:
        ranked: each once.
        before: the same of the period before; None if nothing can be compared, such as after a change of the rules.
        smallest_sample: dossiers with which an agency has a place.
    """
    all_ = sorted(ranked, key=lambda one: one.agency)
    known = _by_place(before or (), smallest_sample)
    places = []
    for agency, (place, one) in _by_place(all_, smallest_sample).items():
        then = known.get(agency)
        gained = None if then is None else then[0] - place
        points = None if then is None else round(one.share - then[1].share, 2)
        places.append(Place(place, one, gained, points))
    return Ranking(places, [one for one in all_ if not _has_place(one, smallest_sample)])


def _by_place(ranked: Iterable[Ranked], smallest_sample: int) -> Mapping[str, tuple[int, Ranked]]:
    """Agency → its place, the best first."""
    found: dict[str, tuple[int, Ranked]] = {}
    place, share = 0, -1.0
    enough = [one for one in ranked if _has_place(one, smallest_sample)]
    for number, one in enumerate(sorted(enough, key=lambda one: (-one.share, one.agency)), 1):
        place = place if one.share == share else number
        share = one.share
        found[one.agency] = place, one
    return found


def _has_place(one: Ranked, smallest_sample: int) -> bool:
    return one.dossiers >= smallest_sample and one.score.share is not None
