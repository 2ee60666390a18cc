"""Sentences on moving stock between warehouses. Computes nothing new."""

from collections.abc import Sequence

from parstock.domain import Item
from parstock.wording import days, named, number, shown_percent, units, whole_percent
from planning.transfers import Option
from tools._network import ShopNetwork, amount, called, on_day
from tools.factbook import FactBook, Figure

MOST_TOLD = 8
"""Moves that are facts of their own; all are in the data."""
WORTH_TELLING = 1.0
"""Expected loss, money, below which nothing is said of a shortage."""
MOST_REASONS = 3
"""Warehouses of which it is said why nothing is sent there."""


def tell_move(book: FactBook, shop: ShopNetwork, move: Option, currency: str) -> None:
    """Say what to move, what it earns and costs, and what happens at both ends."""
    item, source, _ = _ends(shop, move)
    route_en, route_zh = _route(shop, move)
    gain, model = amount(move.gain, currency), f"forecast:{item.sku}"
    book.tell(
        f"Move {units(move.quantity)} of {item.name} {route_en}: about {gain} better than waiting.",
        f"建议将{number(move.quantity)}件{named(item, 'zh')}{route_zh}，预计比等待多得{gain}。",
        Figure("transfer.quantity", move.quantity, "units"),
        Figure("transfer.gain", round(move.gain, 2), currency),
        source=f"transfers/{item.sku}",
        required=True,
    )
    when_en, when_zh = on_day(shop.arrival(move.days))
    saved, freight, risk = (amount(value, currency) for value in (move.saved, move.transport, move.risk))
    figures = [
        Figure("transfer.arrives", shop.arrival(move.days), "date"),
        Figure("transfer.days", move.days, "days"),
        Figure("transfer.saved_margin", round(move.saved, 2), currency, model),
        Figure("transfer.transport_cost", round(move.transport, 2), currency),
    ]
    risk_en, risk_zh = f"no sales are put at risk in {source[0]}", f"{source[1]}不会因此少卖"
    if round(move.risk, 2) > 0:
        figures.append(Figure("transfer.risk", round(move.risk, 2), currency, model))
        risk_en, risk_zh = f"{risk} of margin is put at risk in {source[0]}", f"{source[1]}预计因此少赚毛利{risk}"
    cited = shop.cited("transfer_cost", move.row, move.source, move.target)
    book.tell(
        f"It arrives about {when_en}, after {days(move.days)}, and saves sales worth {saved} of margin. Transport costs {freight}"
        f"{cited}, and {risk_en}.",
        f"约{number(move.days)}天后（{when_zh}）到货，可保住毛利{saved}；运输费{freight}{cited}，{risk_zh}。",
        *figures,
        source=f"transfers/{item.sku}",
    )
    _tell_buying(book, shop, move, currency)
    tell_chances(book, shop, move)


def tell_chances(book: FactBook, shop: ShopNetwork, move: Option) -> None:
    """Say how likely either end runs out, with the move and without."""
    item, source, target = _ends(shop, move)
    shares = (move.target_short, move.target_short_after, move.source_short, move.source_short_after)
    shown = [whole_percent(share) for share in shares]
    end = shop.arrival(int(shop.network.until[move.row]))
    end_en, end_zh = on_day(end)
    left = round(move.kept)
    book.tell(
        f"Chance of running out from then to {end_en}: {target[0]} {shown[0]} without it and {shown[1]} with it, {source[0]} "
        f"{shown[2]} and {shown[3]}, where {units(left)} {'stays' if left == 1 else 'stay'} free.",
        f"此后至{end_zh}的缺货概率：{target[1]}不调为{shown[0]}，调后为{shown[1]}；{source[1]}分别为{shown[2]}和{shown[3]}，"
        f"仍有{number(left)}件可用。",
        Figure("target.stockout", shown_percent(shares[0]), "%"),
        Figure("target.stockout_after", shown_percent(shares[1]), "%"),
        Figure("source.stockout", shown_percent(shares[2]), "%"),
        Figure("source.stockout_after", shown_percent(shares[3]), "%"),
        Figure("source.left", left, "units", f"stock/{item.sku}"),
        Figure("looked_until", end, "date", f"suppliers/{item.supplier}"),
        source=f"forecast:{item.sku}",
    )


