"""The people of a rush come when desks are open, mostly with land, and the same seed brings the same people."""

from __future__ import annotations

from collections import Counter

from services.intake.filing.schemas import FilingSchema
from tests.peak.schedule import Rush, arrivals, dossiers_a_day

SPEEDUP = 240
RUSH = Rush(dossiers=2000, speedup=SPEEDUP, burst_factor=100, burst_seconds=2, after_seconds=5)


def test_people_of_a_rush() -> None:
    people = arrivals(RUSH)
    assert people == arrivals(RUSH)
    assert [one.at for one in people] == sorted(one.at for one in people)
    phases = Counter(one.phase for one in people)
    assert phases["day"] == RUSH.dossiers
    assert phases["burst"] == round(100 * RUSH.mean_rate * RUSH.burst_seconds)
    assert phases["after"] == round(RUSH.mean_rate * RUSH.after_seconds)
    fields = Counter(one.field for one in people)
    assert fields.most_common(1)[0][0] == "land"
    assert len(fields) == 6
    assert len({one.key for one in people}) == len(people)
    assert FilingSchema().validate([dict(one.body) for one in people[:500]], many=True) == {}


def test_the_day_has_two_humps_and_desks_close_at_noon() -> None:
    counter = Counter(
        int(6 * 2 + one.at * SPEEDUP // 1800)
        for one in arrivals(RUSH)
        if one.phase == "day" and one.body["channel"] == "counter"
    )
    # half hours of the day: 16 begins at 8:00
    morning, noon, afternoon = (
        sum(counter[half_hour] for half_hour in hours) for hours in ((16, 17), (23, 24, 25), (28, 29))
    )
    assert noon == 0
    assert morning > afternoon > counter[27] * 1.5
    assert min(counter) == 14
    assert max(counter) == 33


def test_a_day_of_the_rush_is_a_tenth_of_its_dossiers() -> None:
    assert dossiers_a_day() == 2080
