"""Seasonal ARIMA of every item: order by AICc, exact likelihood, bootstrapped futures; all items side by side."""

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.history import History
from forecasting.resample import draw_weeks

if TYPE_CHECKING:
    from forecasting.arima.fit import Fitted

UNKNOWN = "too many of its latest days are unknown for an order to be fitted"


@forecasters.register("arima")
class Arima(PanelForecaster):
    """(p,d,q)(P,D,Q) with a season of the item's open weekdays.

    d by the KPSS test and D by seasonal strength, the other orders by AICc; see `forecasting.arima.search`. An item with too
    little demand to choose an order from gets its past weeks drawn again, and its reason says so. Source: Hyndman and
    Khandakar 2008, J. Statistical Software 27.
    """

    name: ClassVar[str] = "arima"

    def __init__(self, device: str = "auto") -> None:
        """Remember where to compute.

        Args:
            device: "cpu", "cuda" or another of torch's names; "auto" is a GPU where there is one.
        """
        super().__init__()
        self._device = device
        self._fitted: tuple[Fitted, ...] = ()
        self._others: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._usable: History | None = None

    def _learn(self, history: History) -> None:
        from forecasting.arima.fit import fit

        self._usable = history
        self._fitted = fit(history, self._device)
        fitted = [part.series.rows for part in self._fitted]
        self._others = np.setdiff1d(np.arange(len(history.items)), np.concatenate(fitted) if fitted else ())

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        history = self._usable
        assert history is not None
        futures = np.empty((len(history.items), paths, horizon_days), dtype=np.float32)
        for part in self._fitted:
            futures[part.series.rows] = part.sample(history, horizon_days, paths, rng)
        futures[self._others] = draw_weeks(history.demand[self._others], horizon_days, paths, rng)
        return futures

    def _reasons(self, count: int) -> list[str]:
        from forecasting.arima.fit import lacking

        history = self._usable
        if history is None or not count:
            return []
        stated = [""] * count
        for part in self._fitted:
            for row, reason in zip(part.series.rows.tolist(), part.reasons, strict=True):
                stated[row] = reason
        for row, what in enumerate(lacking(history)):
            if not stated[row]:
                stated[row] = f"arima: {what or UNKNOWN}; its past weeks are drawn again"
        return stated
