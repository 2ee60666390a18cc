"""What must hold of every optimum under uncertain demand."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.optimum.chains import horizon_cost, lost_sales_cost, min_max_cost
from planning.solvers.finite_horizon import PeriodCosts, finite_horizon
from planning.solvers.lost_sales import lost_sales_optimum
from planning.solvers.min_max import ss_exact, ss_poisson
from planning.solvers.newsvendor import newsvendor_normal
from planning.solvers.newsvendor_budget import newsvendor_budget
from planning.solvers.newsvendor_units import newsvendor_negative_binomial, newsvendor_poisson
from planning.solvers.probabilities import poisson_pmf, several_periods
from planning.solvers.reorder_quantity import rq_normal, rq_poisson

SOME = settings(max_examples=60, deadline=None)
money = st.floats(0.05, 50)
more = st.floats(1.0, 5.0)
means = st.floats(0.2, 60)
pmfs = st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda w: sum(w[1:]) > 0.05).map(lambda w: np.array(w) / sum(w))


@given(h=money, p=money, mean=means, dearer=more)
@SOME
def test_levels_follow_the_costs(h: float, p: float, mean: float, dearer: float) -> None:
    """S never falls when being short gets dearer, and never rises when holding does."""
    for solve in (
        lambda h, p: newsvendor_normal(h, p, mean, 0.3 * mean).level,
        lambda h, p: newsvendor_poisson(h, p, mean).level,
        lambda h, p: newsvendor_negative_binomial(h, p, 1.5, 1.5 / (1.5 + mean)).level,
        lambda h, p: rq_poisson(h, p, 20, mean, 1.5).reorder_point,
    ):
        assert solve(h, p * dearer) >= solve(h, p) - 1e-9
        assert solve(h * dearer, p) <= solve(h, p) + 1e-9


@given(h=money, p=money, fixed=money, mean=means, wider=more, lead=st.integers(0, 4))
@SOME
def test_doubt_and_delay_cost_money(h: float, p: float, fixed: float, mean: float, wider: float, lead: int) -> None:
    """Cost rises with the variance of demand and with the lead time."""
    assert newsvendor_normal(h, p, mean, 2 * wider, lead).cost >= newsvendor_normal(h, p, mean, 2, lead).cost * (1 - 1e-12)
    assert newsvendor_poisson(h, p, mean, lead + 1).cost >= newsvendor_poisson(h, p, mean, lead).cost * (1 - 1e-9)
    slow, fast = rq_normal(h, p, fixed, mean, 2 * wider, lead + 1.5), rq_normal(h, p, fixed, mean, 2, lead + 0.5)
    assert slow.cost >= fast.cost * (1 - 1e-9)
    costs = ss_poisson(h, p, fixed, [mean, mean], [lead, lead + 1]).cost
    assert costs[1] >= costs[0] * (1 - 1e-9)


@given(h=money, p=money, fixed=st.floats(0, 80), pmf=pmfs, lead=st.integers(0, 3))
@SOME
def test_no_neighbour_of_a_min_max_is_cheaper(h: float, p: float, fixed: float, pmf: np.ndarray, lead: int) -> None:
    """The cost is that of the policy's Markov chain, and no (s, S) within two units has a lower one."""
    best = ss_exact(h, p, fixed, pmf, lead)
    s, up_to, exposed = (
        int(best.reorder_point[0]),
        int(best.order_up_to[0]),
        several_periods(pmf[None], np.array([lead + 1.0]))[0],
    )
    around = [
        min_max_cost(low, high, (h, p, fixed), pmf, exposed)
        for low in range(s - 2, s + 3)
        for high in range(max(up_to - 2, low + 1), up_to + 3)
    ]

    assert np.isclose(min_max_cost(s, up_to, (h, p, fixed), pmf, exposed), best.cost[0], rtol=1e-8, atol=1e-9)
    assert min(around) >= best.cost[0] * (1 - 1e-8) - 1e-9


