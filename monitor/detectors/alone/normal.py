"""Normal and Student's tails of single numbers: what `deviates` and SciPy do for arrays."""

from __future__ import annotations

from functools import lru_cache
from math import copysign, erfc, expm1, log, log1p, sqrt
from statistics import NormalDist

ROOT_HALF = sqrt(0.5)
deviate_of = NormalDist().inv_cdf


def tail_below(z: float) -> float:
    """Give P(Z ≤ z)."""
    return 0.5 * erfc(-z * ROOT_HALF)


def log_tail_above(z: float) -> float:
    """Give log P(Z > z)."""
    return log(0.5 * erfc(z * ROOT_HALF))


def of_student(t: float, freedom: float) -> float:
    """Turn Student's t into the normal deviate of the same tail (`deviates.of_student`)."""
    root = sqrt(freedom * log1p(t * t / freedom))
    return copysign((8.0 * freedom + 1.0) / (8.0 * freedom + 3.0) * root, t)


@lru_cache(maxsize=1_000)  # a series asks of the same degrees of freedom again and again
def student_of(z: float, freedom: float) -> float:
    """Turn a normal deviate into Student's t."""
    back = z * (8.0 * freedom + 3.0) / (8.0 * freedom + 1.0)
    return copysign(sqrt(freedom * expm1(back * back / freedom)), z)


def within(value: float, most: float) -> float:
    """Give the value, or the nearer end of ± most."""
    return most if value > most else -most if value < -most else value
