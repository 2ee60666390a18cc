"""Sentences on the stock of one item. Reads nothing."""

from collections.abc import Sequence
from datetime import date

from parstock.domain import InboundOrder, Item, StockPosition
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.recent import RECENT_DAYS
from tools.wording import day, days, named, number, rate, units


def tell_position(book: FactBook, item: Item, position: StockPosition, place: tuple[str, str]) -> None:
    """Say what is on hand, reserved, free and on order; `place` is where, in English and Chinese."""
    source = f"stock/{item.sku}/{position.warehouse}"
    book.add(
        "stock.on_hand",
        position.on_hand,
        "units",
        f"{item.name} has {units(position.on_hand)} on hand{place[0]}.",
        f"{named(item, 'zh')}{place[1]}现有库存{number(position.on_hand)}件。",
        source=source,
        required=True,
    )
    book.add(
        "stock.reserved",
        position.reserved,
        "units",
        f"{units(position.reserved)} of {item.name} {'is' if position.reserved == 1 else 'are'} reserved.",
        f"其中已预留{number(position.reserved)}件。",
        source=source,
    )
    book.add(
        "stock.available",
        position.available,
        "units",
        f"{units(position.available)} {'is' if position.available == 1 else 'are'} free to sell.",
        f"可售{number(position.available)}件。",
        source=source,
        required=position.reserved > 0,
    )
    book.add(
        "stock.on_order",
        position.on_order,
        "units",
        f"{units(position.on_order)} {'is' if position.on_order == 1 else 'are'} on order.",
        f"在途{number(position.on_order)}件。",
        source=f"purchase_orders/{item.sku}",
        required=True,
    )
    counted = position.as_of
    book.add(
        "stock.as_of",
        counted,
        "date",
        f"The stock was counted on {day(counted, 'en')}.",
        f"库存日期为{day(counted, 'zh')}。",
        source=source,
    )


def tell_inbound(book: FactBook, inbound: Sequence[InboundOrder], today: date) -> None:
    """Say when the next delivery is due, and whether it is late."""
    if not inbound:
        return
    order = inbound[0]
    late = order.due_on < today
    source = f"purchase_orders/{order.order_id}"
    book.add(
        "inbound.due",
        order.due_on,
        "date",
        f"The next delivery {'was' if late else 'is'} due on {day(order.due_on, 'en')}{' and is late' if late else ''}.",
        f"下一批{'原定' if late else '预计'}{day(order.due_on, 'zh')}到货{'，已延误' if late else ''}。",
        source=source,
    )
    book.add(
        "inbound.quantity",
        order.quantity,
        "units",
        f"It brings {units(order.quantity)}.",
        f"该批{number(order.quantity)}件。",
        source=source,
    )


def tell_cover(book: FactBook, item: Item, position: StockPosition, daily: float | None) -> None:
    """Say how long the stock lasts at the rate of late."""
    source = f"demand/{item.sku}"
    if daily is None:
        book.add(
            "demand.status",
            "not_recorded",
            "",
            "No sales are recorded, so days of cover are unknown.",
            "没有销售记录，可售天数未知。",
            source=source,
        )
        return
    book.add(
        "demand.daily",
        daily,
        "units a day",
        f"Over the last {days(RECENT_DAYS)} it sold {rate(daily)} a day.",
        f"最近{RECENT_DAYS}天平均每天售出{rate(daily)}件。",
        source=source,
    )
    if daily > 0:
        cover = max(0, position.available) / daily
        book.add(
            "stock.days_of_cover",
            round(cover, 1),
            "days",
            f"At that rate what is free to sell lasts {days(cover)}.",
            f"按此速度，可售库存还能卖{number(cover)}天。",
            source=source,
            required=True,
        )


def tell_reorder_point(book: FactBook, item: Item, position: StockPosition, reorder_point: float) -> None:
    """Compare the inventory position with the reorder point."""
    enough = position.inventory_position >= reorder_point
    book.add(
        "reorder_point",
        reorder_point,
        "units",
        f"The reorder point is {units(reorder_point)}, so there is {'enough' if enough else 'too little'}.",
        f"再订货点为{number(reorder_point)}件，库存{'充足' if enough else '不足'}。",
        source=f"plan/{item.sku}",
        direction="enough" if enough else "short",
    )
    book.add(
        "stock.position",
        position.inventory_position,
        "units",
        f"On hand less reserved plus on order makes {units(position.inventory_position)}.",
        f"库存位置（现有减预留加在途）为{number(position.inventory_position)}件。",
        source=f"stock/{item.sku}",
    )


def tell_spread(book: FactBook, item: Item, spread: Sequence[StockPosition], context: ToolContext) -> None:
    """Say how much each warehouse has."""
    for part in spread:
        place = context.warehouse_name(part.warehouse)
        book.add(
            "stock.on_hand",
            part.on_hand,
            "units",
            f"{units(part.on_hand)} {'is' if part.on_hand == 1 else 'are'} in {place}.",
            f"{place}有{number(part.on_hand)}件。",
            source=f"stock/{item.sku}/{part.warehouse}",
        )
