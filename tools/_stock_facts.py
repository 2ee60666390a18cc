"""Sentences on the stock of one item. Reads nothing."""

from collections.abc import Mapping, Sequence
from datetime import date

from parstock.domain import InboundOrder, Item, StockPosition, Warehouse
from parstock.wording import day, days, named, number, rate, units
from tools.factbook import FactBook, Figure
from tools.recent import RECENT_DAYS


def tell_position(book: FactBook, item: Item, position: StockPosition, place: tuple[str, str]) -> None:
    """Say what is on hand, reserved and free; `place` is where, in English and Chinese."""
    hand, held, free = position.on_hand, position.reserved, position.available
    en = f"{item.name} has {units(hand)} on hand{place[0]}" if hand else f"{item.name} has nothing on hand{place[0]}"
    zh = f"{named(item, 'zh')}{place[1]}现有库存{number(hand)}件" if hand else f"{named(item, 'zh')}{place[1]}没有库存"
    if held:
        en += f": {number(held)} reserved and {number(free) if free > 0 else 'nothing'} free to sell"
        zh += f"，其中预留{number(held)}件，{f'可售{number(free)}件' if free > 0 else '没有可售'}"
    elif hand:
        en, zh = f"{en}, all free to sell", f"{zh}，全部可售"
    book.tell(
        f"{en}.",
        f"{zh}。",
        Figure("stock.on_hand", hand, "units"),
        Figure("stock.available", free, "units"),
        Figure("stock.reserved", held, "units"),
        source=f"stock/{item.sku}/{position.warehouse}",
        required=True,
    )


def tell_inbound(book: FactBook, item: Item, position: StockPosition, inbound: Sequence[InboundOrder], today: date) -> None:
    """Say what is on order, when the next delivery is due, and whether it is late."""
    source, coming = f"purchase_orders/{item.sku}", position.on_order
    if not coming:
        book.add("stock.on_order", 0, "units", "Nothing is on order.", "没有在途。", source=source, required=True)
        return
    en, zh = f"{units(coming)} {'is' if coming == 1 else 'are'} on order", f"在途{number(coming)}件"
    figures = [Figure("stock.on_order", coming, "units")]
    if inbound:
        order = inbound[0]
        late, batch = order.due_on < today, order.quantity
        figures += [Figure("inbound.due", order.due_on, "date", f"purchase_orders/{order.order_id}")]
        figures += [Figure("inbound.quantity", batch, "units", f"purchase_orders/{order.order_id}")]
        part_en, part_zh = ("", "") if batch == coming else (f"{number(batch)} of them ", f"其中{number(batch)}件")
        if late:
            en += f"; {part_en or 'they '}were due on {day(order.due_on, 'en')} and are late"
        else:
            en += f", {part_en}due on {day(order.due_on, 'en')}"
        zh += f"，{part_zh}{'原定' if late else '预计'}{day(order.due_on, 'zh')}到货{'，已延误' if late else ''}"
    book.tell(f"{en}.", f"{zh}。", *figures, source=source, required=True)


def tell_cover(book: FactBook, item: Item, position: StockPosition, daily: float | None) -> None:
    """Say how long the stock lasts at the recent rate."""
    source = f"demand/{item.sku}"
    if daily is None:
        en, zh = "No sales are recorded, so days of cover are unknown.", "没有销售记录，可售天数未知。"
        book.add("demand.status", "not_recorded", "", en, zh, source=source)
        return
    figures = [Figure("demand.daily", daily, "units a day")]
    if daily == 0:
        en, zh = "It sold nothing of late.", "近期没有销售。"
    elif position.available <= 0:
        en, zh = f"It sold {rate(daily)} a day of late.", f"近期日均售出{rate(daily)}件。"
    else:
        cover = position.available / daily
        lasts = round(cover) if cover >= 1 else round(cover, 1)
        figures.insert(0, Figure("stock.days_of_cover", lasts, "days"))
        shown = number(lasts, 1)
        unit = "day" if lasts == 1 else "days"
        en = f"At the recent rate of {rate(daily)} a day that lasts {shown} {unit}."
        zh = f"按近期日均{rate(daily)}件计算，还能卖{shown}天。"
    book.tell(en, zh, *figures, source=source, required=True)
    en, zh = f"Sales are those of the last {days(RECENT_DAYS)}.", f"近期指最近{RECENT_DAYS}天。"
    book.add("demand.days", RECENT_DAYS, "days", en, zh, source=source, detail=True)


def tell_reorder_point(book: FactBook, item: Item, position: StockPosition, reorder_point: float) -> None:
    """Compare the inventory position with the reorder point."""
    held, point = position.inventory_position, round(reorder_point)
    enough = held >= point
    en = f"The position of {units(held)} is {'at or above' if enough else 'below'} the reorder point of {number(point)}"
    zh = f"库存头寸{number(held)}件，{'不低于' if enough else '低于'}再订货点{number(point)}件"
    book.tell(
        f"{en}: {'enough' if enough else 'too little'}.",
        f"{zh}，库存{'充足' if enough else '不足'}。",
        Figure("reorder_point", point, "units", direction="enough" if enough else "short"),
        Figure("stock.position", held, "units", f"stock/{item.sku}"),
        source=f"plan/{item.sku}",
    )


def tell_spread(book: FactBook, item: Item, spread: Sequence[StockPosition], warehouses: Mapping[str, Warehouse]) -> None:
    """Say how much each warehouse has."""
    places = [(warehouses[part.warehouse], part.on_hand) for part in spread]
    en = "; ".join(f"{place.name} {number(count) if count else 'none'}" for place, count in places)
    zh = "，".join(f"{named(place, 'zh')} {f'{number(count)}件' if count else '没有'}" for place, count in places)
    book.tell(
        f"By warehouse: {en}.",
        f"各仓现有：{zh}。",
        *(Figure("stock.on_hand", part.on_hand, "units", f"stock/{item.sku}/{part.warehouse}") for part in spread),
        source=f"stock/{item.sku}",
    )


def tell_counted(book: FactBook, item: Item, counted: date, today: date) -> None:
    """Say when the stock was counted; only a count that is not of today matters."""
    en, zh = f"Counted on {day(counted, 'en')}.", f"盘点日期{day(counted, 'zh')}。"
    book.add("stock.as_of", counted, "date", en, zh, source=f"stock/{item.sku}", detail=counted == today)
