"""Normal deviates and intervals of counts and shares: exact where it matters, fast elsewhere.

The mid-p deviate of a lattice variable by the saddlepoint: with s the tilt at which the mean is the value
seen, w the signed root of the deviance and u the tilted scale, z = w + log(u/w)/w.

References
----------
Lugannani and Rice (1980), Advances in Applied Probability 12, 475-490; Barndorff-Nielsen (1986),
Biometrika 73, 307-322 (the r* form). The lattice corrections of the two tails, 1 - e^-s and e^s - 1, average
to 2 tanh(s/2), which gives the mid-p. Mid-p: Lancaster (1961), JASA 56, 223-234.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from monitor.detectors.contract import CENTRAL_95, LARGEST_DEVIATE, BoolVector
from monitor.model import Vector

NEAR_THE_MEAN = 0.01
"""|w| below which log(u/w)/w loses its digits and its limit k3 / (6 k2^1.5) takes over."""
SMALLEST_MEAN, SMALLEST_SIZE = 1.0, 0.5
"""Below either the saddlepoint errs by more than .04 (detection.md §4), so the exact form is used."""
LEAST_EXCESS = 1e-6
"""Variance over mean is at least 1 + this: a negative binomial has no Poisson limit in floating point."""


def of_count(count: Vector, mean: Vector, variance_ratio: Vector) -> Vector:
    """Give the mid-p deviate of a negative binomial count, positive for a rise.

    Parameters
    ----------
    variance_ratio
        Variance over mean; 1 or less is read as Poisson.

    Examples
    --------
    A count of 18 where 10 ± 3.9 are expected; the exact value is 1.859:

    >>> float(of_count(np.array([18.0]), np.array([10.0]), np.array([1.5]))[0].round(2))
    1.86
    """
    size = mean / np.maximum(variance_ratio - 1.0, LEAST_EXCESS)
    z = _count_saddlepoint(count, mean, size)
    exact = (mean < SMALLEST_MEAN) | (size < SMALLEST_SIZE)
    if exact.any():
        z = z.copy()
        z[exact] = _count_exact(count[exact], mean[exact], size[exact])
    return np.clip(z, -LARGEST_DEVIATE, LARGEST_DEVIATE)


def _count_saddlepoint(count: Vector, mean: Vector, size: Vector) -> Vector:
    some = np.maximum(count, 0.5)  # 0 has no saddlepoint and is set below
    off = some - mean
    # no term is larger than off size/(mean + size): others cancel to noise, near Poisson or where size is small
    tilt = np.log1p(off * size / (mean * (some + size)))
    deviance = some * tilt - size * np.log1p(off / (mean + size))
    scale = np.sqrt(some * (1.0 + some / size))
    spread = mean * (1.0 + mean / size)
    z = _saddlepoint(tilt, deviance, scale, skew=(1.0 + 2.0 * mean / size) / np.sqrt(spread))
    none = count <= 0.0
    if none.any():
        z = np.where(none, special.ndtri_exp(-size * np.log1p(mean / size) - np.log(2.0)), z)
    return z


def _saddlepoint(tilt: Vector, deviance: Vector, scale: Vector, *, skew: Vector) -> Vector:
    w = np.copysign(np.sqrt(2.0 * np.maximum(deviance, 0.0)), tilt)
    near = np.abs(w) < NEAR_THE_MEAN
    away = np.where(near, 1.0, w)
    u = np.where(near, 1.0, 2.0 * np.tanh(0.5 * tilt) * scale)
    return w + np.where(near, skew / 6.0, np.log(np.maximum(u / away, 1e-300)) / away)


def _count_exact(count: Vector, mean: Vector, size: Vector) -> Vector:
    share = mean / (mean + size)
    at_least = np.where(count > 0.0, special.betainc(np.maximum(count, 1e-9), size, share), 1.0)
    more = special.betainc(count + 1.0, size, share)
    at_most = special.betaincc(count + 1.0, size, share)
    fewer = np.where(count > 0.0, special.betaincc(np.maximum(count, 1e-9), size, share), 0.0)
    return _from_tails(0.5 * (at_least + more), 0.5 * (at_most + fewer))


def _from_tails(upper: Vector, lower: Vector) -> Vector:
    """Read the deviate from whichever tail is the smaller, where digits are left."""
    tiny = 1e-300
    falls: BoolVector = lower < upper
    z: Vector = np.where(falls, special.ndtri(np.maximum(lower, tiny)), -special.ndtri(np.maximum(upper, tiny)))
    return z


def of_share(events: Vector, trials: Vector, share: Vector, variance_ratio: Vector) -> Vector:
    """Give the mid-p deviate of an over-dispersed binomial, positive for a rise.

    Over-dispersion divides events and trials alike, so that mean and variance are those of a
    beta-binomial (the effective sample size of a cluster design: Kish 1965, Survey Sampling, sec. 5.4).

    Parameters
    ----------
    variance_ratio
        Variance over the binomial's own; 1 is binomial.
    """
    ratio = np.maximum(variance_ratio, 1.0)
    n = trials / ratio
    k = events / ratio
    rest = n - k
    edge = np.minimum(0.5 / ratio, 0.25 * n)  # half an event, where none or all happened
    some, others = np.clip(k, edge, n - edge), np.clip(rest, edge, n - edge)
    off = some - n * share
    log_share, log_rest = np.log1p(off / (n * share)), np.log1p(-off / (n * (1.0 - share)))
    spread = n * share * (1.0 - share)
    z = _saddlepoint(
        log_share - log_rest,
        (some * log_share - off) + (others * log_rest + off),
        np.sqrt(some * others / n),
        skew=(1.0 - 2.0 * share) / np.sqrt(spread),
    )
    exact = np.minimum(spread, np.minimum(n * share, n * (1.0 - share))) < SMALLEST_MEAN
    exact |= (k <= 0.0) | (rest <= 0.0)
    if exact.any():
        z = z.copy()
        z[exact] = _share_exact(k[exact], n[exact], share[exact])
    return np.clip(z, -LARGEST_DEVIATE, LARGEST_DEVIATE)


def _share_exact(k: Vector, n: Vector, share: Vector) -> Vector:
    some, others = np.maximum(k, 1e-9), np.maximum(n - k, 1e-9)
    at_least = np.where(k > 0.0, special.betainc(some, n - k + 1.0, share), 1.0)
    fewer = np.where(k > 0.0, special.betaincc(some, n - k + 1.0, share), 0.0)
    more = np.where(n - k > 0.0, special.betainc(k + 1.0, others, share), 0.0)
    at_most = np.where(n - k > 0.0, special.betaincc(k + 1.0, others, share), 1.0)
    return _from_tails(0.5 * (at_least + more), 0.5 * (at_most + fewer))


def of_student(t: Vector, freedom: Vector) -> Vector:
    """Turn Student's t into the normal deviate of the same tail.

    References
    ----------
    Wallace (1959), Annals of Mathematical Statistics 30, 1121-1130: within .02 from 3 degrees on, for |t| < 6.
    """
    return np.copysign((8.0 * freedom + 1.0) / (8.0 * freedom + 3.0), t) * np.sqrt(freedom * np.log1p(t * t / freedom))


def student_of(z: float, freedom: Vector) -> Vector:
    """Turn a normal deviate into Student's t: the inverse of `of_student`."""
    back = z * (8.0 * freedom + 3.0) / (8.0 * freedom + 1.0)
    return np.copysign(np.sqrt(freedom * np.expm1(back * back / freedom)), z)


def count_interval(mean: Vector, variance_ratio: Vector) -> tuple[Vector, Vector]:
    """Give the central 95 % of a count by the gamma of the same mean and variance.

    References
    ----------
    Wilson and Hilferty (1931), PNAS 17, 684-688: the cube root of a gamma is nearly normal.
    """
    ninth = variance_ratio / (9.0 * mean)
    middle, half = 1.0 - ninth, CENTRAL_95 * np.sqrt(ninth)
    # means far below 1 put 97.5 % at 0, and the cube root fails them: what is expected is within all the same
    return mean * np.maximum(middle - half, 0.0) ** 3, mean * np.maximum(middle + half, 1.0) ** 3


def share_interval(logit: Vector, sd: Vector) -> tuple[Vector, Vector]:
    """Give the central 95 % of a share, normal on the logit scale."""
    return special.expit(logit - CENTRAL_95 * sd), special.expit(logit + CENTRAL_95 * sd)
