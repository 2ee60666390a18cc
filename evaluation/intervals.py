"""Bootstrap confidence intervals of means and ratios, the same resamples for every metric."""

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
    return _quantiles(_means(np.asarray(values, dtype=np.float64)), level)


def ratio_interval(above: Sequence[float], below: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The same for the sum of `above` over the sum of `below`, which has to be positive, of the same cases.

    >>> ratio_interval([2, 2], [4, 4])
    (0.5, 0.5)
    """
    ups, downs = _means(np.asarray(above, dtype=np.float64)), _means(np.asarray(below, dtype=np.float64))
    return _quantiles(ups[downs > 0] / downs[downs > 0], level)


def _means(array: Floats) -> Floats:
    """Means of the resamples, the same cases in each whatever the values."""
    rng, size = np.random.default_rng(SEED), len(array)
    means = np.empty(RESAMPLES)
    step = max(_DRAWN_AT_ONCE // size, 1)
    for first in range(0, RESAMPLES, step):
        few = means[first : first + step]
        few[:] = array[rng.integers(0, size, size=(few.size, size))].mean(axis=1)
    return means


def _quantiles(values: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 4), round(float(high), 4)