def _tell_buying(book: FactBook, shop: ShopNetwork, move: Option, currency: str) -> None:
    """Compare with buying and with waiting."""
    item, _, target = _ends(shop, move)
    lead, wanted = int(shop.network.lead_days[move.row]), amount(move.wanted, currency)
    figures = [
        Figure("supplier.lead_time", lead, "days", f"suppliers/{item.supplier}"),
        Figure("waiting.lost_margin", round(move.wanted, 2), currency),
    ]
    en, zh = f"Ordered today it would take {days(lead)}", f"今天向供应商订货要{number(lead)}天到货"
    if not shop.network.may_buy[move.row]:
        en, zh = "Ordering it is on hold", "该商品暂停订货"
        figures.pop(0)
    elif move.buying > 0:
        worth = amount(move.buying, currency)
        figures.append(Figure("buying.gain", round(move.buying, 2), currency))
        en, zh = f"{en} and save at most {worth} after the cost of the order", f"{zh}，扣除订货费最多挽回{worth}"
    else:
        en, zh = f"{en}, too late to earn the cost of an order", f"{zh}，来不及收回订货费"
    book.tell(
        f"{en}; waiting is expected to lose {wanted} of margin in {target[0]}.",
        f"{zh}；等待则{target[1]}预计损失毛利{wanted}。",
        *figures,
        source=f"forecast:{item.sku}",
        required=True,
    )


def tell_nothing(
    book: FactBook, shop: ShopNetwork, left: Sequence[Option], currency: str, *, others: bool, into: int | None
) -> None:
    """Say that moving nothing (more) of the one item is best, and why.

    Args:
        book: Where to say it.
        shop: The item alone.
        left: Every lane that would save anything, best first.
        currency: ISO code.
        others: Whether there are moves that do pay.
        into: The only receiver that was asked for.
    """
    item = shop.items[0]
    if not others:
        en, zh = f"It is best not to move any {item.name}.", f"{named(item, 'zh')}目前不调拨最好。"
        book.add("transfer.quantity", 0, "units", en, zh, source=f"transfers/{item.sku}", required=True)
        worst = max((option.wanted for option in left), default=0.0)
        if worst < WORTH_TELLING:
            _tell_no_shortage(book, shop, worst, currency, into)
    told: set[int] = set()
    for option in sorted(left, key=lambda option: -option.gain):
        if option.target not in told and len(told) < MOST_REASONS and option.wanted >= WORTH_TELLING:
            told.add(option.target)
            _tell_reason(book, shop, option, currency, required=not others)


def _tell_no_shortage(book: FactBook, shop: ShopNetwork, worst: float, currency: str, into: int | None) -> None:
    """Say that no warehouse, or not the one asked for, is expected to lose sales that matter."""
    subject_en, subject_zh = (
        ("No warehouse is", "各仓") if into is None else (f"{called(shop.places[into])[0]} is not", called(shop.places[into])[1])
    )
    item, until = shop.items[0], int(shop.network.until[0])
    figures = [Figure("days_ahead", until, "days", f"suppliers/{item.supplier}")]
    en, zh = "any sales", "不会缺货"
    if round(worst, 2) > 0:
        figures.append(Figure("waiting.lost_margin", round(worst, 2), currency))
        most = amount(worst, currency)
        en, zh = f"more than {most} of margin", f"最多损失毛利{most}"
    book.tell(
        f"{subject_en} expected to lose {en} in the next {days(until)}, by when the next regular order could be there.",
        f"未来{number(until)}天内（到下次订货到货为止），{subject_zh}预计{zh}。",
        *figures,
        source=f"forecast:{item.sku}",
        required=True,
    )


