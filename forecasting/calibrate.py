"""Recalibration: what a replay shows of coverage, day by day and over lead times, is put right in new futures. Fits no model."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from forecasting.base import Paths
from forecasting.margins import expected_quantiles, units
from forecasting.mixture import Mixture, Order, blocks
from parstock.domain import Bools, Floats

DemandClass: TypeAlias = Literal["smooth", "erratic", "intermittent", "lumpy"]

SAFETY_LEVELS = (0.8, 0.9, 0.95, 0.975, 0.99)
"""Levels from which safety stocks are set."""
LOW_LEVELS = (0.05, 0.1, 0.2)
LEVELS = LOW_LEVELS + SAFETY_LEVELS
"""Levels at which the distance from the median is learned."""
LEAST_FACTOR, MOST_FACTOR = 0.5, 2.5
MOST_SLACK = 0.01
"""Coverage may stay this far from nominal, and at most a fifth of what should lie beyond the quantile: what is nearly right is
left alone. Half of it where demand is not read as amounts."""
LEAST_BEYOND = 10.0
"""Days that should lie beyond a quantile, without which its factor is that of the next level towards the median."""


def demand_classes(demand: Floats) -> tuple[DemandClass, ...]:
    """Sort [N, T] items by how often and how evenly they sell.

    Intermittent or lumpy where the mean interval between sales is 1.32 days or more; erratic or lumpy where the
    squared coefficient of variation of sizes is 0.49 or more. Source: Syntetos, Boylan, Croston 2005, JORS 56.
    """
    sold = demand > 0
    count = np.maximum(sold.sum(axis=1), 1)
    sizes = np.where(sold, demand, 0.0)
    mean = sizes.sum(axis=1) / count
    variance = np.where(sold, (demand - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
    seldom = np.isfinite(demand).sum(axis=1) >= 1.32 * count
    uneven = variance >= 0.49 * mean**2
    names: tuple[DemandClass, ...] = ("smooth", "erratic", "intermittent", "lumpy")
    return tuple(names[2 * int(rare) + int(wild)] for rare, wild in zip(seldom.tolist(), uneven.tolist(), strict=True))


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """How the futures of one class are put right."""

    factors: Floats
    """[L] what a day's distance from its median is multiplied by at each of `LEVELS`."""
    strength: float
    """How much more (above 0) or less (below) the days of a path hang together; see `forecasting.mixture.Order`."""

    @classmethod
    def none(cls) -> "Calibration":
        """Leave futures as they are."""
        return cls(np.ones(len(LEVELS)), 0.0)


def reach(margins: Paths, actual: Floats) -> Floats:
    """How far each day went from the median, in units of the way to each quantile: [R, H, L], NaN where demand is unknown.

    At most 1 where the quantile was on the right side of demand, above 1 (perhaps infinite) where it was not.

    Args:
        margins: [R, H, S] sorted amounts.
        actual: [R, H] amounts.
    """
    middle = expected_quantiles(margins, (0.5,))
    way = expected_quantiles(margins, LEVELS) - middle
    gone = actual[:, :, None] - middle
    beyond = np.where(gone * np.sign(np.asarray(LEVELS) - 0.5) > 0, np.inf, 0.0)
    ratio = np.divide(gone, way, out=beyond, where=way != 0)
    return np.where(np.isfinite(actual)[:, :, None], ratio, np.nan)


