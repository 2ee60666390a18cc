"""The distribution of each day as sorted samples: quantiles, averages, and whole units read as amounts. Knows no model."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecasting.base import Paths
from parstock.domain import Bools, Floats

Value = TypeVar("Value", bound=np.generic)


def amounts(parts: Sequence[Paths], whole: Bools, rng: np.random.Generator) -> Sequence[Paths]:
    """Read whole units as amounts, in place: a uniform share of a unit is added to items that sell in whole units.

    Quantiles of the sum are continuous and strictly rising, so they can be averaged, stretched and judged as those of any
    other item; cutting off the share gives back whole units. Source: Machado and Santos Silva 2005, JASA 100 ("jittering").

    Args:
        parts: M forecasts, [N, S, H] units a day each; path s of all of them gets the same shares.
        whole: [N] items that sell in whole units.
        rng: Source of chance.
    """
    shares = rng.random(parts[0].shape, dtype=np.float32)
    shares *= whole[:, None, None]
    for part in parts:
        part += shares
    return parts


def units(values: NDArray[np.float32], whole: Bools) -> NDArray[np.float32]:
    """Cut the shares of a unit off again, in place: [N, ...], never below zero."""
    np.floor(values, out=values, where=whole.reshape(-1, *[1] * (values.ndim - 1)))
    return np.maximum(values, 0.0, out=values)


def idle(parts: Sequence[Paths]) -> Bools:
    """[N, H] days on which no future of any of the [N, S, H] forecasts sells anything, as on a closed weekday."""
    return np.asarray(np.logical_and.reduce([paths.max(axis=1) <= 0 for paths in parts]))


def ascending(paths: Paths) -> Paths:
    """[N, H, S] samples of each day in rising order, from [N, S, H]."""
    return np.sort(np.ascontiguousarray(paths.swapaxes(1, 2)), axis=2)


def placed(values: NDArray[Value], order: NDArray[np.intp]) -> NDArray[Value]:
    """[..., S] the values moved to the places of `order`, row by row: `numpy.put_along_axis`, at twice its speed."""
    flat = order.reshape(-1, order.shape[-1])
    flat = flat + (np.arange(flat.shape[0]) * flat.shape[1])[:, None]
    moved = np.empty(order.shape, dtype=values.dtype)
    moved.reshape(-1)[flat.reshape(-1)] = values.reshape(-1)
    return moved


def quantiles(margins: NDArray[np.float32], levels: Sequence[float]) -> Floats:
    """[..., Q] quantiles of [..., S] sorted samples, linearly between two samples, as `numpy.quantile` has them."""
    return _between(margins, np.asarray(levels) * (margins.shape[-1] - 1))


def expected_quantiles(margins: NDArray[np.float32], levels: Sequence[float]) -> Floats:
    """[..., Q] values that one more sample would stay under with the chance of each level: place p (S + 1).

    The other convention covers (1 + p (S - 1)) / (S + 1), which is 94.6 % instead of 95 % with 200 samples. Source: Weibull 1939;
    Hyndman and Fan 1996, American Statistician 50, type 6.
    """
    last = margins.shape[-1] - 1
    return _between(margins, np.clip(np.asarray(levels) * (last + 2) - 1, 0, last))


def _between(margins: NDArray[np.float32], place: Floats) -> Floats:
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, margins.shape[-1] - 1)
    share = place - low
    return np.asarray((1 - share) * margins[..., low] + share * margins[..., high], dtype=np.float64)
