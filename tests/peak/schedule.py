"""The arrivals of a rush: who comes when, to which desk, with which papers. The mixture is data, in ``day.json``."""

from __future__ import annotations

import json
import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from shared.client.sample_filing import sample_person

MIXTURE = Path(__file__).with_name("day.json")
HALF_HOUR = 1800.0


@dataclass(frozen=True)
class Arrival:
    """Somebody who hands a dossier in.

    Attributes:
        at: seconds after the beginning of the run, as it is played.
        phase: ``day``, ``burst`` or ``after``.
        key: of the filing; also its Idempotency-Key.
        field: of the procedure.
        desk: the receiving one-stop desk.
        at_once: whether the result is handed over while the citizen waits.
        step: the only step of the route that is assigned at first.
        body: what is filed.
    """

    at: float
    phase: str
    key: str
    field: str
    desk: str
    at_once: bool
    step: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Rush:
    """What is played.

    Attributes:
        dossiers: that arrive on the day.
        speedup: how much faster than the real day it is played.
        burst_factor: the rate of the burst, in mean rates of the day.
        burst_seconds: how long the burst takes, as it is played; it follows on the day.
        after_seconds: how long people come at the day's mean rate after the burst.
        seed: the same seed gives the same arrivals.
    """

    dossiers: int
    speedup: float
    burst_factor: float
    burst_seconds: float
    after_seconds: float = 0.0
    seed: int = 2026

    @property
    def day_seconds(self) -> float:
        """How long the day takes, as it is played."""
        first, last = opening(_mixture()["hours"])
        return (last - first) / self.speedup

    @property
    def mean_rate(self) -> float:
        """Dossiers per second of the day, as it is played."""
        return self.dossiers / self.day_seconds

    @property
    def seconds(self) -> float:
        """How long the whole run takes until the last arrival."""
        return self.day_seconds + self.burst_seconds + self.after_seconds


def dossiers_a_day() -> int:
    """How many dossiers arrive on a day of the rush."""
    base = _mixture()["base"]
    return int(base["dossiers"] // base["days"])


def opening(hours: Mapping[str, Any]) -> tuple[float, float]:
    """When the first and the last half hour of any channel begin and end, in seconds of the day."""
    times = [_seconds(name) for channel in ("counter", "online") for name in hours[channel]]
    return min(times), max(times) + HALF_HOUR


def arrivals(rush: Rush) -> list[Arrival]:
    """All arrivals, in order. Times are drawn independently, so people also come together by chance, as they do."""
    mixture, chance = _mixture(), random.Random(rush.seed)
    first, _ = opening(mixture["hours"])
    channels = mixture["channels"]
    curves = {channel: _Curve(mixture["hours"][channel]) for channel in channels}
    moments: list[tuple[float, str, str]] = []
    for _ in range(rush.dossiers):
        channel = _choice(chance, channels)
        moments.append(((curves[channel].moment(chance) - first) / rush.speedup, "day", channel))
    begin = rush.day_seconds
    for phase, seconds, factor in (
        ("burst", rush.burst_seconds, rush.burst_factor),
        ("after", rush.after_seconds, 1.0),
    ):
        for _ in range(round(rush.mean_rate * factor * seconds)):
            moments.append((begin + chance.uniform(0, seconds), phase, _choice(chance, channels)))
        begin += seconds
    people = enumerate(sorted(moments))
    return [_arrival(chance, mixture, number, *moment) for number, moment in people]


class _Curve:
    """How people spread over a day."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._begins = [_seconds(name) for name in weights]
        self._sums = list(accumulate(weights.values()))
        assert all(early < late for early, late in pairwise(self._begins)), "half hours are not in order"

    def moment(self, chance: random.Random) -> float:
        """A time at which somebody comes, in seconds of the day."""
        place = bisect(self._sums, chance.uniform(0, self._sums[-1]), hi=len(self._sums) - 1)
        return self._begins[place] + chance.uniform(0, HALF_HOUR)


def _arrival(
    chance: random.Random, mixture: Mapping[str, Any], number: int, at: float, phase: str, channel: str
) -> Arrival:
    filings: Sequence[Mapping[str, Any]] = mixture["filings"]
    if channel != "counter":
        filings = [one for one in filings if not one.get("at_once")]  # one gets those while one waits at the counter
    filing = chance.choices(filings, [one["share"] for one in filings])[0]
    desk = _choice(chance, mixture["desks"])
    at_once = bool(filing.get("at_once"))
    body: dict[str, Any] = {
        "procedure": filing["procedure"],
        "case": filing["case"],
        "channel": channel,
        "receiving_agency": desk,
        "applicant": {
            **sample_person(chance, number),
            "address": f"Số {chance.randint(1, 300)}, ấp {chance.randint(1, 12)}",
        },
        "papers": filing["papers"],
    }
    if at_once:
        body["finish"] = True
    if chance.random() < filing.get("couple", 0):
        other = sample_person(chance, number)
        body["co_applicants"] = [{"name": other["name"], "id_number": other["id_number"]}]
    if chance.random() < filing.get("represented", 0):
        other = sample_person(chance, number)
        body["representative"] = {
            "name": other["name"],
            "id_number": other["id_number"],
            "relation": "authorised",
            "authority": f"Văn bản ủy quyền số {number % 900 + 1}, UBND xã chứng thực",
            "phone": other["phone"],
        }
    return Arrival(at, phase, f"peak-{number}", filing["field"], desk, at_once, filing["step"], body)


def _choice(chance: random.Random, weights: Mapping[str, float]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _seconds(name: str) -> float:
    hour, _, minute = name.partition(":")
    return int(hour) * 3600.0 + int(minute) * 60.0


def _mixture() -> dict[str, Any]:
    mixture: dict[str, Any] = json.loads(MIXTURE.read_text())
    return mixture
