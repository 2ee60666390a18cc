"""True costs of plans for lots and networks, from the plan alone and by other means than the solvers': loops, quadrature."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from evaluation.optimum import Answer, Evaluator, Params
from evaluation.optimum.given import array, number
from evaluation.optimum.networks import links_of, stages_of
from evaluation.optimum.serial_costs import serial_cost
from parstock.domain import Floats
from parstock.errors import InputError

_SLACK = 1e-6
"""Share of a limit that rounding may exceed."""


def _sawtooth(params: Params, answer: Answer) -> dict[str, float]:
    """Orders a year, and half the lot in stock."""
    fixed, holding, rate, lot = (
        *(number(params, name) for name in ("fixed_cost", "holding_cost", "demand_rate")),
        number(answer, "Q"),
    )
    cycle = lot / rate
    return {"cost": (fixed + holding * quad(lambda time: lot - rate * time, 0, cycle)[0]) / cycle}


def _backorders(params: Params, answer: Answer) -> dict[str, float]:
    names = ("fixed_cost", "holding_cost", "stockout_cost", "demand_rate")
    fixed, holding, waiting, rate = (number(params, name) for name in names)
    lot = number(answer, "Q")
    owed = lot * number(answer, "stockout_fraction")
    stock, wait = (lot - owed) ** 2 / (2 * rate), owed**2 / (2 * rate)
    return {"cost": (fixed + holding * stock + waiting * wait) / (lot / rate)}


def _production(params: Params, answer: Answer) -> dict[str, float]:
    names = ("fixed_cost", "holding_cost", "demand_rate", "production_rate")
    fixed, holding, rate, made = (number(params, name) for name in names)
    lot = number(answer, "Q")
    up = lot / made
    peak = up * (made - rate)
    return {"cost": (fixed + holding * (peak * up / 2 + peak**2 / (2 * rate))) / (up + peak / rate)}


def _disruptions(params: Params, answer: Answer) -> dict[str, float]:
    """One renewal cycle: a lot runs down, then what is left of an outage that has begun meanwhile."""
    names = ("fixed_cost", "holding_cost", "stockout_cost", "demand_rate", "disruption_rate", "recovery_rate")
    fixed, holding, lost, rate, fails, heals = (number(params, name) for name in names)
    run = number(answer, "Q") / rate
    # down at the end of the run: the last failure at time t has not healed; chances to be up follow a two-state chain
    down = quad(
        lambda t: fails * (heals + fails * math.exp(-(fails + heals) * t)) / (fails + heals) * math.exp(-heals * (run - t)),
        0,
        run,
    )[0]
    outage = down / heals
    return {"cost": (fixed + holding * rate * run**2 / 2 + lost * rate * outage) / (run + outage)}


def _power_of_two(params: Params, answer: Answer) -> dict[str, float]:
    cycle = number(answer, "T")
    power = math.log2(cycle / number(params, "base_period"))
    if abs(power - round(power)) > _SLACK:
        raise InputError(f"T is {cycle!r}; it must be the base period times a power of two", field="T")
    rate = number(params, "demand_rate")
    return {
        "cost": _sawtooth(params, {"Q": cycle * rate})["cost"],
        "unrestricted_cost": _sawtooth(params, {"Q": number(answer, "unrestricted_T") * rate})["cost"],
    }


def _discount(params: Params, answer: Answer, *, all_units: bool) -> dict[str, float]:
    lot, rate = number(answer, "Q"), number(params, "demand_rate")
    starts, prices = array(params, "breakpoints").tolist(), array(params, "unit_costs").tolist()
    paid, last = 0.0, 0.0
    for start, end, price in zip(starts, [*starts[1:], math.inf], prices, strict=True):
        if lot >= start:
            paid += price * (min(lot, end) - start)
            last = price
    paid = last * lot if all_units else paid
    stock = number(params, "holding_cost_rate") * paid / lot * lot / 2
    return {"cost": (number(params, "fixed_cost") + paid) / (lot / rate) + stock}


def _budget(params: Params, answer: Answer) -> dict[str, float]:
    lots, names = array(answer, "Q"), ("fixed_costs", "holding_costs", "demand_rates", "weights")
    fixed, holding, rates, weights = (array(params, name) for name in names)
    _at_most("capacity", float(np.sum(lots * weights)), number(params, "capacity"))
    cost = 0.0
    for item, lot in enumerate(lots.tolist()):
        terms: Params = {
            "fixed_cost": float(fixed[item]),
            "holding_cost": float(holding[item]),
            "demand_rate": float(rates[item]),
        }
        cost += _sawtooth(terms, {"Q": lot})["cost"]
    return {"cost": cost}


def _lots(params: Params, answer: Answer) -> dict[str, float]:
    """Walk through the periods."""
    demand, plan = array(params, "demand"), array(answer, "plan").tolist()
    costs = [np.broadcast_to(array(params, name, 0), demand.shape) for name in ("fixed_cost", "holding_cost")]
    price = np.broadcast_to(array(params, "purchase_cost", 0) if params.get("purchase_cost") is not None else 0.0, demand.shape)
    caps = np.broadcast_to(
        array(params, "capacity_per_period", 0) if params.get("capacity_per_period") is not None else math.inf, demand.shape
    )
    least, pack = number(params, "minimum_order_quantity", 0.0), number(params, "pack_size", 0.0)
    stock, cost = number(params, "initial_inventory", 0.0), 0.0
    for period, (lot, wanted) in enumerate(zip(plan, demand.tolist(), strict=True)):
        _at_most(f"capacity of period {period}", lot, float(caps[period]))
        if lot and (lot < least - _SLACK or (pack and abs(lot / pack - round(lot / pack)) > _SLACK)):
            raise InputError(f"plan[{period}] is {lot!r}, which breaks the minimum order or the packs", field="plan")
        stock += lot - wanted
        if stock < -_SLACK * max(wanted, 1.0):
            raise InputError(f"plan leaves {stock!r} in stock after period {period}; demand must be met", field="plan")
        cost += float(costs[0][period]) * (lot > 0) + float(price[period]) * lot + float(costs[1][period]) * stock
    return {"cost": cost}


def _joint(params: Params, answer: Answer) -> dict[str, float]:
    """Each item's own lots, and the shared cost once a base cycle."""
    fixed, holding, rates = (array(params, name) for name in ("individual_fixed_costs", "holding_costs", "demand_rates"))
    found = {}
    for kind, cost in (("optimal", "optimal_cost"), ("power_of_two", "power_of_two_cost"), ("silver", "silver_heuristic_cost")):
        cycle = number(answer, f"{kind}_base_cycle")
        total = number(params, "shared_fixed_cost") / cycle
        for item, multiple in enumerate(array(answer, f"{kind}_multiples").tolist()):
            if multiple < 1 or multiple != round(multiple) or (kind == "power_of_two" and math.log2(multiple) % 1):
                raise InputError(f"{kind}_multiples has {multiple!r}; that is no multiple allowed", field=f"{kind}_multiples")
            length = cycle * multiple
            total += float(fixed[item]) / length + float(holding[item]) * float(rates[item]) * length / 2
        found[cost] = total
    return found


