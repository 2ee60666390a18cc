"""The facts of one plan line, in the order in which a planner would redo the arithmetic. Computes nothing new."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from parstock.domain import Fact, Floats, PlanLine
from planning.decide import Decided
from planning.facts import Notebook, count, days, money, percent, units

_FAR = timedelta(days=365)  # a later order-by date says nothing
_VERDICTS = {
    "enough": (", which is enough", "，充足"),
    "short": (", which is short", "，不足"),
    "": (" of mean demand", "的平均需求"),
}
_SHAPED = {
    "": ("Nothing limits the quantity.", "数量不受任何限制。"),
    "pack_size": ("The quantity is rounded up to whole packs.", "数量已向上取整到整箱。"),
    "min_order_quantity": ("The minimum order makes the quantity larger than the need.", "受最小起订量影响，数量高于缺口。"),
    "budget": ("The budget does not pay for the whole quantity.", "预算不足以支付全部数量。"),
    "no_need": ("The stock position is enough, so nothing is ordered.", "库存头寸充足，因此不订货。"),
    "approval_limit": ("The order needs approval before it is placed.", "该订单须经审批后才能下达。"),
}


def line_facts(decided: Decided, lines: Sequence[PlanLine], lead_demand: Floats) -> list[tuple[Fact, ...]]:
    """Return the facts of every line.

    Args:
        decided: The catalogue as planned.
        lines: [N] its lines.
        lead_demand: [N] mean units demanded over the lead time, rounded as shown.
    """
    needs_approval, below_value = decided.needs_approval, decided.below_order_value
    written = []
    for row, line in enumerate(lines):
        book = Notebook()
        position = _stock(book, decided, row, line)
        _levels(book, decided, row, line, float(lead_demand[row]))
        _order(book, decided, row, line, position)
        _binding(book, decided, row, line)
        if needs_approval[row]:
            _approval(book, decided, row, line)
        if below_value[row]:
            _order_value(book, decided, row, line)
        _outlook(book, decided, row, line)
        written.append(book.facts)
    return written


def _stock(book: Notebook, decided: Decided, row: int, line: PlanLine) -> int:
    """Say what is there and coming; return the stock position as shown."""
    item, source = decided.now.items[row], f"stock:{line.item}"
    in_time = int(decided.now.arriving_in_time[row])
    late, position = line.on_order - in_time, line.on_hand - line.reserved + in_time
    hand, held, coming = count(line.on_hand), count(line.reserved), count(in_time)
    name_zh = item.name_zh or item.name
    en, zh = f"Stock on hand of {item.name} is {units(line.on_hand)}.", f"{name_zh}现有库存{hand}件。"
    book.add("stock.on_hand", line.on_hand, "units", en, zh, source)
    en, zh = f"Reserved stock is {units(line.reserved)}.", f"已预留{held}件。"
    book.add("stock.reserved", line.reserved, "units", en, zh, source)
    en, zh = f"Stock on order that is due in time is {units(in_time)}.", f"在途且能按时到货{coming}件。"
    book.add("stock.on_order", in_time, "units", en, zh, f"orders:{line.item}")
    if late > 0:
        en, zh = f"Stock on order that is due too late to count is {units(late)}.", f"另有{count(late)}件在途到货太晚，不计入。"
        book.add("stock.on_order_late", late, "units", en, zh, f"orders:{line.item}")
    en = f"The stock position is {units(position)}: {hand} on hand - {held} reserved + {coming} on order in time."
    zh = f"库存头寸为{count(position)}件：现有{hand} - 预留{held} + 按时在途{coming}。"
    book.add("stock.position", position, "units", en, zh, source)
    return position


def _levels(book: Notebook, decided: Decided, row: int, line: PlanLine, lead_demand: float) -> None:
    model, policy = f"forecast:{line.model}", f"planner:{decided.terms.policy}"
    lead, review, span = count(line.lead_time_days), count(line.review_days), count(float(decided.now.interval_days[row]))
    supplier = decided.now.suppliers[row]
    en, zh = f"The lead time of {supplier.name} is {days(line.lead_time_days)}.", f"{supplier.name}的交货期为{lead}天。"
    book.add("lead_time", line.lead_time_days, "days", en, zh, f"supplier:{supplier.code}")
    en, zh = f"The time between two ordering occasions is {days(line.review_days)}.", f"两次订货时机相隔{review}天。"
    book.add("review_period", line.review_days, "days", en, zh, "settings")
    wanted = count(line.expected_lead_time_demand)
    en = f"Expected demand over the {span} days to be covered is {units(line.expected_lead_time_demand)}."
    zh = f"需覆盖的{span}天内预计需求为{wanted}件。"
    book.add("expected_demand", line.expected_lead_time_demand, "units", en, zh, model)
    source = decided.level_source(row)
    origin = {
        "request": ("as asked for", "按要求设定"),
        "costs": ("from margin and holding cost", "由毛利与持有成本得出"),
        "settings": ("the default", "默认值"),
    }.get(source, (f"from {source}", f"依据{source}"))
    level = percent(line.service_level)
    en, zh = f"The target service level is {level} ({origin[0]}).", f"目标服务水平为{level}（{origin[1]}）。"
    book.add("service_level", round(100 * line.service_level, 1), "%", en, zh, source)
    safety, point, lead_units = count(line.safety_stock), count(line.reorder_point), count(lead_demand)
    en = f"Expected demand over the lead time of {lead} days is {units(lead_demand)}."
    book.add("lead_time_demand", lead_demand, "units", en, f"{lead}天交货期内预计需求为{lead_units}件。", model)
    en, zh = f"Safety stock is {units(line.safety_stock)}.", f"安全库存为{safety}件。"
    book.add("safety_stock", line.safety_stock, "units", en, zh, policy)
    en = f"The reorder point is {units(line.reorder_point)}: {lead_units} over the lead time + {safety} safety stock."
    zh = f"再订货点为{point}件：交货期需求{lead_units} + 安全库存{safety}。"
    book.add("reorder_point", line.reorder_point, "units", en, zh, policy)
    up_to = count(line.order_up_to)
    en = f"The order-up-to level is {units(line.order_up_to)}."
    book.add("order_up_to", line.order_up_to, "units", en, f"目标库存水平为{up_to}件。", policy)


def _order(book: Notebook, decided: Decided, row: int, line: PlanLine, position: int) -> None:
    item, plan = decided.now.items[row], f"plan:{line.item}"
    name_zh, need = item.name_zh or item.name, int(decided.decision.need[row])
    if need > 0:
        en = f"The need is {units(need)}: {count(line.order_up_to)} - {count(position)}."
        zh = f"缺口为{count(need)}件：{count(line.order_up_to)} - {count(position)}。"
        book.add("need", need, "units", en, zh, plan)
        least, pack = count(item.min_order_quantity), count(item.pack_size)
        en, zh = f"The minimum order is {units(item.min_order_quantity)}.", f"最小起订量为{least}件。"
        book.add("min_order_quantity", item.min_order_quantity, "units", en, zh, f"item:{line.item}")
        en, zh = f"The pack size is {units(item.pack_size)}.", f"每箱{pack}件。"
        book.add("pack_size", item.pack_size, "units", en, zh, f"item:{line.item}")
    if line.quantity:
        en, zh = f"Order {units(line.quantity)} of {item.name}.", f"订购{count(line.quantity)}件{name_zh}。"
    else:
        en, zh = f"Order 0 units of {item.name} now.", f"现在订购0件{name_zh}。"
    book.add("quantity", line.quantity, "units", en, zh, plan, required=True)
    if line.order_by is not None and line.order_by - decided.terms.as_of <= _FAR:
        day = line.order_by.isoformat()
        en, zh = f"Order by {day} to keep the safety stock.", f"最迟{day}下单，以保住安全库存。"
        book.add("order_by", day, "date", en, zh, plan)
    if line.quantity:
        cost, price = money(line.cost, decided.terms.currency), money(line.unit_cost, decided.terms.currency)
        en, zh = f"The order costs {cost} at {price} a unit.", f"订单金额为{cost}，单价{price}。"
        book.add("cost", line.cost, decided.terms.currency, en, zh, plan)


def _binding(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    source = f"plan:{line.item}"
    if line.binding == "max_days_of_cover":
        en, zh, source = _cover(decided, row, line)
    elif line.binding != "order_hold":
        en, zh = _SHAPED[line.binding]
    elif decided.now.items[row].active:
        source = decided.rules.order_hold.ids(row)[0]
        en, zh = f"Ordering is on hold ({source}), so nothing is ordered.", f"订货已暂停（{source}），因此不订货。"
    else:
        en, zh = "The item is no longer bought, so nothing is ordered.", "该商品已停止采购，因此不订货。"
    stops = line.binding in {"order_hold", "max_days_of_cover", "budget"}
    book.add("binding", line.binding, "", en, zh, source, required=stops, direction="enough" if line.binding == "no_need" else "")


def _cover(decided: Decided, row: int, line: PlanLine) -> tuple[str, str, str]:
    days = float(decided.decision.cover_days[row])
    by_clause = bool(decided.clause_limits_cover[row])
    source = decided.rules.max_days_of_cover.ids(row)[0] if by_clause else f"item:{line.item}"
    reason = (f"the limit of {count(days)} days of cover ({source})", f"库存覆盖上限{count(days)}天（{source}）")
    if not by_clause:
        reason = (f"the shelf life of {count(days)} days", f"保质期{count(days)}天")
    if line.quantity:
        return f"The quantity is cut to keep {reason[0]}.", f"为不超过{reason[1]}，数量已削减。", source
    item = decided.now.items[row]
    least = max(-(-item.min_order_quantity // item.pack_size), 1) * item.pack_size
    en = f"Nothing is ordered: the smallest order of {units(least)} would break {reason[0]}."
    return en, f"不订货：最小订单{count(least)}件会超过{reason[1]}。", source


def _approval(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    limit, currency = float(decided.rules.approval_limit.value[row]), decided.terms.currency
    (source,) = decided.rules.approval_limit.ids(row)
    en = f"The order needs approval: it is above the limit of {money(limit, currency)} ({source})."
    zh = f"该订单超过{money(limit, currency)}的审批限额（{source}），需要审批。"
    book.add("approval_limit", limit, currency, en, zh, source, required=True)


def _order_value(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    least, currency = float(decided.rules.min_order_value.value[row]), decided.terms.currency
    total = round(float(decided.decision.supplier_total[row]), 2)
    supplier = decided.now.suppliers[row]
    (source,) = decided.rules.min_order_value.ids(row)
    en, zh = (
        f"All orders from {supplier.name} come to {money(total, currency)}.",
        f"{supplier.name}的订单合计{money(total, currency)}。",
    )
    book.add("supplier_total", total, currency, en, zh, f"supplier:{supplier.code}")
    en = f"That is below the least order value of {money(least, currency)} ({source})."
    zh = f"低于最低订货金额{money(least, currency)}（{source}）。"
    book.add("min_order_value", least, currency, en, zh, source, required=True, direction="short")


def _outlook(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    model, share = f"forecast:{line.model}", float(decided.outlook.early_stockout[row])
    fill, cycle, early = percent(line.expected_fill_rate), percent(line.expected_cycle_service), percent(share)
    en, zh = f"The expected fill rate is {fill}.", f"预计满足率为{fill}。"
    book.add("fill_rate", round(100 * line.expected_fill_rate, 1), "%", en, zh, model)
    en = f"The chance that stock covers all of that time is {cycle}."
    book.add("cycle_service", round(100 * line.expected_cycle_service, 1), "%", en, f"库存覆盖整个期间的概率为{cycle}。", model)
    en = f"The chance of running out before an order placed today arrives is {early}."
    zh = f"在今天下单的货到达之前缺货的概率为{early}。"
    book.add("early_stockout", round(100 * share, 1), "%", en, zh, model)
    if line.days_of_cover is not None:
        verdict = _verdict(decided, row, line.days_of_cover)
        cover = count(line.days_of_cover)
        said = _VERDICTS[verdict]
        en, zh = f"Stock and orders cover {cover} days{said[0]}.", f"库存与在途可覆盖{cover}天{said[1]}。"
        book.add("days_of_cover", line.days_of_cover, "days", en, zh, f"stock:{line.item}", direction=verdict)


def _verdict(decided: Decided, row: int, cover: float) -> Literal["enough", "short", ""]:
    """Say whether cover is enough; nothing where it is long on average but not safe, or comes too late."""
    if decided.decision.need[row] <= 0:
        return "enough"
    return "short" if cover < decided.now.interval_days[row] else ""
