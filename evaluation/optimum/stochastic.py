"""Families of one item and uncertain demand: from parameters to a plan. `stochastic_costs` recomputes what it costs."""

import numpy as np

from evaluation.optimum import Answer, Params, Solver
from evaluation.optimum.given import array, given, number, text
from evaluation.optimum.stochastic_costs import EVALUATORS
from parstock.domain import Floats, Json
from parstock.errors import InputError
from planning.solvers import newsvendor, reorder_quantity, safety_stock
from planning.solvers.amounts import amounts
from planning.solvers.finite_horizon import PeriodCosts, finite_horizon
from planning.solvers.lost_sales import lost_sales_base_stock, lost_sales_optimum
from planning.solvers.min_max import ss_exact, ss_normal, ss_poisson, ss_power_approximation, whole_periods
from planning.solvers.newsvendor_budget import newsvendor_budget
from planning.solvers.newsvendor_disruptions import newsvendor_disruptions
from planning.solvers.newsvendor_units import (
    newsvendor_negative_binomial,
    newsvendor_pmf,
    newsvendor_poisson,
    newsvendor_samples,
)
from planning.solvers.probabilities import (
    checked_pmf,
    intermittent_pmf,
    negative_binomial_pmf,
    poisson_pmf,
    rounded_normal_pmf,
    several_periods,
)

__all__ = ["EVALUATORS", "SOLVERS"]
LONGEST_BASE_STOCK_LEAD_TIME = 4
"""Periods of lead time up to which the best base stock is sought beside the optimum."""


def _numbers(params: Params, *names: str) -> dict[str, float]:
    return {name: number(params, name) for name in names}


def _costs(params: Params) -> dict[str, float]:
    return _numbers(params, "holding_cost", "stockout_cost")


def _negative_binomial(params: Params) -> dict[str, float]:
    return {"r": number(params, "nbinom_r"), "p": number(params, "nbinom_p")}


def pmf_given(params: Params) -> Floats:
    """Return [D + 1] probabilities, or [T, D + 1] where the parameters are lists.

    Raises:
        InputError: The demand is of no kind that is known, or its parameters are wrong.
    """
    kind = text(params, "demand") if "demand" in params else "normal"
    if kind == "poisson":
        return poisson_pmf(array(params, "demand_mean", 0))
    if kind == "normal":
        return rounded_normal_pmf(array(params, "demand_mean", 0), array(params, "demand_sd", 0))
    if kind == "negative_binomial":
        return negative_binomial_pmf(**_negative_binomial(params))
    if kind == "bernoulli-geometric":
        return intermittent_pmf(number(params, "demand_probability"), number(params, "geometric_p"))
    if kind == "pmf":
        return _listed_pmf(given(params, "demand_pmf"))
    if kind == "empirical_sample":
        sample = array(params, "sample")
        if np.all((sample >= 0) & (sample == np.round(sample))):
            return np.asarray(np.bincount(sample.astype(np.intp)) / sample.size)
        raise InputError(f"sample is {params['sample']!r}; it must be whole units of at least 0", field="sample")
    known = "poisson, normal, negative_binomial, bernoulli-geometric, pmf or empirical_sample"
    raise InputError(f"demand is {kind!r}; it must be {known}", field="demand")


def _listed_pmf(listed: Json) -> Floats:
    """From a list by units, or a mapping of units to probabilities."""
    if isinstance(listed, list):
        return np.asarray(checked_pmf(array({"demand_pmf": listed}, "demand_pmf"))[0])
    if not isinstance(listed, dict) or not listed or not all(units.isdecimal() for units in listed):
        raise InputError(f"demand_pmf is {listed!r}; it must map whole units to probabilities", field="demand_pmf")
    pmf = np.zeros(max(map(int, listed)) + 1)
    for units in listed:
        pmf[int(units)] = number(listed, units)
    return np.asarray(checked_pmf(pmf)[0])


def _base_stock(best: newsvendor.BaseStock) -> Answer:
    level, cost, ratio = (float(np.ravel(values)[0]) for values in (best.level, best.cost, best.critical_ratio))
    return {"S": level, "cost": cost, "critical_ratio": ratio}


def _newsvendor_normal(params: Params) -> Answer:
    demand = _numbers(params, "demand_mean", "demand_sd")
    return _base_stock(newsvendor.newsvendor_normal(**_costs(params), **demand, lead_time=number(params, "lead_time", 0)))


def _newsvendor_profit(params: Params) -> Answer:
    names = ("price", "purchase_cost", "salvage_value", "demand_mean", "demand_sd")
    best = newsvendor.newsvendor_profit(**_numbers(params, *names))
    return {"S": float(best.level), "expected_profit": float(best.profit), "critical_ratio": float(best.critical_ratio)}


