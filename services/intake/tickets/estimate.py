"""How long a visitor will probably wait: from the service times of the last hours and the counters that are open. Pure rules.

A line of `n` visitors takes `n` service times. Their sum spreads for two reasons: each takes another time, and the mean itself is known
from a few observations only. Both are in the interval, so that it is wide where little is known.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

from services.intake.tickets.groups import EstimateRules


@dataclass(frozen=True, slots=True)
class Estimate:
    """A wait in whole minutes: it is probably between `low` and `high`, most likely near `likely`."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class Observed:
    """The times at a counter that were observed, in seconds: by group, the latest first or last does not matter."""

    seconds: Mapping[str, Sequence[float]]

    def of(self, group: str, least: int) -> Sequence[float]:
        """Those of a group; where these are too few, those of all groups; empty where these are too few too."""
        own = self.seconds.get(group, ())
        if len(own) >= least:
            return own
        every = [one for group_seconds in self.seconds.values() for one in group_seconds]
        return every if len(every) >= least else ()


def estimate_wait(
    group: str,
    ahead: Mapping[str, int],
    counters: Sequence[Collection[str]],
    busy: int,
    observed: Observed,
    rules: EstimateRules,
) -> Estimate | None:
    """How long somebody waits who joins a group's line now; None where too little is known, or no open counter serves the group.

    Args:
        group: code of the group.
        ahead: how many wait in each group.
        counters: the groups of each open counter.
        busy: how many of those that serve the group have a visitor now; on average half of that service is over.
        observed: what was observed in the last hours.
        rules: how many observations are needed, and how wide the interval is.
    """
    serving = [groups for groups in counters if group in groups]
    times = observed.of(group, rules.least)
    if not serving or not times:
        return None
    mean_of_sum = busy * fmean(times) / 2
    spread = busy * (variance(times) + fmean(times) ** 2) / 4
    for other, count in ahead.items():
        able = sum(1 for groups in counters if other in groups)
        shared = sum(1 for groups in serving if other in groups)
        others = observed.of(other, rules.least)
        if not count or not shared or not others:
            continue
        part = count * shared / able
        mean_of_sum += part * fmean(others)
        spread += part * variance(others) + part**2 * variance(others) / len(others)
    return _interval(mean_of_sum / len(serving), math.sqrt(spread) / len(serving), rules.percent)


def _interval(seconds: float, deviation: float, percent: int) -> Estimate:
    width = NormalDist().inv_cdf(0.5 + percent / 200) * deviation
    low, high = max(0.0, seconds - width), seconds + width
    return Estimate(math.floor(low / 60), round(seconds / 60), math.ceil(high / 60))
