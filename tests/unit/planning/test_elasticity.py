"""Price elasticity from a shop's own price changes."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from parstock.domain import DemandPanel
from planning.elasticity import PRIOR_MEAN, PRIOR_SD, learn_elasticities, steady_prices

START = date(2024, 1, 1)


def panel(true: float, *, items: int = 12, days: int = 364, cuts: int = 4, rate: float = 6.0, seed: int = 1) -> DemandPanel:
    """Poisson demand with weekdays and a season; each item is cut to 80 % of its price for some weeks of ten days."""
    rng = np.random.default_rng(seed)
    price = np.full((items, days), 10.0)
    for row in range(items):
        for start in rng.integers(0, days - 10, cuts):
            price[row, start : start + 10] = 8.0
    calendar = (1 + 0.4 * np.sin(np.arange(days) / 58)) * np.array([1.2, 0.9, 0.9, 1.0, 1.1, 1.3, 0.6])[np.arange(days) % 7]
    mean = rate * rng.uniform(0.5, 2.0, (items, 1)) * calendar * (price / 10.0) ** true
    return DemandPanel(tuple(f"A{n}" for n in range(items)), START, rng.poisson(mean).astype(np.float64), price=price)


@pytest.mark.parametrize("true", [-0.8, -1.8, -3.0])
def test_elasticity_is_recovered_through_weekday_and_season(true: float) -> None:
    """Where items change their prices often, the truth lies within three standard errors of nearly all, and errors are small."""
    found = learn_elasticities(panel(true))

    assert (np.abs(found.value - true) < 3 * found.standard_error).mean() > 0.9
    assert found.value.mean() == pytest.approx(true, abs=0.2)
    assert (found.standard_error < 0.45).all()


def test_an_item_without_changes_borrows_from_its_category() -> None:
    """It gets the category's mean, less surely than items with changes of their own."""
    shown = panel(-3.0)
    prices = shown.price
    assert prices is not None
    prices[0] = 10.0
    found = learn_elasticities(shown)

    assert found.own_changes[0] == 0
    assert found.value[0] == pytest.approx(found.value[1:].mean(), abs=0.25)
    assert found.standard_error[0] > found.standard_error[1:].max()


@pytest.mark.parametrize("price", ["none", "flat", "unknown"])
def test_without_price_changes_the_prior_is_what_is_left(price: str) -> None:
    """Nothing is learned from prices that never moved or are not recorded, and the result says so."""
    shown = panel(-3.0, items=3)
    prices = {"none": None, "flat": np.full_like(shown.demand, 10.0), "unknown": np.full_like(shown.demand, np.nan)}[price]
    found = learn_elasticities(replace(shown, price=prices))

    assert found.value.tolist() == [PRIOR_MEAN] * 3
    assert found.standard_error.tolist() == [PRIOR_SD] * 3
    assert (found.pooled_items, found.pooled_changes) == (0, 0)


def test_days_out_of_stock_do_not_look_like_dear_days() -> None:
    """Zeros at a low price while the shelf was empty are left out."""
    shown = panel(-2.0, items=8)
    assert shown.price is not None
    empty = (shown.price < 9) & (np.arange(shown.days) % 2 == 0)
    demand = np.where(empty, 0.0, shown.demand)

    informed = learn_elasticities(replace(shown, demand=demand, in_stock=~empty))
    misled = learn_elasticities(replace(shown, demand=demand))
    assert informed.value.mean() == pytest.approx(-2.0, abs=0.3)
    assert misled.value.mean() > -1.0


def test_more_data_weighs_more_than_the_prior() -> None:
    """The standard error shrinks with sales, and an item that sells little stays near its category."""
    few, many = (learn_elasticities(panel(-1.0, items=6, rate=rate)) for rate in (0.3, 30.0))

    assert (many.standard_error < few.standard_error).all()
    assert abs(many.value.mean() + 1.0) < abs(few.value.mean() + 1.0) + 0.2


def test_a_price_of_a_day_is_no_price_change() -> None:
    """What held for fewer than three recorded days, such as one customer's discount, is left out."""
    price = np.full((1, 20), 5.0)
    price[0, 7] = 2.0
    steady = steady_prices(price)

    assert np.isnan(steady[0, 7])
    assert (steady[0, np.r_[0:7, 8:20]] == 5.0).all()


def test_promotions_behind_the_low_prices_are_counted() -> None:
    """The share of low-price days that were promotions is told, so that advertising can be named."""
    shown = panel(-2.0, items=4)
    assert shown.price is not None

    assert learn_elasticities(replace(shown, promotion=shown.price < 9)).promoted == 1.0
    assert learn_elasticities(replace(shown, promotion=np.zeros_like(shown.price, dtype=np.bool_))).promoted == 0.0
    assert np.isnan(learn_elasticities(shown).promoted)