def _tell_reason(book: FactBook, shop: ShopNetwork, option: Option, currency: str, *, required: bool) -> None:
    """Say what speaks against one lane."""
    item, source, target = _ends(shop, option)
    wanted = Figure("waiting.lost_margin", round(option.wanted, 2), currency, f"forecast:{item.sku}")
    loses_en = f"{target[0]} is expected to lose {amount(option.wanted, currency)} of margin"
    loses_zh = f"{target[1]}预计损失毛利{amount(option.wanted, currency)}"
    figures = [wanted]
    lane = option.row, option.source, option.target
    if option.hindrance == "held":
        en = f"{loses_en}, but no transfer from {source[0]} is allowed{shop.cited('transfer_hold', *lane)}."
        zh = f"{loses_zh}，但制度不允许从{source[1]}调拨{shop.cited('transfer_hold', *lane)}。"
    elif option.hindrance == "nothing_to_spare":
        free, keeps = round(shop.network.free[option.row, option.source]), float(shop.lanes.keep_days[lane])
        figures.append(Figure("source.free", free, "units", f"stock/{item.sku}"))
        en, zh = (
            f"{loses_en}, but {source[0]} can spare no full pack of its {number(free)} free",
            f"{loses_zh}，但{source[1]}可用的{number(free)}件",
        )
        if keeps:
            figures.append(Figure("transfer.keep_days", keeps, "days"))
            cited = shop.cited("transfer_keep_days", *lane)
            en, zh = f"{en}: it keeps {days(keeps)} of its own sales{cited}", f"{zh}要留足{number(keeps)}天销量{cited}"
        en, zh = f"{en}.", f"{zh}，腾不出整箱。"
    elif option.hindrance == "too_late":
        figures.append(Figure("transfer.days", option.days, "days"))
        en = f"{loses_en}, but nothing sent from {source[0]} would be there in time, after {days(option.days)}."
        zh = f"{loses_zh}，但从{source[1]}调拨要{number(option.days)}天，来不及。"
    elif option.hindrance == "no_room":
        en, zh = (
            f"{loses_en}, but its stock has reached the cover that policies allow.",
            f"{loses_zh}，但其库存已达制度允许的可售天数上限。",
        )
    elif option.hindrance == "too_small":
        least, cited = float(shop.lanes.least_value[lane]), shop.cited("transfer_min_value", *lane)
        figures.append(Figure("transfer.least_value", least, currency))
        en = (
            f"{loses_en}, but too little could be moved from {source[0]} for a line of at least {amount(least, currency)}{cited}."
        )
        zh = f"{loses_zh}，但从{source[1]}能调的太少，不到每行最低金额{amount(least, currency)}{cited}。"
    else:
        en, zh, more = _priced_out(shop, option, currency, loses_en, loses_zh)
        figures += more
    book.tell(en, zh, *figures, source=f"transfers/{item.sku}", required=required, detail=not required)


def _priced_out(shop: ShopNetwork, option: Option, currency: str, loses_en: str, loses_zh: str) -> tuple[str, str, list[Figure]]:
    """Why a lane that could be used does not pay."""
    _, source, _ = _ends(shop, option)
    count, freight = option.quantity, option.transport
    figures = [Figure("option.quantity", count, "units"), Figure("option.saved_margin", round(option.saved, 2), currency)]
    if option.hindrance == "buying_better":
        figures = [
            Figure("option.quantity", count, "units"),
            Figure("option.gain", round(option.gain, 2), currency),
            Figure("buying.gain", round(option.buying, 2), currency),
        ]
        gain, buying = amount(option.gain, currency), amount(option.buying, currency)
        en = f"{loses_en}; {units(count)} from {source[0]} would earn {gain}, an order placed today up to {buying}."
        zh = f"{loses_zh}；从{source[1]}调{number(count)}件可得{gain}，而今天订货最多可得{buying}。"
        return en, zh, figures
    figures.append(Figure("option.transport_cost", round(freight, 2), currency))
    saved, paid, risk = (amount(value, currency) for value in (option.saved, freight, option.risk))
    en = f"{loses_en}; {units(count)} from {source[0]} would save {saved} but cost {paid} of transport"
    zh = f"{loses_zh}；从{source[1]}调{number(count)}件可挽回{saved}，但运输费{paid}"
    if round(option.risk, 2) > 0:
        figures.append(Figure("option.risk", round(option.risk, 2), currency))
        en, zh = f"{en} and {risk} of margin there", f"{zh}，{source[1]}还会少赚{risk}"
    return f"{en}.", f"{zh}。", figures


