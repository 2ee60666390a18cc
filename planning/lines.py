"""Plan lines from decided arrays. Numbers are rounded here once, so that lines, sums and sentences agree."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from parstock.domain import Floats, ForecastStatus, Item, StockPosition, Supplier
from parstock.results import PlanLine
from planning.base import PlanTerms
from planning.decide import Decided
from planning.line_facts import line_facts

_FARTHEST_DAYS = 3650.0  # an order this far away has no date worth naming


def lines_of(decided: Decided, warehouse: str, *, facts: bool) -> list[PlanLine]:
    """Return the line of every item.

    Args:
        decided: The catalogue as planned.
        warehouse: Code, or "" for all together.
        facts: Whether lines carry their facts.
    """
    now, decision, outlook = decided.now, decided.decision, decided.outlook
    cost, levels = decided.cost, decision.levels
    lead_demand = now.demand.lead_time.mean(axis=1).round(1)
    interval_demand = now.demand.interval.mean(axis=1).round(1)
    cover = _days(now.inventory_position, now.daily_demand)
    until_order = _days(now.position - levels.reorder_point, now.daily_demand)
    clauses = _clauses(decided)
    lines = []
    for row, (item, supplier, stock) in enumerate(zip(now.items, now.suppliers, now.stock, strict=True)):
        line = PlanLine(
            item=item.sku,
            warehouse=warehouse,
            supplier=item.supplier,
            quantity=int(decision.quantity[row]),
            order_by=_after(decided.terms.as_of, float(until_order[row])),
            reorder_point=float(levels.reorder_point[row]),
            order_up_to=float(levels.order_up_to[row]),
            safety_stock=round(float(levels.reorder_point[row] - lead_demand[row]), 1),
            expected_lead_time_demand=float(interval_demand[row]),
            lead_time_days=supplier.lead_time_days,
            review_days=decided.terms.review_days,
            service_level=float(levels.service_level[row]),
            on_hand=stock.on_hand,
            reserved=stock.reserved,
            on_order=stock.on_order,
            days_of_cover=round(float(cover[row]), 1) if np.isfinite(cover[row]) else None,
            unit_cost=item.unit_cost,
            cost=float(cost[row]),
            expected_holding_cost=round(float(outlook.holding_cost[row]), 2),
            expected_fill_rate=round(float(outlook.fill_rate[row]), 4),
            expected_cycle_service=round(float(outlook.cycle_service[row]), 4),
            binding=decision.binding[row],
            clauses=clauses[row],
            model=now.models[row],
        )
        lines.append(line)
    if facts:
        written = line_facts(decided, lines, lead_demand)
        lines = [replace(line, facts=of_line) for line, of_line in zip(lines, written, strict=True)]
    return lines


def empty_line(
    item: Item,
    supplier: Supplier | None,
    position: StockPosition | None,
    status: ForecastStatus | None,
    terms: PlanTerms,
    warehouse: str,
) -> PlanLine:
    """Return the line of an item that cannot be planned: nothing is ordered, and its status says why."""
    return PlanLine(
        item=item.sku,
        warehouse=warehouse,
        supplier=item.supplier,
        quantity=0,
        order_by=None,
        reorder_point=0.0,
        order_up_to=0.0,
        safety_stock=0.0,
        expected_lead_time_demand=0.0,
        lead_time_days=supplier.lead_time_days if supplier else 0.0,
        review_days=terms.review_days,
        service_level=terms.service_level,
        on_hand=position.on_hand if position else 0,
        reserved=position.reserved if position else 0,
        on_order=position.on_order if position else 0,
        days_of_cover=None,
        unit_cost=item.unit_cost,
        cost=0.0,
        expected_holding_cost=0.0,
        expected_fill_rate=0.0,
        expected_cycle_service=0.0,
        binding="insufficient_data",
        clauses=(),
        status="insufficient_data" if status in {None, "ok"} else status,
    )


def _clauses(decided: Decided) -> list[tuple[str, ...]]:
    """Return [N] the ids of the clauses that shaped each line."""
    rules, every = decided.rules, np.ones(len(decided.now.items), dtype=np.bool_)
    by_target = not (decided.level_asked or decided.decision.levels.from_costs)
    shaped = (
        (rules.service_level, every & by_target),
        (rules.order_hold, every),
        (rules.max_days_of_cover, decided.clause_limits_cover),
        (rules.approval_limit, decided.needs_approval),
        (rules.min_order_value, decided.for_order_value),
    )
    return [tuple(clause for applied, where in shaped if where[row] for clause in applied.ids(row)) for row in range(len(every))]


def _days(units: Floats, daily: Floats) -> Floats:
    """Return [N] days until the units are used up at mean demand, 0 where they are gone, infinite without demand."""
    return np.divide(np.maximum(units, 0.0), daily, out=np.full_like(daily, np.inf), where=daily > 0)


def _after(today: date, days: float) -> date | None:
    """Return the day that lies whole days ahead; None where that is too far to name."""
    return today + timedelta(days=int(days)) if days <= _FARTHEST_DAYS else None
