"""What is proven about a plan, and what cannot be had together. Recomputes path by path what the optimizer computed from curves.

The check shares no code with the optimizer but its inputs: the sampled needs, the prices, and the quantities. A plan that breaks
a limit is never handed out.
"""

import numpy as np

from parstock.domain import Floats
from parstock.errors import ToolFailed
from parstock.results import Binding, Certificate, Conflict
from planning.decide import Decided, Decision
from planning.situation import Situation

_EPS = 1e-6
_ITEMS_AT_ONCE = 1024
MOST_CONFLICTS = 20


def certify(decided: Decided, *, budget: float | None, capacity: float | None) -> Certificate:
    """Return the plan's certificate.

    Args:
        decided: The planned items.
        budget: Most money that the plan may spend.
        capacity: Most units there may be.

    Raises:
        ToolFailed: The plan breaks a limit.
    """
    now, decision = decided.now, decided.decision
    if broken := _broken(decided, budget, capacity):
        raise ToolFailed(f"the plan breaks {', '.join(broken)}; it is not handed out")
    curves = decision.shared.curves
    shaped = tuple(sorted({binding for binding in decision.binding if binding in _LIMITS}))
    return Certificate(
        expected_cost=round(float(curves.cost(decision.quantity[:, None]).sum()), 6),
        recomputed_cost=round(_cost_by_path(now, decision), 6),
        lower_bound=round(decision.shared.lower_bound, 6),
        binding=shaped,
        budget_price=decision.shared.budget_price,
    )


_LIMITS: frozenset[Binding] = frozenset(
    {"budget", "capacity", "min_order_value", "max_days_of_cover", "order_hold", "min_order_quantity", "pack_size"}
)


def _cost_by_path(now: Situation, decision: Decision) -> float:
    """Return the expected cost of the plan, added up over every future of every item."""
    curves, total = decision.shared.curves, 0.0
    for start in range(0, len(now.items), _ITEMS_AT_ONCE):
        rows = slice(start, start + _ITEMS_AT_ONCE)
        units, wanted = decision.quantity[rows, None], decision.alone[rows, None]
        need = now.demand.to_cover[rows] - now.on_shelf[rows, None] - now.arriving_in_time[rows, None]
        missing = np.maximum(need - np.minimum(units, wanted), 0.0)
        left = units + missing - need
        more = np.maximum(units - wanted, 0.0)
        money = curves.short_cost[rows, None] * missing + curves.left_cost[rows, None] * left
        total += float(money.mean(axis=1).sum() + (curves.slow_cost[rows, None] * more * more / 2).sum())
    return total


def _broken(decided: Decided, budget: float | None, capacity: float | None) -> list[str]:
    """Return the names of the limits that the plan does not keep to."""
    now, decision = decided.now, decided.decision
    quantity = decision.quantity
    ordered = quantity > 0
    packs = quantity / now.pack
    spent = quantity * now.unit_cost
    most = np.where(np.isfinite(decision.cover_days), decision.cover_days, 0.0) * now.daily_demand - now.inventory_position
    room = np.where(np.isfinite(decision.cover_days), most, np.inf)
    least = decided.least_value
    checks = {
        "non-negativity": quantity >= 0,
        "pack_size": np.abs(packs - np.round(packs)) <= _EPS,
        "min_order_quantity": ~ordered | (quantity >= now.minimum - _EPS),
        "max_days_of_cover": ~ordered | ~np.isfinite(room) | (quantity <= room + _EPS * np.maximum(1.0, np.abs(most))),
        "order_hold": ~(ordered & (now.held | (decided.rules.order_hold.clause >= 0))),
        "min_order_value": ~(ordered & (decision.alone > 0)) | (decision.supplier_total >= least - _EPS * np.maximum(least, 1.0)),
        "budget": np.array(budget is None or spent.sum() <= budget + _EPS * max(budget, 1.0)),
        "capacity": np.array(capacity is None or quantity.sum() + _there(now) <= capacity + _EPS),
    }
    return [name for name, kept in checks.items() if not np.all(kept)]


