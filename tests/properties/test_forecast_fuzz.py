"""Ten thousand odd histories through every forecaster: finite quantiles that do not cross and are not negative, or a refusal."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from forecasting.base import forecasters
from parstock.domain import QUANTILE_LEVELS, DemandPanel, ForecastStatus, KnownAhead

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]
HORIZON, PATHS = 9, 20
SERIES = 10_000
DAYS = (1, 13, 14, 27, 60, 120, 250, 400, 800, 3650)
"""Lengths of the panels; ten years are the longest."""
FAST = ("seasonal_naive", "croston", "ets", "croston_yearly", "ets_yearly", "linear", "gradient_boosting", "auto")
"""Models that are given all the series; the others cost tenths of a second for each."""
ODD_NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e308, -1e308, 5e-324, 2.0**31, 2.0**32 + 1)


def after(days: int, start: int, demand: Floats, before: float) -> Floats:
    """The demand from day `start` on, `before` until then."""
    return np.where(np.arange(days) >= start, demand, before)


def sometimes(rng: np.random.Generator, days: int, share: float, value: float, otherwise: Floats) -> Floats:
    """`value` on a random share of the days."""
    return np.where(rng.random(days) < share, value, otherwise)


def poisson(rng: np.random.Generator, days: int, mean: float = 4.0) -> Floats:
    """Ordinary demand."""
    return rng.poisson(mean, days).astype(np.float64)


KINDS: dict[str, Draw] = {
    "all zero": lambda rng, days: np.zeros(days),
    "all unknown": lambda rng, days: np.full(days, np.nan),
    "one point": lambda rng, days: after(days, days - 1, np.full(days, 5.0), np.nan),
    "one sale": lambda rng, days: np.where(np.arange(days) == rng.integers(days), 7.0, 0.0),
    "constant": lambda rng, days: np.full(days, float(rng.integers(1, 1000))),
    "constant fraction": lambda rng, days: np.full(days, rng.random()),
    "ordinary": lambda rng, days: poisson(rng, days, rng.uniform(0.05, 200)),
    "lumpy": lambda rng, days: (rng.random(days) < 0.1) * rng.geometric(0.02, days).astype(np.float64),
    "heavy tail": lambda rng, days: np.floor(rng.pareto(0.7, days)),
    "gaps": lambda rng, days: sometimes(rng, days, rng.uniform(0.1, 0.95), np.nan, poisson(rng, days)),
    "one long gap": lambda rng, days: np.where(np.abs(np.arange(days) - days // 2) < days // 4, np.nan, poisson(rng, days)),
    "unknown at the end": lambda rng, days: after(days, days - days // 5, np.full(days, np.nan), 3.0),
    "spike": lambda rng, days: poisson(rng, days) * np.where(np.arange(days) == rng.integers(days), 1000.0, 1.0),
    "spike on the last day": lambda rng, days: after(days, days - 1, np.full(days, 4000.0), 4.0),
    "beyond 32 bits": lambda rng, days: (2.0**32 + 1) * (1 + np.arange(days) % 3),
    "beyond 64 bits": lambda rng, days: 2.0**64 * poisson(rng, days),
    "near the largest number": lambda rng, days: sometimes(rng, days, 0.5, 1e308, poisson(rng, days)),
    "infinite": lambda rng, days: sometimes(rng, days, 0.1, np.inf, poisson(rng, days)),
    "minus infinite": lambda rng, days: sometimes(rng, days, 0.1, -np.inf, poisson(rng, days)),
    "negative": lambda rng, days: poisson(rng, days) - 3.0,
    "all negative": lambda rng, days: -1.0 - poisson(rng, days),
    "tiny fractions": lambda rng, days: rng.random(days) * 10.0 ** -rng.uniform(3, 12),
    "subnormal": lambda rng, days: np.full(days, 5e-324),
    "fractions": lambda rng, days: rng.gamma(2.0, 0.3, days),
    "launched": lambda rng, days: after(days, days - 15, poisson(rng, days), np.nan),
    "launched with zeros before": lambda rng, days: after(days, days - 15, poisson(rng, days), 0.0),
    "ended": lambda rng, days: after(days, days // 2, np.zeros(days), 9.0),
    "alternating": lambda rng, days: np.arange(days) % 2 * float(rng.integers(1, 500)),
    "once a week": lambda rng, days: np.where(np.arange(days) % 7 == 3, 20.0, 0.0),
    "once a month": lambda rng, days: np.where(np.arange(days) % 30 == 3, 500.0, 0.0),
    "exploding": lambda rng, days: np.exp(np.minimum(np.arange(days) * 0.3, 700.0)),
    "dying": lambda rng, days: np.floor(100 * np.exp(-np.arange(days) * 0.1)),
    "steps": lambda rng, days: np.where(np.arange(days) // 25 % 2 == 0, 1.0, 1e6),
    "only odd numbers": lambda rng, days: rng.choice(np.array(ODD_NUMBERS), days),
}


def panel(series: int, days: int, seed: int) -> DemandPanel:
    """A panel of all kinds in turn; every other one with prices, promotions and stock that are as odd as its demand."""
    rng = np.random.default_rng([seed, days])
    kinds = [list(KINDS)[row % len(KINDS)] for row in range(series)]
    demand = np.stack([KINDS[kind](rng, days) for kind in kinds])
    items = tuple(f"{kind}, {days} days, {row}" for row, kind in enumerate(kinds))
    start = date(2026, 3, 2) - timedelta(days=days)
    if seed % 2:
        return DemandPanel(items, start, demand)

    def odd(columns: int) -> Floats:
        usual = rng.uniform(1, 100, (series, 1)) * np.where(rng.random((series, columns)) < 0.2, 0.8, 1.0)
        return np.where(rng.random((series, columns)) < 0.1, rng.choice(np.array(ODD_NUMBERS), (series, columns)), usual)

    return DemandPanel(
        items,
        start,
        demand,
        in_stock=rng.random((series, days)) < rng.random((series, 1)),
        price=odd(days),
        promotion=rng.random((series, days)) < 0.1,
        covariates={"footfall": odd(days)},
        ahead=KnownAhead(odd(HORIZON), rng.random((series, HORIZON)) < 0.3, {"footfall": odd(HORIZON)}),
        groups=tuple("abc"[row % 3] for row in range(series)),
        countries=("GB", "CN"),
    )


def check(name: str, given: DemandPanel) -> int:
    """Forecast a panel; return how many of its items were forecast and not refused."""
    made = forecasters.get(name)().fit(given).predict(HORIZON, paths=PATHS, seed=1)

    assert made.items == given.items
    assert made.paths.shape == (len(given.items), PATHS, HORIZON)
    sound = np.isfinite(made.paths).all(axis=(1, 2)) & (made.paths >= 0).all(axis=(1, 2))
    assert not [item for item, fine in zip(made.items, sound, strict=True) if not fine]
    quantiles = made.quantiles(QUANTILE_LEVELS)
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=2) >= 0).all()
    assert set(made.status) <= set(get_args(ForecastStatus))
    refused = np.array([status != "ok" for status in made.status], dtype=bool)
    assert not made.paths[refused].any()
    assert all(made.reasons[row] for row in np.flatnonzero(refused))
    return int((~refused).sum())


@pytest.mark.parametrize("name", forecasters.names())
def test_odd_histories_are_forecast_or_refused(name: str) -> None:
    """Histories of every kind, short and long, give sound forecasts or refusals with a reason, and no warning."""
    of_each = 3 if name in FAST else 1
    lengths = (13, 60, 250) if name in FAST else (60,)
    forecast = sum(check(name, panel(of_each * len(KINDS), days, seed)) for seed, days in enumerate(lengths))

    assert forecast > 0.4 * of_each * len(KINDS)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", [name for name in FAST if name in forecasters.names()])
def test_ten_thousand_odd_histories_are_forecast_or_refused(name: str) -> None:
    """The same of 10,000 histories, from one day to ten years, in panels of a size that a planner forecasts at once."""
    series = 0
    for seed, days in enumerate(DAYS):
        size = 100 if days == max(DAYS) else (SERIES - 100) // (len(DAYS) - 1)
        check(name, panel(size, days, seed))
        series += size

    assert series == SERIES