@given(
    h=money,
    p=money,
    fixed=money,
    mean=means,
    lead=st.floats(0.1, 3),
    step=st.sampled_from([-1, 1]),
    other=st.sampled_from([-1, 0, 1]),
)
@SOME
def test_no_neighbour_of_a_reorder_quantity_is_cheaper(
    h: float,
    p: float,
    fixed: float,
    mean: float,
    lead: float,
    step: int,
    other: int,
) -> None:
    """At the normal optimum G(r) = G(r + Q) = cost; the Poisson optimum costs no more than its neighbours."""
    poisson = rq_poisson(h, p, fixed, mean, lead)
    r, lot = int(poisson.reorder_point), max(int(poisson.quantity) + other, 1)

    def position_cost(level: int) -> float:
        units = np.arange(400)
        pmf = np.pad(poisson_pmf(mean * lead), (0, 400))[:400]
        return float(pmf @ np.where(level > units, h * (level - units), p * (units - level)))

    cost = (fixed * mean + sum(position_cost(y) for y in range(r + step + 1, r + step + lot + 1))) / lot
    assert cost >= float(poisson.cost) * (1 - 1e-9)


@given(h=money, p=money, pmf=pmfs, lead=st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_a_lost_sales_policy_costs_what_it_claims(h: float, p: float, pmf: np.ndarray, lead: int) -> None:
    """The optimal orders, followed state by state, cost the optimum, and losing sales is no dearer than delaying them."""
    pmf = 0.8 * pmf + 0.2 * np.eye(1, pmf.size)[0]
    best = lost_sales_optimum(h, p, pmf, lead)
    true = lost_sales_cost((h, p), pmf, lead, lambda states: best.orders[tuple(states.T)])

    assert np.isclose(true, best.cost, rtol=1e-6)
    assert best.cost <= p * (pmf @ np.arange(pmf.size)) * (1 + 1e-7)


@given(seed=st.integers(0, 10_000), start=st.integers(-5, 30), fixed=st.floats(0, 60), gamma=st.floats(0.8, 1))
@SOME
def test_a_finite_plan_costs_what_it_claims(seed: int, start: int, fixed: float, gamma: float) -> None:
    """The levels, followed period by period, cost what the recursion says, and no level a unit off is cheaper."""
    rng = np.random.default_rng(seed)
    periods = int(rng.integers(1, 6))
    pmf = poisson_pmf(rng.uniform(0.5, 15, periods))
    h, p, c = rng.uniform(0.1, 2, periods), rng.uniform(3, 20, periods), rng.uniform(0, 2, periods)
    terminal = (float(rng.uniform(0, 1)), float(rng.uniform(3, 20)))
    costs = PeriodCosts(h, p, c, fixed, terminal[0], terminal[1], gamma)
    plan = finite_horizon(pmf, costs, start)
    levels = list(zip(plan.reorder_point[0].tolist(), plan.order_up_to[0].tolist(), strict=True))
    terms = (list(pmf), [h, p, c, [fixed] * periods], terminal, start, gamma)

    assert np.isclose(horizon_cost(levels, *terms), plan.cost[0], rtol=1e-8)
    for t in range(periods):
        for low, high in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            other = [*levels]
            other[t] = (levels[t][0] + low, levels[t][1] + high)
            assert horizon_cost(other, *terms) >= plan.cost[0] * (1 - 1e-8)


@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 1.5), bigger=more)
@SOME
def test_more_money_never_costs_more(seed: int, share: float, bigger: float) -> None:
    """A newsvendors' budget is kept, and a bigger one costs no more."""
    rng = np.random.default_rng(seed)
    terms = [rng.uniform(0.1, 9, 4), rng.uniform(1, 20, 4), rng.uniform(5, 90, 4), rng.uniform(0, 20, 4), rng.uniform(1, 30, 4)]
    budget = share * float(terms[2] @ terms[4])
    small, large = newsvendor_budget(*terms, budget=budget), newsvendor_budget(*terms, budget=bigger * budget)

    assert small.level @ terms[4] <= budget * (1 + 1e-9)
    assert large.cost <= small.cost * (1 + 1e-9)
    assert small.shadow_price >= large.shadow_price - 1e-9
