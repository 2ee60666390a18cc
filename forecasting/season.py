"""The time of year: how demand of the whole panel moved a year ago, and forecasters that follow it."""

from typing import ClassVar, Self

import numpy as np

from forecasting.base import Forecaster, forecasters
from forecasting.history import History
from parstock.domain import DemandPanel, Floats, Forecast
from parstock.errors import NotFitted

YEAR_DAYS = 364
"""52 whole weeks, so that weekdays line up."""
RECENT_DAYS = 28
"""Days before the same day a year ago to which the following ones are compared."""
HALF_WINDOW_DAYS = 10
"""A day's factor is taken over this many days on either side: three whole weeks with the day itself."""
PRIOR_SALES = 200.0
"""The factor is shrunk as if this many more item-days with a sale had shown no change."""
MOST_CHANGE = 3.0


def year_factors(history: History, horizon_days: int) -> Floats:
    """How demand changed at this time last year: [H] factors on the level of the last weeks.

    All items are pooled, each in units of its own mean, and the ratio is shrunk towards 1 in logarithms. 1 wherever
    last year is not known.

    Args:
        history: Usable items; fewer than a year and a few weeks of days gives ones.
        horizon_days: Days H ahead.
    """
    factors = np.ones(horizon_days)
    today = history.days - YEAR_DAYS
    if today < RECENT_DAYS:
        return factors
    around = history.demand[:, today - RECENT_DAYS :]
    known = np.isfinite(around)
    mean = np.where(known, around, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    started = (known[:, :RECENT_DAYS].any(axis=1)) & (mean > 0)
    scaled = around[started] / mean[started, None]
    pooled, count = np.nansum(scaled, axis=0), np.isfinite(scaled).sum(axis=0)
    sales = (scaled > 0).sum(axis=0)
    before = pooled[:RECENT_DAYS].sum() / max(int(count[:RECENT_DAYS].sum()), 1)
    for ahead in range(horizon_days):
        middle = RECENT_DAYS + ahead
        days = slice(middle - HALF_WINDOW_DAYS, middle + HALF_WINDOW_DAYS + 1)
        if days.stop > pooled.size or before <= 0:
            break
        ratio = pooled[days].sum() / max(int(count[days].sum()), 1) / before
        weight = sales[days].sum() / (sales[days].sum() + PRIOR_SALES)
        factors[ahead] = np.clip(ratio, 1 / MOST_CHANGE, MOST_CHANGE) ** weight
    return factors


class FollowsYear:
    """A forecaster whose paths are another's, times last year's change at this time of year."""

    name: ClassVar[str]
    base: ClassVar[str]
    """Name of the forecaster that makes the paths."""

    def __init__(self) -> None:
        self.forecaster = forecasters.get(self.base)()
        self._history: History | None = None

    def fit(self, panel: DemandPanel) -> Self:
        """Fit the base and keep the history; return itself."""
        return self.follow(self.forecaster.fit(panel), panel)

    def follow(self, forecaster: Forecaster, panel: DemandPanel) -> Self:
        """Take a base that was fitted on this panel; return itself."""
        self.forecaster = forecaster
        self._history = History.of(panel).usable()
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Sample the base and scale its days.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        if self._history is None:
            raise NotFitted(f"forecaster {self.name!r} cannot predict before fit(panel)")
        made = self.forecaster.predict(horizon_days, paths=paths, seed=seed)
        factors = year_factors(self._history, horizon_days).astype(np.float32)
        return Forecast(
            items=made.items,
            start=made.start,
            paths=made.paths * factors,
            models=(self.name,) * len(made.items),
            status=made.status,
            reasons=made.reasons,
        )