def _newsvendor_discrete(params: Params) -> Answer:
    kind, lead = text(params, "demand"), number(params, "lead_time", 0)
    if kind == "poisson":
        return _base_stock(newsvendor_poisson(**_costs(params), demand_mean=number(params, "demand_mean"), lead_time=lead))
    if kind == "negative_binomial":
        return _base_stock(newsvendor_negative_binomial(**_costs(params), **_negative_binomial(params), lead_time=lead))
    if kind == "empirical_sample" and lead == 0:
        return _base_stock(newsvendor_samples(**_costs(params), samples=array(params, "sample")))
    periods = whole_periods(amounts("lead_time", [lead])) + 1
    total = several_periods(checked_pmf(pmf_given(params)), periods)
    return _base_stock(newsvendor_pmf(**_costs(params), demand_pmf=total))


def _newsvendor_continuous(params: Params) -> Answer:
    kind = text(params, "demand")
    if kind == "lognormal":
        return _base_stock(newsvendor.newsvendor_lognormal(**_costs(params), **_numbers(params, "mu", "sigma")))
    if kind == "gamma":
        return _base_stock(newsvendor.newsvendor_gamma(**_costs(params), **_numbers(params, "shape", "scale")))
    if kind == "exponential":
        return _base_stock(newsvendor.newsvendor_gamma(**_costs(params), shape=1.0, scale=number(params, "demand_mean")))
    if kind == "normal":
        return _newsvendor_normal(params)
    raise InputError(f"demand is {kind!r}; it must be lognormal, gamma, exponential or normal", field="demand")


def _newsvendor_moq(params: Params) -> Answer:
    demand = _numbers(params, "demand_mean", "demand_sd", "minimum_order_quantity")
    best = newsvendor.newsvendor_minimum_order(
        **_costs(params), **demand, initial_inventory=number(params, "initial_inventory", 0)
    )
    return {
        "order_quantity": float(best.quantity),
        "cost": float(best.cost),
        "cost_no_order": float(best.cost_without),
        "cost_order": float(best.cost_with),
    }


def _newsvendor_budget(params: Params) -> Answer:
    names = ("holding_costs", "stockout_costs", "demand_means", "demand_sds", "unit_costs")
    best = newsvendor_budget(**{name: array(params, name) for name in names}, budget=number(params, "budget"))
    return {
        "S": best.level.tolist(),
        "cost": best.cost,
        "unconstrained_spend": best.unconstrained_spend,
        "shadow_price": best.shadow_price,
    }


def _newsvendor_disruptions(params: Params) -> Answer:
    terms = _numbers(params, "demand", "disruption_prob", "recovery_prob")
    return _base_stock(newsvendor_disruptions(**_costs(params), **terms))


def _safety_stock(params: Params) -> Answer:
    review = number(params, "review_period", 0)
    terms = _numbers(params, "demand_mean", "demand_sd", "lead_time")
    demand = safety_stock.exposed_demand(**terms, lead_time_sd=number(params, "lead_time_sd", 0), review_period=review)
    level_name = "order_up_to" if review else "reorder_point"
    answer: Answer = {"lead_time_demand_sd": float(demand.sd), "lead_time_demand_mean": float(demand.mean)}
    lot = params.get("order_quantity")
    quantity = review * terms["demand_mean"] if lot is None and review else lot
    if params.get(level_name) is not None:
        level = number(params, level_name)
    else:
        if params.get("cycle_service_level") is not None:
            found = safety_stock.for_cycle_service(demand, number(params, "cycle_service_level"))
        else:
            cycle = number({"order_quantity": quantity}, "order_quantity")
            found = safety_stock.for_fill_rate(demand, number(params, "fill_rate"), cycle)
        level = float(found.level)
        answer |= {"z": float(found.z)}
    answer |= {level_name: level, "safety_stock": level - float(demand.mean)}
    if quantity is not None:
        service = safety_stock.service_of(demand, level, number({"order_quantity": quantity}, "order_quantity"))
        answer |= {"expected_shortage_per_cycle": float(service.expected_shortage), "fill_rate": float(service.fill_rate)}
        answer |= {"cycle_service_level": float(service.cycle_service)}
    return answer


def _reorder_quantity(best: reorder_quantity.ReorderQuantity) -> Answer:
    return {"r": float(best.reorder_point), "Q": float(best.quantity), "cost": float(best.cost)}


def _rq_normal(params: Params) -> Answer:
    terms = _numbers(params, "fixed_cost", "demand_mean", "demand_sd", "lead_time")
    return _reorder_quantity(reorder_quantity.rq_normal(**_costs(params), **terms))


def _rq_poisson(params: Params) -> Answer:
    terms = _numbers(params, "fixed_cost", "demand_mean", "lead_time")
    return _reorder_quantity(reorder_quantity.rq_poisson(**_costs(params), **terms))


