"""The parts of a forecast add up, and each is what its name says."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.split import split
from parstock.domain import Driver, Floats, Forecast, ForecastStatus

MONDAY = date(2024, 1, 1)


def forecast(mean: Floats, effects: Mapping[Driver, Floats] | None = None, start: date = MONDAY) -> Forecast:
    """A forecast that is sure of its [N, H] mean."""
    count = len(mean)
    paths = mean[:, None].astype(np.float32)
    items = tuple(map(str, range(count)))
    status: tuple[ForecastStatus, ...] = tuple("ok" for _ in range(count))
    return Forecast(items, start, paths, ("linear",) * count, status, effects=effects or {})


units = st.floats(0, 1e6, width=32)


@given(data=st.data(), items=st.integers(1, 3), days=st.integers(1, 40), offset=st.integers(0, 6))
def test_parts_add_up_to_the_mean(data: st.DataObject, items: int, days: int, offset: int) -> None:
    """Whatever the mean and the effects, closed weekdays included, the parts are finite and their sum is the mean."""
    mean = data.draw(arrays(np.float64, (items, days), elements=units))
    closed = data.draw(arrays(np.bool_, 7))[np.arange(days) % 7]
    effect = data.draw(arrays(np.float64, (items, days), elements=st.floats(-1e6, 1e6)))
    made = forecast(np.where(closed, 0.0, mean), {"promotion": np.where(closed, 0.0, effect)}, date(2024, 1, 1 + offset))
    parts = split(made)
    np.testing.assert_allclose(parts.mean, made.mean(), rtol=1e-12, atol=1e-6)
    assert all(np.isfinite(values).all() for values in parts.parts.values())
    for values in parts.parts.values():
        assert not values[:, closed].any()


def test_each_part_is_what_its_name_says() -> None:
    """A level of 10, a slope of 0.2 a day, a Saturday of 7 more and a promotion of 5 are found as such."""
    days = np.arange(28)
    saturday = np.where(days % 7 == 5, 6.0, -1.0)
    promotion = np.where((days >= 7) & (days < 14), 5.0, 0.0)
    parts = split(forecast(np.asarray(10 + 0.2 * (days + 1) + saturday + promotion)[None], {"promotion": promotion[None]}))
    np.testing.assert_allclose(parts.level[0], 10.0, rtol=1e-6)
    np.testing.assert_allclose(parts.trend[0], 0.2 * (days + 1), rtol=1e-6)
    np.testing.assert_allclose(parts.weekday[0], saturday, atol=1e-5)
    np.testing.assert_allclose(parts.season[0], 0.0, atol=1e-5)
    np.testing.assert_array_equal(parts.drivers["promotion"][0], promotion)


def test_a_hump_is_season() -> None:
    """What rises and falls again within the horizon is neither trend nor weekday."""
    hump = np.where((np.arange(42) >= 14) & (np.arange(42) < 28), 16.0, 10.0)
    parts = split(forecast(hump[None]))
    np.testing.assert_allclose(parts.season, hump[None] - 10.0, atol=1e-9)
    assert parts.totals()["season"][0] == pytest.approx(84.0)


def test_a_horizon_under_two_weeks_has_no_trend() -> None:
    """Ten rising days are weekdays and a level, because nothing tells them apart."""
    parts = split(forecast(np.arange(1.0, 11.0)[None]))
    assert not parts.trend.any()


def test_less_than_a_week_is_a_level_and_how_days_differ() -> None:
    """Three days split into their mean and what each has beyond it."""
    parts = split(forecast(np.array([[2.0, 4.0, 9.0]])))
    np.testing.assert_allclose(parts.level[0], 5.0, atol=1e-5)
    np.testing.assert_allclose(parts.weekday[0], [-3.0, -1.0, 4.0], atol=1e-5)


def test_a_holiday_without_sales_is_a_negative_effect_not_a_closed_day() -> None:
    """A day whose demand a holiday takes away keeps its level, and the holiday takes it."""
    mean, effect = np.full((1, 28), 10.0), np.zeros((1, 28))
    mean[0, 10], effect[0, 10] = 0.0, -10.0
    parts = split(forecast(mean, {"holiday": effect}))
    np.testing.assert_allclose(parts.level[0], 10.0, rtol=1e-6)
    assert parts.totals()["holiday"][0] == -10.0


def test_a_day_on_which_the_shop_is_shut_has_no_part() -> None:
    """One day without any demand among days of ten leaves level and pattern of the others alone."""
    mean = np.full((1, 28), 10.0)
    mean[0, 10] = 0.0
    parts = split(forecast(mean))
    assert not any(values[0, 10] for values in parts.parts.values())
    np.testing.assert_allclose(np.delete(parts.level[0], 10), 10.0)
    np.testing.assert_allclose(np.delete(parts.season[0], 10), 0.0, atol=1e-9)


def test_items_without_a_forecast_have_no_parts() -> None:
    """Zero paths split into zeros."""
    parts = split(forecast(np.zeros((2, 28))))
    assert not any(values.any() for values in parts.parts.values())
