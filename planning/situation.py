"""The state of every item before anything is decided, checked and laid out as arrays. Decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from parstock.domain import LONGEST_LEAD_TIME_DAYS, Floats, Forecast, InboundOrder, Item, StockPosition, Supplier
from parstock.errors import InputError
from planning.base import PlanTerms, checked, checked_array
from planning.demand import IntervalDemand, interval_demand, sample_lead_times


@dataclass(frozen=True, eq=False, slots=True)
class Situation:
    """N items that can be planned."""

    items: tuple[Item, ...]
    suppliers: tuple[Supplier, ...]
    """[N] the supplier of each item."""
    stock: tuple[StockPosition, ...]
    """[N] stock of each item."""
    models: tuple[str, ...]
    """[N] forecaster of each item."""
    demand: IntervalDemand
    daily_demand: Floats
    """[N] mean units a day over the forecast horizon."""
    interval_days: Floats
    """[N] mean days to be covered by an order placed today."""
    arriving_first: Floats
    """[N] units on order that arrive before an order placed today would."""
    arriving_in_time: Floats
    """[N] units on order that arrive within the interval, `arriving_first` included."""
    unit_cost: Floats
    """[N] money."""
    margin: Floats
    """[N] money lost for a unit short: price - cost, or 1 % of the cost where that is not positive."""
    minimum: Floats
    """[N] least order, units."""
    pack: Floats
    """[N] units in a pack."""

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

    Stock on order counts when it is due before the interval ends; what `StockPosition.on_order` holds beyond the
    dated orders in `inbound` has no due date and counts as in time.

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
    lead_sd = checked_array(
        "lead_time_sd_days", _column([s.lead_time_sd_days for s in of_item]), names, low=0, high=LONGEST_LEAD_TIME_DAYS
    )
    row_of = {sku: row for row, sku in enumerate(forecast.items)}
    rows = np.array([row_of[sku] for sku in names], dtype=np.intp)
    paths = forecast.paths if np.array_equal(rows, np.arange(len(forecast.items))) else forecast.paths[rows]
    daily = checked_array("forecast demand", paths.mean(axis=(1, 2), dtype=np.float64), names, low=0)
    lead_times = sample_lead_times(lead_mean, lead_sd, paths.shape[1], terms.seed)
    if horizon_days is None:
        intervals = lead_times + terms.review_days
        interval_days = lead_mean + terms.review_days
    else:
        intervals = np.maximum(lead_times, int(checked("horizon_days", horizon_days, low=1, high=3650)))
        interval_days = np.maximum(lead_mean, float(horizon_days))
    cost = checked_array("unit_cost", _column([item.unit_cost for item in items]), names, low=0)
    price = checked_array("unit_price", _column([item.unit_price for item in items]), names, low=0)
    positions = tuple(stock[sku] for sku in names)
    first, in_time = _arriving(positions, inbound, lead_mean, interval_days, terms, warehouse)
    return Situation(
        items=tuple(items),
        suppliers=of_item,
        stock=positions,
        models=tuple(forecast.models[row] for row in rows),
        demand=interval_demand(paths, lead_times, intervals, terms.seed),
        daily_demand=daily,
        interval_days=interval_days,
        arriving_first=first,
        arriving_in_time=in_time,
        unit_cost=cost,
        margin=np.maximum(price - cost, 0.01 * cost),
        minimum=checked_array("min_order_quantity", _column([item.min_order_quantity for item in items]), names, low=0),
        pack=checked_array("pack_size", _column([item.pack_size for item in items]), names, low=1),
    )


def _column(values: Sequence[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _arriving(
    stock: tuple[StockPosition, ...],
    inbound: Sequence[InboundOrder],
    lead_days: Floats,
    interval_days: Floats,
    terms: PlanTerms,
    warehouse: str,
) -> tuple[Floats, Floats]:
    """Return [N] units on order that arrive before an order placed today, and [N] within the interval."""
    row_of = {position.item: row for row, position in enumerate(stock)}
    later, too_late = np.zeros(len(stock)), np.zeros(len(stock))
    first_day = [terms.as_of + timedelta(days=float(days)) for days in lead_days]
    last_day = [terms.as_of + timedelta(days=float(days)) for days in interval_days]
    for order in inbound:
        row = row_of.get(order.item)
        if row is None or (warehouse and order.warehouse != warehouse):
            continue
        later[row] += order.quantity * (order.due_on > first_day[row])
        too_late[row] += order.quantity * (order.due_on >= last_day[row])
    on_order = _column([position.on_order for position in stock])
    return np.maximum(on_order - later, 0.0), np.maximum(on_order - too_late, 0.0)
