"""What the statistics of a platform say about a profile, beside what its seed says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.client.http import Client
from shared.client.profiles.model import Group, Profile
from shared.runtime.reference_data import Reference

COUNTED = ("received", "resolved", "on_time", "resolved_late", "in_progress", "in_progress_overdue", "returned")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the seed and of the platform.

    Attributes:
        name: what is counted.
        wanted: by the seed.
        found: by the platform's API.
    """

    name: str
    wanted: Any
    found: Any

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return bool(self.wanted == self.found)


def read_figures(profile: Profile, reference: Reference, operator: Client) -> list[Figure]:
    """Asks ``/stats/api/summary`` for everything that the seed tells, group by group.

    Args:
        profile: as it was played, perhaps scaled.
        reference: agencies of its time.
        operator: who may see all.
    """
    period = {"from": profile.first_day.isoformat(), "to": profile.last_day.isoformat()}
    found: list[Figure] = []
    for group in profile.groups:
        desks = [
            one.code
            for one in reference.agencies.all(profile.first_day)
            if "one_stop_desk" in one.roles and one.level == group.level
        ]
        summaries = [operator.get("/stats/api/summary", agency=desk, **period) for desk in desks]
        counted = Counter({name: sum(one[name] for one in summaries) for name in COUNTED})
        found += _of_group(group, counted)
    if profile.ratings.given:
        found += _of_ratings(profile, operator.get("/stats/api/summary", **period)["ratings"])
    if profile.largest_field:
        found.append(Figure("largest field", profile.largest_field, _largest_field(profile, operator, period)))
    return found


def on_time_share(figures: list[Figure], name: str) -> float:
    """The share of a group's received dossiers that were done on time, in percent."""
    by_name = {one.name: float(one.found) for one in figures if one.name.startswith(f"{name}: ")}
    return 100 * by_name[f"{name}: on_time"] / max(by_name[f"{name}: received"], 1.0)


def _of_group(group: Group, counted: Mapping[str, int]) -> list[Figure]:
    wanted: dict[str, int] = {"received": group.received}
    if group.in_hand is not None and group.on_time is not None:
        wanted |= {
            "on_time": group.on_time,
            "resolved_late": group.late,
            "in_progress": group.in_hand,
            "in_progress_overdue": 0,
        }
    return [Figure(f"{group.name}: {name}", number, counted[name]) for name, number in wanted.items()]


def _of_ratings(profile: Profile, ratings: Mapping[str, Any]) -> list[Figure]:
    wanted = profile.ratings
    by_device = wanted.by_device if wanted.devices else 0
    return [
        Figure("ratings: given", wanted.given, ratings["given"]),
        Figure("ratings: satisfied", wanted.given - wanted.dissatisfied, ratings["satisfied"]),
        Figure("ratings: at the devices", by_device, ratings["by_channel"].get("device", 0)),
    ]


def _largest_field(profile: Profile, operator: Client, period: Mapping[str, str]) -> str:
    fields = sorted({share.field for group in profile.groups for share in group.fields})
    counted = {field: operator.get("/stats/api/summary", field=field, **period)["received"] for field in fields}
    return max(counted, key=counted.__getitem__)
