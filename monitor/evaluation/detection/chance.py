"""What the drawn families share: over-dispersed counts, and how surprising one is to whoever knows its law."""

from __future__ import annotations

import numpy as np
from scipy import special


def counts(rng: np.random.Generator, mean: np.ndarray, dispersion: np.ndarray | float) -> np.ndarray:
    """Draw negative binomial counts of variance `dispersion` times their mean; 1 is Poisson.

    A Poisson around a gamma rate of shape mean/(dispersion - 1).
    """
    excess = np.broadcast_to(np.asarray(dispersion, dtype=float) - 1.0, mean.shape)
    spread = excess > 0.0
    scale = np.where(spread, excess, 1.0)
    rate = np.where(spread, rng.gamma(np.maximum(mean / scale, 1e-12), scale), mean)
    return np.asarray(rng.poisson(rate), dtype=float)


def exact_deviates(seen: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Give the mid-p deviates of counts under the very law that `counts` draws from; `dispersion` is per series."""
    size = mean / np.maximum(dispersion - 1.0, 1e-9)
    share, spreads = size / (size + mean), dispersion > 1.0
    at_most = np.where(spreads, special.betainc(size, seen + 1.0, share), special.pdtr(seen, mean))
    fewer = np.where(spreads, special.betainc(size, np.maximum(seen, 1e-9), share), special.pdtr(seen - 1.0, mean))
    lower = 0.5 * (at_most + np.where(seen > 0, fewer, 0.0))
    return np.asarray(special.ndtri(np.clip(lower, 1e-16, 1.0 - 1e-16)))
