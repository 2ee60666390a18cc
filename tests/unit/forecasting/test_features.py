"""What the model of many items is shown."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecasting.covariates import Covariates
from forecasting.features import Past, differ, sample
from forecasting.history import History
from parstock.domain import DemandPanel, KnownAhead

DAYS, ORIGIN = 140, 100


def panel() -> DemandPanel:
    """Five items with gaps, prices and promotions."""
    rng = np.random.default_rng(0)
    demand = rng.poisson([[20.0], [5.0], [2.0], [0.5], [0.2]], (5, DAYS)).astype(float)
    demand[1, 30:34], demand[2, :50] = np.nan, np.nan
    price, promotion = rng.choice([4.0, 5.0], (5, DAYS + 14)), rng.random((5, DAYS + 14)) < 0.1
    return DemandPanel(
        items=tuple("abcde"),
        start=date(2024, 3, 1),
        demand=demand,
        price=price[:, :DAYS],
        promotion=promotion[:, :DAYS],
        ahead=KnownAhead(price=price[:, DAYS:], promotion=promotion[:, DAYS:]),
        countries=("GB",),
    )


def past_of(given: DemandPanel) -> Past:
    """The past of a panel and the covariates of two weeks more."""
    history = History.of(given)
    return Past.of(history, Covariates.of_history(history, 14))


def grid(items: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Every item on each of the 14 days from the origin on."""
    return np.repeat(np.arange(items), 14), np.tile(ORIGIN + np.arange(14), items)


def test_nothing_after_the_origin_is_looked_at() -> None:
    """Other demand from the origin on leaves every feature as it was."""
    given, other = panel(), panel()
    other.demand[:, ORIGIN:] = 3.0
    pasts = [replace(past_of(one), covariates=past_of(given).covariates) for one in (given, other)]
    seen = [sample(past, past.covariates, ORIGIN, *grid()) for past in pasts]
    for name, values in seen[0].items():
        np.testing.assert_allclose(values, seen[1][name], rtol=1e-6, err_msg=name)


def test_means_and_quantiles_are_those_of_the_known_days_before() -> None:
    """Running sums give what a direct computation over the window gives; a gap is no zero."""
    past = past_of(panel())
    statistics, scale = past.statistics(ORIGIN), past.scale(ORIGIN)
    for days in (7, 28, 91):
        window = past.demand[:, ORIGIN - days : ORIGIN]
        np.testing.assert_allclose(statistics[f"mean{days}"] * scale, np.nanmean(window, axis=1))
    window = past.demand[:, ORIGIN - 91 : ORIGIN]
    np.testing.assert_allclose(statistics["quantile91_0.9"] * scale, np.nanquantile(window, 0.9, axis=1))
    np.testing.assert_allclose(statistics["deviation91"] * scale, np.nanstd(window, axis=1))


def test_weekday_means_are_those_of_the_day_ahead() -> None:
    """A day ahead is shown the mean of its own weekday over the last weeks before the origin."""
    past = past_of(panel())
    shown = past.weekdays(ORIGIN)["weekday4"] * past.scale(ORIGIN)[:, None]
    for column in range(ORIGIN, ORIGIN + 7):
        days = [column - 7 * back for back in range(1, 5)]
        np.testing.assert_allclose(shown[0, column % 7], past.demand[0, days].mean())


def test_features_do_not_depend_on_the_unit_of_demand() -> None:
    """An item counted in dozenths has the same features, but for the size of a unit."""
    given = panel()
    past, finer = past_of(given), past_of(replace(given, demand=given.demand * 12))
    shown, same = (one.statistics(ORIGIN) for one in (past, finer))
    for name in shown:
        if name != "unit":
            np.testing.assert_allclose(shown[name][:3], same[name][:3], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("driver", ["holiday", "promotion", "price"])
def test_days_that_differ_without_a_driver_are_all_found(driver: str) -> None:
    """Where `differ` says nothing changes, no feature does; where it says so, one does."""
    past = past_of(panel())
    known = past.covariates
    other = known.without(driver)  # type: ignore[arg-type]
    rows, columns = np.repeat(np.arange(5), 14), np.tile(DAYS + np.arange(14), 5)
    first, second = (sample(past, covariates, DAYS, rows, columns) for covariates in (known, other))
    changed = np.any([first[name] != second[name] for name in first if not np.isnan(first[name]).any()], axis=0)
    np.testing.assert_array_equal(changed, differ(known, other, 5)[rows, columns])
