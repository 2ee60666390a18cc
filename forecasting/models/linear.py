"""Regression on calendar, special days, promotions and prices: what an item has not seen itself it takes from its group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.covariates import Covariates
from forecasting.design import DRIVER_OF, Design, Kind, Layout
from forecasting.history import History
from forecasting.lags import LEAST_LEVEL, Levels
from forecasting.pooled import MOST_LOG, regress
from forecasting.resample import SPAN_WEEKS, draw_spans
from parstock.domain import Driver, Floats

SLOW: tuple[Kind, ...] = ("trend", "yearly")
"""Effects learned against one level for all days; the others are learned against a level that wanders."""
QUICK: tuple[Kind, ...] = ("weekday", *DRIVER_OF)
WINDOW_DAYS = 42.0
"""Exponential window of the wandering level."""
SLOW_SHOCK, QUICK_SHOCK = 0.8, 0.1
"""What moves a whole group on a day beyond the effects, as a share. Such moves stay for weeks, so that to a trend or a season
hundreds of days are a handful of witnesses; to a promotion each day is one."""
MOST_RATIO = 60.0
"""No day is taken to have sold more than this many times what was expected of it."""


@dataclass(frozen=True, eq=False, slots=True)
class _Learned:
    """The regression of n items, where each stands, and how far off it was."""

    history: History
    layout: Layout
    coefficients: Floats
    """[n, C] logarithms of factors, in the order of the design's kinds."""
    level: Floats
    """[n] units a day on the first day ahead, without effects."""
    weekly_gain: Floats
    """[n] share of a week's surprise that stays in the level."""
    ratios: Floats
    """[n, R] units sold over units expected of the last days, mean 1; NaN where unknown."""


@forecasters.register("linear")
class Linear(PanelForecaster):
    """Demand is level x trend x time of year x weekday x special days x promotion x price x error.

    The factors come from a pooled log-linear regression (`forecasting.pooled`), the level from lags of demand
    (`forecasting.lags`). Futures multiply what is expected by weeks of past errors, and carry a share of each week's error
    on in the level, so that paths drift apart as the horizon grows.
    """

    name: ClassVar[str] = "linear"

    def __init__(self) -> None:
        super().__init__()
        self._learned: _Learned | None = None

    def _learn(self, history: History) -> None:
        layout = Layout.of(history)
        design = layout.columns(Covariates.of_history(history, 0))
        coefficients = _coefficients(history, design)
        factors = _factors(design, coefficients)
        levels = Levels.of(history.demand, factors)
        self._learned = _Learned(
            history=history,
            layout=layout,
            coefficients=coefficients,
            level=levels.daily[:, -1],
            weekly_gain=levels.weekly_gain,
            ratios=_ratios(history.demand, factors, levels),
        )

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        learned, ahead = self._ahead(horizon_days)
        expected = (learned.level[:, None] * _factors(ahead, learned.coefficients)).astype(np.float32)
        futures = draw_spans(learned.ratios, horizon_days, paths, rng)
        futures *= expected[:, None, :]
        gain = learned.weekly_gain[:, None].astype(np.float32)
        moved = np.ones(futures.shape[:2], dtype=np.float32)
        for first in range(0, horizon_days, 7):
            week = slice(first, first + 7)
            surprise = futures[:, :, week].sum(axis=2) / np.maximum(expected[:, week].sum(axis=1), LEAST_LEVEL)[:, None] - 1
            futures[:, :, week] *= moved[:, :, None]
            moved *= 1 + gain * surprise
        return futures

    def _effects(self, horizon_days: int) -> Mapping[Driver, Floats]:
        """Share what the drivers do together by their logarithms, so that with the rest they add up exactly.

        Source: logarithmic mean Divisia index, Ang 2005, Energy Policy 33, equations 2 and 3.
        """
        learned, ahead = self._ahead(horizon_days)
        drivers = {kind: _logs(ahead.only(kind), learned, ahead) for kind in DRIVER_OF if kind in ahead.kinds}
        total = _logs(ahead, learned, ahead)
        together = np.sum(list(drivers.values()), axis=0) if drivers else np.zeros_like(total)
        with_all = np.exp(np.clip(total, -MOST_LOG, MOST_LOG))
        without = np.exp(np.clip(total - together, -MOST_LOG, MOST_LOG))
        small = np.abs(together) < 1e-9
        per_log = np.where(small, with_all, (with_all - without) / np.where(small, 1.0, together))
        moving = {DRIVER_OF[kind]: learned.level[:, None] * per_log * logs for kind, logs in drivers.items()}
        return {driver: units for driver, units in moving.items() if units.any()}

    def _reasons(self, count: int) -> list[str]:
        return [
            "linear: regression on level, trend, calendar, special days, promotions and prices, as far as they are known"
        ] * count

    def _ahead(self, horizon_days: int) -> tuple[_Learned, Design]:
        """What was learned, and the columns of the days ahead."""
        learned = self._learned
        assert learned is not None
        whole = learned.layout.columns(Covariates.of_history(learned.history, horizon_days))
        return learned, whole.days(slice(learned.layout.known_days, None))


def _coefficients(history: History, design: Design) -> Floats:
    """[n, C] of all columns: first the slow ones, then the quick ones with the slow ones given."""
    groups = history.panel.groups
    slow = regress(history.demand, design, groups, window_days=None, common_shock=SLOW_SHOCK)
    is_slow = np.array([kind in SLOW for kind in design.kinds])
    given = design.times(np.where(is_slow, slow, 0.0))
    quick = regress(history.demand, design.only(*QUICK), groups, offset=given, window_days=WINDOW_DAYS, common_shock=QUICK_SHOCK)
    coefficients = slow.copy()
    coefficients[:, ~is_slow] = quick
    return coefficients


def _factors(design: Design, coefficients: Floats) -> Floats:
    """[n, D] what the effects multiply the level by."""
    return np.asarray(np.exp(np.clip(design.times(coefficients), -MOST_LOG, MOST_LOG)))


def _logs(part: Design, learned: _Learned, whole: Design) -> Floats:
    """[n, D] logarithms of the factors of some columns."""
    chosen = [column for column, kind in enumerate(whole.kinds) if kind in part.kinds]
    return part.times(learned.coefficients[:, chosen])


def _ratios(demand: Floats, factors: Floats, levels: Levels) -> Floats:
    """[n, R] sold over expected with the level of the week's first morning, scaled to a mean of 1."""
    weeks = min(demand.shape[1] // 7, SPAN_WEEKS)
    recent = slice(demand.shape[1] - 7 * weeks, demand.shape[1])
    level = np.repeat(levels.daily[:, recent.start : recent.stop : 7], 7, axis=1)
    ratios = np.minimum(demand[:, recent] / (level * factors[:, recent]), MOST_RATIO)
    known = np.isfinite(ratios)
    mean = np.where(known, ratios, 0.0).sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.divide(ratios, mean, out=np.where(known, 1.0, np.nan), where=mean > 0))
