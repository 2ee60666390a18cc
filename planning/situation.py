"""The state of every item before anything is decided, checked and laid out as arrays. Decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parstock.domain import (
    LONGEST_LEAD_TIME_DAYS,
    Bools,
    Floats,
    Forecast,
    InboundOrder,
    Item,
    PlanningEvent,
    StockPosition,
    Supplier,
)
from parstock.errors import InputError
from planning.base import PlanTerms, checked, checked_array
from planning.coverage import OnTheWay, lead_times, on_the_way, with_arrivals
from planning.deliveries import SupplierBelief, learn_suppliers
from planning.demand import IntervalDemand, interval_demand
from planning.events import lay_out


@dataclass(frozen=True, eq=False, slots=True)
class Situation:
    """N items that can be planned."""

    items: tuple[Item, ...]
    suppliers: tuple[Supplier, ...]
    """[N] the supplier of each item, with the lead time of an order placed today: as learned, and as events change it."""
    stock: tuple[StockPosition, ...]
    """[N] stock of each item; what an event keeps back is reserved."""
    models: tuple[str, ...]
    """[N] forecaster of each item."""
    demand: IntervalDemand
    daily_demand: Floats
    """[N] mean units a day over the forecast horizon."""
    interval_days: Floats
    """[N] mean days to be covered by an order placed today."""
    coming: OnTheWay
    """What is on order."""
    come_first: Floats
    """[N, S] units of it that come before an order placed today would."""
    come_in_time: Floats
    """[N, S] units of it that come within the interval, `come_first` included."""
    arriving_in_time: Floats
    """[N] units of it that the stock position counts, whole."""
    unit_cost: Floats
    """[N] money."""
    margin: Floats
    """[N] money lost for a unit short: price - cost, or 1 % of the cost where that is not positive."""
    minimum: Floats
    """[N] least order, units."""
    pack: Floats
    """[N] units in a pack."""
    held: Bools
    """[N] items that an event forbids to order."""
    events: tuple[tuple[PlanningEvent, ...], ...]
    """[N] the confirmed events that bear on each item's plan."""
    beliefs: Mapping[str, SupplierBelief]
    """What past orders say of each supplier, by code."""

    @property
    def on_shelf(self) -> Floats:
        """[N] units on hand that nobody has reserved; negative where more is reserved than there is."""
        return np.array([position.available for position in self.stock], dtype=np.float64)

    @property
    def position(self) -> Floats:
        """[N] on hand - reserved + on order in time: what the policy compares with its levels."""
        return self.on_shelf + self.arriving_in_time

    @property
    def inventory_position(self) -> Floats:
        """[N] on hand - reserved + everything on order, however late."""
        return np.array([position.inventory_position for position in self.stock], dtype=np.float64)


def gather(
    items: Sequence[Item],
    suppliers: Mapping[str, Supplier],
    forecast: Forecast,
    stock: Mapping[str, StockPosition],
    inbound: Sequence[InboundOrder],
    terms: PlanTerms,
    *,
    warehouse: str = "",
    horizon_days: int | None = None,
) -> Situation:
    """Return the situation of items that all have a supplier, a stock record and a row in the forecast.

    Confirmed events among the terms change items, stock and supply (`planning.events`), past orders the lead times
    (`planning.deliveries`). Stock on order counts from the day on which it comes; what `StockPosition.on_order` holds beyond
    the dated orders in `inbound` has no due date and counts as there.

    Raises:
        InputError: A number of an item, a supplier or the forecast makes no sense.
    """
    if forecast.start != terms.as_of:
        raise InputError(
            f"the forecast starts on {forecast.start}, the plan is made for {terms.as_of}; they must agree", field="as_of"
        )
    names = tuple(item.sku for item in items)
    of_item = tuple(suppliers[item.supplier] for item in items)
    lead_mean = checked_array(
        "lead_time_days", _column([s.lead_time_days for s in of_item]), names, low=0, high=LONGEST_LEAD_TIME_DAYS
    )
    checked_array("lead_time_sd_days", _column([s.lead_time_sd_days for s in of_item]), names, low=0, high=LONGEST_LEAD_TIME_DAYS)
    row_of = {sku: row for row, sku in enumerate(forecast.items)}
    rows = np.array([row_of[sku] for sku in names], dtype=np.intp)
    paths = forecast.paths if np.array_equal(rows, np.arange(len(forecast.items))) else forecast.paths[rows]
    if names and 0 in paths.shape:
        raise InputError(
            f"the forecast has paths of shape {list(paths.shape)}; every item needs at least a day", field="forecast"
        )
    daily = checked_array("forecast demand", paths.mean(axis=(1, 2), dtype=np.float64), names, low=0)
    positions = tuple(stock[sku] for sku in names)
    ahead = int(lead_mean.max(initial=0)) + 2 * terms.review_days
    happening = lay_out(items, positions, inbound, lead_mean, terms, warehouse=warehouse, days_ahead=ahead)
    beliefs = learn_suppliers({supplier.code: supplier for supplier in of_item}, terms.deliveries)
    today = lead_times(of_item, beliefs, happening.today, paths.shape[1], terms.seed)
    following = lead_times(of_item, beliefs, happening.following, paths.shape[1], terms.seed)
    if horizon_days is None:
        ends = np.maximum(following.days + terms.review_days, today.days)
        interval_days = np.maximum(following.mean + terms.review_days, today.mean)
    else:
        ends = np.maximum(today.days, int(checked("horizon_days", horizon_days, low=1, high=3650)))
        interval_days = np.maximum(today.mean, float(horizon_days))
    items, of_item, positions = happening.items, _as_today(of_item, today.mean, today.sd), happening.stock
    cost = checked_array("unit_cost", _column([item.unit_cost for item in items]), names, low=0)
    price = checked_array("unit_price", _column([item.unit_price for item in items]), names, low=0)
    coming = on_the_way(positions, happening, beliefs, paths.shape[1], terms, warehouse)
    in_time = coming.in_time(interval_days)
    demand = interval_demand(paths, today.days, ends, terms.seed)
    return Situation(
        items=items,
        suppliers=of_item,
        stock=positions,
        models=tuple(forecast.models[row] for row in rows),
        demand=with_arrivals(demand, coming, in_time, paths, today.days, ends, terms.seed),
        daily_demand=daily,
        interval_days=interval_days,
        coming=coming,
        come_first=coming.until(today.days),
        come_in_time=coming.until(ends),
        arriving_in_time=in_time,
        unit_cost=cost,
        margin=np.maximum(price - cost, 0.01 * cost),
        minimum=checked_array("min_order_quantity", _column([item.min_order_quantity for item in items]), names, low=0),
        pack=checked_array("pack_size", _column([item.pack_size for item in items]), names, low=1),
        held=happening.held,
        events=happening.moved,
        beliefs=beliefs,
    )


def _as_today(suppliers: Sequence[Supplier], mean: Floats, sd: Floats) -> tuple[Supplier, ...]:
    """Return [N] the suppliers with the lead time of an order placed today, to a tenth of a day; unchanged ones as they are."""
    return tuple(
        supplier
        if abs(supplier.lead_time_days - days) < 1e-9
        else replace(supplier, lead_time_days=round(float(days), 1), lead_time_sd_days=round(float(spread), 1))
        for supplier, days, spread in zip(suppliers, mean, sd, strict=True)
    )


def _column(values: Sequence[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
