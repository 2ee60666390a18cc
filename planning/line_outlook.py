"""The facts on what follows from one order: the chance of running out, fill rate, cover, and its terms. Computes nothing new."""

import numpy as np

from parstock.results import PlanLine
from parstock.wording import days, money, number, percent, shown_percent, whole_percent
from planning.decide import Decided
from planning.facts import Figure, Notebook

_LIKELY = 0.2  # a chance of running out before the order arrives that is worth a sentence


def tell_outlook(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    """Say how likely stock runs out before the order arrives; in detail what is served and for how long."""
    model, need = f"forecast:{line.model}", int(decided.decision.need[row])
    early = float(decided.outlook.early_stockout[row])
    fill, cycle, soon = percent(line.expected_fill_rate), percent(line.expected_cycle_service), whole_percent(early)
    en, zh = f"The chance of running out before it arrives is {soon}.", f"到货之前缺货的概率为{soon}。"
    if not line.quantity:
        en = f"The chance of running out before an order placed today would arrive is {soon}."
        zh = f"今天下单的货到达之前缺货的概率为{soon}。"
    shown = Figure("early_stockout", shown_percent(early), "%")
    book.tell(en, zh, shown, source=model, detail=early < _LIKELY or line.binding == "no_need")
    book.tell(
        f"The expected fill rate is {fill}, and stock lasts all of that time with a chance of {cycle}.",
        f"预计满足率为{fill}，库存维持整个期间的概率为{cycle}。",
        Figure("fill_rate", round(100 * line.expected_fill_rate, 1), "%"),
        Figure("cycle_service", round(100 * line.expected_cycle_service, 1), "%"),
        source=model,
        detail=True,
    )
    if line.days_of_cover is not None and line.binding != "no_need":
        cover = round(line.days_of_cover)
        short = cover < float(decided.now.interval_days[row])
        shown = Figure("days_of_cover", cover, "days", direction="short" if short and need > 0 else "")
        en, zh = f"What is there and on order covers {days(cover)} of mean demand", f"库存与在途合计可用约{number(cover)}天"
        en, zh = (f"{en}, which is short.", f"{zh}，不足。") if shown.direction else (f"{en}.", f"{zh}。")
        book.tell(en, zh, shown, source=f"stock:{line.item}", detail=True)


def tell_money(book: Notebook, decided: Decided, row: int, line: PlanLine) -> None:
    """Say in detail what money the item ties up, and what an order saves and costs until the next one can arrive."""
    currency, held = decided.terms.currency, line.on_hand + line.on_order + line.quantity
    value = round(held * line.unit_cost, 2)
    en, zh = f"{money(value, currency)} is tied up in stock and orders of it", f"库存与在途共占用资金{money(value, currency)}"
    if line.quantity:
        en, zh = f"{en}, this one included", f"{zh}（含本次订货）"
    book.tell(f"{en}.", f"{zh}。", Figure("tied_up", value, currency), source=f"stock:{line.item}", detail=True)
    if not line.quantity:
        return
    span, saved = float(decided.now.interval_days[row]), round(margin_saved(decided, row, line.quantity), 2)
    covered, model = Figure("covered_days", round(span, 1), "days"), f"forecast:{line.model}"
    book.tell(
        f"The order is expected to save {money(saved, currency)} of margin that stockouts would cost within {days(span)}.",
        f"预计可避免{number(span)}天内因缺货损失的毛利{money(saved, currency)}。",
        Figure("margin_saved", saved, currency),
        covered,
        source=model,
        detail=True,
    )
    holding = round(line.expected_holding_cost, 2)
    book.tell(
        f"Holding stock from its arrival to the end of that time costs about {money(holding, currency)}.",
        f"到货后至期末的库存持有成本约{money(holding, currency)}。",
        Figure("holding_cost", holding, currency),
        source=model,
        detail=True,
    )


def margin_saved(decided: Decided, row: int, quantity: float) -> float:
    """Return the mean margin, money, of the sales until the next order could arrive that an order of today makes possible.

    Sales with the order less sales without, on the sample paths and in the two stretches of `planning.decide.expect`.
    """
    now = decided.now
    first = now.demand.lead_time[row]
    second = now.demand.interval[row] - first
    shelf = now.stock[row].available + now.come_first[row]
    left = shelf - np.minimum(first, np.maximum(shelf, 0.0)) + now.come_in_time[row] - now.come_first[row]
    more = np.minimum(second, np.maximum(left + quantity, 0.0)) - np.minimum(second, np.maximum(left, 0.0))
    return float(now.margin[row] * more.mean())


def tell_terms(book: Notebook, decided: Decided, line: PlanLine) -> None:
    """Say in detail how often is ordered and what a unit costs."""
    currency = decided.terms.currency
    book.tell(
        f"Orders are placed every {days(line.review_days)}.",
        f"每{line.review_days}天订货一次。",
        Figure("review_period", line.review_days, "days"),
        source="settings",
        detail=True,
    )
    price = money(line.unit_cost, currency)
    figure = Figure("unit_cost", line.unit_cost, currency)
    book.tell(f"A unit costs {price}.", f"单价为{price}。", figure, source=f"item:{line.item}", detail=True)
