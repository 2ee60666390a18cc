"""Days on which nothing can be sold."""

from datetime import date, timedelta

import numpy as np

from forecasting.closures import closed_ahead, shut_days
from forecasting.history import History
from forecasting.models.croston import Croston
from parstock.domain import Bools, DemandPanel, Floats

START = date(2024, 11, 1)
OPEN = np.zeros((40, 7), dtype=bool)


def busy(days: int = 120, items: int = 40) -> Floats:
    """Items that sell most days."""
    return np.random.default_rng(0).poisson(2.0, size=(items, days)).astype(float)


def shut(demand: Floats) -> list[int]:
    """Columns on which the shop was shut, none of its weekdays being closed."""
    weekdays = (START.weekday() + np.arange(demand.shape[1])) % 7
    return np.flatnonzero(shut_days(demand, weekdays, np.zeros((len(demand), 7), dtype=bool))).tolist()


def test_a_day_without_a_sale_of_anything_is_a_day_that_the_shop_was_shut() -> None:
    """Christmas Day to New Year is found, and no day that was merely slow."""
    demand = busy()
    demand[:, 54:62] = 0.0
    demand[: len(demand) // 2, 90] = 0.0

    assert shut(demand) == list(range(54, 62))


def test_a_few_or_slow_items_tell_nothing() -> None:
    """Where few sales are expected of a day, none of them proves nothing."""
    few = busy(items=10)
    few[:, 54] = 0.0
    slow = np.random.default_rng(0).poisson(0.1, size=(100, 120)).astype(float)
    slow[:, 54] = 0.0

    assert shut(few) == []
    assert shut(slow) == []


def test_a_shut_day_is_no_day_without_demand() -> None:
    """The day is left out of every item's history, and forecasts are not lowered by it."""
    demand = busy()
    demand[:, 54:62] = 0.0
    history = History.of(DemandPanel(tuple(map(str, range(40))), START, demand))

    assert np.isnan(history.demand[:, 54:62]).all()
    assert np.isfinite(history.demand[:, 62:]).all()


def shut_on(*days: date) -> Bools:
    """A year's history with these days shut."""
    return np.array([START + timedelta(days=column) in days for column in range(400)])


def ahead(*days: date, countries: tuple[str, ...] = (), closed: Bools = OPEN[0]) -> set[str]:
    """Days that are expected to be shut from 6 December 2025 on."""
    found = closed_ahead(shut_on(*days), closed, START, 200, countries)
    return {str(START + timedelta(days=400 + int(column))) for column in np.flatnonzero(found)}


def test_a_closure_over_christmas_comes_again() -> None:
    """A run of shut days around Christmas is expected on the same dates, a closed Saturday within it notwithstanding."""
    saturday = np.arange(7) == 5
    days = [date(2024, 12, day) for day in (25, 26, 27, 29)]
    assert ahead(*days, closed=saturday) == {"2025-12-25", "2025-12-26", "2025-12-27", "2025-12-28", "2025-12-29"}


def test_a_moving_holiday_is_expected_on_its_own_day() -> None:
    """Good Friday follows Easter where the country is known, and is not expected on last year's date where it is not."""
    good_friday = date(2025, 4, 18)
    assert ahead(good_friday, countries=("GB",)) == {"2026-04-03"}
    assert ahead(good_friday) == set()


def test_a_holiday_on_which_the_shop_was_open_once_is_not_expected_to_be_shut() -> None:
    """One year open is enough to doubt."""
    assert ahead(date(2025, 11, 27)) == set()


def test_forecasts_are_zero_on_a_day_that_will_be_shut() -> None:
    """Nothing is forecast for the next Christmas Day where the shop was shut on the last."""
    demand = np.random.default_rng(0).poisson(2.0, size=(40, 400)).astype(float)
    demand[:, 54] = 0.0
    made = Croston().fit(DemandPanel(tuple(map(str, range(40))), START, demand)).predict(28, paths=20)
    christmas = (date(2025, 12, 25) - made.start).days

    assert not made.paths[:, :, christmas].any()
    assert made.paths[:, :, christmas - 1].any()
