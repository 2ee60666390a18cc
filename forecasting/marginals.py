"""The distribution of single days from a few of its quantiles: its values at any level, and the level of any value.

Between the quantiles it is linear, beyond them exponential. Demand in whole units is worked on as demand plus a uniform
share of the next unit, which has a continuous distribution; its whole part is the demand again. Source: Machado and
Santos Silva 2005, "Quantiles for counts", JASA 100.
"""

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats

LEVELS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
"""Levels of the quantiles that a day's distribution is known by."""
_KNOTS = np.array(LEVELS)


def interpolation(levels: Floats) -> NDArray[np.float32]:
    """[Q, S] weights of the quantiles at `LEVELS` in the quantiles at S other levels in (0, 1).

    Beyond the first and the last quantile a tail falls off exponentially, at the rate between the last two.
    """
    weights = np.zeros((_KNOTS.size, levels.size))
    above = np.clip(np.searchsorted(_KNOTS, levels), 1, _KNOTS.size - 1)
    share = (levels - _KNOTS[above - 1]) / (_KNOTS[above] - _KNOTS[above - 1])
    low, high = levels < _KNOTS[0], levels > _KNOTS[-1]
    share = np.where(low, np.log(np.minimum(levels / _KNOTS[0], 1.0)) / np.log(_KNOTS[1] / _KNOTS[0]), share)
    last = np.log((1 - _KNOTS[-2]) / (1 - _KNOTS[-1]))
    share = np.where(high, 1 - np.log(np.minimum((1 - levels) / (1 - _KNOTS[-1]), 1.0)) / last, share)
    column = np.arange(levels.size)
    weights[above - 1, column] = 1 - share
    weights[above, column] = share
    return weights.astype(np.float32)


def values_at(quantiles: NDArray[np.float32], levels: Floats, whole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Demand at each level: [n, ..., S] units from [n, ..., Q] quantiles, whole where the item's is."""
    values: NDArray[np.float32] = np.maximum(quantiles @ interpolation(levels), 0.0)
    np.floor(values, out=values, where=whole.reshape(-1, *[1] * (values.ndim - 1)))
    return values


def chance_below(quantiles: NDArray[np.float32], values: Floats) -> Floats:
    """[...] level of each value among [..., Q] ascending quantiles, linear between them and to 0 and 1 beyond."""
    position = np.clip((quantiles < values[..., None]).sum(axis=-1), 1, _KNOTS.size - 1)
    low = np.take_along_axis(quantiles, position[..., None] - 1, axis=-1)[..., 0]
    high = np.take_along_axis(quantiles, position[..., None], axis=-1)[..., 0]
    width = high - low
    share = np.divide(values - low, width, out=np.zeros(values.shape), where=width > 0)
    return np.asarray(np.clip(_KNOTS[position - 1] + share * (_KNOTS[position] - _KNOTS[position - 1]), 0.0, 1.0))
