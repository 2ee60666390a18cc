"""The solvers for uncertain demand: textbook values, batches, and what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from parstock.errors import InputError
from planning.solvers import newsvendor, newsvendor_units, reorder_quantity, safety_stock
from planning.solvers.finite_horizon import PeriodCosts, finite_horizon
from planning.solvers.lost_sales import lost_sales_base_stock, lost_sales_optimum
from planning.solvers.min_max import ss_exact, ss_normal, ss_poisson
from planning.solvers.newsvendor_budget import newsvendor_budget
from planning.solvers.newsvendor_disruptions import newsvendor_disruptions
from planning.solvers.probabilities import negative_binomial_pmf, poisson_pmf, rounded_normal_pmf

ZHENG_FEDERGRUEN = {10: (6, 40, 35.022), 20: (14, 62, 49.173), 21: (15, 65, 50.406), 64: (55, 74, 78.402)}
"""Poisson mean -> s, S and cost at h = 1, p = 9, K = 64 (Operations Research 39, 1991, Table 1)."""
ZIPKIN = {(1, 4): 4.04, (1, 9): 5.44, (1, 19): 6.68, (2, 4): 4.40, (2, 9): 6.09, (3, 4): 4.60, (4, 4): 4.73}
"""Lead time and penalty -> optimal cost at Poisson(5) demand, h = 1 (Operations Research 56, 2008)."""


def test_a_batch_reproduces_the_published_min_max_policies() -> None:
    """Items of unlike demand solved together get the policies that Zheng and Federgruen print."""
    best = ss_poisson(1, 9, 64, list(ZHENG_FEDERGRUEN))

    for row, (low, high, cost) in enumerate(ZHENG_FEDERGRUEN.values()):
        assert (best.reorder_point[row], best.order_up_to[row]) == (low, high)
        assert best.cost[row] == pytest.approx(cost, abs=6e-4)


@pytest.mark.parametrize(("lead_time", "penalty"), ZIPKIN)
def test_lost_sales_cost_what_is_published(lead_time: int, penalty: float) -> None:
    """The optimum under lost sales is Zipkin's, between its bounds, and no base stock is cheaper."""
    best = lost_sales_optimum(1, penalty, poisson_pmf(5), lead_time)

    assert best.cost == pytest.approx(ZIPKIN[lead_time, penalty], abs=6e-3)
    assert best.cost_bounds[0] <= best.cost <= best.cost_bounds[1] <= best.cost * (1 + 1e-7)
    assert lost_sales_base_stock(1, penalty, poisson_pmf(5), lead_time).cost >= best.cost - 1e-6


