"""ARIMA by statsmodels, one item at a time: slower, for small panels."""

import warnings
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

import numpy as np

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.history import History
from forecasting.resample import draw_weeks
from parstock.domain import Floats

ORDERS: tuple[tuple[int, int, int], ...] = ((1, 0, 0), (1, 0, 1), (0, 1, 1))
"""(p, d, q) orders that compete on AICc; a constant is fitted where d = 0."""
FIT_DAYS = 182
"""Days fitted: enough for these orders, and what keeps an item under a third of a second."""
PROFILE_DAYS = 84
"""Days from which the weekday means are taken that are removed before fitting and added back after."""
MOST_ITERATIONS = 25


class _Results(Protocol):
    """What is used of statsmodels' SARIMAXResults."""

    aicc: float

    def simulate(self, nsimulations: int, *, anchor: str, repetitions: int, rng: np.random.Generator) -> Floats:
        """Sample futures: [H, 1, S]."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class _Fit:
    """One item's fitted model, or why there is none."""

    results: _Results | None
    """statsmodels results; None where the fit failed."""
    demand: Floats
    """[T] days fitted, in units of `scale`, weekday means removed."""
    profile: Floats
    """[7] weekday means removed, in units of `scale`."""
    scale: float
    reason: str


@forecasters.register("arima")
class Arima(PanelForecaster):
    """ARIMA of weekday-adjusted demand; order by AICc, futures by simulation with Gaussian errors.

    Where no order can be fitted, the item's future is its weekday means with bootstrapped weeks of errors around
    them, and the reason says so. Source: Box, Jenkins, Reinsel, "Time Series Analysis"; AICc after Hurvich and
    Tsai 1989, Biometrika 76. Orders with different d see different data, which statsmodels' diffuse likelihood
    accounts for only roughly; the backtest has the last word.
    """

    name: ClassVar[str] = "arima"

    def __init__(self) -> None:
        super().__init__()
        self._fits: tuple[_Fit, ...] = ()
        self._next_weekday = 0

    def _learn(self, history: History) -> None:
        weekdays = history.weekdays()
        self._next_weekday = history.end.weekday()
        self._fits = tuple(_fit(row[-FIT_DAYS:], weekdays[-FIT_DAYS:]) for row in history.demand)

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        weekdays = (self._next_weekday + np.arange(horizon_days)) % 7
        futures = np.empty((len(self._fits), paths, horizon_days), dtype=np.float32)
        for row, fit in enumerate(self._fits):
            if fit.results is None:
                errors = draw_weeks(fit.demand[None], horizon_days, paths, rng)[0]
            else:
                errors = _simulate(fit.results, horizon_days, paths, rng)
            futures[row] = (errors + fit.profile[weekdays]) * fit.scale
        return futures

    def _reasons(self, count: int) -> list[str]:
        return [fit.reason for fit in self._fits]


def _fit(demand: Floats, weekdays: np.ndarray[tuple[int], np.dtype[np.intp]]) -> _Fit:
    """Fit every order to one item's [T] days and keep the best."""
    scale = float(np.nanmax(demand)) if np.nanmax(demand, initial=0.0) > 0 else 1.0
    scaled = demand / scale
    profile = _weekday_means(scaled[-PROFILE_DAYS:], weekdays[-PROFILE_DAYS:])
    adjusted = scaled - profile[weekdays]
    if np.nanstd(adjusted) < 1e-9:
        return _Fit(None, adjusted, profile, scale, "arima: demand never departs from its weekday means, which are repeated")
    fitted = [(results, order) for order in ORDERS if (results := _fit_order(adjusted, order)) is not None]
    if not fitted:
        return _Fit(None, adjusted, profile, scale, f"arima: none of the orders {ORDERS} could be fitted; weekday means are used")
    best, order = min(fitted, key=lambda pair: pair[0].aicc)
    return _Fit(best, adjusted, profile, scale, f"arima: order {order} had the lowest AICc of {len(fitted)}")


def _weekday_means(demand: Floats, weekdays: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    member = np.eye(7)[weekdays]
    known = np.isfinite(demand)
    return np.asarray((np.where(known, demand, 0.0) @ member) / np.maximum(known @ member, 1.0))


def _fit_order(demand: Floats, order: tuple[int, int, int]) -> _Results | None:
    """Fit one order; None where that fails or gives no finite AICc."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = SARIMAX(demand, order=order, trend="c" if order[1] == 0 else None, concentrate_scale=True)
            results = cast(_Results, model.fit(disp=False, maxiter=MOST_ITERATIONS, cov_type="none"))
        except (ValueError, np.linalg.LinAlgError):
            return None
    return results if np.isfinite(results.aicc) else None


def _simulate(results: _Results, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
    """[S, H] simulated from the end of the sample."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn = results.simulate(horizon_days, anchor="end", repetitions=paths, rng=rng)
    return np.nan_to_num(np.asarray(drawn, dtype=np.float32).reshape(horizon_days, paths).T, posinf=0.0, neginf=0.0)
