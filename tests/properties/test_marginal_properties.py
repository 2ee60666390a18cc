"""Ordering by marginal costs keeps the order of things."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planning.base import empirical_quantile
from planning.marginal import Futures, order_quantity


def futures(seed: int, lead_times: tuple[int, ...], periods: int) -> Futures:
    """Three items in 32 futures of Poisson demand, a few units on the way, lead times drawn from those given."""
    rng = np.random.default_rng(seed)
    demand = rng.poisson(rng.uniform(0.5, 30, (3, 1, 1)), (3, 32, periods)).astype(float)
    arrives = rng.choice(lead_times, (3, 32))
    return Futures(demand, rng.poisson(4, demand.shape).astype(float), arrives, rng.choice(lead_times, (3, 32)))


seeds = st.integers(0, 10_000)
costs = st.floats(0.1, 50.0)


@given(seeds, costs, costs, costs)
def test_orders_rise_with_the_profit_and_fall_with_stock_and_holding(
    seed: int, profit: float, holding: float, more: float
) -> None:
    """A dearer shortage never lowers an order; more stock or dearer holding never raises it; all are whole and not negative."""
    now, ones, empty = futures(seed, (0, 1, 3, 99), 6), np.ones(3), np.zeros(3)
    quantity = order_quantity(empty, now, profit * ones, holding * ones)

    assert (quantity == np.ceil(quantity)).all()
    assert (quantity >= 0).all()
    assert (order_quantity(empty, now, (profit + more) * ones, holding * ones) >= quantity).all()
    assert (order_quantity(empty, now, profit * ones, (holding + more) * ones) <= quantity).all()
    assert (order_quantity(np.full(3, np.ceil(more)), now, profit * ones, holding * ones) <= quantity).all()


@given(seeds, costs, costs)
def test_one_period_is_the_newsvendor(seed: int, profit: float, holding: float) -> None:
    """With one period to live and no lead time, the order is the critical quantile of net demand."""
    now = futures(seed, (0,), 1)
    net = now.demand[:, :, 0] - now.arrivals[:, :, 0]
    quantile = empirical_quantile(net, profit / (profit + holding))

    np.testing.assert_array_equal(
        order_quantity(np.zeros(3), now, np.full(3, profit), np.full(3, holding)), np.maximum(quantile, 0)
    )


@given(seeds)
def test_what_cannot_come_is_not_ordered(seed: int) -> None:
    """An order that is lost in every future, or overtaken in every future, earns nothing and is not placed."""
    now, ones = futures(seed, (99,), 5), np.ones(3)
    overtaken = Futures(now.demand, now.arrivals, np.full((3, 32), 2), np.full((3, 32), 1))

    for useless in (now, overtaken):
        assert (order_quantity(np.zeros(3), useless, 9 * ones, ones) == 0).all()
