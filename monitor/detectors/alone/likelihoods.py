"""Counts and shares of one series: what `counts` and `proportions` do for a block, by the same formulas."""

from __future__ import annotations

from math import cbrt, copysign, exp, log, log1p, nan, sqrt, tanh
from typing import NamedTuple, Protocol

import numpy as np

from monitor.detectors import deviates
from monitor.detectors.contract import CENTRAL_95, LARGEST_DEVIATE
from monitor.detectors.counts import MOST
from monitor.detectors.proportions import BARE_TRIALS


class Figure(NamedTuple):
    """A figure, its size (exposure, trials), and what it is divided by to be shown; NaN: there is none."""

    figure: float
    size: float
    unit: float


class Expected(NamedTuple):
    """Mean, its change with the linear predictor, and variance over that change."""

    mean: float
    slope: float
    ratio: float


class Likelihood(Protocol):
    """What differs between counts and shares (`likelihood.Likelihood`)."""

    def figure(self, numerator: float, denominator: float) -> Figure: ...
    def link(self, seen: Figure) -> float: ...
    def moments(self, predictor: float, size: float) -> tuple[float, float]: ...
    def deviate(self, seen: Figure, expected: Expected) -> float: ...
    def residual(self, seen: Figure, expected: Expected) -> float: ...
    def posterior(self, seen: Figure, expected: Expected, q: float, weight: float) -> tuple[float, float]: ...
    def interval(self, predictor: float, size: float, expected: Expected) -> tuple[float, float]: ...


class Counts:
    """A negative binomial around its baseline."""

    def figure(self, numerator: float, denominator: float) -> Figure:
        plain = denominator != denominator
        exposure = 1.0 if plain else denominator
        is_exposed = 0.0 < exposure <= MOST
        is_there = 0.0 <= numerator <= MOST and is_exposed
        size = exposure if is_exposed else 1.0
        return Figure(numerator if is_there else nan, size, size)

    def link(self, seen: Figure) -> float:
        return log((seen.figure + 0.5) / seen.size)

    def moments(self, predictor: float, size: float) -> tuple[float, float]:
        mean = max(size * exp(predictor), 1e-9)
        return mean, mean

    def deviate(self, seen: Figure, expected: Expected) -> float:
        count, mean = seen.figure, expected.mean
        size = mean / max(expected.ratio - 1.0, deviates.LEAST_EXCESS)
        if count <= 0.0 or mean < deviates.SMALLEST_MEAN or size < deviates.SMALLEST_SIZE:
            return float(deviates.of_count(*(np.array([each]) for each in (count, mean, expected.ratio)))[0])
        some = max(count, 0.5)
        off = some - mean
        tilt = log1p(off * size / (mean * (some + size)))
        deviance = some * tilt - size * log1p(off / (mean + size))
        scale, spread = sqrt(some * (1.0 + some / size)), mean * (1.0 + mean / size)
        return saddlepoint(tilt, deviance, scale, (1.0 + 2.0 * mean / size) / sqrt(spread))

    def residual(self, seen: Figure, expected: Expected) -> float:
        root = cbrt(expected.mean)
        return 1.5 * (cbrt(seen.figure) ** 2 - root * root) / sqrt(root * expected.ratio)

    def posterior(self, seen: Figure, expected: Expected, q: float, weight: float) -> tuple[float, float]:
        before = 1.0 / q
        rate = before + weight * expected.mean
        return log((before + weight * seen.figure) / rate), 1.0 / rate

    def interval(self, predictor: float, size: float, expected: Expected) -> tuple[float, float]:
        ninth = expected.ratio / (9.0 * expected.mean)
        middle, half = 1.0 - ninth, CENTRAL_95 * sqrt(ninth)
        return expected.mean * max(middle - half, 0.0) ** 3, expected.mean * max(middle + half, 1.0) ** 3


class Shares:
    """An over-dispersed binomial around its baseline."""

    def figure(self, numerator: float, denominator: float) -> Figure:
        bare = denominator != denominator
        trials = BARE_TRIALS if bare else denominator
        percent = BARE_TRIALS / 100.0
        events = numerator * percent if bare else numerator
        is_there = 0.0 <= events <= trials and 0.0 < trials <= MOST
        size = trials if is_there else 1.0
        return Figure(events if is_there else nan, size, percent if bare else size)

    def link(self, seen: Figure) -> float:
        return log((seen.figure + 0.5) / (seen.size - seen.figure + 0.5))

    def moments(self, predictor: float, size: float) -> tuple[float, float]:
        share = min(max(1.0 / (1.0 + exp(-predictor)), 1e-9), 1.0 - 1e-9)
        mean = size * share
        return mean, mean * (1.0 - share)

    def deviate(self, seen: Figure, expected: Expected) -> float:
        share, ratio = expected.mean / seen.size, max(min(expected.ratio, seen.size), 1.0)
        n, k = seen.size / ratio, seen.figure / ratio
        rest, spread = n - k, n * share * (1.0 - share)
        if k <= 0.0 or rest <= 0.0 or min(spread, n * share, n * (1.0 - share)) < deviates.SMALLEST_MEAN:
            return float(deviates.of_share(*(np.array([each]) for each in (seen.figure, seen.size, share, ratio)))[0])
        edge = min(0.5 / ratio, 0.25 * n)
        some, others = min(max(k, edge), n - edge), min(max(rest, edge), n - edge)
        off = some - n * share
        log_share, log_rest = log1p(off / (n * share)), log1p(-off / (n * (1.0 - share)))
        deviance = (some * log_share - off) + (others * log_rest + off)
        skew = (1.0 - 2.0 * share) / sqrt(spread)
        return saddlepoint(log_share - log_rest, deviance, sqrt(some * others / n), skew)

    def residual(self, seen: Figure, expected: Expected) -> float:
        share = expected.mean / seen.size
        return (seen.figure - expected.mean) / sqrt(expected.mean * (1.0 - share) * expected.ratio)

    def posterior(self, seen: Figure, expected: Expected, q: float, weight: float) -> tuple[float, float]:
        share = expected.mean / seen.size
        a, b = 1.0 / (q * (1.0 - share)), 1.0 / (q * share)
        more_a, more_b = a + weight * seen.figure, b + weight * (seen.size - seen.figure)
        return log((more_a / a) * (b / more_b)), 1.0 / more_a + 1.0 / more_b

    def interval(self, predictor: float, size: float, expected: Expected) -> tuple[float, float]:
        half = CENTRAL_95 * sqrt(expected.ratio / expected.slope)
        low, high = (1.0 / (1.0 + exp(min(-each, 700.0))) for each in (predictor - half, predictor + half))
        return low * size, high * size


def saddlepoint(tilt: float, deviance: float, scale: float, skew: float) -> float:
    """Give the mid-p deviate (`deviates`: w + log(u/w)/w, near the mean its limit)."""
    w = copysign(sqrt(2.0 * max(deviance, 0.0)), tilt)
    if abs(w) < deviates.NEAR_THE_MEAN:
        z = w + skew / 6.0
    else:
        z = w + log(max(2.0 * tanh(0.5 * tilt) * scale / w, 1e-300)) / w
    return max(-LARGEST_DEVIATE, min(z, LARGEST_DEVIATE))
