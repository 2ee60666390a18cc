"""The tool `get_stock`: what is there, what is coming, how long it lasts."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import numpy as np

from parstock.domain import InboundOrder, Item, Json, StockPosition
from parstock.errors import InsufficientData
from parstock.results import Chart, ToolResult
from parstock.wording import named
from tools import _stock_facts
from tools.base import Scope, ToolArguments, tools
from tools.charts import projected_stock, receipts, stock_chart
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.plans import plan_items
from tools.recent import RECENT_DAYS, recent_demand

CHART_DAYS = 56
"""Days ahead that the picture shows."""


@tools.register("get_stock")
class GetStock:
    """Tells one product's inventory position."""

    name: ClassVar[str] = "get_stock"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which item, and where."""

        item: str
        warehouse: str | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Read the position, what is on order, and what sold lately."""
        item = context.names.resolve_item(args.item)
        warehouse = context.warehouse_code(args.warehouse)
        book = FactBook(context)
        position = next(iter(context.records.stock([item.sku], warehouse)), None)
        if position is None:
            return self._nothing_known(book, item, warehouse, context)
        inbound = context.records.inbound([item.sku], warehouse)
        daily = recent_demand(context, item.sku, warehouse)
        reorder_point = _reorder_point(context, item, warehouse)
        today = _today(context, position)
        spread = () if warehouse else context.records.stock_by_warehouse(item.sku)
        _stock_facts.tell_position(book, item, position, _place(context, warehouse))
        _stock_facts.tell_cover(book, item, position, daily)
        _stock_facts.tell_inbound(book, item, position, inbound, today)
        if reorder_point is not None:
            _stock_facts.tell_reorder_point(book, item, position, reorder_point)
        if len(spread) > 1:
            _stock_facts.tell_spread(book, item, spread, context.shelf().warehouses)
        _stock_facts.tell_counted(book, item, position.as_of, today)
        book.item(item)
        book.warehouse(warehouse)
        data: dict[str, Json] = {
            **_row(position),
            "name": item.name,
            "available": position.available,
            "inventory_position": position.inventory_position,
            "mean_daily_demand": daily,
            "demand_days": RECENT_DAYS,
            "days_of_cover": None if not daily else round(max(0, position.available) / daily, 1),
            "reorder_point": reorder_point,
            "warehouses": [_row(part) for part in spread],
            "inbound": [_order_row(order) for order in inbound],
        }
        chart = None if daily is None else _chart(item, position, inbound, daily, reorder_point, today)
        return ToolResult(self.name, data, book.facts(), chart=chart, defaults=book.defaults())

    def _nothing_known(self, book: FactBook, item: Item, warehouse: str, context: ToolContext) -> ToolResult:
        place_en, place_zh = _place(context, warehouse)
        book.add(
            "stock.status",
            "not_recorded",
            "",
            f"No stock of {item.name} is recorded{place_en}.",
            f"没有{named(item, 'zh')}{place_zh}的库存记录。",
            source="stock",
            required=True,
        )
        book.item(item)
        book.warehouse(warehouse)
        return ToolResult(
            self.name,
            {"item": item.sku, "name": item.name, "warehouse": warehouse, "status": "not_recorded"},
            book.facts(),
            defaults=book.defaults(),
        )


def _place(context: ToolContext, warehouse: str) -> tuple[str, str]:
    """Where, as the end of an English and the middle of a Chinese clause."""
    if not warehouse:
        return "", ""
    place = context.shelf().warehouses[warehouse]
    return f" in {place.name}", f"在{named(place, 'zh')}"


def _today(context: ToolContext, position: StockPosition) -> date:
    """The planner's today, or the day of the count where no sales are recorded."""
    try:
        return context.as_of()
    except InsufficientData:
        return position.as_of


def _reorder_point(context: ToolContext, item: Item, warehouse: str) -> float | None:
    """Units below which an order is due; None where the item cannot be planned."""
    try:
        line = plan_items(context, [item], warehouse, facts=False).lines[0]
    except InsufficientData:
        return None
    return round(line.reorder_point, 1) if line.status == "ok" else None


def _chart(
    item: Item,
    position: StockPosition,
    inbound: Sequence[InboundOrder],
    daily: float,
    reorder_point: float | None,
    today: date,
) -> Chart:
    """Stock running down at the recent rate, refilled by what is on order."""
    arriving = receipts(inbound, today, CHART_DAYS)
    levels = projected_stock(max(0, position.available), np.full((1, CHART_DAYS), daily), arriving)[0]
    return stock_chart(item, today, {"projected_stock": levels}, reorder_point)


def _row(position: StockPosition) -> dict[str, Json]:
    return {
        "item": position.item,
        "warehouse": position.warehouse,
        "on_hand": position.on_hand,
        "reserved": position.reserved,
        "on_order": position.on_order,
        "as_of": position.as_of.isoformat(),
    }


def _order_row(order: InboundOrder) -> dict[str, Json]:
    return {
        "order_id": order.order_id,
        "warehouse": order.warehouse,
        "supplier": order.supplier,
        "quantity": order.quantity,
        "ordered_on": order.ordered_on.isoformat(),
        "due_on": order.due_on.isoformat(),
    }
