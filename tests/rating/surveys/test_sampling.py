"""Quotas and draws: by hand, and by their properties."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.surveys.sampling import draw, frame_digest, new_seed, quotas, suggested_size

POPULATIONS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 5000), max_size=12)
SIZES = st.integers(0, 6000)


@pytest.mark.parametrize(
    ("populations", "total", "least", "expected"),
    [
        # 10·50/100 = 5, 10·30/100 = 3, 10·20/100 = 2
        ({"a": 50, "b": 30, "c": 20}, 10, 1, {"a": 5, "b": 3, "c": 2}),
        # 10·47/100 = 4.7, 3.3, 2.0: nine by whole numbers, the last one goes to .7
        ({"a": 47, "b": 33, "c": 20}, 10, 1, {"a": 5, "b": 3, "c": 2}),
        # c would get 0.5 and gets its minimum of 5; 95 remain for 900 and 95
        ({"a": 900, "b": 95, "c": 5}, 100, 5, {"a": 86, "b": 9, "c": 5}),
        # a stratum that is smaller than the minimum is asked wholly
        ({"a": 100, "b": 3}, 20, 10, {"a": 17, "b": 3}),
        # the minima together are more than the sample
        ({"a": 100, "b": 100}, 5, 10, {"a": 10, "b": 10}),
        # more is wanted than there is
        ({"a": 4, "b": 2}, 100, 1, {"a": 4, "b": 2}),
        ({"a": 0, "b": 8}, 4, 1, {"a": 0, "b": 4}),
        ({}, 10, 1, {}),
        # equal remainders: the larger stratum first, then by name
        ({"b": 5, "a": 5}, 5, 0, {"a": 3, "b": 2}),
    ],
)
def test_quotas_by_hand(populations: dict[str, int], total: int, least: int, expected: dict[str, int]) -> None:
    assert quotas(populations, total, least) == expected


@given(POPULATIONS, SIZES, st.integers(0, 50))
def test_quotas_keep_their_bounds_and_sum(populations: dict[str, int], total: int, least: int) -> None:
    found = quotas(populations, total, least)
    floors = {key: min(least, size) for key, size in populations.items()}
    assert found.keys() == populations.keys()
    assert all(floors[key] <= found[key] <= populations[key] for key in populations)
    assert sum(found.values()) == max(min(total, sum(populations.values())), sum(floors.values()))


@given(POPULATIONS, SIZES, st.integers(0, 50))
def test_a_larger_stratum_never_gets_less(populations: dict[str, int], total: int, least: int) -> None:
    found = quotas(populations, total, least)
    for one, size in populations.items():
        assert all(found[one] >= found[other] for other, less in populations.items() if less < size)


@given(POPULATIONS, SIZES)
def test_without_minima_each_quota_is_its_share_rounded_up_or_down(populations: dict[str, int], total: int) -> None:
    everything = sum(populations.values())
    wanted = min(total, everything)
    for key, quota in quotas(populations, total, 0).items():
        assert abs(quota * everything - wanted * populations[key]) < max(everything, 1)


def test_the_size_for_an_error_of_five_per_cent() -> None:
    assert suggested_size(1000) == 286  # 1000 / (1 + 1000·0.0025) = 285.7
    assert suggested_size(40_154) == 397
    assert suggested_size(3) == 3


def test_a_draw_can_be_repeated_and_does_not_depend_on_the_order() -> None:
    dossiers = [f"D-{number}" for number in range(200)]
    seed = "5eed" * 8
    drawn = draw(dossiers, 20, seed)
    shuffled = random.Random(1).sample(dossiers, len(dossiers))
    assert draw(shuffled, 20, seed) == drawn
    assert draw(dossiers, 20, "0" * 32) != drawn
    # as anybody may do it with another program
    by_hand = sorted((hashlib.sha256(f"{seed}|{code}".encode()).hexdigest(), code) for code in dossiers)
    assert drawn == [code for _, code in by_hand[:20]]
    assert draw(dossiers, 300, seed) == [code for _, code in by_hand]


def test_every_dossier_has_the_same_chance() -> None:
    counts = dict.fromkeys(map(str, range(10)), 0)
    for number in range(4000):
        for code in draw(counts, 3, f"{number:032x}"):
            counts[code] += 1
    # 1200 each; the standard deviation is 29
    assert all(1050 < count < 1350 for count in counts.values())
    assert sum(counts.values()) == 12_000


def test_seeds_differ_and_a_frame_has_one_digest() -> None:
    assert len({new_seed() for _ in range(50)}) == 50
    assert frame_digest(["b", "a"]) == frame_digest(["a", "b"]) != frame_digest(["a"])
