"""Intermittent demand: how often something is sold, and how much then. Croston's method in its SBA and TSB forms."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.history import History
from forecasting.resample import draw_sizes, latest_positive
from parstock.domain import Floats

SMOOTHING = (0.01, 0.03, 0.06, 0.12)
"""Weights tried for the chance of a sale, in both variants."""
SIZE_SMOOTHING = 0.05
"""Weight of the newest size."""
FIRST_DAYS = 56
"""Known days from which the first chance of a sale is taken."""
WEEKDAY_DAYS = 182
WEEKDAY_PRIOR_SALES = 10.0
"""An item's weekday profile is shrunk to the panel's as if this many more selling days had followed it."""


@forecasters.register("croston")
class Croston(PanelForecaster):
    """A sale happens or not (Bernoulli), and its size is drawn from the recent ones.

    Two variants compete per item on the log loss of one-step chances: SBA smooths the interval between sales
    (Syntetos and Boylan 2005, Int. J. Forecasting 21, with their correction 1 - weight/2), TSB smooths the chance
    itself every day, so that it fades when sales stop (Teunter, Syntetos, Babai 2011, EJOR 214). The chance of each
    path is drawn from a beta distribution as wide as the smoothing's effective sample, (2 - weight) / weight days:
    without it the sum over a lead time would be too sure of itself.
    """

    name: ClassVar[str] = "croston"

    def __init__(self) -> None:
        super().__init__()
        self._chance: Floats = np.zeros(0)
        self._effective_days: Floats = np.zeros(0)
        self._profile: Floats = np.ones((0, 7))
        self._sizes: Floats = np.zeros((0, 1))
        self._counts: Floats = np.zeros(0)
        self._next_weekday = 0

    def _learn(self, history: History) -> None:
        chances, losses = _smooth_chances(history.demand)
        chosen = losses.argmin(axis=0)
        weights = np.array(SMOOTHING * 2)[chosen]
        self._chance = chances[chosen, np.arange(chosen.size)]
        self._effective_days = np.minimum((2 - weights) / weights, history.known_days)
        self._profile = _weekday_profile(history)
        self._sizes, self._counts = latest_positive(history.demand)
        self._next_weekday = history.end.weekday()

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        wins = self._chance * self._effective_days
        losses = (1 - self._chance) * self._effective_days
        chance = rng.beta(wins[:, None], losses[:, None], size=(wins.size, paths)).astype(np.float32)
        weekdays = (self._next_weekday + np.arange(horizon_days)) % 7
        daily = chance[:, :, None] * self._profile[:, None, weekdays].astype(np.float32)
        sold = rng.random(daily.shape, dtype=np.float32) < daily
        return draw_sizes(self._sizes, self._counts, SIZE_SMOOTHING, sold, rng)


def _smooth_chances(demand: Floats) -> tuple[Floats, Floats]:
    """Run both variants with every weight over the history.

    Returns:
        [G, N] chances of a sale at the end, and [G, N] log losses of the one-step chances; SBA first, then TSB.
    """
    known, sold = np.isfinite(demand), demand > 0
    weights = np.array(SMOOTHING)[:, None]
    tsb = np.broadcast_to(_first_chance(known, sold), (len(SMOOTHING), demand.shape[0])).copy()
    interval, waited = 1 / tsb, np.ones(demand.shape[0])
    losses = np.zeros((2 * len(SMOOTHING), demand.shape[0]))
    for day in range(demand.shape[1]):
        here, hit = known[:, day], sold[:, day]
        chances = np.concatenate([_sba(interval, weights), tsb])
        losses -= np.log(np.where(hit, chances, 1 - chances)) * here
        interval += weights * (waited - interval) * hit
        waited = np.where(hit, 1.0, waited + here)
        tsb = _possible(tsb + weights * (hit - tsb) * here)
    return np.concatenate([_sba(interval, weights), tsb]), losses


def _sba(interval: Floats, weights: Floats) -> Floats:
    return _possible((1 - weights / 2) / interval)


def _possible(chance: Floats) -> Floats:
    """Never quite 0 or 1."""
    # numpy.clip takes four times as long on a few values
    return np.minimum(np.maximum(chance, 1e-4), 1 - 1e-4)


def _first_chance(known: NDArray[np.bool_], sold: NDArray[np.bool_]) -> Floats:
    """[N] share of the first known days with a sale, never quite 0 or 1."""
    young = known & (np.cumsum(known, axis=1) <= FIRST_DAYS)
    return np.asarray(((sold & young).sum(axis=1) + 0.5) / (young.sum(axis=1) + 1.0))


def _weekday_profile(history: History) -> Floats:
    """[N, 7] how much likelier than on average a sale is on each weekday, shrunk to the panel's own profile."""
    demand, weekdays = history.demand[:, -WEEKDAY_DAYS:], history.weekdays()[-WEEKDAY_DAYS:]
    member = np.eye(7)[weekdays]
    tried, sold = np.isfinite(demand).astype(float) @ member, (demand > 0).astype(float) @ member
    rate = sold.sum(axis=1, keepdims=True) / np.maximum(tried.sum(axis=1, keepdims=True), 1.0)
    expected = tried * rate
    panel = (sold.sum(axis=0) + 1.0) / (expected.sum(axis=0) + 1.0)
    profile = (sold + WEEKDAY_PRIOR_SALES * panel) / (expected + WEEKDAY_PRIOR_SALES)
    open_days = np.where(history.closed, 0.0, 1.0)
    mean = (profile * open_days).sum(axis=1, keepdims=True) / np.maximum(open_days.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(profile / np.where(mean > 0, mean, 1.0))
