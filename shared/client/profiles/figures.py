"""What a platform says about a profile, beside what its seed says: the figures, and those of the API of statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.client.http import Client
from shared.client.profiles.model import Group, Profile, Ratings
from shared.client.profiles.places import desks_of
from shared.runtime.reference_data import Reference

API, PAGE, PAPER, VERIFY, REBUILD = "API", "page", "PDF", "verify", "rebuild"
"""Where a figure is read: `/stats/api/summary`, the leader's page, the paper of a report, and the two checks of the store."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the seed and of the platform.

    Attributes:
        name: what is counted.
        wanted: by the seed.
        found: by the platform; None where it says nothing.
        where: it was read.
    """

    name: str
    wanted: Any
    found: Any
    where: str = API

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return bool(self.wanted == self.found)


def wanted_of(group: Group) -> dict[str, int]:
    """What the seed says of a group: measure → number."""
    wanted = {"received": group.received}
    if group.in_hand is not None and group.on_time is not None:
        wanted |= {
            "on_time": group.on_time,
            "resolved_late": group.late,
            "in_progress": group.in_hand,
            "in_progress_overdue": 0,
        }
    return wanted


def satisfied_share(ratings: Ratings) -> float:
    """The share of satisfied ratings that the seed tells, in percent with one decimal, as the platform writes it."""
    return round(100 * (ratings.given - ratings.dissatisfied) / ratings.given, 1)


def read_figures(profile: Profile, reference: Reference, operator: Client) -> list[Figure]:
    """Asks ``/stats/api/summary`` for everything that the seed tells, group by group.

    Args:
        profile: as it was played, perhaps scaled.
        reference: agencies of its time.
        operator: who may see all.
    """
    period = period_of(profile)
    found: list[Figure] = []
    for group in profile.groups:
        desks = desks_of(group, profile, reference)
        summaries = [operator.get("/stats/api/summary", agency=desk, **period) for desk in desks]
        wanted = wanted_of(group)
        counted = Counter({name: sum(one[name] for one in summaries) for name in wanted})
        found += [Figure(f"{group.name}: {name}", number, counted[name]) for name, number in wanted.items()]
    if profile.ratings.given:
        found += _of_ratings(profile.ratings, operator.get("/stats/api/summary", **period)["ratings"])
    if profile.largest_field:
        found.append(Figure("largest field", profile.largest_field, _largest_field(profile, operator, period)))
    return found


def period_of(profile: Profile) -> dict[str, str]:
    """The period of a profile, as the API and the pages of statistics are asked for it."""
    return {"from": profile.first_day.isoformat(), "to": profile.last_day.isoformat()}


def on_time_share(figures: list[Figure], name: str) -> float:
    """The share of a group's received dossiers that were done on time, in percent."""
    by_name = {one.name: one.found for one in figures if one.where == API}
    return 100 * float(by_name[f"{name}: on_time"]) / max(float(by_name[f"{name}: received"]), 1.0)


def _of_ratings(wanted: Ratings, ratings: Mapping[str, Any]) -> list[Figure]:
    by_device = wanted.by_device if wanted.devices else 0
    return [
        Figure("ratings: given", wanted.given, ratings["given"]),
        Figure("ratings: satisfied", wanted.given - wanted.dissatisfied, ratings["satisfied"]),
        Figure("ratings: satisfied, %", satisfied_share(wanted), ratings["satisfied_share"]),
        Figure("ratings: at the devices", by_device, ratings["by_channel"].get("device", 0)),
    ]


def fields_of(profile: Profile) -> list[str]:
    """The codes of the fields in which dossiers are filed, in order."""
    return sorted({share.field for group in profile.groups for share in group.fields})


def _largest_field(profile: Profile, operator: Client, period: Mapping[str, str]) -> str:
    asked = {field: operator.get("/stats/api/summary", field=field, **period) for field in fields_of(profile)}
    return max(asked, key=lambda field: int(asked[field]["received"]))
