"""Sentences on a delivery that is split over the warehouses. Computes nothing new."""

from parstock.domain import ClauseKind
from parstock.wording import day, days, named, number, shown_percent, units
from planning.allocation import Split
from planning.rules import apply_clauses
from tools._delivery import Delivery
from tools._network import amount, called, on_day
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.plans import plan_terms


def tell_split(book: FactBook, delivery: Delivery, best: Split, plain: Split, currency: str) -> None:
    """Say who gets how much, what follows from it, and what it costs against a split in proportion to sales."""
    item, places = delivery.item, delivery.shop.places
    shares = [(called(places[site]), int(count)) for site, count in enumerate(best.units) if count]
    listed_en = ", ".join(f"{number(count)} to {name[0]}" for name, count in shares)
    listed_zh = "，".join(f"{name[1]}{number(count)}件" for name, count in shares)
    en, zh = f"Split {units(delivery.quantity)} of {item.name}: {listed_en}.", f"的分配：{listed_zh}。"
    if len(shares) == 1 and shares[0][1] == delivery.quantity:
        only = shares[0][0]
        en, zh = f"Give all {units(delivery.quantity)} of {item.name} to {only[0]}.", f"全部分给{only[1]}。"
    book.tell(
        en,
        f"{number(delivery.quantity)}件{named(item, 'zh')}{zh}",
        *(Figure("allocation", count, "units") for _, count in shares),
        Figure("allocation.total", delivery.quantity, "units", "question" if delivery.order is None else ""),
        source=f"allocation/{item.sku}",
        required=True,
    )
    for site in range(len(places)):
        _tell_place(book, delivery, best, site)
    _tell_cost(book, delivery, best, plain, currency)
    loose = delivery.quantity % item.pack_size
    if loose and len(places) > 1:
        here = called(places[delivery.at])
        book.tell(
            f"Whole packs of {number(item.pack_size)} are sent; the {units(loose)} left over stay in {here[0]}.",
            f"按每箱{number(item.pack_size)}件整箱发送，余下的{number(loose)}件留在{here[1]}。",
            Figure("allocation.loose", loose, "units"),
            Figure("item.pack_size", item.pack_size, "units", f"items/{item.sku}"),
            source=f"allocation/{item.sku}",
            detail=True,
        )


def _tell_place(book: FactBook, delivery: Delivery, best: Split, site: int) -> None:
    """Say what one warehouse's share does for it."""
    item, name = delivery.item, called(delivery.shop.places[site])
    count, needed = int(best.units[site]), delivery.receivers.need[site]
    daily = float(delivery.shop.network.daily[0, site])
    next_en, next_zh = on_day(delivery.shop.arrival(int(delivery.until[site])))
    before, after = (shown_percent(float((needed > limit).mean())) for limit in (0, count))
    figures = [
        Figure("stockout.after", after, "%", f"forecast:{item.sku}"),
        Figure("next_receipt", delivery.shop.arrival(int(delivery.until[site])), "date"),
    ]
    shown = f"{number(after, 1)}%"
    en, zh = (
        f"In {name[0]} the chance of running out before the next receipt, about {next_en}, is {shown}",
        f"{name[1]}在下次到货（约{next_zh}）前缺货的概率为{shown}",
    )
    if count and before != after:
        figures.append(Figure("stockout.before", before, "%", f"forecast:{item.sku}"))
        en, zh = f"{en} instead of {number(before, 1)}%", f"{zh}（不分配则为{number(before, 1)}%）"
    if daily > 0:
        lasts = round((float(delivery.stock[site]) + count) / daily)
        came_en, came_zh = on_day(delivery.shop.arrival(int(delivery.days[site])))
        figures += [
            Figure("allocation.cover", lasts, "days", f"forecast:{item.sku}"),
            Figure("allocation.arrives", delivery.shop.arrival(int(delivery.days[site])), "date"),
        ]
        en, zh = f"{en}; from {came_en} on its stock lasts {days(lasts)}", f"{zh}；{came_zh}起库存可卖约{number(lasts)}天"
    book.tell(f"{en}.", f"{zh}。", *figures, source=f"allocation/{item.sku}")


