"""Drawing from the past: whole weeks of errors, and recent sizes. Knows no model."""

import numpy as np
from numpy.typing import NDArray

from forecasting.base import Paths
from parstock.domain import Floats

MOST_WEEKS = 26
"""Errors older than this many weeks are not drawn again."""
SPAN_WEEKS = 52
"""The same where the errors are free of season, so that a year of them may be drawn from."""


def draw_weeks(errors: Floats, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
    """Bootstrap error paths in blocks of whole weeks, so that errors of neighbouring days stay together.

    Args:
        errors: [N, T >= 7] errors by day, NaN where unknown; the last column is the day before the horizon.
        horizon_days: Days H to fill.
        paths: Number S of paths.
        rng: Source of chance.

    Returns:
        [N, S, H] drawn errors; each block keeps the weekdays of the horizon.
    """
    rows = errors.shape[0]
    weeks = min(errors.shape[1] // 7, MOST_WEEKS)
    blocks = fill_gaps(errors[:, -7 * weeks :], rng).astype(np.float32).reshape(rows, weeks, 7)
    ahead = -(-horizon_days // 7)
    chosen = rng.integers(0, weeks, size=(rows, paths * ahead), dtype=np.int32)
    drawn = np.take_along_axis(blocks, chosen[:, :, None], axis=1)
    return drawn.reshape(rows, paths, 7 * ahead)[:, :, :horizon_days]


def draw_spans(errors: Floats, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
    """Bootstrap error paths in blocks of a week that begin on any day: for errors that know no weekday.

    There are seven times as many different blocks as in `draw_weeks`.

    Args:
        errors: [N, T >= 7] errors by day, NaN where unknown; the last `SPAN_WEEKS` weeks are drawn from.
        horizon_days: Days H to fill.
        paths: Number S of paths.
        rng: Source of chance.

    Returns:
        [N, S, H] drawn errors.
    """
    recent = fill_gaps(errors[:, -7 * SPAN_WEEKS :], rng).astype(np.float32)
    ahead = -(-horizon_days // 7)
    begin = rng.integers(0, recent.shape[1] - 6, size=(recent.shape[0], paths * ahead, 1), dtype=np.int32)
    days = np.add(begin, np.arange(7), dtype=np.int32).reshape(recent.shape[0], -1)
    return np.take_along_axis(recent, days, axis=1).reshape(-1, paths, 7 * ahead)[:, :, :horizon_days]


def fill_gaps(values: Floats, rng: np.random.Generator) -> Floats:
    """Replace each NaN of [N, T] by a known value of its row, drawn at random; by 0 where none is known."""
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    order = np.argsort(~known, axis=1, kind="stable")
    row, column = np.nonzero(~known)
    pick = (rng.random(row.size) * counts[row]).astype(np.intp)
    filled = values.copy()
    filled[row, column] = np.where(counts[row] > 0, values[row, order[row, pick]], 0.0)
    return filled


def latest_positive(demand: Floats) -> tuple[Floats, Floats]:
    """Gather the positive days of each row, newest first.

    Args:
        demand: [N, T] units a day; NaN where unknown.

    Returns:
        [N, K] sizes, zero beyond a row's own number of them, and [N] those numbers.
    """
    newest_first = demand[:, ::-1]
    positive = newest_first > 0
    counts = positive.sum(axis=1)
    order = np.argsort(~positive, axis=1, kind="stable")[:, : max(int(counts.max(initial=0)), 1)]
    sizes = np.take_along_axis(newest_first, order, axis=1)
    return np.where(np.take_along_axis(positive, order, axis=1), sizes, 0.0), counts.astype(np.float64)


def draw_sizes(sizes: Floats, counts: Floats, smoothing: float, sold: NDArray[np.bool_], rng: np.random.Generator) -> Paths:
    """Draw recent sizes with the weights of exponential smoothing, newest heaviest.

    The mean of the draws is the exponentially smoothed size, and every draw is a size that was sold.

    Args:
        sizes: [N, K] sizes, newest first.
        counts: [N] how many of them are real, at least 1.
        smoothing: Weight of the newest, in (0, 1).
        sold: [N, S, H] days that sell.
        rng: Source of chance.

    Returns:
        [N, S, H] drawn sizes, 0 on the other days.
    """
    drawn = np.zeros(sold.shape, dtype=np.float32)
    keep, recent = np.log1p(-smoothing), sizes.astype(np.float32)
    total = -np.expm1(counts * keep).astype(np.float32)
    for row in range(sold.shape[0]):
        at = np.flatnonzero(sold[row])
        chance = rng.random(at.size, dtype=np.float32)
        age = (np.log1p(-chance * total[row]) / np.float32(keep)).astype(np.intp)
        drawn[row].reshape(-1)[at] = recent[row].take(np.minimum(age, int(counts[row]) - 1))
    return drawn
