"""What if: the same sampled futures lived through under today's terms and under changed ones. Knows nothing of tools.

Stock is simulated day by day: arrivals in the morning, an order on every review day, then demand; what is
not on the shelf is lost. Both scenarios see the same demand paths (scaled where demand changes) and the same
uniform numbers behind their lead times, so that differences come from the change and not from chance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Clause, Floats, Forecast, InboundOrder, Item, StockPosition, Supplier
from parstock.errors import InsufficientData
from planning.base import Levels, PlanTerms, checked, policies
from planning.constraints import to_lots
from planning.decide import policy_inputs
from planning.demand import IntervalDemand, extend, sample_lead_times
from planning.replenish import plan_replenishment
from planning.rules import Rules
from planning.scenario import Change, Outcome, ScenarioResult, scenario_facts
from planning.situation import Situation, gather

Steps: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, eq=False, slots=True)
class Flow:
    """What happened to the stock of N items in S futures."""

    served: Floats
    """[N, S] units sold."""
    lost: Floats
    """[N, S] units asked for and not on the shelf."""
    average_stock: Floats
    """[N, S] mean units at the end of a day."""
    ordered: Floats
    """[N, S] units ordered."""
    orders: Floats
    """[N, S] orders placed."""


def live_through(
    now: Situation, demand: Floats, arrivals: Floats, lead_times: Steps, first: Floats, later: Sequence[Levels], review_days: int
) -> Flow:
    """Return what happens to the stock when demand beyond it is lost.

    Args:
        now: The N items.
        demand: [N, S, T] units a day.
        arrivals: [N, T] units on order already, by the day on which they come.
        lead_times: [N, S] whole days of every order in that future.
        first: [N] units ordered on day 0.
        later: The policy's levels on the second, third ... review day.
        review_days: Days between two occasions.
    """
    items, samples, days = demand.shape
    coming = np.repeat(arrivals[:, None, :], samples, axis=1)
    shelf = np.repeat(now.on_shelf[:, None], samples, axis=1)
    pipeline = coming.sum(axis=2)
    served, stock, ordered, orders = (np.zeros((items, samples)) for _ in range(4))
    item_index, path_index = np.ogrid[:items, :samples]
    for day in range(days):
        occasion, off = divmod(day, review_days)
        if not off:
            quantity = first[:, None] if occasion == 0 else _due(now, shelf + pipeline, later[occasion - 1])
            pipeline += quantity
            ordered += quantity
            orders += quantity > 0
            due = day + lead_times
            within = due < days
            coming[item_index, path_index, np.minimum(due, days - 1)] += np.where(within, quantity, 0.0)
        shelf += coming[:, :, day]
        pipeline -= coming[:, :, day]
        sold = np.minimum(demand[:, :, day], np.maximum(shelf, 0.0))
        shelf -= sold
        served += sold
        stock += np.maximum(shelf, 0.0)
    return Flow(served, demand.sum(axis=2) - served, stock / days, ordered, orders)


def simulate_scenario(
    item: Item,
    supplier: Supplier,
    forecast: Forecast,
    stock: StockPosition,
    inbound: Sequence[InboundOrder],
    clauses: Sequence[Clause],
    terms: PlanTerms,
    change: Change,
    *,
    warehouse: str = "",
    horizon_days: int | None = None,
) -> ScenarioResult:
    """Return what the change does to the order of today and to the weeks after it.

    Args:
        item: The item.
        supplier: Who it is bought from.
        forecast: Sample paths; may hold more items.
        stock: Its stock.
        inbound: Open orders with due dates.
        clauses: Rules that bind today's order.
        terms: The shop's terms.
        change: What differs.
        warehouse: Code, or "" for all together.
        horizon_days: Days to simulate; default: the forecast's horizon, or two review periods beyond the longer lead time.

    Raises:
        InputError: A number makes no sense.
        InsufficientData: There is no forecast to simulate with.
    """
    slower = max(supplier.lead_time_days, change.lead_time_days or 0.0)
    days = horizon_days if horizon_days is not None else max(forecast.horizon_days, math.ceil(slower) + 2 * terms.review_days)
    checked("horizon_days", days, low=1, high=3650)
    if item.sku not in forecast.items:
        raise InsufficientData(f"there is no forecast of {item.sku!r} to simulate with")
    alone = forecast.rows([forecast.items.index(item.sku)])
    scaled = replace(alone, paths=(alone.paths * np.float32(1 + change.demand_pct / 100)).astype(np.float32))
    dearer = replace(item, unit_cost=item.unit_cost * (1 + change.unit_cost_pct / 100))
    slow = supplier if change.lead_time_days is None else replace(supplier, lead_time_days=change.lead_time_days)
    base = _outcome(item, supplier, alone, stock, inbound, clauses, terms, None, warehouse, days)
    changed = _outcome(dearer, slow, scaled, stock, inbound, clauses, terms, change.service_level, warehouse, days)
    facts = scenario_facts(item, days, change, base, changed, terms.currency)
    return ScenarioResult(item.sku, days, base, changed, facts)


def _outcome(
    item: Item,
    supplier: Supplier,
    forecast: Forecast,
    stock: StockPosition,
    inbound: Sequence[InboundOrder],
    clauses: Sequence[Clause],
    terms: PlanTerms,
    service_level: float | None,
    warehouse: str,
    days: int,
) -> Outcome:
    records = ([item], {item.supplier: supplier}, forecast, {item.sku: stock}, inbound)
    plan = plan_replenishment(*records, clauses, terms, warehouse=warehouse, service_level=service_level, facts=False)
    (line,) = plan.lines
    if line.binding == "insufficient_data":
        raise InsufficientData(f"{item.sku!r} cannot be simulated: its forecast is {line.status!r}")
    now = gather(*records, terms, warehouse=warehouse)
    lead_times = sample_lead_times(
        np.array([supplier.lead_time_days]), np.array([supplier.lead_time_sd_days]), forecast.paths.shape[1], terms.seed
    )
    later = _later_levels(now, forecast, lead_times, Rules.of(clauses, [item], [supplier], terms), terms, service_level, days)
    demand = extend(forecast.paths, days, terms.seed).astype(np.float64)
    arrivals = _arrivals(item.sku, stock, inbound, terms, warehouse, supplier.lead_time_days, days)
    flow = live_through(now, demand, arrivals, lead_times, np.array([float(line.quantity)]), later, terms.review_days)
    total, years = float((flow.served + flow.lost).mean()), days / 365.0
    stock_level, bought = float(flow.average_stock.mean()), float(flow.ordered.mean())
    return Outcome(
        line=line,
        stockout_probability=float((flow.lost > 1e-6).mean()),
        fill_rate=float(flow.served.mean()) / total if total > 0 else 1.0,
        average_stock=stock_level,
        units_ordered=bought,
        purchase_cost=bought * item.unit_cost,
        holding_cost=stock_level * item.unit_cost * terms.holding_rate * years,
        ordering_cost=float(flow.orders.mean()) * terms.order_cost,
        lost_margin=float(flow.lost.mean() * now.margin[0]),
    )


def _due(now: Situation, position: Floats, levels: Levels) -> Floats:
    """Return [N, S] units ordered at a later occasion, kept to minimum order and packs."""
    short = np.where(position < levels.order_below[:, None], np.maximum(levels.order_up_to[:, None] - position, 0.0), 0.0)
    return to_lots(short, now.minimum[:, None], now.pack[:, None]).quantity


def _later_levels(
    now: Situation,
    forecast: Forecast,
    lead_times: Steps,
    rules: Rules,
    terms: PlanTerms,
    service_level: float | None,
    days: int,
) -> list[Levels]:
    """Return the policy's levels on every review day after today, from the paths as they are forecast today."""
    ends = range(terms.review_days, days, terms.review_days)
    longest = days + int(lead_times.max()) + terms.review_days
    paths = extend(forecast.paths, longest, terms.seed)
    total = np.zeros((*paths.shape[:2], longest + 1))
    np.cumsum(paths, axis=2, out=total[:, :, 1:])

    def until(day: Steps) -> Floats:
        return np.asarray(np.take_along_axis(total, day[:, :, None], axis=2)[:, :, 0])

    later = []
    for day in ends:
        start = until(np.full_like(lead_times, day))
        demand = IntervalDemand(until(day + lead_times) - start, until(day + lead_times + terms.review_days) - start)
        inputs = policy_inputs(replace(now, demand=demand), rules, terms, service_level)
        later.append(policies.get(terms.policy).levels(inputs))
    return later


def _arrivals(
    sku: str, stock: StockPosition, inbound: Sequence[InboundOrder], terms: PlanTerms, warehouse: str, lead_days: float, days: int
) -> Floats:
    """Return [1, T] units on order by the day they come: overdue ones today, undated ones after one lead time."""
    coming, dated = np.zeros((1, days)), 0
    for order in inbound:
        if order.item != sku or (warehouse and order.warehouse != warehouse):
            continue
        dated += order.quantity
        day = max((order.due_on - terms.as_of).days, 0)
        if day < days:
            coming[0, day] += order.quantity
    undated = max(stock.on_order - dated, 0)
    if undated and int(lead_days) < days:
        coming[0, int(lead_days)] += undated
    return coming
