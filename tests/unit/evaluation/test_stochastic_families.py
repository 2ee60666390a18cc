"""The families of uncertain demand: each has an evaluator, which trusts no claim and refuses what breaks a constraint."""

from typing import Any

import pytest

from evaluation.optimum.stochastic import EVALUATORS, SOLVERS
from parstock.errors import InputError

NORMAL = {"holding_cost": 1.5, "stockout_cost": 9, "demand_mean": 40, "demand_sd": 12}
PARAMS: dict[str, dict[str, Any]] = {
    "newsvendor_normal": NORMAL | {"lead_time": 2},
    "newsvendor_profit": {"price": 7, "purchase_cost": 2.5, "salvage_value": 1.5, "demand_mean": 50, "demand_sd": 10},
    "newsvendor_discrete": {
        "holding_cost": 1,
        "stockout_cost": 4,
        "demand": "pmf",
        "demand_pmf": {"0": 0.5, "3": 0.5},
        "lead_time": 1,
    },
    "newsvendor_continuous": {"holding_cost": 1, "stockout_cost": 4, "demand": "gamma", "shape": 2.5, "scale": 8},
    "newsvendor_moq": NORMAL | {"minimum_order_quantity": 70, "initial_inventory": 10},
    "newsvendor_disruptions": {"holding_cost": 1, "stockout_cost": 9, "demand": 10, "disruption_prob": 0.1, "recovery_prob": 0.4},
    "rq_normal_exact": NORMAL | {"fixed_cost": 64, "lead_time": 1.5},
    "rq_poisson_exact": {"holding_cost": 1, "stockout_cost": 9, "fixed_cost": 64, "demand_mean": 5, "lead_time": 1.5},
    "rq_unit_shortage_cost": {
        "holding_cost": 2,
        "stockout_cost_per_unit": 25,
        "fixed_cost": 50,
        "demand_rate": 200,
        "leadtime_demand_mean": 100,
        "leadtime_demand_sd": 25,
    },
    "sS_exact": {
        "holding_cost": 1,
        "stockout_cost": 9,
        "fixed_cost": 20,
        "lead_time": 2,
        "demand": "negative_binomial",
        "nbinom_r": 2,
        "nbinom_p": 0.4,
    },
    "sS_normal_demand": NORMAL | {"fixed_cost": 64},
    "lost_sales_dp": {"holding_cost": 1, "lost_sale_penalty": 9, "demand": "poisson", "demand_mean": 2, "lead_time": 2},
    "finite_horizon_dp": NORMAL | {"num_periods": 3, "purchase_cost": [1, 2, 1], "fixed_cost": 20, "terminal_stockout_cost": 9},
    "newsvendor_budget": {
        "holding_costs": [2, 1],
        "stockout_costs": [9, 6],
        "demand_means": [100, 200],
        "demand_sds": [30, 50],
        "unit_costs": [10, 5],
        "budget": 1500,
    },
    "safety_stock": {"demand_mean": 100, "demand_sd": 25, "lead_time": 2, "review_period": 1, "fill_rate": 0.97},
}


@pytest.mark.parametrize("family", sorted(SOLVERS))
def test_the_evaluator_confirms_the_solver(family: str) -> None:
    """Costs recomputed by the second path are those that the solver claims."""
    answer = SOLVERS[family](PARAMS[family])
    true = EVALUATORS[family](PARAMS[family], answer)

    shared = true.keys() & answer.keys()
    assert shared
    for name in shared:
        assert answer[name] == pytest.approx(true[name], rel=1e-5), name


@pytest.mark.parametrize("family", sorted(SOLVERS.keys() - {"safety_stock"}))
def test_a_false_claim_changes_nothing(family: str) -> None:
    """The evaluator never looks at the claimed costs."""
    answer = SOLVERS[family](PARAMS[family])
    names = [name for name in answer if "cost" in name or "profit" in name]
    lie = answer | dict.fromkeys(names, 0.0)

    assert EVALUATORS[family](PARAMS[family], lie) == EVALUATORS[family](PARAMS[family], answer)


@pytest.mark.parametrize(
    ("family", "plan"),
    [
        ("newsvendor_moq", {"order_quantity": 20}),
        ("newsvendor_budget", {"S": [100, 200]}),
        ("safety_stock", {"order_up_to": 250}),
    ],
)
def test_a_plan_that_breaks_its_constraint_is_refused(family: str, plan: dict[str, Any]) -> None:
    """Less than the minimum order, more than the budget and less than the target are refused."""
    with pytest.raises(InputError):
        EVALUATORS[family](PARAMS[family], plan)


@pytest.mark.parametrize("family", sorted(SOLVERS))
def test_a_missing_parameter_is_named(family: str) -> None:
    """An instance without its parameters is refused, not guessed."""
    with pytest.raises(InputError) as error:
        SOLVERS[family]({})
    assert error.value.field
