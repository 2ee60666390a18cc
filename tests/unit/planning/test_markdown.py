"""Price paths by dynamic programming, against enumeration of every policy."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from parstock.domain import Floats
from parstock.errors import InputError
from planning.markdown import Chain, Season, plan_markdown, price_ladder, sell, solve


def random_chain(rng: np.random.Generator, periods: int, prices: int, steps: int) -> Chain:
    """A chain with random demand at falling prices."""
    demand = rng.dirichlet(np.ones(steps + 1), size=(periods, prices))
    revenue = np.sort(rng.uniform(1, 10, prices))[::-1]
    return Chain(demand, revenue, np.sort(rng.uniform(0, 3, steps + 1)), rng.uniform(0, 0.3, periods))


def policies(chain: Chain) -> Iterator[dict[tuple[int, int, int], int]]:
    """Every function from week, stock and lowest price so far to a price that is not above it."""
    periods, prices, states = chain.demand.shape
    cells = list(product(range(periods), range(prices), range(states)))
    for choices in product(*(range(lowest, prices) for _, lowest, _ in cells)):
        yield dict(zip(cells, choices, strict=True))


def expected(chain: Chain, policy: dict[tuple[int, int, int], int], stock: int) -> float:
    """Money expected of a policy, by going through every sequence of demands."""
    periods, _, states = chain.demand.shape
    total = 0.0
    for demands in product(range(states), repeat=periods):
        chance, left, lowest, money = 1.0, stock, 0, 0.0
        for week, wanted in enumerate(demands):
            lowest = policy[week, lowest, left]
            chance *= chain.demand[week, lowest, wanted]
            sold = min(wanted, left)
            left -= sold
            money += chain.revenue[lowest] * sold - chain.holding[week] * left
        total += chance * (money + chain.left[left])
    return total


@pytest.mark.parametrize(("periods", "prices", "steps"), [(1, 3, 3), (2, 2, 2), (2, 2, 1), (3, 2, 1)])
def test_the_solution_is_the_best_of_all_policies(periods: int, prices: int, steps: int) -> None:
    """On cases small enough to try every policy on every sequence of demands, none earns more and one earns as much."""
    chain = random_chain(np.random.default_rng([periods, prices, steps]), periods, prices, steps)
    best = max(expected(chain, policy, steps) for policy in policies(chain))

    assert solve(chain).value[0, 0, steps] == pytest.approx(best)


def test_a_single_week_is_the_textbook_price() -> None:
    """With stock to spare, revenue is highest at the lowest price if elasticity is below -1, at the present one if not."""
    season = make_season(days=7, stock=10_000.0)

    assert plan_markdown(replace(season, elasticity=-2.0), 0.0).path.tolist() == [season.prices.size - 1]
    assert not plan_markdown(replace(season, elasticity=-0.5), 0.0).lowers


def make_season(days: int = 28, stock: float = 300.0, **other: float) -> Season:
    """Ten a day, prices from 10 down to 5."""
    demand: Floats = np.random.default_rng(3).poisson(5.0, (200, days)).astype(np.float64)
    terms = {"elasticity": -2.0, "holding_cost": 0.0, "left_value": 0.0, **other}
    return Season(demand, stock, price_ladder(10.0, 5.0), **terms)


def test_without_excess_no_price_falls() -> None:
    """A stock that sells out anyway keeps its price on every path."""
    plan = plan_markdown(make_season(stock=60.0), 0.3)

    assert not plan.lowers
    assert plan.gain == pytest.approx(0.0, abs=1e-9)


def test_excess_is_sold_for_less_and_earns_more() -> None:
    """More units, more revenue, and the path starts low enough to clear them."""
    plan = plan_markdown(make_season(), 0.3)

    assert plan.path[0] > 0
    assert plan.sale.left < 0.2 * plan.kept.left
    assert plan.gain > 10 * plan.gain_error > 0
    assert plan.gain_if_weaker < plan.gain < plan.gain_if_stronger


def test_what_is_worth_its_price_later_is_not_given_away_now() -> None:
    """Where each unit left is worth nearly its price, keeping it beats any markdown."""
    assert not plan_markdown(make_season(left_value=9.9), 0.3).lowers


def test_a_few_days_at_the_end_belong_to_the_week_before() -> None:
    """No price is set for a stub of less than half a week; the days are covered once each."""
    for days in (1, 3, 7, 10, 11, 28, 30):
        periods = make_season(days=days).periods
        covered = [day for period in periods for day in range(period.start, period.stop)]
        assert covered == list(range(days))
        assert all(period.stop - period.start >= 4 for period in periods) or days < 4


def test_the_simulated_policy_earns_what_the_program_expects() -> None:
    """On paths whose weeks are independent, as the program assumes, the mean result is its value within the simulation error."""
    season = make_season(stock=150.0)
    value = float(solve(season.chain()).value[0, 0, season.steps])
    result = sell(season, solve(season.chain())).result

    assert value == pytest.approx(float(result.mean()), abs=4 * float(result.std()) / np.sqrt(result.size) + 0.01 * value)


def test_the_ladder_ends_at_the_floor_in_whole_cents() -> None:
    """The last price is the floor rounded up; where the present price is not above it there is nothing to choose."""
    assert price_ladder(10.0, 9.001).tolist() == [10.0, 9.5, 9.01]
    assert price_ladder(10.0, 10.0).tolist() == [10.0]
    assert price_ladder(4.0, 9.0).tolist() == [4.0]
    assert price_ladder(1.0, 0.0).min() == 0.01


def test_impossible_seasons_are_refused() -> None:
    """A stock of nothing, a demand that rises with the price, or rising prices make no season."""
    with pytest.raises(InputError, match="stock"):
        make_season(stock=0.0)
    with pytest.raises(InputError, match="elasticity"):
        make_season(elasticity=0.5)
    with pytest.raises(InputError, match="prices"):
        replace(make_season(), prices=np.array([5.0, 6.0]))