def test_lost_sales_without_lead_time_are_a_newsvendor() -> None:
    """Where orders arrive at once, lost sales cost what the newsvendor costs."""
    best = lost_sales_optimum(1, 4, poisson_pmf(6), 0)

    assert best.cost == pytest.approx(3.57010695)
    assert lost_sales_base_stock(1, 4, poisson_pmf(6), 0).level == 8
    assert best.orders[:9].tolist() == [8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_whole_unit_newsvendors_agree_with_their_distributions() -> None:
    """The closed forms for Poisson and negative binomial demand give what the probabilities themselves give."""
    means, wins, chances = np.array([0.0, 0.3, 7.0, 230.0]), np.array([0.2, 1.8, 40.0]), np.array([0.5, 0.18, 0.9])
    closed, summed = newsvendor_units.newsvendor_poisson(1, 9, means), newsvendor_units.newsvendor_pmf(1, 9, poisson_pmf(means))
    binomial = newsvendor_units.newsvendor_negative_binomial(1, 9, wins, chances)
    listed = newsvendor_units.newsvendor_pmf(1, 9, negative_binomial_pmf(wins, chances))

    assert closed.level.tolist() == summed.level.tolist()
    assert closed.cost == pytest.approx(summed.cost, abs=1e-9)
    assert binomial.level.tolist() == listed.level.tolist()
    assert binomial.cost == pytest.approx(listed.cost, rel=1e-8)


def test_a_horizon_of_one_period_is_a_newsvendor() -> None:
    """With one period, no fixed cost and nothing after it, S is the newsvendor's level."""
    pmf = rounded_normal_pmf([50.0, 80.0], [8.0, 30.0])
    plan = finite_horizon(pmf[:, None], PeriodCosts(holding=0.18, stockout=0.7))

    assert plan.order_up_to[:, 0].tolist() == newsvendor_units.newsvendor_pmf(0.18, 0.7, pmf).level.tolist()
    assert plan.cost == pytest.approx(newsvendor_units.newsvendor_pmf(0.18, 0.7, pmf).cost)


def test_ordering_that_never_pays_has_no_reorder_point() -> None:
    """Where a unit costs more than being short of it, no position is low enough to order."""
    plan = finite_horizon(poisson_pmf([4.0, 4.0]), PeriodCosts(holding=1, stockout=1, purchase=50))

    assert plan.reorder_point.tolist() == [[-np.inf, -np.inf]]


def test_a_budget_beyond_all_wishes_changes_nothing() -> None:
    """A budget that does not bind leaves the newsvendor levels and has no price; one of nothing buys nothing."""
    terms = ([2, 1], [9, 6], [100, 200], [30, 0], [10, 5])
    free, none = newsvendor_budget(*terms, budget=1e6), newsvendor_budget(*terms, budget=0)

    assert free.level == pytest.approx(newsvendor.newsvendor_normal(*map(np.array, terms[:4])).level)
    assert free.shadow_price == 0
    assert none.level == pytest.approx([0, 0], abs=1e-6)
    assert newsvendor_budget(*terms, budget=900).level @ [10, 5] == pytest.approx(900)


def test_service_and_its_inverse_agree() -> None:
    """The stock for a fill rate achieves that fill rate, also where nothing is in doubt."""
    demand = safety_stock.exposed_demand([100, 80, 10], [25, 0, 40], [1, 2, 3])
    levels = safety_stock.for_fill_rate(demand, [0.98, 0.9, 0.6], 100).level

    assert safety_stock.service_of(demand, levels, 100).fill_rate == pytest.approx([0.98, 0.9, 0.6])


PMF = [0.5, 0.5]
REFUSED: dict[str, tuple[str, Callable[[], Any]]] = {
    "negative cost": ("holding_cost", lambda: newsvendor.newsvendor_normal(-1, 2, 50, 8)),
    "negative demand": ("demand_mean", lambda: newsvendor_units.newsvendor_poisson(1, 2, -5)),
    "no number": ("demand_sd", lambda: newsvendor.newsvendor_normal(1, 2, 50, float("nan"))),
    "no demand": ("samples", lambda: newsvendor_units.newsvendor_samples(1, 2, [])),
    "certain service": ("cycle_service_level", lambda: safety_stock.for_cycle_service(safety_stock.exposed_demand(1, 1, 1), 1.0)),
    "half a distribution": ("demand_pmf", lambda: ss_exact(1, 2, 3, [0.5, 0.2])),
    "demand that never comes": ("demand_pmf", lambda: ss_exact(1, 2, 3, [1.0, 0.0])),
    "half a period": ("lead_time", lambda: ss_exact(1, 2, 3, PMF, 0.5)),
    "margin below zero": ("price", lambda: newsvendor.newsvendor_profit(1, 2, 0, 50, 8)),
    "dear leftovers": ("salvage_value", lambda: newsvendor.newsvendor_profit(3, 2, 2, 50, 8)),
    "shapes": ("holding_cost", lambda: newsvendor.newsvendor_normal([1, 2], [1, 2, 3], 50, 8)),
    "stock that never pays": ("stockout_cost_per_unit", lambda: reorder_quantity.rq_unit_shortage(9, 0.01, 50, 200, 100, 25)),
    "no order cost": ("fixed_cost", lambda: reorder_quantity.rq_normal(1, 2, 0, 50, 8, 1)),
    "certain recovery": ("recovery_prob", lambda: newsvendor_disruptions(1, 2, 100, 0.1, 1.5)),
    "pipelines": ("lead_time", lambda: lost_sales_optimum(1, 2, poisson_pmf(50), 6)),
    "half a unit": ("initial_inventory_level", lambda: finite_horizon([PMF], PeriodCosts(1, 2), 0.5)),
    "too wide": ("demand_mean", lambda: ss_poisson(1e-9, 1, 1e9, 5)),
    "normal": ("demand_mean", lambda: ss_normal(1, 9, 4, 0, 1)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nonsense_is_refused_by_name(case: str) -> None:
    """What makes no sense is refused with the field at fault."""
    field, call = REFUSED[case]

    with pytest.raises(InputError) as error:
        call()
    assert error.value.field == field
