"""Sampled demand over lead time and review period, from a forecast's paths. Decides nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from parstock.domain import Floats

_CELLS = 8_000_000  # cumulative demand held at once: 64 MB
_LEAST_DAYS = 0.01  # a shorter mean, or a spread smaller in proportion, is taken as certain
_WEEK = 7


@dataclass(frozen=True, eq=False, slots=True)
class IntervalDemand:
    """Demand of N items in S futures over the two stretches of time that matter for an order placed today."""

    lead_time: Floats
    """[N, S] units until an order placed today arrives."""
    interval: Floats
    """[N, S] units until the stretch to be covered ends."""
    needed: Floats | None = None
    """[N, S] what must be there or come so that no day after the order's arrival is short; None where that is `interval`."""

    @property
    def to_cover(self) -> Floats:
        """[N, S] what a stock position is compared with."""
        return self.interval if self.needed is None else self.needed


def sample_lead_times(mean_days: Floats, sd_days: Floats, samples: int, seed: int) -> NDArray[np.intp]:
    """Return [N, S] whole days, gamma-distributed with the given mean and standard deviation, never negative.

    The same stratified uniform numbers serve every item, so that two plans differ by what was changed
    and not by luck; days are rounded to the nearest (half up).

    Args:
        mean_days: [N] >= 0.
        sd_days: [N] >= 0; 0 gives the mean itself.
        samples: S.
        seed: Of the order in which the strata meet the demand paths.

    >>> sample_lead_times(np.array([7.0]), np.array([0.0]), 3, seed=0)
    array([[7, 7, 7]])
    """
    uniform = np.random.default_rng([seed, 1]).permutation((np.arange(samples) + 0.5) / samples)
    pairs, inverse = np.unique(np.column_stack([mean_days, sd_days]), axis=0, return_inverse=True)
    mean, sd = pairs[:, :1], pairs[:, 1:]
    drawn = np.broadcast_to(mean, (pairs.shape[0], samples)).copy()
    spread = np.flatnonzero((mean > _LEAST_DAYS) & (sd > _LEAST_DAYS * mean))
    shape = (mean[spread] / sd[spread]) ** 2
    drawn[spread] = gammaincinv(shape, uniform) * mean[spread] / shape
    return np.floor(drawn + 0.5).astype(np.intp)[inverse.reshape(-1)]


def extend(paths: NDArray[np.float32], days: int, seed: int) -> NDArray[np.float32]:
    """Return [N, S, days] the paths, continued beyond their horizon by whole weeks drawn from the same path.

    Weeks are counted back from the end, so that weekdays stay weekdays; all items of a future draw the same weeks. A
    horizon shorter than a week is repeated as it is.

    Args:
        paths: [N, S, H].
        days: Length wanted; a horizon of at least that is cut.
        seed: Of the weeks drawn.
    """
    horizon = paths.shape[2]
    if days <= horizon:
        return paths[:, :, :days]
    samples, block = paths.shape[1], min(_WEEK, horizon)
    blocks = -(-(days - horizon) // block)
    drawn = np.random.default_rng([seed, 2]).integers(1, horizon // block + 1, size=(samples, blocks))
    columns = (horizon - drawn * block)[:, :, None] + np.arange(block)
    beyond = paths[:, np.arange(samples)[:, None], columns.reshape(samples, -1)]
    return np.concatenate([paths, beyond], axis=2)[:, :, :days]


def interval_demand(
    paths: NDArray[np.float32], lead_times: NDArray[np.intp], intervals: NDArray[np.intp], seed: int
) -> IntervalDemand:
    """Return the units demanded along each path within its own lead time and interval.

    Args:
        paths: [N, S, H] units a day.
        lead_times: [N, S] whole days until an order placed today arrives.
        intervals: [N, S] whole days to be covered, >= `lead_times`.
        seed: Of demand beyond the horizon.
    """
    shape = paths.shape[:2]
    lead, whole = np.empty(shape), np.empty(shape)
    by_length = np.argsort(-intervals.max(axis=1, initial=0), kind="stable")
    start = 0
    while start < shape[0]:
        days = int(intervals[by_length[start]].max())
        rows = by_length[start : start + max(1, _CELLS // (shape[1] * (days + 1)))]
        start += rows.size
        total = np.zeros((rows.size, shape[1], days + 1))
        np.cumsum(extend(paths[rows], days, seed), axis=2, out=total[:, :, 1:])
        lead[rows] = np.take_along_axis(total, lead_times[rows, :, None], axis=2)[:, :, 0]
        whole[rows] = np.take_along_axis(total, intervals[rows, :, None], axis=2)[:, :, 0]
    return IntervalDemand(lead, whole)
