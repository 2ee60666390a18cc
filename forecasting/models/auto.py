"""The forecaster that plans rest on: a backtest of the others, the best mixture for each demand class, calibrated and gated."""

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import Backtest, backtest
from forecasting.base import Forecaster, Progress, check_sizes, fitted, forecasters, refusals
from forecasting.calibrate import demand_classes
from forecasting.explain import refusals_zh
from forecasting.history import MIN_KNOWN_DAYS, History
from forecasting.recipe import Recipes, fallback, learn, put_together
from forecasting.season import YEAR_DAYS
from parstock.domain import DemandPanel, Driver, Floats, Forecast
from parstock.errors import NotFitted

FALLBACK = "croston"
"""Model of items that no backtest can judge: it asks least of a history."""
FAST = ("seasonal_naive", "croston", "ets", "linear")
"""Models that compete on every panel, simplest first."""
YEARLY = ("croston_yearly", "ets_yearly")
"""Models that compete where last year is known for every window of the backtest."""
YEARLY_DAYS = 2 * YEAR_DAYS
GLOBAL = ("gradient_boosting",)
"""Models that learn one thing from all items."""
LEAST_GLOBAL_ITEMS = 30
WINDOWS, STEP_DAYS = 8, 14
BACKTEST_HORIZONS = (28, 14, 7)
"""Days of a backtest window: the first of these that the panel is long enough for."""
BACKTEST_PATHS = 200
ALL_ITEMS_EVERY = 2
"""The kept items see every window, the others every second one: those share no day, and tell an item nearly as much."""
KEPT_ITEMS = 96
"""Items of each demand class from whose replay shares and calibration are learned: memory stays bounded, and the windows,
not the items, limit what can be known."""
SAMPLES_AT_ONCE = 1_000_000
"""Sampled days worked on together when a forecast is put together."""


@forecasters.register("auto")
class Auto:
    """For each demand class the mixture of models with the lowest pinball loss in a rolling backtest, calibrated.

    Quantiles are averaged (`forecasting.mixture`), their coverage is put right (`forecasting.calibrate`), and what does not
    cover in windows it was not calibrated on is refused (`forecasting.gate`). Beyond the backtest's horizon the same factors
    and the same tie between days hold: what a path's days have in common adds up in proportion to the lead time, the rest as
    its square root.
    """

    name: ClassVar[str] = "auto"

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.backtest: Backtest | None = None
        self.recipes = fallback(FALLBACK, 0, BACKTEST_HORIZONS[-1])
        self._history: History | None = None
        self._fitted: dict[str, Forecaster] = {}

    def fit(self, panel: DemandPanel) -> Self:
        """Backtest the models, decide for each class, and fit what is used; return itself."""
        history = History.of(panel)
        horizons = [days for days in BACKTEST_HORIZONS if panel.days >= days + MIN_KNOWN_DAYS]
        if horizons and "ok" in history.status:
            self.backtest, self.recipes = self._learn(panel, history, horizons[0])
        else:
            self.backtest, self.recipes = None, fallback(FALLBACK, len(panel.items), BACKTEST_HORIZONS[-1])
        used = np.flatnonzero((self.recipes.weights > 0).any(axis=0)).tolist()
        self._fitted = {}
        for name in (self.recipes.models[m] for m in used):
            self._fitted[name] = fitted(name, panel, self._fitted)
        self._history = history
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Sample each item from its mixture.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        history = self._history
        if history is None:
            raise NotFitted("forecaster 'auto' cannot predict before fit(panel)")
        check_sizes(horizon_days, paths)
        recipes = self.recipes.only(tuple(self._fitted))
        parts = [model.predict(horizon_days, paths=paths, seed=seed) for model in self._fitted.values()]
        futures = np.zeros((len(history.items), paths, horizon_days), dtype=np.float32)
        usable = np.flatnonzero([status == "ok" for status in history.status])
        at_once = max(1, SAMPLES_AT_ONCE // (paths * horizon_days))
        rng = np.random.default_rng(seed)
        alike = usable[np.argsort(recipes.index[usable], kind="stable")]
        for first in range(0, alike.size, at_once):
            rows = alike[first : first + at_once]
            futures[rows] = put_together([part.paths[rows] for part in parts], recipes, rows, history.whole[rows], rng)
        followed = recipes.items()
        scores = {} if self.backtest is None else {m: self.backtest.score("scaled_pinball", m) for m in self.backtest.models}
        return Forecast(
            items=history.items,
            start=history.end,
            paths=futures,
            models=tuple(recipe.model for recipe in followed),
            status=history.status,
            reasons=tuple(why or recipe.reason for why, recipe in zip(refusals(history), followed, strict=True)),
            reasons_zh=tuple(why or recipe.reason_zh for why, recipe in zip(refusals_zh(history), followed, strict=True)),
            scores=scores,
            effects=_effects(parts, recipes.weights, futures),
        )

    def _learn(self, panel: DemandPanel, history: History, horizon_days: int) -> tuple[Backtest, Recipes]:
        classes = demand_classes(history.demand)
        tested = backtest(
            panel,
            _competitors(panel),
            horizon_days=horizon_days,
            windows=WINDOWS,
            step_days=min(STEP_DAYS, horizon_days),
            paths=BACKTEST_PATHS,
            keep=_kept(np.array(classes), history),
            others_every=ALL_ITEMS_EVERY,
            progress=self.progress,
        )
        return tested, learn(tested, classes, history.whole, FALLBACK)


def _competitors(panel: DemandPanel) -> tuple[str, ...]:
    """The models that compete on a panel, simple to elaborate."""
    names: tuple[str, ...] = FAST
    if panel.days >= YEARLY_DAYS:
        names += YEARLY
    if len(panel.items) >= LEAST_GLOBAL_ITEMS:
        names += GLOBAL
    return tuple(name for name in names if name in forecasters)


def _kept(classes: NDArray[np.str_], history: History) -> NDArray[np.intp]:
    """Positions of at most `KEPT_ITEMS` usable items of each class, drawn at random."""
    usable = np.array([status == "ok" for status in history.status], dtype=np.bool_)
    order = np.random.default_rng(0).permutation(len(classes))
    drawn = [order[usable[order] & (classes[order] == name)][:KEPT_ITEMS] for name in sorted(set(classes.tolist()))]
    return np.sort(np.concatenate(drawn))


def _effects(parts: list[Forecast], weights: Floats, futures: NDArray[np.float32]) -> dict[Driver, Floats]:
    """What each driver adds to the mean of the mixture, [N, H] units a day: the parts' effects, weighted and scaled."""
    drivers = sorted({driver for part in parts for driver in part.effects})
    if not drivers:
        return {}
    mean = sum((weights[:, [m]] * part.mean() for m, part in enumerate(parts)), np.zeros(()))
    scale = np.divide(futures.mean(axis=1), mean, out=np.zeros_like(mean), where=mean > 0)
    return {
        driver: scale
        * sum((weights[:, [m]] * part.effects[driver] for m, part in enumerate(parts) if driver in part.effects), np.zeros(()))
        for driver in drivers
    }