def _service(params: Params, answer: Answer) -> dict[str, float]:
    """Inbound times and variances by walking the tree, whatever the answer says of them."""
    stages, links = stages_of(params), links_of(params)
    promised = answer.get("cst")
    if not isinstance(promised, dict):
        raise InputError(f"cst is {promised!r}; it must be an object, each stage's service time", field="cst")
    below: dict[str, list[str]] = {name: [] for name in stages}
    inbound: dict[str, float] = {name: stage.inbound_service for name, stage in stages.items()}
    for supplier, customer in links:
        below[supplier].append(customer)
        inbound[customer] = max(inbound[customer], number(promised, supplier))

    def variance(name: str) -> float:
        return stages[name].demand_sd ** 2 + sum(variance(of) for of in below[name])

    cost = 0.0
    for name, stage in stages.items():
        service = number(promised, name)
        if stage.longest_service is not None or not below[name]:
            _at_most(f"service time of {name}", service, stage.longest_service or 0)
        covered = inbound[name] + stage.processing_time - service
        if covered < 0 or service < 0:
            raise InputError(f"cst.{name} is {service!r}, which is negative or leaves less than no time to cover", field="cst")
        cost += stage.holding_cost * stage.safety_factor * math.sqrt(variance(name) * covered)
    return {"cost": cost}


def _flow(plan: Floats, costs: Floats, supply: Floats) -> float:
    """The cost of a table of flows that is feasible at its sources."""
    if np.any(plan < -_SLACK):
        raise InputError("plan ships less than nothing", field="plan")
    for source, row in enumerate(plan.tolist()):
        _at_most(f"supply of {source}", math.fsum(row), float(supply[source]))
    return math.fsum((plan * costs).ravel().tolist())


def _transport(params: Params, answer: Answer) -> dict[str, float]:
    plan, demand = array(answer, "plan", 2), array(params, "demand")
    for place, wanted in enumerate(demand.tolist()):
        _at_most(f"demand of {place}", wanted, float(plan[:, place].sum()))
    return {"cost": _flow(plan, array(params, "unit_cost", 2), array(params, "supply"))}


def _allocation(params: Params, answer: Answer) -> dict[str, float]:
    plan, demand = array(answer, "plan", 2), array(params, "demand")
    cost = _flow(plan, array(params, "unit_cost", 2), array(params, "supply"))
    if params.get("lane_capacity") is not None:
        _at_most("lane_capacity", float(np.max(plan - array(params, "lane_capacity", 2))), 0.0)
    return {"cost": cost + _unmet(demand, plan.sum(axis=0), array(params, "unmet_penalty", 0))}