def conformal_factors(reaches: Floats, plain: Floats) -> Floats:
    """[L] factors nearest to 1 with which each quantile covers its share of the days, give or take some slack.

    Multiplying the distances by the conformal quantile of the reaches at a level makes that quantile cover its share of these
    days. Source: split conformal prediction, Vovk, Gammerman, Shafer 2005; on quantiles: Romano, Patterson, Candes 2019,
    NeurIPS. Demand in whole units is at or under a quantile more often than its level says; the slack is used against that.

    Args:
        reaches: [R, H, L] of days read as amounts.
        plain: [R, H, L] of the days as they are.
    """
    known = ~np.isnan(reaches[:, :, 0])
    randomised, as_is = np.sort(reaches[known], axis=0), np.sort(plain[known], axis=0)
    factors = np.ones(len(LEVELS))
    for side in (range(len(LOW_LEVELS) - 1, -1, -1), range(len(LOW_LEVELS), len(LEVELS))):
        inner = 1.0
        for column in side:
            beyond = min(LEVELS[column], 1 - LEVELS[column])
            if randomised.shape[0] * beyond >= LEAST_BEYOND:
                wanted = as_is if column >= len(LOW_LEVELS) else randomised
                slack = min(MOST_SLACK, beyond / 5)
                inner = _nearest(_nearest(1.0, wanted[:, column], beyond, slack / 2), randomised[:, column], beyond, slack)
            factors[column] = inner
    return np.clip(factors, LEAST_FACTOR, MOST_FACTOR)


def _nearest(factor: float, reaches: Floats, beyond: float, slack: float) -> float:
    """The factor nearest to this one with which a share `beyond` of the sorted [K] reaches is not covered, give or take slack."""
    least, most = (_conformal(reaches, 1 - beyond + gap) for gap in (-slack, slack))
    return float(np.clip(factor, least, most))


def _conformal(sample: Floats, share: float) -> float:
    """The value that one more draw would stay under with this chance, of a sorted [K] sample."""
    return float(sample[min(int(np.ceil((sample.size + 1) * share)), sample.size) - 1])


def recalibrate(mixture: Mixture, factors: Floats, strengths: Floats, whole: Bools, rng: np.random.Generator) -> Paths:
    """Put sampled amounts right, first each day and then how days hang together, and cut them to units.

    Args:
        mixture: R items as amounts; see `forecasting.margins.amounts`.
        factors: [R, L] of days; see `Calibration`.
        strengths: [R] ties between days.
        whole: [R] items that sell in whole units.
        rng: Source of chance.

    Returns:
        [R, H, S] units a day.
    """
    return tie(stretch(mixture.margins, factors), Order.of(mixture.ranks), strengths, whole, rng)


def tie(margins: Paths, order: Order, strengths: Floats, whole: Bools, rng: np.random.Generator) -> Paths:
    """[R, H, S] units a day on paths whose days hang together as `strengths` [R] say."""
    return units(order.tied(margins, strengths, rng), whole)


def stretch(margins: Paths, factors: Floats) -> Paths:
    """Move the samples of each day away from its median, or towards it: [R, H, S] in rising order, never below zero.

    Beyond the outermost levels the samples move as far as those do, so that a tail is shifted and not blown up.

    Args:
        margins: [R, H, S] in rising order.
        factors: [R, L] at `LEVELS`; linear between two levels of one side, and down to the median that of the next.
    """
    place = np.arange(1, margins.shape[2] + 1) / (margins.shape[2] + 1)
    change = (factors @ _shares(place) - 1).astype(np.float32)
    moved = np.empty_like(margins)
    for some in blocks(margins.shape[0]):
        here = margins[some]
        ends = expected_quantiles(here, (LEVELS[0], 0.5, LEVELS[-1])).astype(np.float32)
        inner = np.clip(here, ends[:, :, :1], ends[:, :, 2:])
        inner -= ends[:, :, 1:2]
        inner *= change[some, None, :]
        inner += here
        moved[some] = np.maximum(np.maximum.accumulate(inner, axis=2), 0.0)
    return moved


def _shares(place: Floats) -> Floats:
    """[L, S] how much of each level's factor goes to a sample at [S] places between 0 and 1."""
    few = len(LOW_LEVELS)
    units = np.eye(len(LEVELS))
    low = [np.interp(place, LOW_LEVELS, unit[:few]) for unit in units]
    high = [np.interp(place, SAFETY_LEVELS, unit[few:]) for unit in units]
    return np.where(place < 0.5, low, high)
