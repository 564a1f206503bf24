"""Profiles: their numbers are those of the seeds, at every scale, and the plan brings them about by when people act."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalogue import Procedure, check_catalogue, unresolved_steps
from shared.client.profiles import Profile, load_profile, profile_names
from shared.client.profiles.catalogue import catalogue_of
from shared.client.profiles.model import UnknownProfile
from shared.client.profiles.plan import DEVICE, Fate, ImpossiblePlan, Plan, is_open, plan_profile
from shared.runtime.reference_data import Reference, load_reference

NAMES = profile_names()


@cache
def reference_of(name: str) -> Reference:
    return load_reference(load_profile(name).agencies_dir)


def planned(profile: Profile, seed: int = 1) -> Plan:
    return plan_profile(profile, reference_of(profile.name), seed)


def test_the_numbers_are_those_of_the_seeds() -> None:
    told = {
        name: [(group.received, group.on_time, group.in_hand) for group in load_profile(name).groups] for name in NAMES
    }
    assert told == {
        "phuoc-long-2016": [(30, None, None), (250, None, None)],
        "thuong-tin-2017": [(4_936, 4_383, 553), (33_318, 31_342, 1_976)],
        "center-2016": [(40_154, 39_150, 0)],
    }
    centre = load_profile("center-2016")
    assert round(100 * 39_150 / 40_154, 1) == 97.5
    assert (centre.ratings.given, centre.ratings.devices) == (6_500, 60)
    assert round(100 * (centre.ratings.given - centre.ratings.dissatisfied) / centre.ratings.given, 1) == 99.5
    assert len(centre.officials) == len({one.counter for one in centre.officials}) == 40
    assert len({one.home_agency for one in centre.officials}) == 24


@pytest.mark.parametrize("name", NAMES)
def test_every_procedure_is_valid_and_finds_its_agencies_on_every_day(name: str) -> None:
    profile, agencies = load_profile(name), reference_of(name).agencies
    catalogue = catalogue_of(profile.procedures, profile.source)
    assert check_catalogue(catalogue) == []
    procedures = [Procedure.from_dict(one) for one in catalogue["procedures"]]
    for day in (profile.first_day, profile.last_day):
        assert unresolved_steps(procedures, agencies, day) == []


@settings(max_examples=20)
@given(scale=st.sampled_from([0.0005, 0.001, 0.01]), seed=st.integers(1, 1000), name=st.sampled_from(NAMES))
def test_at_every_scale_the_plan_has_exactly_the_profile_s_numbers(scale: float, seed: int, name: str) -> None:
    profile = load_profile(name).scaled(scale)
    plan = planned(profile, seed)
    assert len(plan.dossiers) == sum(group.received for group in profile.groups)
    fates = Counter(one.fate for one in plan.dossiers)
    if name != "phuoc-long-2016":
        assert fates[Fate.LATE] == sum(group.late for group in profile.groups)
        assert fates[Fate.IN_HAND] == sum(group.in_hand or 0 for group in profile.groups)
    rated = [one.rating for one in plan.dossiers if one.rating]
    assert len(rated) == profile.ratings.given
    assert sum(one.score < 4 for one in rated) == profile.ratings.dissatisfied
    assert sum(one.channel == DEVICE for one in rated) == profile.ratings.by_device


@settings(max_examples=10)
@given(seed=st.integers(1, 1000))
def test_who_is_late_acts_after_the_due_moment_and_nobody_else_does(seed: int) -> None:
    profile = load_profile("center-2016").scaled(0.005)
    plan, reference = planned(profile, seed), reference_of("center-2016")
    for one in plan.dossiers:
        received = plan.moments[one.arrival]
        due = plan.by(
            reference.calendar(one.desk, received.date()).add_working_days(received, one.procedure.working_days).at
        )
        ends = one.ends(due, plan.last, 2)
        assert None not in ends, "the year's dossiers all end"
        last = max(end for end in ends if end is not None)
        assert (last > due) == (one.fate is Fate.LATE)
        assert one.arrival <= min(end for end in ends if end is not None)


def test_what_is_in_hand_is_not_due_before_the_end_and_its_last_step_is_not_done() -> None:
    profile = load_profile("thuong-tin-2017").scaled(0.01)
    plan, reference = planned(profile), reference_of("thuong-tin-2017")
    in_hand = [one for one in plan.dossiers if one.fate is Fate.IN_HAND]
    assert in_hand
    for one in in_hand:
        received = plan.moments[one.arrival]
        due = reference.calendar(one.desk, received.date()).add_working_days(received, one.procedure.working_days).at
        assert due > plan.moments[-1]
        assert one.ends(plan.by(due), plan.last, 2)[-1] is None


def test_people_come_when_their_desk_is_open_and_on_saturday_mornings_too() -> None:
    plan, reference = planned(load_profile("thuong-tin-2017").scaled(0.05)), reference_of("thuong-tin-2017")
    saturdays = 0
    for one in plan.dossiers:
        at = plan.moments[one.arrival]
        assert is_open(reference.calendar(one.desk, at.date()), at)
        saturdays += at.weekday() == 5
    assert 0 < saturdays < len(plan.dossiers) / 5
    assert not any(at.weekday() == 6 or (at.month, at.day) == (9, 2) for at in plan.moments)


def test_land_is_the_largest_field_of_phuoc_long() -> None:
    counted = Counter(one.procedure.field for one in planned(load_profile("phuoc-long-2016")).dossiers)
    assert counted.most_common(1)[0][0] == "land"


def test_the_same_seed_plans_the_same_and_another_something_else() -> None:
    profile = load_profile("center-2016").scaled(0.002)
    assert planned(profile, 1) == planned(profile, 1) != planned(profile, 2)


def test_what_does_not_fit_is_refused() -> None:
    profile = load_profile("thuong-tin-2017").scaled(0.01)
    profile = replace(profile, groups=(replace(profile.groups[0], late=10_000),))
    with pytest.raises(ImpossiblePlan, match="late"):
        planned(profile)
    with pytest.raises(UnknownProfile, match="center-2016"):
        load_profile("nowhere")
