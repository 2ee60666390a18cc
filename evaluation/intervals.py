"""Bootstrap confidence intervals of means, the same resamples for every metric."""

from collections.abc import Sequence

import numpy as np

from parstock.domain import Floats

RESAMPLES, SEED = 2000, 20
_DRAWN_AT_ONCE = 10_000_000
"""Draws held in memory together."""


def interval(values: Sequence[float] | Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron 1979).

    >>> interval([True] * 10)
    (1.0, 1.0)
    """
    array = np.asarray(values, dtype=np.float64)
    rng, size = np.random.default_rng(SEED), len(array)
    means = np.empty(RESAMPLES)
    step = max(_DRAWN_AT_ONCE // size, 1)
    for first in range(0, RESAMPLES, step):
        few = means[first : first + step]
        few[:] = array[rng.integers(0, size, size=(few.size, size))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 4), round(float(high), 4)
