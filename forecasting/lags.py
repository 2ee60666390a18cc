"""The level of each item from its past demand: a blend of exponentially weighted means. Knows no calendar and draws nothing."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats

HALF_LIVES_DAYS = (14.0, 56.0, 224.0)
"""Lag covariates: means of past demand that forget half in so many days."""
BLENDS = np.array([shares for shares in product((0.0, 0.25, 0.5, 0.75, 1.0), repeat=len(HALF_LIVES_DAYS)) if sum(shares) == 1.0])
"""[B, A] shares of the lag covariates that compete to be the level."""
ORIGINS = 20
"""Past weeks at whose start the blends compete ..."""
AHEAD_DAYS = 28
"""... in forecasting the total of so many days."""
FEWEST_DAYS = 28
"""Days before an origin without which it says nothing."""
PRIOR_DAYS = 3.0
"""A level starts as if so many days had shown the item's own mean."""
LEAST_LEVEL = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """What each of N items sells a day when nothing moves demand."""

    daily: Floats
    """[N, T + 1] level as it was known on the morning of each day; the last column is the first day ahead."""
    weekly_gain: Floats
    """[N] share of a week's surprise that stays in the level."""

    @classmethod
    def of(cls, demand: Floats, factors: Floats) -> "Levels":
        """Blend lag covariates, each item in the way that forecast its last weeks best.

        Source: mixtures of lags as in Corsi 2009, J. Financial Econometrics 7; the loss is the Poisson deviance.

        Args:
            demand: [N, T] units a day; NaN where unknown.
            factors: [N, T] what effects multiply the level by.
        """
        lags = _lags(demand, factors)
        blend = BLENDS[_choose(demand, factors, lags)]
        forgotten = -np.expm1(-7 * np.log(2) / np.array(HALF_LIVES_DAYS))
        return cls(np.einsum("na,nat->nt", blend, lags), blend @ forgotten)


def _lags(demand: Floats, factors: Floats) -> Floats:
    """[N, A, T + 1] weighted means of demand over factors, before each day."""
    known = np.isfinite(demand)
    sold, stood = np.where(known, demand, 0.0), np.where(known, factors, 0.0)
    usual = sold.sum(axis=1) / np.maximum(stood.sum(axis=1), LEAST_LEVEL)
    keep = np.exp2(-1 / np.array(HALF_LIVES_DAYS))
    units, days = np.outer(PRIOR_DAYS * usual, np.ones(keep.size)), np.full((demand.shape[0], keep.size), PRIOR_DAYS)
    levels = np.empty((*units.shape, demand.shape[1] + 1))
    for day in range(demand.shape[1]):
        levels[:, :, day] = units / days
        here = known[:, day, None]
        units = np.where(here, keep * units + sold[:, day, None], units)
        days = np.where(here, keep * days + stood[:, day, None], days)
    levels[:, :, -1] = units / days
    return np.maximum(levels, LEAST_LEVEL)


def _choose(demand: Floats, factors: Floats, lags: Floats) -> NDArray[np.intp]:
    """[N] the blend with the least loss: half the item's own, half that of all items, each in units of its spread."""
    known, days = np.isfinite(demand), demand.shape[1]
    loss = np.zeros((len(BLENDS), demand.shape[0]))
    for first in range(days - 7, max(days - 7 * ORIGINS, FEWEST_DAYS) - 1, -7):
        span = slice(first, min(first + AHEAD_DAYS, days))
        sold = np.where(known[:, span], demand[:, span], 0.0).sum(axis=1)
        stood = np.where(known[:, span], factors[:, span], 0.0).sum(axis=1)
        expected = np.maximum((BLENDS @ lags[:, :, first].T) * stood, LEAST_LEVEL)
        loss += expected - sold * np.log(expected)
    loss -= loss.min(axis=0)
    spread = loss.mean(axis=0)
    relative = np.divide(loss, spread, out=np.zeros_like(loss), where=spread > 0)
    return np.asarray((relative + relative.mean(axis=1, keepdims=True)).argmin(axis=0), dtype=np.intp)
