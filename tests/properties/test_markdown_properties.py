"""What holds of every markdown, on random seasons."""

from itertools import combinations_with_replacement

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.markdown import Chain, Season, plan_markdown, price_ladder, solve


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """A random chain of up to four weeks, four prices and six units."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    periods, prices, steps = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    return Chain(
        rng.dirichlet(np.full(steps + 1, draw(st.sampled_from([0.2, 1.0]))), size=(periods, prices)),
        np.sort(rng.uniform(0.5, 10, prices))[::-1],
        np.concatenate([[0.0], np.cumsum(rng.uniform(0, 2, steps))]),
        rng.uniform(0, draw(st.sampled_from([0.0, 0.5])), periods),
    )


def fixed_value(chain: Chain, path: tuple[int, ...]) -> float:
    """Money expected of prices that are set once for all, by following the distribution of the stock."""
    states = chain.demand.shape[2]
    chance, money = np.zeros(states), 0.0
    chance[-1] = 1.0
    for week, price in enumerate(path):
        following = np.zeros(states)
        for stock, probability in enumerate(chance):
            for wanted, likely in enumerate(chain.demand[week, price]):
                left = max(stock - wanted, 0)
                following[left] += probability * likely
                money += probability * likely * (chain.revenue[price] * (stock - left) - chain.holding[week] * left)
        chance = following
    return money + float(chance @ chain.left)


@given(chains())
@settings(max_examples=60, deadline=None)
def test_no_fixed_path_of_falling_prices_earns_more(chain: Chain) -> None:
    """The value of the policy is at least that of every price path that does not rise."""
    periods, prices, states = chain.demand.shape
    value = solve(chain).value[0, 0, states - 1]

    for path in combinations_with_replacement(range(prices), periods):
        assert value >= fixed_value(chain, path) - 1e-9


@given(chains())
@settings(max_examples=60, deadline=None)
def test_the_more_is_allowed_the_more_it_is_worth(chain: Chain) -> None:
    """A choice among more prices is worth no less, and no choice is above the lowest price so far."""
    plan = solve(chain)
    prices = chain.demand.shape[1]

    assert (np.diff(plan.value, axis=1) <= 1e-9).all()
    assert (plan.choice >= np.arange(prices)[None, :, None]).all()


@given(
    rate=st.floats(0.1, 20),
    stock=st.integers(1, 400),
    days=st.integers(1, 60),
    elasticity=st.floats(-4, -0.1),
    floor=st.floats(0.5, 12),
    worth=st.floats(0, 8),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_every_path_keeps_to_the_floor_and_never_rises(
    rate: float, stock: int, days: int, elasticity: float, floor: float, worth: float, seed: int
) -> None:
    """On every sampled future the price starts at or below today's, never rises, and stays at the floor or above."""
    demand = np.random.default_rng(seed).poisson(rate, (20, days)).astype(np.float64)
    season = Season(demand, float(stock), price_ladder(10.0, floor), elasticity, 0.001, worth)
    plan = plan_markdown(season, 0.4)

    assert (np.diff(plan.sale.price, axis=1) >= 0).all()
    assert (np.diff(plan.path) >= 0).all()
    assert season.prices.min() >= min(floor, 10.0) - 1e-9
    assert (plan.sale.stock >= -1e-9).all()
    assert (plan.sale.revenue <= 10.0 * stock + 1e-6).all()