def _facilities(params: Params, answer: Answer) -> dict[str, float]:
    plan = array(answer, "plan", 2)
    used = {int(site) for site in np.flatnonzero(plan.sum(axis=1) > _SLACK)}
    opened = answer.get("open")
    if not isinstance(opened, list) or not used <= {site for site in opened if isinstance(site, int)}:
        raise InputError(f"open is {opened!r}, but the plan ships from {sorted(used)}", field="open")
    shipping = _transport({**params, "supply": params.get("capacity")}, answer)["cost"]
    fixed = array(params, "fixed_cost_open").tolist()
    return {"cost": shipping + math.fsum(fixed[site] for site in opened if isinstance(site, int))}


def _scarce(params: Params, answer: Answer) -> dict[str, float]:
    supply, demand, weight = number(params, "supply"), array(params, "demand").tolist(), array(params, "weight").tolist()
    fair, valued = array(answer, "fair_plan").tolist(), array(answer, "weighted_plan").tolist()
    for plan in (fair, valued):
        _at_most("supply", math.fsum(plan), supply)
        for units, wanted in zip(plan, demand, strict=True):
            _at_most("demand", units, wanted)
    rates = [units / wanted for units, wanted in zip(fair, demand, strict=True) if wanted > 0]
    return {
        "max_min_fill_rate": min(rates, default=1.0),
        "weighted_value": math.fsum(w * u for w, u in zip(weight, valued, strict=True)),
    }


def _transshipment(params: Params, answer: Answer) -> dict[str, float]:
    moved, stock, demand = array(answer, "plan", 2), array(params, "inventory"), array(params, "demand")
    margin = array(params, "lost_margin", 0)
    cost = _flow(moved, array(params, "transship_cost", 2), stock)
    cost += _unmet(demand, stock - moved.sum(axis=1) + moved.sum(axis=0), margin)
    return {"cost": cost, "profit_vs_no_transfer": _unmet(demand, stock, margin) - cost}


def _unmet(demand: Floats, served: Floats, penalty: Floats) -> float:
    prices = np.broadcast_to(penalty, demand.shape).tolist()
    return math.fsum(
        price * max(wanted - has, 0.0) for price, wanted, has in zip(prices, demand.tolist(), served.tolist(), strict=True)
    )


def _portfolio(params: Params, answer: Answer) -> dict[str, float]:
    """Expected leftovers by quadrature over the demand."""
    plan = array(answer, "plan").tolist()
    names = ("demand_means", "demand_sds", "unit_costs", "margins", "salvage_values", "pack_sizes", "moqs", "initial_inventory")
    rows: Sequence[Sequence[float]] = np.column_stack([array(params, name) for name in names]).tolist()
    spent, profit = 0.0, 0.0
    for units, (mean, sd, cost, margin, salvage, pack, least, initial) in zip(plan, rows, strict=True):
        if units and (units < least - _SLACK or abs(units / pack - round(units / pack)) > _SLACK):
            raise InputError(
                f"plan orders {units!r}, which breaks the minimum order {least!r} or the pack of {pack!r}", field="plan"
            )
        spent += cost * units
        level = initial + units
        low = min(mean - 12 * sd, level - sd)
        left = quad(norm.cdf, low, level, args=(mean, sd), points=[min(mean, level)], epsabs=1e-10)[0]
        profit += margin * (level - left) - (cost - salvage) * left
    _at_most("budget", spent, number(params, "budget"))
    return {"expected_profit": profit}


def _at_most(what: str, value: float, limit: float) -> None:
    if value > limit + _SLACK * max(abs(limit), 1.0):
        raise InputError(f"the plan takes {value!r} of {what}, more than {limit!r}", field=what)


EVALUATORS: Mapping[str, Evaluator] = {
    "eoq": _sawtooth,
    "eoq_backorders": _backorders,
    "epq": _production,
    "eoq_disruptions": _disruptions,
    "power_of_two_eoq": _power_of_two,
    "eoq_all_units_discount": lambda params, answer: _discount(params, answer, all_units=True),
    "eoq_incremental_discount": lambda params, answer: _discount(params, answer, all_units=False),
    "eoq_multi_item_budget": _budget,
    "wagner_whitin": _lots,
    "lot_sizing_constrained": _lots,
    "joint_replenishment": _joint,
    "clark_scarf_serial": serial_cost,
    "gsm_safety_stock_placement": _service,
    "transportation_lp": _transport,
    "allocation_lp": _allocation,
    "facility_allocation_milp": _facilities,
    "scarce_allocation": _scarce,
    "lateral_transshipment_lp": _transshipment,
    "order_portfolio_milp": _portfolio,
}
