"""From the quantiles of single days to joint futures: how the days of a path hang together. Knows no model.

Each day of a path has a normal score: a share common to the whole path (the item runs above its forecast, or below) and
the rest an autoregression from day to day. Paths take each day's quantiles in the order of their scores, so that every
day keeps its own distribution exactly. Source: Gaussian copula, Nelsen 2006, "An Introduction to Copulas", section 2;
ranks in place of values as in Clark et al. 2004, "The Schaake shuffle", J. Hydrometeorology 5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forecasting.base import Paths
from forecasting.margins import placed
from parstock.domain import Floats

ROWS_AT_ONCE = 32
"""Items drawn together, to bound memory."""
FAR_LAG_DAYS = 14
"""Days this far apart have only the common share in common."""
MOST_COMMON, MOST_DAILY = 0.8, 0.9
LEAST_CHANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Dependence:
    """How the normal scores of two days of a path are correlated: common + (1 - common) daily^(days between)."""

    common: float
    daily: float


def dependence(scores: Floats) -> Dependence:
    """Learn from past forecasts how their days hang together.

    The score of a day is known up to an interval where demand comes in whole units, and so its expectation stands in
    (`expected_scores`). Its variance v is then below 1, and the covariance of two days is v v' times the correlation of
    the scores themselves (to first order), which is how the latter is found.

    Args:
        scores: [n, W, H] expected scores of n items at W origins; NaN where unknown.
    """
    known = np.isfinite(scores)
    filled = np.where(known, scores, 0.0)
    square = _squared_variance((filled**2).sum(axis=2), known.sum(axis=2))
    lags = np.arange(1, scores.shape[2])
    pairs, covariance = np.zeros(lags.size), np.zeros(lags.size)
    for i, lag in enumerate(lags.tolist()):
        covariance[i] = (filled[:, :, lag:] * filled[:, :, :-lag]).sum()
        pairs[i] = ((known[:, :, lag:] & known[:, :, :-lag]).sum(axis=(1, 2)) * square).sum()
    far = lags >= min(FAR_LAG_DAYS, int(lags.size))
    common = float(np.clip(covariance[far].sum() / max(float(pairs[far].sum()), 1e-9), 0.0, MOST_COMMON))
    near = float(covariance[0] / max(float(pairs[0]), 1e-9)) if lags.size else 0.0
    return Dependence(common, float(np.clip((near - common) / (1 - common), 0.0, MOST_DAILY)))


def _squared_variance(squares: Floats, days: NDArray[np.intp]) -> Floats:
    """[n] square of each item's variance, from [n, W] sums of squares over so many known days.

    Products of two different windows only: the square of one estimate is too large by its own variance.
    """
    seen = days > 0
    variance = np.where(seen, squares / np.maximum(days, 1), 0.0)
    windows, total = seen.sum(axis=1), variance.sum(axis=1)
    apart = (total**2 - (variance**2).sum(axis=1)) / np.maximum(windows * (windows - 1), 1)
    return np.asarray(np.where(windows > 1, apart, total**2))


def expected_scores(below: Floats, upto: Floats) -> Floats:
    """Expectation of a standard normal score whose probability lies between P(demand < y) and P(demand <= y).

    Source: mean of the truncated normal, Johnson, Kotz, Balakrishnan 1994, "Continuous Univariate Distributions 1", 13.10.
    """
    low, high = np.clip(below, LEAST_CHANCE, 1 - 2 * LEAST_CHANCE), np.clip(upto, 2 * LEAST_CHANCE, 1 - LEAST_CHANCE)
    high = np.maximum(high, low + LEAST_CHANCE)
    density = [np.exp(-0.5 * ndtri(chance) ** 2) / np.sqrt(2 * np.pi) for chance in (low, high)]
    return np.asarray((density[0] - density[1]) / (high - low))


def path_levels(paths: int) -> Floats:
    """[S] the levels of the equally likely quantiles that S paths take on a day."""
    return np.asarray((np.arange(paths) + 0.5) / paths)


def join(
    values: NDArray[np.float32], dependences: list[Dependence], members: NDArray[np.intp], rng: np.random.Generator
) -> Paths:
    """Turn each day's quantiles into paths.

    Args:
        values: [n, H, S] each day's quantiles at `path_levels`, ascending.
        dependences: How days hang together, by class.
        members: [n] class of each item.
        rng: Source of chance.

    Returns:
        [n, S, H] paths.
    """
    rows, days, paths = values.shape
    common = np.array([found.common for found in dependences], dtype=np.float32)[members]
    daily = np.array([found.daily for found in dependences], dtype=np.float32)[members]
    joined = np.empty((rows, paths, days), dtype=np.float32)
    for first in range(0, rows, ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        scores = _scores(common[part], daily[part], paths, days, rng)
        joined[part] = placed(values[part], scores.argsort(axis=2)).swapaxes(1, 2)
    return joined


def _scores(
    common: NDArray[np.float32], daily: NDArray[np.float32], paths: int, days: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """[n, H, S] normal scores."""
    scores = rng.standard_normal((common.size, days, paths), dtype=np.float32)
    fresh = np.sqrt(1 - daily**2)[:, None]
    for day in range(1, days):
        scores[:, day] = daily[:, None] * scores[:, day - 1] + fresh * scores[:, day]
    scores *= np.sqrt(1 - common)[:, None, None]
    scores += np.sqrt(common)[:, None, None] * rng.standard_normal((common.size, 1, paths), dtype=np.float32)
    return scores