def _rq_unit_shortage(params: Params) -> Answer:
    names = ("holding_cost", "stockout_cost_per_unit", "fixed_cost", "demand_rate", "leadtime_demand_mean", "leadtime_demand_sd")
    return _reorder_quantity(reorder_quantity.rq_unit_shortage(**_numbers(params, *names)))


def _ss_exact(params: Params) -> Answer:
    costs, lead = _numbers(params, "holding_cost", "stockout_cost", "fixed_cost"), number(params, "lead_time", 0)
    if text(params, "demand") == "poisson":
        best = ss_poisson(**costs, demand_mean=number(params, "demand_mean"), lead_time=lead)
    else:
        best = ss_exact(**costs, demand_pmf=pmf_given(params), lead_time=lead)
    return {"s": float(best.reorder_point[0]), "S": float(best.order_up_to[0]), "cost": float(best.cost[0])}


def _ss_normal(params: Params) -> Answer:
    terms = _numbers(params, "holding_cost", "stockout_cost", "fixed_cost", "demand_mean", "demand_sd")
    lead = number(params, "lead_time", 0)
    best = ss_normal(**terms, lead_time=lead)
    answer: Answer = {
        "discretised_optimal_s": float(best.reorder_point[0]),
        "discretised_optimal_S": float(best.order_up_to[0]),
        "discretised_optimal_cost": float(best.cost[0]),
    }
    if terms["fixed_cost"] > 0 and terms["demand_sd"] > 0:
        low, high = ss_power_approximation(**terms, lead_time=lead)
        answer |= {"power_approx_s": float(low), "power_approx_S": float(high)}
    return answer


def _lost_sales(params: Params) -> Answer:
    holding, penalty = number(params, "holding_cost"), number(params, "lost_sale_penalty")
    lead = int(whole_periods(amounts("lead_time", [number(params, "lead_time")]))[0])
    pmf = pmf_given(params)
    best = lost_sales_optimum(holding, penalty, pmf, lead)
    answer: Answer = {"cost": best.cost, "cost_bounds": list(best.cost_bounds), "orders": best.orders.tolist()}
    if lead <= LONGEST_BASE_STOCK_LEAD_TIME:
        simple = lost_sales_base_stock(holding, penalty, pmf, lead)
        answer |= {"best_base_stock": simple.level, "best_base_stock_cost": simple.cost}
    return answer


def _finite_horizon(params: Params) -> Answer:
    periods = number(params, "num_periods")
    if periods != int(periods) or periods < 1:
        raise InputError(f"num_periods is {periods!r}; it must be a whole number of at least 1", field="num_periods")
    pmf = np.atleast_2d(pmf_given(params))
    if pmf.shape[0] not in {1, int(periods)}:
        message = f"demand has {pmf.shape[0]} periods; num_periods is {periods:g}, it must have one or so many"
        raise InputError(message, field="num_periods")
    costs = PeriodCosts(
        holding=array(params, "holding_cost", 0),
        stockout=array(params, "stockout_cost", 0),
        purchase=array(params, "purchase_cost", 0),
        fixed=array(params, "fixed_cost", 0),
        terminal_holding=number(params, "terminal_holding_cost", 0),
        terminal_stockout=number(params, "terminal_stockout_cost", 0),
        discount=number(params, "discount_factor", 1),
    )
    spread = np.broadcast_to(pmf, (int(periods), pmf.shape[1]))
    best = finite_horizon(spread, costs, number(params, "initial_inventory_level", 0))
    levels: Answer = {}
    for name, found in (("s", best.reorder_point), ("S", best.order_up_to)):
        levels[name] = [level if np.isfinite(level) else None for level in found[0].tolist()]
    return {**levels, "cost": float(best.cost[0])}


SOLVERS: dict[str, Solver] = {
    "newsvendor_normal": _newsvendor_normal,
    "newsvendor_profit": _newsvendor_profit,
    "newsvendor_discrete": _newsvendor_discrete,
    "newsvendor_continuous": _newsvendor_continuous,
    "newsvendor_moq": _newsvendor_moq,
    "newsvendor_budget": _newsvendor_budget,
    "newsvendor_disruptions": _newsvendor_disruptions,
    "safety_stock": _safety_stock,
    "rq_normal_exact": _rq_normal,
    "rq_poisson_exact": _rq_poisson,
    "rq_unit_shortage_cost": _rq_unit_shortage,
    "sS_exact": _ss_exact,
    "sS_normal_demand": _ss_normal,
    "lost_sales_dp": _lost_sales,
    "finite_horizon_dp": _finite_horizon,
}
"""Family -> solver; each raises `InputError` on nonsense."""
