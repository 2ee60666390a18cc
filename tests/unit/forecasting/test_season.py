"""The time of year, pooled over the panel."""

from datetime import date

import numpy as np
import pytest

from forecasting.base import fitted, forecasters
from forecasting.history import History
from forecasting.season import FollowsYear, year_factors
from parstock.domain import DemandPanel, Floats


def history(demand: Floats) -> History:
    """History of a panel that starts on a Monday."""
    items = tuple(f"i{i}" for i in range(demand.shape[0]))
    return History.of(DemandPanel(items=items, start=date(2022, 1, 3), demand=demand))


def test_short_histories_have_no_season() -> None:
    """Without last year every factor is one."""
    np.testing.assert_array_equal(year_factors(history(np.ones((2, 380))), 28), np.ones(28))


def test_last_years_doubling_is_followed_cautiously() -> None:
    """Where demand doubled at this time last year, the factor lies between one and two, near two with many sales."""
    demand = np.full((40, 728), 5.0)
    demand[:, 364 : 364 + 60] = 10.0
    factors = year_factors(history(demand), 28)
    assert factors[-1] == pytest.approx(1.8, abs=0.15)
    assert (np.diff(factors) >= -1e-9).all()
    assert year_factors(history(demand[:1]), 28)[-1] < 1.2


def test_a_follower_takes_a_base_that_is_fitted_already() -> None:
    """Its paths are those it would have had with a base of its own, which is then not fitted again."""
    demand = np.random.default_rng(0).poisson(4.0, (3, 800)).astype(float)
    panel = DemandPanel(items=("a", "b", "c"), start=date(2022, 1, 3), demand=demand)
    base = forecasters.get("croston")().fit(panel)
    own, following = forecasters.get("croston_yearly")().fit(panel), fitted("croston_yearly", panel, {"croston": base})
    assert isinstance(following, FollowsYear)
    assert following.forecaster is base
    np.testing.assert_array_equal(following.predict(14, paths=20).paths, own.predict(14, paths=20).paths)


def test_an_empty_panel_has_no_season() -> None:
    """No items, no change."""
    np.testing.assert_array_equal(year_factors(history(np.zeros((0, 800))), 7), np.ones(7))