def _tell_cost(book: FactBook, delivery: Delivery, best: Split, plain: Split, currency: str) -> None:
    """Say what the split costs, what a split in proportion to sales would, and what is proven."""
    item = delivery.item
    cost, freight, lost, other = (amount(value, currency) for value in (best.cost, best.transport, best.lost_margin, plain.cost))
    counts = "/".join(number(int(count)) for count in plain.units)
    figures = [
        Figure("allocation.cost", round(best.cost, 2), currency),
        Figure("allocation.transport_cost", round(best.transport, 2), currency),
        Figure("allocation.lost_margin", round(best.lost_margin, 2), currency, f"forecast:{item.sku}"),
    ]
    en = f"That costs {cost}: {freight} of transport and {lost} of margin expected to be lost"
    zh = f"预计成本{cost}：运输费{freight}，预计少赚毛利{lost}"
    if round(best.cost, 2) == 0:
        en, zh = "That costs nothing: no transport and no margin expected to be lost", "没有运输费，预计也不少赚毛利"
    if len(plain.units) > 1 and (plain.units != best.units).any():
        figures.append(Figure("allocation.cost_in_proportion", round(plain.cost, 2), currency))
        figures += [Figure("allocation.in_proportion", int(count), "units") for count in plain.units]
        en, zh = (
            f"{en}; split by recent sales ({counts}) it would cost {other}",
            f"{zh}；若按近期销量比例分配（{counts}），则为{other}",
        )
    elif len(plain.units) > 1:
        en, zh = (
            f"{en}; a split by recent sales, as far as it is allowed, is the same",
            f"{zh}；在允许范围内按近期销量比例分配，结果相同",
        )
    book.tell(f"{en}.", f"{zh}。", *figures, source=f"allocation/{item.sku}", required=True)
    bound = amount(best.lower_bound, currency)
    book.add(
        "allocation.lower_bound",
        round(best.lower_bound, 2),
        currency,
        f"No split in whole packs costs less than {bound}.",
        f"任何整箱分配的成本都不低于{bound}。",
        source=f"allocation/{item.sku}",
        detail=True,
    )


def tell_limits(book: FactBook, delivery: Delivery, best: Split, context: ToolContext) -> list[str]:
    """Say which warehouses could not be given more; return the ids of the clauses that keep them from it."""
    found: list[str] = []
    receivers = delivery.receivers
    for site, place in enumerate(delivery.shop.places):
        room, name = float(receivers.room[site]), called(place)
        wants = float(receivers.need[site].max()) > best.units[site]
        if site == delivery.at or not wants or best.units[site] + receivers.pack <= room:
            continue
        en, zh, clause, value, unit = _limit(delivery, site, context)
        if clause:
            found.append(clause)
            book.add(
                "allocation.limit",
                value,
                unit,
                f"{name[0]} gets no more: {en} [{clause}].",
                f"{name[1]}不能再多分：{zh} [{clause}]。",
                source=clause,
                required=True,
            )
    return found


def _limit(delivery: Delivery, site: int, context: ToolContext) -> tuple[str, str, str, float | str, str]:
    """What keeps a warehouse from getting more: English, Chinese, clause, value and unit."""
    lanes, currency = delivery.shop.lanes, context.settings.currency
    if (held := lanes.clause("transfer_hold", 0, delivery.at, site)) is not None:
        return "none may be sent there", "制度不允许发往该仓", held.id, held.id, "name"
    least = lanes.clause("transfer_min_value", 0, delivery.at, site)
    if least is not None and not delivery.receivers.room[site]:
        shown = amount(least.value, currency)
        return f"a line must be worth at least {shown}", f"每行货值至少{shown}", least.id, least.value, currency
    applied = apply_clauses(
        "max_days_of_cover", context.clauses(), [delivery.item], [context.supplier_of(delivery.item)], plan_terms(context)
    )
    if applied.clause[0] < 0:
        return "", "", "", 0.0, ""
    clause = applied.clauses[applied.clause[0]]
    return (
        f"at most {days(clause.value)} of cover are allowed",
        f"可售天数上限为{number(clause.value)}天",
        clause.id,
        clause.value,
        "days",
    )


def lane_clauses(delivery: Delivery, site: int) -> list[str]:
    """Ids of the clauses that say what a share costs and how long it takes."""
    kinds: tuple[ClauseKind, ...] = ("transfer_cost", "transfer_unit_cost", "transfer_days")
    found = (delivery.shop.lanes.clause(kind, 0, delivery.at, site) for kind in kinds)
    return [clause.id for clause in found if clause is not None]


def tell_order(book: FactBook, delivery: Delivery) -> None:
    """State that the next open order is split."""
    order = delivery.order
    if order is None:
        return
    here, count, number_of = called(delivery.shop.places[delivery.at]), order.quantity, order.order_id
    book.default(
        "quantity",
        count,
        f"By default the next order is split: {units(count)} of {number_of}.",
        f"默认分配下一笔在途：{number_of}的{number(count)}件。",
        shown=count,
        unit="units",
    )
    en, zh = (
        f"{number_of} is due in {here[0]} on {day(order.due_on, 'en')}",
        f"{number_of}预计{day(order.due_on, 'zh')}到{here[1]}",
    )
    if order.due_on < delivery.shop.today:
        en = f"{number_of} was due in {here[0]} on {day(order.due_on, 'en')}; it is taken to come today"
        zh = f"{number_of}原定{day(order.due_on, 'zh')}到{here[1]}，按今天到货计算"
    due = Figure("order.due", order.due_on, "date"), Figure("order.id", number_of, "name")
    book.tell(f"{en}.", f"{zh}。", *due, source=f"purchase_orders/{number_of}")


def tell_place(book: FactBook, delivery: Delivery) -> None:
    """State where the goods are taken to be."""
    here = called(delivery.shop.places[delivery.at])
    book.default(
        "from_warehouse",
        delivery.shop.places[delivery.at].code,
        f"The goods are taken to be in {here[0]} today, which sells most of it.",
        f"假定这批货今天在{here[1]}，该仓卖得最多。",
    )
