"""Which dossiers are drawn: quotas of the strata, and a draw that anybody can repeat who knows its seed.

A stratum is one procedure at one receiving agency. Quotas are proportional to the strata with a minimum for each; what is left over by
rounding goes to the largest remainders (Hamilton's method). The draw takes in each stratum the dossiers with the smallest SHA-256 of seed
and code: a simple random sample without replacement by pseudo-random numbers that belong to the units (Ohlsson 1995, "Coordination of
samples using permanent random numbers"). It does not depend on the order of the list or on a library's generator, so it can be repeated
and checked with any other program, in any year.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

MARGIN = 0.05
"""The error that the suggested size allows."""


def suggested_size(population: int, margin: float = MARGIN) -> int:
    """A size of the sample for a population: n = N / (1 + N·e²), rounded up.

    Args:
        population: N, how many returned dossiers there are.
        margin: e, the error that is allowed, as a share.

    Source: Yamane 1967; the formula of QĐ 1383/QĐ-BNV of 28/12/2012 for measuring satisfaction, with e = 5 %.
    """
    return min(population, math.ceil(population / (1 + population * margin**2)))


def quotas(populations: Mapping[Key, int], total: int, least: int) -> dict[Key, int]:
    """How many are drawn of each stratum.

    Args:
        populations: stratum → how many dossiers it has; none is negative.
        total: how many are to be drawn altogether; all of them if there are fewer.
        least: how many at least of each stratum, or all of it if it is smaller. If all minima together are more than `total`, each
            stratum gets its minimum.

    Returns:
        stratum → its quota: from its minimum to its population.
    """
    floors = {key: min(least, size) for key, size in populations.items()}
    wanted = min(total, sum(populations.values()))
    fixed: dict[Key, int] = {}
    free = dict(populations)
    while free:
        left, size = wanted - sum(fixed.values()), sum(free.values())
        below = [key for key, one in free.items() if left * one <= floors[key] * size]
        if not below:
            break
        for key in below:  # the proportional share is at most the minimum
            fixed[key] = floors[key]
            del free[key]
    return fixed | _largest_remainders(free, wanted - sum(fixed.values()))


def _largest_remainders(populations: Mapping[Key, int], total: int) -> dict[Key, int]:
    size = sum(populations.values())
    found = {key: total * one // size for key, one in populations.items()}
    by_remainder = sorted(
        populations, key=lambda key: (-(total * populations[key] % size), -populations[key], str(key))
    )
    for key in by_remainder[: total - sum(found.values())]:
        found[key] += 1
    return found


def new_seed() -> str:
    """A seed for a draw: 128 random bits, so that nobody can choose the sample by choosing the seed."""
    return secrets.token_hex(16)


def draw(dossiers: Iterable[str], size: int, seed: str) -> list[str]:
    """Draws a simple random sample of one stratum.

    Args:
        dossiers: codes, in any order, each once.
        size: how many.
        seed: of the campaign's draw.

    Returns:
        the codes with the smallest SHA-256 of ``<seed>|<code>``, in the order of these.
    """
    return sorted(dossiers, key=lambda code: hashlib.sha256(f"{seed}|{code}".encode()).digest())[:size]


def frame_digest(dossiers: Iterable[str]) -> str:
    """A digest of all dossiers that could be drawn: SHA-256 of the sorted codes, one a line. Tells whether a frame is still the same."""
    return hashlib.sha256("\n".join(sorted(dossiers)).encode()).hexdigest()
