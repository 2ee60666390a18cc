"""The forecaster that chooses: a backtest of the others per item, then the winner, calibrated."""

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np

from forecasting.backtest import Backtest, backtest
from forecasting.base import Progress, check_sizes, forecasters, refusals
from forecasting.calibrate import DemandClass, Widening, demand_classes, learn, widen
from forecasting.choose import FALLBACK, Choice, choose, unjudged
from forecasting.history import MIN_KNOWN_DAYS, History
from forecasting.season import YEAR_DAYS
from parstock.domain import DemandPanel, Floats, Forecast
from parstock.errors import NotFitted

FAST = ("seasonal_naive", "croston", "ets")
"""Models that compete on every panel, simplest first."""
YEARLY = ("croston_yearly", "ets_yearly")
"""Models that compete where last year is known for every window of the backtest."""
YEARLY_DAYS = 2 * YEAR_DAYS
SLOW = ("arima",)
"""Models that cost tenths of a second an item."""
MOST_SLOW_ITEMS = 8
"""Larger panels are left to the fast models."""
WINDOWS = 3
BACKTEST_HORIZONS = (28, 14, 7)
"""Days of a backtest window: the first of these that the panel is long enough for."""


@forecasters.register("auto")
class Auto:
    """Gives each item the model with the lowest scaled pinball loss in a rolling-origin backtest.

    What the backtest shows of coverage is put right by widening; see `forecasting.choose` and `forecasting.calibrate`.
    """

    name: ClassVar[str] = "auto"

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.backtest: Backtest | None = None
        self.widening: Mapping[DemandClass, Widening] = {}
        self._panel: DemandPanel | None = None
        self._history: History | None = None
        self._classes: tuple[DemandClass, ...] = ()
        self._choice: Choice | None = None

    def fit(self, panel: DemandPanel) -> Self:
        """Backtest the models, choose one an item, and learn how much to widen; return itself."""
        self._panel, self._history = panel, History.of(panel)
        self._classes = demand_classes(self._history.demand)
        self.backtest, self.widening = None, {}
        horizons = [days for days in BACKTEST_HORIZONS if panel.days >= days + MIN_KNOWN_DAYS]
        if not horizons or "ok" not in self._history.status:
            self._choice = _no_choice(len(panel.items))
            return self
        few = len(panel.items) <= MOST_SLOW_ITEMS
        models = FAST + (YEARLY if panel.days >= YEARLY_DAYS else ()) + (SLOW if few else ())
        tested = backtest(panel, models, horizon_days=horizons[0], windows=WINDOWS, progress=self.progress)
        self.backtest, self._choice = tested, choose(tested, self._classes)
        self.widening = learn(*_chosen_reach(tested, self._choice), self._classes)
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Sample each item from its chosen model.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        if self._panel is None or self._history is None or self._choice is None:
            raise NotFitted("forecaster 'auto' cannot predict before fit(panel)")
        check_sizes(horizon_days, paths)
        history, choice = self._history, self._choice
        futures = np.zeros((len(history.items), paths, horizon_days), dtype=np.float32)
        wanted = [name if status == "ok" else "" for name, status in zip(choice.models, history.status, strict=True)]
        for name in sorted(set(wanted) - {""}):
            rows = np.array([row for row, model in enumerate(wanted) if model == name], dtype=np.intp)
            whole = forecasters.get(name)().fit(self._panel).predict(horizon_days, paths=paths, seed=seed)
            futures[rows] = whole.paths[rows]
        widen(futures, self._classes, self.widening)
        return Forecast(
            items=history.items,
            start=history.end,
            paths=futures,
            models=choice.models,
            status=history.status,
            reasons=self._reasons(history, choice),
            scores=choice.scores,
        )

    def _reasons(self, history: History, choice: Choice) -> tuple[str, ...]:
        widened = {name: factor.sentence for name, factor in self.widening.items()}
        return tuple(
            refused or "; ".join(part for part in (why, widened.get(kind, "")) if part)
            for refused, why, kind in zip(refusals(history), choice.reasons, self._classes, strict=True)
        )


def _no_choice(count: int) -> Choice:
    """The fallback for every item of a panel that is too short to replay."""
    reason = unjudged(BACKTEST_HORIZONS[-1])
    return Choice(models=(FALLBACK,) * count, index=np.full(count, -1, dtype=np.intp), scores={}, reasons=(reason,) * count)


def _chosen_reach(tested: Backtest, choice: Choice) -> tuple[Floats, Floats]:
    """Reach of days [W, N, H] and of totals [W, N] of the model each item got; NaN where no backtest judged it."""
    items = np.arange(len(tested.items))
    days = tested.day_reach[choice.index, :, items].swapaxes(0, 1).copy()
    totals = tested.total_reach[choice.index, :, items].T.copy()
    days[:, choice.index < 0] = np.nan
    totals[:, choice.index < 0] = np.nan
    return days, totals