def conflicts(decided: Decided, *, budget: float | None, capacity: float | None) -> tuple[Conflict, ...]:
    """Return what cannot be had together, with the cheapest way out of each: of the plan, of suppliers, of items.

    Args:
        decided: The planned items.
        budget: Most money that the plan may spend.
        capacity: Most units there may be.
    """
    found = [*_of_plan(decided, budget, capacity), *_of_suppliers(decided, budget), *_of_items(decided)]
    return tuple(found[:MOST_CONFLICTS])


def _of_plan(decided: Decided, budget: float | None, capacity: float | None) -> list[Conflict]:
    """Money or room for no order at all, or for fewer than the service levels take."""
    decision = decided.decision
    if not (decision.alone > 0).any():
        return []
    if not (decision.quantity > 0).any():
        return _no_order(decided, budget, capacity)
    found, target = [], "service_level"
    if budget is not None and "budget" in decision.binding:
        takes = float(decision.alone @ decided.now.unit_cost)
        found.append(Conflict(("budget", target), "", "budget", round(takes, 2)))
    if capacity is not None and "capacity" in decision.binding:
        found.append(Conflict(("capacity", target), "", "capacity", _there(decided.now) + float(decision.alone.sum())))
    return found


def _no_order(decided: Decided, budget: float | None, capacity: float | None) -> list[Conflict]:
    """What would allow one order where there is money or room for none."""
    now, due, found = decided.now, decided.decision.alone > 0, []
    entry = np.where(due, _entry(decided), np.inf)
    cheapest = int(np.argmin(entry))
    if budget is not None and entry[cheapest] > budget:
        code, other = now.items[cheapest].sku, "min_order_quantity"
        if decided.least_value[cheapest] >= entry[cheapest]:
            code, other = now.suppliers[cheapest].code, "min_order_value"
        found.append(Conflict(("budget", other), code, "budget", round(float(entry[cheapest]), 2)))
    least = float(np.where(due, decided.decision.shared.curves.first, np.inf).min())
    if capacity is not None and _there(now) + least > capacity:
        found.append(Conflict(("capacity", "min_order_quantity"), "", "capacity", _there(now) + least))
    return found


def _there(now: Situation) -> float:
    """Units that are there or on order."""
    return float(sum(max(position.on_hand, 0) + position.on_order for position in now.stock))


def _entry(decided: Decided) -> Floats:
    """[N] money that the smallest order of each item takes, with the least order value of its supplier."""
    first = np.maximum(np.ceil(np.maximum(decided.now.minimum, 1.0) / decided.now.pack), 1.0) * decided.now.pack
    return np.asarray(np.maximum(first * decided.now.unit_cost, decided.least_value))


def _of_suppliers(decided: Decided, budget: float | None) -> list[Conflict]:
    """Suppliers that are left out because not even all that may be ordered, or all the money, comes to their least value."""
    now, decision = decided.now, decided.decision
    found: dict[str, Conflict] = {}
    for row in np.flatnonzero((decision.alone > 0) & (decision.quantity == 0) & (decided.least_value > 0)):
        code, least = now.suppliers[row].code, float(decided.least_value[row])
        reachable = round(float(decision.shared.reachable[row]), 2)
        if reachable < least:
            found.setdefault(code, Conflict(("min_order_value", "max_days_of_cover"), code, "min_order_value", reachable))
        elif budget is not None and least > budget:
            found.setdefault(code, Conflict(("budget", "min_order_value"), code, "budget", round(least, 2)))
    return list(found.values())


def _of_items(decided: Decided) -> list[Conflict]:
    """Items whose smallest order breaks their limit on cover."""
    now, decision = decided.now, decided.decision
    first = np.maximum(np.ceil(np.maximum(now.minimum, 1.0) / now.pack), 1.0) * now.pack
    stopped = [binding == "max_days_of_cover" for binding in decision.binding]
    rows = np.flatnonzero(np.array(stopped, dtype=np.bool_) & (decision.quantity == 0) & (now.daily_demand > 0))
    days = np.ceil(10 * (now.inventory_position + first)[rows] / now.daily_demand[rows]) / 10
    names = ("min_order_quantity", "max_days_of_cover")
    return [
        Conflict(names, now.items[row].sku, "max_days_of_cover", round(float(day), 1))
        for row, day in zip(rows, days, strict=True)
    ]
