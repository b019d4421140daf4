"""What the drawn families share: over-dispersed counts."""

from __future__ import annotations

import numpy as np


def counts(rng: np.random.Generator, mean: np.ndarray, dispersion: np.ndarray | float) -> np.ndarray:
    """Draw negative binomial counts of variance `dispersion` times their mean; 1 is Poisson.

    A Poisson around a gamma rate of shape mean/(dispersion - 1).
    """
    excess = np.broadcast_to(np.asarray(dispersion, dtype=float) - 1.0, mean.shape)
    spread = excess > 0.0
    scale = np.where(spread, excess, 1.0)
    rate = np.where(spread, rng.gamma(np.maximum(mean / scale, 1e-12), scale), mean)
    return np.asarray(rng.poisson(rate), dtype=float)
