"""The facts on what follows from one order: the chance of running out, fill rate, cover, and its terms. Computes nothing new."""

from parstock.results import PlanLine
from parstock.wording import days, money, number, percent, whole_percent
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
    shown = Figure("early_stockout", round(100 * early, 1 if early < 0.0995 else 0), "%")
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
