"""Families of lots and networks, known demand: from parameters to a plan. `deterministic_costs` recomputes what it costs."""

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from evaluation.optimum import Answer, Params, Solver
from evaluation.optimum.deterministic_costs import EVALUATORS
from evaluation.optimum.given import array, number, text
from evaluation.optimum.networks import links_of, stages_of
from parstock.domain import Json
from parstock.errors import InputError
from planning.solvers import discounts, eoq
from planning.solvers.allocation import allocate
from planning.solvers.eoq_budget import eoq_budget
from planning.solvers.facilities import locate
from planning.solvers.guaranteed_service import network, place_safety_stock
from planning.solvers.joint_replenishment import joint_items, optimal_cycle, power_of_two_cycle, silver_cycle
from planning.solvers.lot_sizing import lot_sizing
from planning.solvers.order_portfolio import order_portfolio, profit_levels
from planning.solvers.rationing import fair_rations, valued_rations
from planning.solvers.serial import clark_scarf, serial_system
from planning.solvers.transport import transport
from planning.solvers.transshipment import transship
from planning.solvers.wagner_whitin import wagner_whitin

__all__ = ["EVALUATORS", "SOLVERS"]


def _terms(params: Params, holding: str = "holding_cost") -> tuple[float, float, float]:
    return number(params, "fixed_cost"), number(params, holding), number(params, "demand_rate")


def _eoq(params: Params) -> Answer:
    terms = _terms(params)
    if params.get("order_quantity") is not None:
        lot = number(params, "order_quantity")
        return {"Q": lot, "cost": float(eoq.eoq_cost(lot, *terms))}
    best = eoq.eoq(*terms)
    return {"Q": float(best.quantity), "cost": float(best.cost)}


def _eoq_backorders(params: Params) -> Answer:
    fixed, holding, rate = _terms(params)
    best = eoq.eoq_backorders(fixed, holding, number(params, "stockout_cost"), rate)
    return {"Q": float(best.quantity), "stockout_fraction": float(best.stockout_fraction), "cost": float(best.cost)}


def _epq(params: Params) -> Answer:
    best = eoq.epq(*_terms(params), number(params, "production_rate"))
    return {"Q": float(best.quantity), "cost": float(best.cost)}


def _eoq_disruptions(params: Params) -> Answer:
    fixed, holding, rate = _terms(params)
    fails, heals = number(params, "disruption_rate"), number(params, "recovery_rate")
    best = eoq.eoq_disruptions(fixed, holding, number(params, "stockout_cost"), rate, fails, heals)
    return {"Q": float(best.quantity), "cost": float(best.cost)}


def _power_of_two(params: Params) -> Answer:
    best = eoq.power_of_two(*_terms(params), number(params, "base_period"))
    cost, free = float(best.cost), float(best.unrestricted_cost)
    return {
        "T": float(best.interval),
        "cost": cost,
        "unrestricted_T": float(best.unrestricted_interval),
        "unrestricted_cost": free,
        "ratio": cost / free,
    }


def _discounted(params: Params, *, all_units: bool) -> Answer:
    breaks = discounts.price_breaks(array(params, "breakpoints"), array(params, "unit_costs"))
    solve = discounts.eoq_all_units if all_units else discounts.eoq_incremental
    best = solve(*_terms(params, "holding_cost_rate"), breaks)
    return {"Q": float(best.quantity[0]), "tier": int(best.tier[0]), "cost": float(best.cost[0])}


def _eoq_budget(params: Params) -> Answer:
    fixed, holding, rates = (array(params, name) for name in ("fixed_costs", "holding_costs", "demand_rates"))
    best = eoq_budget(fixed, holding, rates, array(params, "weights"), number(params, "capacity"))
    return {
        "Q": best.quantity.tolist(),
        "cost": best.cost,
        "unconstrained_Q": best.unconstrained_quantity.tolist(),
        "shadow_price": best.shadow_price,
    }


def _wagner_whitin(params: Params) -> Answer:
    purchase = array(params, "purchase_cost", 0) if params.get("purchase_cost") is not None else 0.0
    best = wagner_whitin(
        array(params, "demand"),
        array(params, "fixed_cost", 0),
        array(params, "holding_cost", 0),
        purchase,
        number(params, "initial_inventory", 0.0),
    )
    return {"plan": best.quantity[0].tolist(), "cost": float(best.cost[0])}


def _lot_sizing(params: Params) -> Answer:
    capacity = array(params, "capacity_per_period", 0) if params.get("capacity_per_period") is not None else np.array(math.inf)
    minimum, initial = number(params, "minimum_order_quantity", 0.0), number(params, "initial_inventory", 0.0)
    purchase = array(params, "purchase_cost", 0) if params.get("purchase_cost") is not None else 0.0
    demand = array(params, "demand")
    amounts = [*demand, *capacity.ravel(), minimum, initial]
    best = lot_sizing(
        demand,
        array(params, "fixed_cost", 0),
        array(params, "holding_cost", 0),
        purchase,
        pack_size=number(params, "pack_size") if params.get("pack_size") is not None else _common_unit(amounts),
        minimum_order=minimum,
        capacity=capacity,
        initial_inventory=initial,
    )
    return {"plan": best.quantity[0].tolist(), "cost": float(best.cost[0])}


