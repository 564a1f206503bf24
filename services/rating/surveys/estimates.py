"""The weighted result of a stratified sample, and its interval.

With N_h dossiers and n_h answers in stratum h, N = ΣN_h, W_h = N_h / N and f_h = n_h / N_h:

- estimate: ȳ = Σ W_h·ȳ_h, where ȳ_h is the mean of the answers of stratum h;
- variance: v = Σ W_h²·(1 − f_h)·s_h² / n_h, where s_h² = Σ(y − ȳ_h)² / (n_h − 1); 1 − f_h is the finite population correction;
- interval: Wilson's (1927) for a share, with the effective sample size n* = ȳ(1 − ȳ) / v in place of n. A plain ȳ ± 1.96·√v would say
  "100 % ± 0" where all are satisfied. With v = 0 because all answers are alike, n* = 1 / Σ W_h²·(1 − f_h) / n_h, the size that this
  design has for any share.

Sources: W. G. Cochran, Sampling Techniques (3rd ed., 1977), chapter 5 (stratified random sampling) for estimate and variance;
E. B. Wilson, JASA 22 (1927), for the interval; E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998), for the effective sample size.

A stratum without an answer cannot be estimated: the others stand for it, and :attr:`Estimate.covered` says for which share of the dossiers
there is an answer. The variance of a stratum with one answer is taken as ȳ(1 − ȳ), the largest that a share may have.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from services.rating.scores.domain import wilson_of_share

Z = 1.959963984540054
"""The quantile of the normal distribution for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class StratumAnswers:
    """The answers of one stratum.

    Attributes:
        population: how many dossiers it has; 0 where that is not known, as of an open population.
        values: of each answer its share of satisfaction, 0 to 1.
    """

    population: int
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated share.

    Attributes:
        value: 0 to 1.
        low, high: the limits of its interval of 95 %; None where the sample is not drawn at random.
        answers: of how many answers.
        covered: the share of the population whose strata have an answer.
    """

    value: float
    low: float | None
    high: float | None
    answers: int
    covered: float


def stratified_estimate(strata: Sequence[StratumAnswers]) -> Estimate | None:
    """The weighted share with its interval; see the module for formula and sources.

    Args:
        strata: all strata, also those without answers. More answers than dossiers, as by papers that were entered besides, count as
            if the whole stratum had answered.

    Returns:
        None without answers.
    """
    answered = [one for one in strata if one.values and one.population > 0]
    if not answered:
        return None
    covered = sum(one.population for one in answered)
    weights = [one.population / covered for one in answered]
    value = _clamped(sum(weight * _mean(one.values) for weight, one in zip(weights, answered, strict=True)))
    shares = [
        weight**2 * max(0.0, 1 - len(one.values) / one.population) / len(one.values)
        for weight, one in zip(weights, answered, strict=True)
    ]
    variance = sum(share * _variance(one.values, value) for share, one in zip(shares, answered, strict=True))
    low, high = _interval(value, variance, sum(shares))
    return Estimate(
        value, low, high, sum(len(one.values) for one in answered), covered / sum(one.population for one in strata)
    )


def plain_estimate(values: Sequence[float]) -> Estimate | None:
    """The share among those who answered of their own accord: not weighted, and without an interval, since nobody was drawn.

    Args:
        values: of each answer its share of satisfaction, 0 to 1.

    Returns:
        None without answers.
    """
    return Estimate(_clamped(_mean(values)), None, None, len(values), 0.0) if values else None


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float], overall: float) -> float:
    if len(values) < 2:
        return overall * (1 - overall)
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _interval(value: float, variance: float, design: float) -> tuple[float, float]:
    """Wilson's interval with the effective sample size.

    Args:
        value: the estimate.
        variance: v.
        design: Σ W_h²·(1 − f_h) / n_h; 0 where all have answered.
    """
    spread = value * (1 - value)
    # 1/n*: of a share whose answers are all alike the design alone tells it; below 1e-15 v is what rounding leaves
    inverse = variance / spread if variance > 1e-15 and spread > 1e-12 else design
    found = wilson_of_share(value, inverse, Z)
    return found.low, found.high


def _clamped(value: float) -> float:
    return min(1.0, max(0.0, value))