def tell_shop(
    book: FactBook, shop: ShopNetwork, moves: Sequence[Option], left: Sequence[Option], asked: int, currency: str
) -> None:
    """Say which moves pay over many items, best first, and why others do not."""
    items = len({move.row for move in moves})
    total = sum(move.gain for move in moves)
    figures = [Figure("transfers", len(moves), "transfers"), Figure("items", asked, "items")]
    if moves:
        figures.append(Figure("transfers.gain", round(total, 2), currency))
        end_en, end_zh = ("; the best:", "，最值得的是：") if len(moves) > MOST_TOLD else (":", "：")
        gain = amount(total, currency)
        count = f"{number(len(moves))} {'transfer' if len(moves) == 1 else 'transfers'}"
        en = f"{count} among {number(asked)} items would pay off, worth about {gain} more than waiting{end_en}"
        zh = f"{number(asked)}种商品中有{number(len(moves))}笔调拨划算，合计比等待多得约{gain}{end_zh}"
    else:
        en, zh = f"No transfer pays among {number(asked)} items.", f"{number(asked)}种商品中没有划算的调拨。"
    book.tell(en, zh, *figures, source="transfers", required=True)
    for move in moves[:MOST_TOLD]:
        _tell_line(book, shop, move, currency)
    if len(moves) > MOST_TOLD:
        rest = len(moves) - MOST_TOLD
        en, zh = f"And {number(rest)} more.", f"另有{number(rest)}笔。"
        book.add("transfers.more", rest, "transfers", en, zh, source="transfers", required=True)
    if moves:
        book.add(
            "transfers.items",
            items,
            "items",
            f"They are of {number(items)} items.",
            f"涉及{number(items)}种商品。",
            source="transfers",
            detail=True,
        )
    _tell_hindered(book, left)


def _tell_line(book: FactBook, shop: ShopNetwork, move: Option, currency: str) -> None:
    item = shop.items[move.row]
    route_en, route_zh = _route(shop, move)
    gain, freight = amount(move.gain, currency), amount(move.transport, currency)
    book.tell(
        f"{units(move.quantity)} of {item.name} {route_en}: worth {gain} after {freight} of transport.",
        f"{named(item, 'zh')}：{number(move.quantity)}件{route_zh}，扣除运输费{freight}后多得{gain}。",
        Figure("transfer.quantity", move.quantity, "units"),
        Figure("transfer.gain", round(move.gain, 2), currency),
        Figure("transfer.transport_cost", round(move.transport, 2), currency),
        source=f"transfers/{item.sku}",
        required=True,
    )


def _tell_hindered(book: FactBook, left: Sequence[Option]) -> None:
    """Say in detail why the shortages that are left are not met by a move: each receiver by its best lane."""
    best: dict[tuple[int, int], Option] = {}
    for option in left:
        key = option.row, option.target
        if key not in best or option.gain > best[key].gain:
            best[key] = option
    for hindrance, (en, zh) in _COUNTED.items():
        count = sum(option.hindrance == hindrance for option in best.values())
        if count:
            text = f"{number(count)} possible {'shortage' if count == 1 else 'shortages'} {en}."
            book.add(
                f"left.{hindrance}",
                count,
                "shortages",
                text,
                f"另有{number(count)}处可能缺货{zh}。",
                source="transfers",
                detail=True,
            )


_COUNTED = {
    "too_dear": ("would cost more to meet by a transfer than it saves", "，调拨得不偿失"),
    "nothing_to_spare": ("cannot be met as no warehouse has a pack to spare", "，其他仓腾不出整箱"),
    "buying_better": ("are better met by an order", "，订货更划算"),
    "held": ("may not be met by a transfer under the policies", "，制度不允许调拨"),
    "too_late": ("would come before a transfer arrives", "，调拨来不及"),
    "no_room": ("are where policies allow no more cover", "，库存已达制度上限"),
    "too_small": ("are too small for a line of a transfer", "，数量不够一行调拨"),
}


def _ends(shop: ShopNetwork, option: Option) -> tuple[Item, tuple[str, str], tuple[str, str]]:
    """The item, and both warehouses in both languages."""
    return shop.items[option.row], called(shop.places[option.source]), called(shop.places[option.target])


def _route(shop: ShopNetwork, option: Option) -> tuple[str, str]:
    """From where to where, in both languages."""
    _, source, target = _ends(shop, option)
    return f"from {source[0]} to {target[0]}", f"从{source[1]}调到{target[1]}"
