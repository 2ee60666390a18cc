"""The facts on what shapes or stops one order: minimum, packs, cover, budget, approval, holds. Computes nothing new."""

from collections.abc import Mapping

from parstock.results import Binding, PlanLine
from parstock.wording import money, named, number, units
from planning.decide import Decided
from planning.facts import Figure, Notebook
from planning.line_events import STOPPED, source_of, stopping_event

_SHORT: Mapping[Binding, tuple[str, str]] = {
    "budget": ("the budget does not pay for it", "预算不足"),
    "capacity": ("there is no room for it", "容量不足"),
}
"""What there is too little of -> why nothing is ordered."""


def tell_stopped(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    """Say that nothing is ordered although stock is short, and why."""
    item, plan = decided.now.items[row], f"plan:{line.item}"
    wanted, name_zh = round(float(decided.decision.wanted[row])), named(item, "zh")
    nothing = Figure("quantity", 0, "units", plan)
    if line.binding == "max_days_of_cover":
        least = max(-(-item.min_order_quantity // item.pack_size), 1) * item.pack_size
        (limit_en, limit_zh), cover, source = _cover(decided, row, line)
        book.tell(
            f"No order of {item.name} is placed: the smallest one of {units(least)} would break {limit_en}.",
            f"{name_zh}不订货：最小订单{number(least)}件会超过{limit_zh}。",
            Figure("binding", line.binding, ""),
            nothing,
            Figure("smallest_order", least, "units", f"item:{line.item}"),
            cover,
            source=source,
            required=True,
        )
        return
    if line.binding == "min_order_value":
        _tell_left_out(book, decided, row, nothing)
        return
    if line.binding in _SHORT:
        source, (en, zh) = plan, _SHORT[line.binding]
    elif stopped := stopping_event(decided.now, row):
        source = source_of(stopped)
        en, zh = STOPPED[stopped.type]
        en, zh = f"{en} [{source}]", f"{zh} [{source}]"
    elif item.active:
        source = decided.rules.order_hold.ids(row)[0]
        en, zh = f"ordering is on hold [{source}]", f"该商品已暂停订货 [{source}]"
    else:
        source, en, zh = plan, "it is no longer bought", "该商品已停止采购"
    book.tell(
        f"No order of {item.name} is placed: {en}.",
        f"{name_zh}不订货：{zh}。",
        Figure("binding", line.binding, ""),
        nothing,
        source=source,
        required=True,
    )
    if wanted and item.active:
        otherwise = Figure("wanted", wanted, "units")
        en, zh = f"Otherwise {units(wanted)} would be ordered.", f"否则应订{number(wanted)}件。"
        book.tell(en, zh, otherwise, source=plan)


def _tell_left_out(book: Notebook, decided: Decided, row: int, nothing: Figure) -> None:
    """Say that the supplier's orders do not reach its least value and are not worth raising to it."""
    item, supplier, currency = decided.now.items[row], decided.now.suppliers[row], decided.terms.currency
    mine = decided.decision.shared.supplier == decided.decision.shared.supplier[row]
    needed = round(float(decided.decision.alone[mine] @ decided.now.unit_cost[mine]), 2)
    least, source = float(decided.least_value[row]), _value_source(decided, row)
    most, shown = round(float(decided.decision.shared.reachable[row]), 2), money(least, currency)
    figures = [Figure("min_order_value", least, currency)]
    why_en = f"raising them to its least order value of {shown} would cost more than it saves"
    why_zh = f"凑足其最低订货金额{shown}得不偿失"
    if most < least:
        figures.append(Figure("supplier_most", most, currency, f"supplier:{supplier.code}"))
        why_en = f"even {money(most, currency)}, the most that limits on cover allow, is below its least order value of {shown}"
        why_zh = f"库存上限内最多可订{money(most, currency)}，仍低于其最低订货金额{shown}"
    book.tell(
        f"No order of {item.name} is placed: all orders from {supplier.name} come to {money(needed, currency)}, and {why_en} "
        f"[{source}].",
        f"{named(item, 'zh')}不订货：向{named(supplier, 'zh')}的订货合计{money(needed, currency)}，{why_zh} [{source}]。",
        Figure("binding", "min_order_value", ""),
        nothing,
        Figure("supplier_total", needed, currency, f"supplier:{supplier.code}", direction="short"),
        *figures,
        source=source,
        required=True,
    )


def tell_lots(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    """Say how the minimum order and packs make an order of a need; in detail only where they change nothing."""
    item, need = decided.now.items[row], int(decided.decision.need[row])
    wanted = round(float(decided.decision.wanted[row]))
    least, pack = item.min_order_quantity, item.pack_size
    minimum, packs = Figure("min_order_quantity", least, "units"), Figure("pack_size", pack, "units")
    total = Figure("wanted", wanted, "units", f"plan:{line.item}")
    source, told = f"item:{line.item}", bool(line.quantity)
    if wanted > need and need < least:
        if wanted == least:
            en, zh = f"That is raised to the minimum order of {units(least)}.", f"提高到最小起订量{number(least)}件。"
            book.tell(en, zh, minimum, total, source=source, detail=not told)
            return
        book.tell(
            f"That is raised to {units(wanted)}: the minimum order is {number(least)}, in packs of {number(pack)}.",
            f"提高到{number(wanted)}件：最小起订量{number(least)}件，每箱{number(pack)}件。",
            minimum,
            packs,
            total,
            source=source,
            detail=not told,
        )
        return
    if wanted > need:
        en = f"That is rounded up to {units(wanted)}, in packs of {number(pack)}."
        zh = f"按每箱{number(pack)}件向上取整为{number(wanted)}件。"
        book.tell(en, zh, packs, total, source=source, detail=not told)
    else:
        en, zh = f"The pack size is {units(pack)}.", f"每箱{number(pack)}件。"
        book.tell(en, zh, packs, source=source, detail=True)
    book.tell(f"The minimum order is {units(least)}.", f"最小起订量为{number(least)}件。", minimum, source=source, detail=True)


def tell_limits(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    """Say what cuts an order, and what a person has to agree to."""
    item, plan = decided.now.items[row], f"plan:{line.item}"
    cut = Figure("ordered", line.quantity, "units", plan)
    if line.quantity and line.binding == "max_days_of_cover":
        (limit_en, limit_zh), cover, source = _cover(decided, row, line)
        en = f"It is cut to {number(line.quantity)} to keep {limit_en}."
        zh = f"为不超过{limit_zh}，减到{number(line.quantity)}件。"
        book.tell(en, zh, Figure("binding", line.binding, ""), cut, cover, source=source, required=True)
    elif line.quantity and line.binding == "capacity":
        en, zh = f"There is room for only {number(line.quantity)} of them.", f"容量只够{number(line.quantity)}件。"
        book.tell(en, zh, Figure("binding", line.binding, ""), cut, source=plan, required=True)
    elif line.quantity and line.binding == "budget":
        en, zh = f"The budget pays for only {number(line.quantity)} of them.", f"预算只够订{number(line.quantity)}件。"
        book.tell(en, zh, Figure("binding", line.binding, ""), cut, source=plan, required=True)
    if decided.needs_approval[row]:
        _tell_approval(book, decided, row)
    if line.quantity and line.binding == "min_order_value":
        _tell_raised(book, decided, row)
    if line.binding == "no_need" and not item.active:
        book.add("item.inactive", "inactive", "", "It is no longer bought.", "该商品已停止采购。", source=plan)
    elif line.binding == "no_need" and (held := decided.rules.order_hold.ids(row)):
        en, zh = f"Ordering it is on hold anyway [{held[0]}].", f"该商品目前也已暂停订货 [{held[0]}]。"
        book.add("order_hold", held[0], "name", en, zh, source=held[0])


def _cover(decided: Decided, row: int, line: PlanLine) -> tuple[tuple[str, str], Figure, str]:
    """The limit on days of cover in both languages, as a figure, and its source: a clause or the item's shelf life."""
    most = float(decided.decision.cover_days[row])
    shown = number(most, 1)
    if not decided.clause_limits_cover[row]:
        source = f"item:{line.item}"
        return (f"its shelf life of {shown} days", f"保质期{shown}天"), Figure("cover_limit", most, "days"), source
    source = decided.rules.max_days_of_cover.ids(row)[0]
    said = f"the limit of {shown} days of cover [{source}]", f"库存上限{shown}天 [{source}]"
    return said, Figure("cover_limit", most, "days"), source


def _tell_approval(book: Notebook, decided: Decided, row: int) -> None:
    limit, currency = float(decided.rules.approval_limit.value[row]), decided.terms.currency
    (source,) = decided.rules.approval_limit.ids(row)
    en = f"It needs approval, being above the limit of {money(limit, currency)} [{source}]."
    zh = f"该订单超过{money(limit, currency)}的审批限额 [{source}]，需要审批。"
    book.tell(en, zh, Figure("approval_limit", limit, currency), source=source, required=True)


def _tell_raised(book: Notebook, decided: Decided, row: int) -> None:
    """Say that the order is larger than needed so that its supplier's orders reach their least value."""
    least, currency = float(decided.least_value[row]), decided.terms.currency
    supplier, alone = decided.now.suppliers[row], float(decided.decision.alone[row])
    source = _value_source(decided, row)
    shown = money(least, currency)
    instead_en = f"raised from {number(alone)} units" if alone else "placed now"
    instead_zh = f"由{number(alone)}件提高" if alone else "提前下单"
    book.tell(
        f"It is {instead_en} so that the orders from {supplier.name} reach the least order value of {shown} [{source}].",
        f"{instead_zh}，使向{named(supplier, 'zh')}的订货达到最低订货金额{shown} [{source}]。",
        Figure("min_order_value", least, currency),
        *((Figure("needed", alone, "units"),) if alone else ()),
        source=source,
        required=True,
    )


def _value_source(decided: Decided, row: int) -> str:
    """The clause with the least order value of the item's supplier."""
    return next(iter(decided.rules.min_order_value.ids(row)), f"supplier:{decided.now.suppliers[row].code}")
