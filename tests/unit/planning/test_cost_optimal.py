"""The policy that weighs holding against lost margin over a replenishment cycle."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import gammainc, gammaincinv

from parstock.domain import Floats
from planning.base import PlanInputs, policies
from planning.policies.cost_optimal import least_cost_level
from planning.simulate import Start, simulate

Maker = Callable[..., Any]


def cycle_cost(level: float, lead: Floats, interval: Floats, shortage: float, holding: float) -> float:
    """Cost of a cycle over sampled demand: stock left at its end, and what ran short in it."""
    short = np.maximum(interval - level, 0) - np.maximum(lead - level, 0)
    return float((holding * np.maximum(level - interval, 0) + shortage * short).mean())


def test_no_other_level_costs_less_over_gamma_demand() -> None:
    """Over many samples of a gamma process the level costs no more than any other, but for sampling error."""
    rng = np.random.default_rng(0)
    lead = rng.gamma(1.0, 20.0, 400_000)
    interval = lead + rng.gamma(0.5, 20.0, lead.size)
    best = least_cost_level(np.array([30.0]), np.array([600.0]), np.array([1 / 3]), np.array([0.95]))[0]

    costs = [cycle_cost(level, lead, interval, 19.0, 1.0) for level in np.linspace(0.5, 2.0, 61) * best]
    assert cycle_cost(best, lead, interval, 19.0, 1.0) <= min(costs) * 1.002


def test_the_share_of_cycles_begun_with_stock_is_the_ratio() -> None:
    """At the level, F_I / F_L is p / (p + h), for slow and for fast items."""
    mean, ratio = np.array([0.3, 5.0, 400.0, 90_000.0]), np.full(4, 0.97)
    variance, share = mean * np.array([1.0, 6.0, 30.0, 2.0]), np.full(4, 0.4)
    level, scale = least_cost_level(mean, variance, share, ratio), variance / mean
    covered, before = (gammainc(mean / scale * part, level / scale) for part in (1.0, 0.6))

    np.testing.assert_allclose(covered / before, ratio, rtol=1e-6)


def test_without_lead_time_it_is_the_newsvendor_and_never_above_it() -> None:
    """The level is the newsvendor's where the cycle is the whole interval, and falls as more of the interval goes before it."""
    shares = np.array([1.0, 0.7, 0.4, 0.1, 0.0])
    mean, variance, ratio = np.full(5, 12.0), np.full(5, 60.0), np.full(5, 0.98)
    levels = least_cost_level(mean, variance, shares, ratio)

    assert abs(levels[0] - gammaincinv(12 / 5, 0.98) * 5) < 1e-6
    assert np.all(np.diff(levels) < 0)
    assert levels[-1] > 0


@pytest.mark.parametrize("margin", [4.0, 20.0])
def test_it_finds_the_service_that_pays(margin: float) -> None:
    """Lived through with lost sales, it costs within 3 % of the best cycle-service target, without knowing which that is."""
    rng = np.random.default_rng(1)
    rate = np.repeat([0.1, 0.3, 1.0, 8.0], 40)[:, None]
    demand = rng.negative_binomial(rate * 0.25, 0.2, size=(160, 364)).astype(float)
    lead = rng.negative_binomial(rate * 0.25 * 14, 0.2, size=(160, 300)).astype(float)
    given = PlanInputs(
        lead_time_demand=lead,
        interval_demand=lead + rng.negative_binomial(rate * 0.25 * 7, 0.2, size=(160, 300)),
        service_level=np.full(160, 0.95),
        daily_demand=rate[:, 0],
        shortage_cost=np.full(160, margin),
        overage_cost=np.full(160, 3 * 0.15),
        holding_cost=np.full(160, 0.15 * 365 / 7),
        order_cost=0.0,
    )

    def cost(policy: str, target: float) -> float:
        levels = policies.get(policy).levels(replace(given, service_level=np.full(160, target))).order_up_to
        flow = simulate(demand, Start.of(levels), lambda past: np.maximum(levels - past.position, 0), 14)
        return float(0.15 / 7 * flow.stock[:, 56:].sum() + margin * flow.short[:, 56:].sum())

    best = min(cost("base_stock", target) for target in np.linspace(0.9, 0.998, 15))
    assert cost("cost_optimal", 0.95) <= 1.03 * best


def test_a_plan_by_costs_follows_the_margin_and_not_the_target(make_shop: Maker) -> None:
    """A plan with this policy raises a level where the margin is higher; a target changes nothing and is not claimed."""
    shop = make_shop(1)
    shop.terms = replace(shop.terms, policy="cost_optimal")
    plain, asked = shop.plan().lines[0], shop.plan(service_level=0.6).lines[0]
    shop.change("A0", unit_price=50.0)
    dear = shop.plan().lines[0]

    assert asked.order_up_to == plain.order_up_to < dear.order_up_to
    assert asked.service_level == plain.service_level < dear.service_level
