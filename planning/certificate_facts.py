"""The facts on a plan as a whole: what is proven, what more money is worth, what cannot be had together. Computes nothing new."""

from collections.abc import Callable, Mapping

from parstock.results import Certificate, Conflict, Fact
from parstock.wording import money, named, number, units
from planning.decide import Decided
from planning.facts import Figure, Notebook

STEP = 100.0
"""Money that the worth of a larger budget is stated for."""
MOST_TOLD = 5
"""Conflicts that are told; all are in the data."""


def plan_facts(
    decided: Decided, certificate: Certificate, conflicts: tuple[Conflict, ...], budget: float | None
) -> tuple[Fact, ...]:
    """Return the sentences on a plan."""
    book = Notebook()
    _tell_certificate(book, certificate, decided.terms.currency)
    if certificate.budget_price is not None:
        _tell_budget_price(book, certificate, decided.terms.currency)
    for conflict in conflicts[:MOST_TOLD]:
        _tell_conflict(book, decided, conflict, budget)
    return book.filed


def _tell_certificate(book: Notebook, certificate: Certificate, currency: str) -> None:
    cost, bound, gap = (round(value, 2) for value in (certificate.recomputed_cost, certificate.lower_bound, certificate.gap))
    share = f"{number(100 * certificate.gap_share, 2)}%"
    shown = [money(value, currency) for value in (cost, bound, gap)]
    book.tell(
        f"The expected cost of this plan, lost margin and holding, is {shown[0]}; no plan within the limits costs less than "
        f"{shown[1]}, so it is at most {shown[2]} ({share}) from the best.",
        f"该计划的预期成本（缺货损失的毛利与持有成本）为{shown[0]}；在这些限制下任何计划都不低于{shown[1]}，"
        f"因此与最优计划最多相差{shown[2]}（{share}）。",
        Figure("certificate.expected_cost", cost, currency),
        Figure("certificate.lower_bound", bound, currency),
        Figure("certificate.gap", gap, currency),
        Figure("certificate.gap_share", round(100 * certificate.gap_share, 2), "%"),
        source="planner:portfolio",
        detail=True,
    )


def _tell_budget_price(book: Notebook, certificate: Certificate, currency: str) -> None:
    price = certificate.budget_price or 0.0
    step, worth = money(STEP, currency), round(STEP * price, 2)
    shown = Figure("budget.price", worth, currency), Figure("budget.step", STEP, currency)
    if worth <= 0:
        en, zh = f"A larger budget would save nothing: {step} more would be worth", f"增加预算没有好处：再多{step}值"
    else:
        en, zh = f"One more {step} of budget would be worth about", f"预算再增加{step}，约值"
    book.tell(
        f"{en} {money(worth, currency)}.", f"{zh}{money(worth, currency)}。", *shown, source="planner:portfolio", required=True
    )


def _tell_conflict(book: Notebook, decided: Decided, conflict: Conflict, budget: float | None) -> None:
    en, zh, *figures = _CONFLICTS[conflict.constraints](_Said(decided, conflict, budget))
    book.tell(en, zh, *figures, source=f"plan:{conflict.about}" if conflict.about else "plan", required=True)


class _Said:
    """What a sentence on a conflict shows."""

    def __init__(self, decided: Decided, conflict: Conflict, budget: float | None) -> None:
        things = {item.sku: item for item in decided.now.items} | {s.code: s for s in decided.now.suppliers}
        thing = things.get(conflict.about)
        self.en = named(thing, "en") if thing else conflict.about
        self.zh = named(thing, "zh") if thing else conflict.about
        self.to, self.currency, self.budget = conflict.to, decided.terms.currency, budget or 0.0

    @property
    def money_to(self) -> str:
        return money(self.to, self.currency)


_Sentence = tuple[str, str, Figure, Figure] | tuple[str, str, Figure]


def _small_order(said: _Said) -> _Sentence:
    have, need = money(said.budget, said.currency), said.money_to
    return (
        f"The budget of {have} pays for no order: the smallest one, of {said.en}, takes {need}. Raise the budget to {need}, "
        "or order nothing.",
        f"预算{have}不够下任何订单：最小的一单（{said.zh}）需要{need}。请把预算提高到{need}，或者不订货。",
        Figure("conflict.budget", said.to, said.currency),
        Figure("budget", said.budget, said.currency),
    )


def _small_supplier(said: _Said) -> _Sentence:
    have, need = money(said.budget, said.currency), said.money_to
    return (
        f"The budget of {have} is below the least order value of {said.en}, {need}: raise the budget to {need} or leave it out.",
        f"预算{have}低于{said.zh}的最低订货金额{need}：请把预算提高到{need}，或者不向其订货。",
        Figure("conflict.budget", said.to, said.currency),
        Figure("budget", said.budget, said.currency),
    )


def _no_room(said: _Said) -> _Sentence:
    return (
        f"There is no room for any order: it takes a capacity of {units(said.to)}.",
        f"没有空间容纳任何订单：容量至少需要{number(said.to)}件。",
        Figure("conflict.capacity", said.to, "units"),
    )


def _short_of_money(said: _Said) -> _Sentence:
    have, need = money(said.budget, said.currency), said.money_to
    return (
        f"The service levels cannot all be reached with the budget of {have}: that takes {need}.",
        f"预算{have}无法达到所有服务水平：需要{need}。",
        Figure("conflict.budget", said.to, said.currency),
        Figure("budget", said.budget, said.currency),
    )


def _short_of_room(said: _Said) -> _Sentence:
    return (
        f"The service levels cannot all be reached in the room there is: that takes a capacity of {units(said.to)}.",
        f"现有容量无法达到所有服务水平：需要{number(said.to)}件的容量。",
        Figure("conflict.capacity", said.to, "units"),
    )


def _unreachable_value(said: _Said) -> _Sentence:
    return (
        f"No order of {said.en} reaches its least value within the limits on cover: it would have to be {said.money_to} or less.",
        f"在库存上限内，{said.zh}的订单达不到最低订货金额：该金额须降到{said.money_to}或以下。",
        Figure("conflict.min_order_value", said.to, said.currency),
    )


def _too_large(said: _Said) -> _Sentence:
    return (
        f"The smallest order of {said.en} breaks its limit on cover: that would have to be {number(said.to, 1)} days.",
        f"{said.zh}的最小订单超过其可售天数上限：上限须为{number(said.to, 1)}天。",
        Figure("conflict.max_days_of_cover", said.to, "days"),
    )


_CONFLICTS: Mapping[tuple[str, ...], Callable[[_Said], _Sentence]] = {
    ("budget", "min_order_quantity"): _small_order,
    ("budget", "min_order_value"): _small_supplier,
    ("capacity", "min_order_quantity"): _no_room,
    ("budget", "service_level"): _short_of_money,
    ("capacity", "service_level"): _short_of_room,
    ("min_order_value", "max_days_of_cover"): _unreachable_value,
    ("min_order_quantity", "max_days_of_cover"): _too_large,
}
"""The limits in conflict -> the sentence in both languages with its figures."""
