"""One model of all items: quantiles by linear regression and gradient-boosted trees, joined into paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.boosting import BoostedQuantiles, draw_examples
from forecasting.calibrate import demand_classes
from forecasting.copula import ROWS_AT_ONCE, Dependence, dependence, expected_scores, join, path_levels
from forecasting.covariates import Covariates
from forecasting.features import Past, differ
from forecasting.history import MIN_KNOWN_DAYS, History
from forecasting.marginals import LEVELS, chance_below, values_at
from forecasting.models.croston import Croston
from parstock.domain import DemandPanel, Driver, Floats
from parstock.errors import NotFitted

LEAST_EXAMPLES = 4_000
"""Fewer examples than this, and a simpler model stands in."""
REPLAYED, REPLAYED_DAYS = 3, 28
"""Past windows, and their length, from which the dependence of days is learned."""
MOST_REPLAYED = 512
"""Items, evenly spaced, that are replayed for that."""
LEAST_SCORES = 2_000
"""A demand class with fewer past days to learn from takes the dependence of all."""
MEAN_LEVELS = path_levels(200)
SEED = 0
"""Of the examples drawn: learning twice from the same panel gives the same model."""
CLASSES = ("smooth", "erratic", "intermittent", "lumpy")


@dataclass(frozen=True, eq=False, slots=True)
class _Learned:
    """What `fit` learns and `condition` keeps."""

    model: BoostedQuantiles
    dependences: list[Dependence]
    """One for each of `CLASSES`."""


@forecasters.register("gradient_boosting")
class GradientBoosting(PanelForecaster):
    """Quantiles of each day ahead, learned from all items and many past origins at once.

    Every example is an item on a day as seen from an earlier morning. For each level a linear quantile regression follows
    the item's own level, weekday profile and spread; boosted trees (Ke et al. 2017, "LightGBM", NeurIPS 30) then learn
    what is not linear: prices, promotions, holidays, launches, sales that stopped. Demand is scaled by the item's mean
    day-to-day change, which makes the loss that is minimised the scaled pinball loss that forecasts are judged by.
    """

    name: ClassVar[str] = "gradient_boosting"

    def __init__(self) -> None:
        super().__init__()
        self._learned: _Learned | None = None
        self._stand_in: Croston | None = None
        self._usable: History | None = None
        self._examples = 0
        self._ahead: tuple[Past, NDArray[np.float32]] | None = None

    def condition(self, panel: DemandPanel) -> Self:
        """Forecast from the end of this panel from now on, with the trees that `fit` grew; return itself.

        Raises:
            NotFitted: `fit` was not called.
        """
        if self._history is None:
            raise NotFitted(f"forecaster {self.name!r} cannot take in a history before fit(panel)")
        self._history = History.of(panel)
        self._take_in(self._history.usable())
        return self

    def _learn(self, history: History) -> None:
        past = Past.of(history, Covariates.of_history(history, 0))
        examples = draw_examples(past, SEED)
        self._examples, self._learned = examples.target.size, None
        if self._examples >= LEAST_EXAMPLES:
            model = BoostedQuantiles.learn(examples, SEED)
            self._learned = _Learned(model, _dependences(model, past, _classes(history)))
        self._take_in(history)

    def _take_in(self, history: History) -> None:
        self._usable, self._stand_in = history, None
        if self._learned is None and history.items:
            self._stand_in = Croston()
            self._stand_in._learn(history)

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        if self._stand_in is not None:
            return self._stand_in._sample(horizon_days, paths, rng)
        assert self._learned is not None
        assert self._usable is not None
        history = self._usable
        past = Past.of(history, Covariates.of_history(history, horizon_days))
        quantiles = _horizon(self._learned.model, past, np.arange(len(history.items)), history.days, horizon_days)
        self._ahead = past, quantiles
        levels, members = path_levels(paths), _classes(history)
        futures = np.empty((len(history.items), paths, horizon_days), dtype=np.float32)
        for first in range(0, len(history.items), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            values = values_at(quantiles[part], levels, history.whole[part])
            futures[part] = join(values, self._learned.dependences, members[part], rng)
        return futures

    def _effects(self, horizon_days: int) -> Mapping[Driver, Floats]:
        if self._stand_in is not None or self._learned is None or self._ahead is None or self._usable is None:
            return {}
        past, quantiles = self._ahead
        known, whole, origin = past.covariates, self._usable.whole, self._usable.days
        mean = values_at(quantiles, MEAN_LEVELS, whole).mean(axis=2, dtype=np.float64)
        found: dict[Driver, Floats] = {}
        for driver in known.drivers:
            ordinary = known.without(driver)
            rows, days = np.nonzero(differ(known, ordinary, whole.size)[:, origin:])
            without = self._learned.model.quantiles(past, ordinary, origin, rows, origin + days)
            less = mean.copy()
            less[rows, days] = values_at(without.astype(np.float32), MEAN_LEVELS, whole[rows]).mean(axis=1, dtype=np.float64)
            found[driver] = mean - less
            known, mean = ordinary, less
        return found

    def _reasons(self, count: int) -> list[str]:
        if self._stand_in is None:
            return super()._reasons(count)
        return [
            f"{Croston.name} stands in: {self.name} learns from {LEAST_EXAMPLES:,} past days or more, "
            f"and these items have {self._examples:,}"
        ] * count


def _horizon(model: BoostedQuantiles, past: Past, items: NDArray[np.intp], origin: int, days: int) -> NDArray[np.float32]:
    """[n, H, Q] quantiles of some items on the days from the origin on."""
    rows, columns = np.repeat(items, days), np.tile(origin + np.arange(days), items.size)
    found = model.quantiles(past, past.covariates, origin, rows, columns)
    return found.astype(np.float32).reshape(items.size, days, len(LEVELS))


def _classes(history: History) -> NDArray[np.intp]:
    """[n] position of each item's demand class in `CLASSES`."""
    return np.array([CLASSES.index(name) for name in demand_classes(history.demand)], dtype=np.intp)


def _dependences(model: BoostedQuantiles, past: Past, members: NDArray[np.intp]) -> list[Dependence]:
    """How the days of a path hang together, by class, from what followed some past origins."""
    days = past.demand.shape[1]
    items = np.linspace(0, members.size - 1, min(members.size, MOST_REPLAYED)).astype(np.intp)
    unit = np.maximum(past.unit[items, None], 1e-9)
    scores = np.full((items.size, REPLAYED, REPLAYED_DAYS), np.nan)
    for window in range(REPLAYED):
        origin = days - (window + 1) * REPLAYED_DAYS
        if origin < MIN_KNOWN_DAYS:
            break
        actual = past.demand[items, origin : origin + REPLAYED_DAYS]
        quantiles = _horizon(model, past, items, origin, REPLAYED_DAYS)
        able = past.can_learn(origin, MIN_KNOWN_DAYS)[items, None] & np.isfinite(actual)
        filled = np.where(able, actual, 0.0)
        below = np.where(filled > 0, chance_below(quantiles, filled), 0.0)
        upto = chance_below(quantiles, filled + unit)
        scores[:, window] = np.where(able, expected_scores(below, upto), np.nan)
    of_all = dependence(scores)
    found = []
    for position in range(len(CLASSES)):
        mine = scores[members[items] == position]
        found.append(dependence(mine) if np.isfinite(mine).sum() >= LEAST_SCORES else of_all)
    return found
