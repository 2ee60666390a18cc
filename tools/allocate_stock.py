"""The tool `allocate_stock`: split a delivery over the warehouses at the least transport and expected lost margin."""

from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from parstock.domain import Json
from parstock.results import Chart, ToolResult
from parstock.wording import named
from planning.allocation import Split, proportional, split
from tools import _allocation_facts
from tools._delivery import Delivery, delivery_of
from tools._network import tell_lane
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook


@tools.register("allocate_stock")
class AllocateStock:
    """Splits a delivery of one product."""

    name: ClassVar[str] = "allocate_stock"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """What to split, and how much of it."""

        item: str
        quantity: Annotated[int, Field(ge=1)] | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Split the quantity, or the next open order."""
        item = context.names.resolve_item(args.item)
        delivery = delivery_of(item, args.quantity, context)
        best, delivery = _obeying(delivery)
        plain = proportional(delivery.quantity, delivery.shares, delivery.receivers)
        book, currency = FactBook(context), context.settings.currency
        _allocation_facts.tell_split(book, delivery, best, plain, currency)
        clauses = _allocation_facts.tell_limits(book, delivery, best, context)
        lanes = [site for site, units in enumerate(best.units) if units and site != delivery.at]
        for site in lanes or [site for site in range(len(best.units)) if site != delivery.at][:1]:
            found = tell_lane(book, delivery.shop.lanes, 0, delivery.at, site, context) if site in lanes[:1] or not lanes else ()
            clauses += found or _allocation_facts.lane_clauses(delivery, site)
        book.item(item)
        _tell_defaults(book, args, delivery)
        citations = context.citations(clauses)
        book.cited(citations)
        data, chart = _data(delivery, best, plain), _chart(delivery, best)
        return ToolResult(self.name, data, book.facts(), chart, citations, defaults=book.defaults())


def _obeying(delivery: Delivery) -> tuple[Split, Delivery]:
    """The best split of which no line is worth less than policies want; too small lines are given up, smallest first.

    What no split goes below is proven where all lines are allowed.
    """
    least = delivery.shop.lanes.least_value[0, delivery.at]
    bound = np.inf
    while True:
        best = split(delivery.quantity, delivery.receivers)
        bound = min(bound, best.lower_bound)
        worth = best.units * delivery.item.unit_cost
        small = [s for s in np.flatnonzero(best.units) if s != delivery.at and worth[s] < least[s]]
        if not small:
            return replace(best, lower_bound=bound), delivery
        room = delivery.receivers.room.copy()
        room[min(small, key=lambda site: float(worth[site]))] = 0.0
        delivery = replace(delivery, receivers=replace(delivery.receivers, room=room))


def _tell_defaults(book: FactBook, args: AllocateStock.Arguments, delivery: Delivery) -> None:
    """State what is split where no quantity was given, and where it is taken to be where one was."""
    if args.quantity is None:
        _allocation_facts.tell_order(book, delivery)
    else:
        _allocation_facts.tell_place(book, delivery)


def _data(delivery: Delivery, best: Split, plain: Split) -> dict[str, Json]:
    daily = delivery.shop.network.daily[0]
    lines: list[Json] = []
    for site, place in enumerate(delivery.shop.places):
        needed, units = delivery.receivers.need[site], int(best.units[site])
        lines.append(
            {
                "warehouse": place.code,
                "name": place.name,
                "quantity": units,
                "in_proportion": int(plain.units[site]),
                "arrives_on": delivery.shop.arrival(int(delivery.days[site])).isoformat(),
                "next_receipt_on": delivery.shop.arrival(int(delivery.until[site])).isoformat(),
                "stock_then": round(float(delivery.stock[site]), 1),
                "days_of_cover": round((delivery.stock[site] + units) / daily[site], 1) if daily[site] > 0 else None,
                "stockout_before": round(float((needed > 0).mean()), 4),
                "stockout_after": round(float((needed > units).mean()), 4),
            }
        )
    return {
        "item": delivery.item.sku,
        "name": delivery.item.name,
        "quantity": delivery.quantity,
        "pack_size": delivery.item.pack_size,
        "order": delivery.order.order_id if delivery.order else None,
        "from_warehouse": delivery.shop.places[delivery.at].code,
        "lines": lines,
        "cost": round(best.cost, 2),
        "transport_cost": round(best.transport, 2),
        "expected_lost_margin": round(best.lost_margin, 2),
        "lower_bound": round(best.lower_bound, 2),
        "cost_in_proportion": round(plain.cost, 2),
    }


def _chart(delivery: Delivery, best: Split) -> Chart:
    """What every warehouse is given, and how long its stock then lasts, in whole days as the sentences say it."""
    daily = delivery.shop.network.daily[0]
    lasts = np.divide(delivery.stock + best.units, daily, out=np.full(len(daily), np.nan), where=daily > 0)
    return Chart(
        f"Allocation of {delivery.item.name}",
        f"{named(delivery.item, 'zh')}的分配",
        "units",
        (),
        {
            "quantity": tuple(float(count) for count in best.units),
            "days_of_cover": tuple(float(round(days)) if np.isfinite(days) else None for days in lasts),
        },
        units={"days_of_cover": "days"},
        labels=tuple(place.name for place in delivery.shop.places),
        labels_zh=tuple(named(place, "zh") for place in delivery.shop.places),
    )
