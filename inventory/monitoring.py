"""Which stock needs a person's eye: too little to last until more can come, or far too much. Pure: no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from parstock.domain import Item, StockPosition, Supplier

AlertKind: TypeAlias = Literal["stockout", "overstock"]
Severity: TypeAlias = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that needs attention, with the numbers behind it."""

    kind: AlertKind
    severity: Severity
    item: str
    warehouse: str
    """Warehouse code; "" for all together."""
    as_of: date
    available: int
    """Units on hand that nobody has reserved."""
    on_order: int
    mean_daily_demand: float
    """Units a day."""
    days_of_cover: float | None
    """available / mean daily demand; None where there is no demand."""
    lead_time_days: float
    """Mean lead time of the item's supplier."""
    excess_units: int = 0
    """Units beyond the cover limit, for an overstock."""


def find_alerts(
    items: Iterable[Item],
    positions: Iterable[StockPosition],
    mean_daily_demand: Mapping[str, float],
    suppliers: Mapping[str, Supplier] | Iterable[Supplier],
    *,
    as_of: date,
    review_days: int = 7,
    overstock_days: float = 180.0,
    next_delivery_days: Mapping[str, float] | None = None,
) -> tuple[Alert, ...]:
    """Compare every position with its demand; the most severe alerts come first.

    Stockout. High: nothing available, or gone before an order placed today arrives and nothing is on order; medium:
    gone before the next delivery, or before an order placed today arrives what is on order included; low: what is
    there and on order is gone before the order after the next review arrives.

    Overstock: available + on order lasts longer than `overstock_days` (an item's shelf life, where that is shorter).
    High: four times as long or no demand at all; medium: twice; low: otherwise.

    Args:
        items: Items to watch; inactive ones and those without a position are passed over.
        positions: Stock, of one warehouse or of all together.
        mean_daily_demand: Item code -> expected units a day; an item that is missing has an unknown demand and is passed over.
        suppliers: The suppliers of the items, by code or in any order; an unknown one counts as a lead time of 0 days.
        as_of: The day of the alerts.
        review_days: Days between two ordering occasions.
        overstock_days: Days of cover beyond which stock is too much.
        next_delivery_days: Item code -> days until its next open order is due; where it is not known or overdue, what is
            on order is taken to come no sooner than an order placed today.
    """
    lead_times = {s.code: s.lead_time_days for s in (suppliers.values() if isinstance(suppliers, Mapping) else suppliers)}
    known = {item.sku: item for item in items if item.active}
    deliveries = next_delivery_days or {}
    alerts = []
    for position in positions:
        item = known.get(position.item)
        if item is None or position.item not in mean_daily_demand:
            continue
        demand = max(0.0, float(mean_daily_demand[position.item]))
        lead_time = lead_times.get(item.supplier, 0.0)
        limit = min(overstock_days, item.shelf_life_days or overstock_days)
        excess = max(0, int(position.available + position.on_order - demand * limit))
        stockout = _stockout(position, demand, lead_time, review_days, deliveries.get(position.item, -1.0))
        overstock = None if stockout else _overstock(position, demand, limit)
        for kind, severity in (("stockout", stockout), ("overstock", overstock)):
            if severity is not None:
                alerts.append(
                    Alert(
                        kind,  # type: ignore[arg-type]
                        severity,
                        position.item,
                        position.warehouse,
                        as_of,
                        position.available,
                        position.on_order,
                        demand,
                        position.available / demand if demand else None,
                        lead_time,
                        excess if kind == "overstock" else 0,
                    )
                )
    return tuple(sorted(alerts, key=lambda a: (-SEVERITIES.index(a.severity), a.kind != "stockout", a.item, a.warehouse)))


def _stockout(
    position: StockPosition, demand: float, lead_time: float, review_days: int, next_delivery: float
) -> Severity | None:
    if demand == 0:
        return None
    if position.available <= 0:
        return "high"
    cover, with_orders = position.available / demand, position.inventory_position / demand
    if not position.on_order:
        return "high" if cover < lead_time else "low" if cover < lead_time + review_days else None
    wait = next_delivery if next_delivery >= 0 else lead_time
    if cover < min(wait, lead_time) or with_orders < lead_time:
        return "medium"
    return "low" if with_orders < lead_time + review_days else None


def _overstock(position: StockPosition, demand: float, limit: float) -> Severity | None:
    held = position.available + position.on_order
    if held <= 0:
        return None
    if demand == 0:
        return "high"
    cover = held / demand
    if cover <= limit:
        return None
    return "high" if cover > 4 * limit else "medium" if cover > 2 * limit else "low"