def _common_unit(amounts: list[float]) -> float:
    """Return the largest amount that all are multiples of: without packs some best plan orders whole multiples of it."""
    whole = [Fraction(amount).limit_denominator(10_000) for amount in amounts if math.isfinite(amount) and amount > 0]
    if not whole:
        return 1.0
    common = math.lcm(*(amount.denominator for amount in whole))
    return math.gcd(*(int(amount * common) for amount in whole)) / common


def _joint_replenishment(params: Params) -> Answer:
    names = ("individual_fixed_costs", "holding_costs", "demand_rates")
    items = joint_items(number(params, "shared_fixed_cost"), *(array(params, name) for name in names))
    best, doubled, silver = optimal_cycle(items), power_of_two_cycle(items), silver_cycle(items)
    return {
        "optimal_cost": best.cost,
        "optimal_multiples": best.multiples.tolist(),
        "optimal_base_cycle": best.base_cycle,
        "power_of_two_cost": doubled.cost,
        "power_of_two_multiples": doubled.multiples.tolist(),
        "power_of_two_base_cycle": doubled.base_cycle,
        "silver_heuristic_cost": silver.cost,
        "silver_multiples": silver.multiples.tolist(),
        "silver_base_cycle": silver.base_cycle,
    }


def _clark_scarf(params: Params) -> Answer:
    kind = text(params, "demand")
    if kind not in {"poisson", "normal"}:
        raise InputError(f"demand is {kind!r}; known: normal, poisson", field="demand", choices=("normal", "poisson"))
    system = serial_system(
        array(params, "echelon_holding_costs_downstream_first"),
        array(params, "lead_times"),
        number(params, "stockout_cost"),
        number(params, "demand_mean"),
        number(params, "demand_sd") if kind == "normal" else None,
    )
    best = clark_scarf(system)
    return {"echelon_base_stock_downstream_first": list(best.echelon_base_stock), "cost": best.cost}


def _guaranteed_service(params: Params) -> Answer:
    best = place_safety_stock(network(stages_of(params), links_of(params)))
    return {"cst": dict(best.service_time), "inbound": dict(best.inbound_time), "cost": best.cost}


def _transport(params: Params) -> Answer:
    best = transport(array(params, "supply"), array(params, "demand"), array(params, "unit_cost", 2))
    return {"plan": best.shipped.tolist(), "cost": best.cost, "lower_bound": best.lower_bound}


def _allocation(params: Params) -> Answer:
    best = allocate(
        array(params, "supply"),
        array(params, "demand"),
        array(params, "unit_cost", 2),
        array(params, "unmet_penalty", 0),
        lane_capacity=array(params, "lane_capacity", 2) if params.get("lane_capacity") is not None else math.inf,
        throughput=array(params, "throughput") if params.get("throughput") is not None else math.inf,
    )
    return {
        "plan": best.shipped[0].tolist(),
        "unmet_total": float(best.unmet.sum()),
        "cost": best.cost,
        "lower_bound": best.lower_bound,
    }


def _facilities(params: Params) -> Answer:
    lists = [array(params, name) for name in ("capacity", "fixed_cost_open", "demand")]
    best = locate(lists[0], lists[1], lists[2], array(params, "unit_cost", 2))
    opened: list[Json] = [int(at) for at in np.flatnonzero(best.open)]
    return {"plan": best.shipped.tolist(), "open": opened, "cost": best.cost, "lower_bound": best.lower_bound}


def _scarce(params: Params) -> Answer:
    supply, demand, weight = number(params, "supply"), array(params, "demand"), array(params, "weight")
    fair, valued = fair_rations(supply, demand, weight), valued_rations(supply, demand, weight)
    return {
        "max_min_fill_rate": float(fair.fill_rate[0]),
        "fair_plan": fair.units[0].tolist(),
        "weighted_value": float(valued.value[0]),
        "weighted_plan": valued.units[0].tolist(),
    }


def _transshipment(params: Params) -> Answer:
    best = transship(
        array(params, "inventory"), array(params, "demand"), array(params, "transship_cost", 2), array(params, "lost_margin", 0)
    )
    return {"plan": best.moved[0].tolist(), "cost": best.cost, "profit_vs_no_transfer": best.gain}


def _portfolio(params: Params) -> Answer:
    names = ("demand_means", "demand_sds", "unit_costs", "margins", "salvage_values", "pack_sizes", "moqs", "initial_inventory")
    levels = profit_levels(*(array(params, name) for name in names))
    best = order_portfolio(levels, array(params, "unit_costs"), number(params, "budget"))
    return {"plan": best.quantity.tolist(), "expected_profit": best.value, "upper_bound": best.upper_bound}


SOLVERS: Mapping[str, Solver] = {
    "eoq": _eoq,
    "eoq_backorders": _eoq_backorders,
    "epq": _epq,
    "eoq_disruptions": _eoq_disruptions,
    "power_of_two_eoq": _power_of_two,
    "eoq_all_units_discount": lambda params: _discounted(params, all_units=True),
    "eoq_incremental_discount": lambda params: _discounted(params, all_units=False),
    "eoq_multi_item_budget": _eoq_budget,
    "wagner_whitin": _wagner_whitin,
    "lot_sizing_constrained": _lot_sizing,
    "joint_replenishment": _joint_replenishment,
    "clark_scarf_serial": _clark_scarf,
    "gsm_safety_stock_placement": _guaranteed_service,
    "transportation_lp": _transport,
    "allocation_lp": _allocation,
    "facility_allocation_milp": _facilities,
    "scarce_allocation": _scarce,
    "lateral_transshipment_lp": _transshipment,
    "order_portfolio_milp": _portfolio,
}
