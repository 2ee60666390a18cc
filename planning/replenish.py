"""What to order now, for one item or the whole catalogue: the plan and its lines.

An order placed today arrives after the lead time; the next occasion to order is one review period away. So the order
must last for lead time + review (or for `horizon_days`). The default policy orders up to the service-level
quantile of sampled demand over that interval whenever the position is below it (periodic review); lead times are
sampled along with demand, and demand beyond the forecast's horizon repeats whole weeks of the same path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from parstock.domain import Clause, Forecast, ForecastStatus, InboundOrder, Item, StockPosition, Supplier
from parstock.results import Plan
from planning.base import MOST_MONEY, PlanTerms, checked
from planning.certificate import certify, conflicts
from planning.certificate_facts import plan_facts
from planning.decide import Decided, decide, expect
from planning.facts import gap_facts
from planning.lines import empty_line, lines_of
from planning.rules import Rules
from planning.situation import gather


def plan_replenishment(
    items: Sequence[Item],
    suppliers: Mapping[str, Supplier],
    forecast: Forecast,
    stock: Mapping[str, StockPosition],
    inbound: Sequence[InboundOrder],
    clauses: Sequence[Clause],
    terms: PlanTerms,
    *,
    warehouse: str = "",
    budget: float | None = None,
    capacity: float | None = None,
    service_level: float | None = None,
    horizon_days: int | None = None,
    facts: bool = True,
) -> Plan:
    """Return one line for each item, in their order.

    Args:
        items: What to plan; an item without forecast, stock record or supplier gets quantity 0 and "insufficient_data".
        suppliers: By code.
        forecast: Sample paths from `terms.as_of` on; may hold more items.
        stock: By item code, of the warehouse planned for (or of all together).
        inbound: Open orders with due dates.
        clauses: Rules that bind; of several the most specific holds (item, supplier, category with season, category, all).
        terms: The shop's terms, with planning events and past orders.
        warehouse: Code, or "" for all together.
        budget: Most money to spend; it goes where it is expected to save most (`planning.portfolio`).
        capacity: Most units of all items together, with what is there and on order.
        service_level: Target of this run; wins over clauses and terms.
        horizon_days: Days from today that the order shall last, instead of lead time + review.
        facts: Whether lines carry their facts.

    Returns:
        The plan with a certificate of how good it surely is, and what cannot be had together.

    Raises:
        InputError: A number makes no sense (negative cost or budget, service level outside 0-1, NaN, a capacity below what is
            there already ...).
    """
    if budget is not None:
        checked("budget", budget, low=0, high=MOST_MONEY)
    if service_level is not None:
        checked("service_level", service_level, low=0, high=1, open_ends=True)
    status = dict(zip(forecast.items, forecast.status, strict=True))
    gaps = {item.sku: gap for item in items if (gap := _gap(item, suppliers, status, stock))}
    planned = tuple(item for item in items if item.sku not in gaps)
    now = gather(planned, suppliers, forecast, stock, inbound, terms, warehouse=warehouse, horizon_days=horizon_days)
    rules = Rules.of(clauses, now.items, now.suppliers, terms)
    decision = decide(now, rules, terms, budget=budget, capacity=capacity, service_level=service_level)
    outlook = expect(now, decision.quantity, terms)
    decided = Decided(now, rules, decision, outlook, terms, level_asked=service_level is not None)
    certificate = certify(decided, budget=budget, capacity=capacity)
    clashes = conflicts(decided, budget=budget, capacity=capacity)
    by_item = {line.item: line for line in lines_of(decided, warehouse, facts=facts)}
    for item in items:
        if item.sku in gaps:
            supplier, position = suppliers.get(item.supplier), stock.get(item.sku)
            line = empty_line(item, supplier, position, status.get(item.sku), terms, warehouse)
            by_item[item.sku] = replace(line, facts=gap_facts(item, gaps[item.sku])) if facts else line
    return Plan(
        as_of=terms.as_of,
        lines=tuple(by_item[item.sku] for item in items),
        budget=budget,
        capacity=capacity,
        certificate=certificate,
        conflicts=clashes,
        facts=plan_facts(decided, certificate, clashes, budget),
    )


def _gap(
    item: Item, suppliers: Mapping[str, Supplier], status: Mapping[str, ForecastStatus], stock: Mapping[str, StockPosition]
) -> str:
    """Return what is missing to plan the item, "" where nothing is."""
    if status.get(item.sku) != "ok":
        return status.get(item.sku, "no_forecast")
    if item.supplier not in suppliers:
        return "no_supplier"
    return "" if item.sku in stock else "no_stock_record"
