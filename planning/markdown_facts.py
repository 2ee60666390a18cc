"""The facts on a markdown: which price from when, what is left with it and without, how sure that is. Computes nothing new."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np

from parstock.domain import Item
from parstock.results import Fact
from parstock.wording import day, money, named, number, units
from planning.elasticity import PRIOR_MEAN, PRIOR_SD
from planning.facts import Figure, Notebook
from planning.markdown import PERIOD_DAYS, Markdown

Verdict: TypeAlias = Literal["markdown", "keep", "no_excess", "at_floor"]
_SHOWN_CUT = 10
"""Percent of price by which an elasticity is explained."""
_ADVERTISED = 0.8
"""From this share of promotions on, price and advertising cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is believed of one item's elasticity, and from what."""

    value: float
    standard_error: float
    own_changes: int
    pooled_items: int
    pooled_changes: int
    promoted: float
    """Share of days at lower prices that were promotions; NaN where unknown."""
    category: str

    @property
    def source(self) -> Literal["own", "category", "prior"]:
        """What it rests on most nearly."""
        return "own" if self.own_changes else "category" if self.pooled_items else "prior"


@dataclass(frozen=True, slots=True)
class Case:
    """One item's markdown as it is to be told."""

    item: Item
    today: date
    clear_by: date
    target_stock: int
    floor: float
    """Money below which no price may fall."""
    floor_clause: str
    """Id of the clause that sets it, "" where the default does."""
    learned: Learned
    markdown: Markdown
    currency: str

    @property
    def price(self) -> float:
        """The present price."""
        return float(self.markdown.season.prices[0])

    @property
    def left(self) -> tuple[int, int]:
        """Expected units left at the end: at the present price, and under the plan; the units to keep are not among them."""
        return round(self.markdown.kept.left), round(self.markdown.sale.left)

    @property
    def steps(self) -> tuple[tuple[date, float], ...]:
        """First day and price of each step down, if sales go as expected."""
        path = np.concatenate([[0], self.markdown.path])
        weeks = np.flatnonzero(np.diff(path))
        first = self.today
        return tuple(
            (first + timedelta(days=PERIOD_DAYS * int(week)), float(self.markdown.season.prices[path[week + 1]]))
            for week in weeks
        )

    @property
    def verdict(self) -> Verdict:
        """What to do."""
        if self.markdown.kept.left < max(0.5, 0.02 * self.markdown.season.stock):
            return "no_excess"
        if self.markdown.season.prices.size == 1:
            return "at_floor"
        return "markdown" if self.markdown.lowers and self.markdown.gain > 0 else "keep"


def markdown_facts(case: Case) -> tuple[Fact, ...]:
    """Return the facts in the order in which they are told."""
    book = Notebook()
    {"markdown": _tell_path, "keep": _tell_keep, "no_excess": _tell_no_excess, "at_floor": _tell_at_floor}[case.verdict](
        book, case
    )
    if case.verdict == "markdown":
        _tell_left(book, case)
        _tell_money(book, case)
        _tell_gain(book, case)
    _tell_elasticity(book, case, detail=case.verdict in {"no_excess", "at_floor"})
    _tell_floor(book, case)
    _tell_terms(book, case)
    return book.filed


def _tell_path(book: Notebook, case: Case) -> None:
    price, (first, *later) = money(case.price, case.currency), case.steps
    en_when, zh_when = _from(first[0], case.today)
    to = money(first[1], case.currency)
    en = f"Mark {case.item.name} down from {price} to {to} {en_when}"
    zh = f"建议{zh_when}把{named(case.item, 'zh')}从{price}降到{to}"
    figures = [
        Figure("markdown.price", first[1], case.currency, direction="down"),
        Figure("price.now", case.price, case.currency, f"items/{case.item.sku}"),
        Figure("markdown.from", first[0], "date"),
    ]
    if later:
        en += ", then to " + ", ".join(f"{money(lower, case.currency)} from {day(start, 'en')}" for start, lower in later)
        zh += "".join(f"，{day(start, 'zh')}起再降到{money(lower, case.currency)}" for start, lower in later)
        en, zh = f"{en}, if sales go as expected", f"{zh}（如销售符合预期）"
        for start, lower in later:
            figures += [Figure("markdown.price", lower, case.currency), Figure("markdown.from", start, "date")]
    book.tell(f"{en}.", f"{zh}。", *figures, source=_plan(case), required=True)


def _tell_keep(book: Notebook, case: Case) -> None:
    left = case.left[0]
    price = money(case.price, case.currency)
    book.tell(
        f"Keep {case.item.name} at {price}: about {units(left)} are expected to be left on {day(case.clear_by, 'en')}, "
        "but selling them for less would not pay.",
        f"{named(case.item, 'zh')}建议维持{price}：到{day(case.clear_by, 'zh')}预计剩{number(left)}件，但降价并不划算。",
        Figure("price.now", case.price, case.currency, f"items/{case.item.sku}"),
        Figure("left.without", left, "units"),
        Figure("clear_by", case.clear_by, "date", "question"),
        source=_plan(case),
        required=True,
    )


def _tell_no_excess(book: Notebook, case: Case) -> None:
    left, stock = case.left[0], round(case.markdown.season.stock)
    price = money(case.price, case.currency)
    few_en = f"only about {units(left)}" if left else "nothing"
    few_zh = f"预计只剩约{number(left)}件" if left else "预计不会有剩余"
    book.tell(
        f"No markdown of {case.item.name} is needed: of {units(stock)} to sell, {few_en} should be left on "
        f"{day(case.clear_by, 'en')} at {price}.",
        f"{named(case.item, 'zh')}不用降价：可售{number(stock)}件按{price}出售，到{day(case.clear_by, 'zh')}{few_zh}。",
        Figure("left.without", left, "units"),
        Figure("stock.to_sell", stock, "units", f"stock:{case.item.sku}"),
        Figure("clear_by", case.clear_by, "date", "question"),
        Figure("price.now", case.price, case.currency, f"items/{case.item.sku}"),
        source=_plan(case),
        required=True,
    )


def _tell_at_floor(book: Notebook, case: Case) -> None:
    left, price, floor = case.left[0], money(case.price, case.currency), money(case.floor, case.currency)
    book.tell(
        f"{case.item.name} cannot be marked down: its price of {price} is not above the lowest one allowed, {floor}; "
        f"about {units(left)} are expected to be left on {day(case.clear_by, 'en')}.",
        f"{named(case.item, 'zh')}不能再降价：现价{price}不高于允许的最低价{floor}；"
        f"到{day(case.clear_by, 'zh')}预计剩{number(left)}件。",
        Figure("price.now", case.price, case.currency, f"items/{case.item.sku}"),
        Figure("price.floor", round(case.floor, 2), case.currency),
        Figure("left.without", left, "units"),
        Figure("clear_by", case.clear_by, "date", "question"),
        source=_plan(case),
        required=True,
    )


def _tell_left(book: Notebook, case: Case) -> None:
    without, left = case.left
    stock, kept = round(case.markdown.season.stock), case.target_stock
    beside_en = f" beside the {number(kept)} to keep" if kept else ""
    beside_zh = f"（另保留{number(kept)}件）" if kept else ""
    figures = [
        Figure("left.with", left, "units"),
        Figure("left.without", without, "units"),
        Figure("stock.to_sell", stock, "units", f"stock:{case.item.sku}"),
        Figure("clear_by", case.clear_by, "date", "question"),
    ]
    figures += [Figure("target_stock", kept, "units")] if kept else []
    book.tell(
        f"Of {units(stock)} to sell{beside_en}, about {number(left)} should be left on {day(case.clear_by, 'en')}, "
        f"instead of {number(without)} at today's price.",
        f"可售{number(stock)}件中{beside_zh}，到{day(case.clear_by, 'zh')}预计剩{number(left)}件；"
        f"按现价会剩{number(without)}件。",
        *figures,
        source=_plan(case),
        required=True,
    )


def _tell_money(book: Notebook, case: Case) -> None:
    """Revenue and margin with and without; the margin counts what all of the goods cost and what the rest is worth."""
    (took, takes), (had, has) = moneys(case)
    shown = [f"{case.currency} {number(amount)}" for amount in (takes, took, has, had)]
    rest_en, rest_zh = (", with what is left at its worth,", "并计入剩余货值") if case.markdown.season.left_value else ("", "")
    book.tell(
        f"Revenue is {shown[0]} instead of {shown[1]}; less the cost of all these goods{rest_en} the margin is {shown[2]} "
        f"instead of {shown[3]}.",
        f"收入为{shown[0]}，不降价为{shown[1]}；扣除这批货的全部成本{rest_zh}后毛利为{shown[2]}，不降价为{shown[3]}。",
        Figure("margin.with", has, case.currency),
        Figure("margin.without", had, case.currency),
        Figure("revenue.with", takes, case.currency),
        Figure("revenue.without", took, case.currency),
        source=_plan(case),
        required=True,
    )


def moneys(case: Case) -> tuple[tuple[int, int], tuple[int, int]]:
    """Revenue, and margin after leftovers, in whole money: each at the present price, and under the plan."""
    cost = case.item.unit_cost * case.markdown.season.stock
    sales = case.markdown.kept, case.markdown.sale
    revenue, margin = [round(float(s.revenue.mean())) for s in sales], [round(float(s.result.mean()) - cost) for s in sales]
    return (revenue[0], revenue[1]), (margin[0], margin[1])


def _tell_gain(book: Notebook, case: Case) -> None:
    """What the markdown brings if demand answers to price less or more than expected."""
    markdown, belief = case.markdown, case.learned
    gain, weaker, stronger = (round(value) for value in (markdown.gain, markdown.gain_if_weaker, markdown.gain_if_stronger))
    error = max(round(markdown.gain_error), 1)
    told = [_signed(amount, case.currency) for amount in (gain, weaker, stronger)]
    within = f"{case.currency} {number(error)}"
    en = f"The gain is {told[0][0]} (standard error of the simulation {within})"
    zh = f"收益为{told[0][1]}（模拟标准误{within}）"
    if belief.standard_error:
        en += f"; with demand at its least responsive it is {told[1][0]}, at its most responsive {told[2][0]} (90% range)"
        zh += f"；需求最不敏感时为{told[1][1]}，最敏感时为{told[2][1]}（90%区间）"
    book.tell(
        f"{en}.",
        f"{zh}。",
        Figure("gain", gain, case.currency),
        Figure("gain.standard_error", error, case.currency),
        Figure("gain.if_weaker", weaker, case.currency),
        Figure("gain.if_stronger", stronger, case.currency),
        Figure("gain.range", 90, "%"),
        source=_plan(case),
        required=weaker < 0,
    )


def _signed(amount: int, currency: str) -> tuple[str, str]:
    """An amount in both languages, a negative one as a loss."""
    shown = f"{currency} {number(abs(amount))}"
    return (shown, shown) if amount >= 0 else (f"a loss of {shown}", f"亏损{shown}")


def _tell_elasticity(book: Notebook, case: Case, *, detail: bool) -> None:
    """Say how demand is taken to answer to price, how sure that is, and what it was learned from."""
    belief, source = case.learned, f"prices:{case.item.sku}"
    value, error = round(belief.value, 1), round(belief.standard_error, 1)
    more = round(100 * ((1 - _SHOWN_CUT / 100) ** belief.value - 1))
    from_en, from_zh, figures = _origin(belief)
    book.tell(
        f"A price {_SHOWN_CUT}% lower is taken to sell {more}% more (elasticity {value:g}, standard error {error:g}){from_en}.",
        f"估计降价{_SHOWN_CUT}%可多卖{more}%（价格弹性{value:g}，标准误{error:g}）{from_zh}。",
        Figure("elasticity", value, ""),
        Figure("elasticity.standard_error", error, ""),
        Figure("elasticity.cut", _SHOWN_CUT, "%"),
        Figure("elasticity.lift", more, "%", direction="up"),
        *figures,
        source=source,
        required=not detail,
        detail=detail,
    )
    if belief.source == "prior":
        return
    book.tell(
        f"Before any price change is seen, the elasticity is taken to be {PRIOR_MEAN:g} with a standard error of {PRIOR_SD:g}.",
        f"未见价格变动之前，价格弹性取{PRIOR_MEAN:g}，标准误{PRIOR_SD:g}。",
        Figure("elasticity.prior", PRIOR_MEAN, ""),
        Figure("elasticity.prior_error", PRIOR_SD, ""),
        source="settings",
        detail=True,
    )
    if belief.promoted >= _ADVERTISED:
        share = round(100 * belief.promoted)
        book.tell(
            f"{share}% of the days at lower prices were promotions, so part of the effect may be their advertising.",
            f"低价的日子有{share}%是促销，其效果可能部分来自宣传。",
            Figure("elasticity.promoted", share, "%"),
            source=source,
            detail=detail,
        )


def _origin(belief: Learned) -> tuple[str, str, list[Figure]]:
    """What an elasticity rests on, as the end of a sentence in both languages, with its figures."""
    others, category = belief.pooled_items - bool(belief.own_changes), belief.category
    if belief.source == "prior":
        return (
            f": no price change is on record in {category}, so this is assumed from published studies, not learned",
            f"：{category}没有价格变动记录，无法由数据得出，此处采用已发表研究的假设",
            [],
        )
    items = [Figure("elasticity.items", others, "items")] if others else []
    if belief.source == "category":
        en = f", learned from {_counted(belief.pooled_changes, 'price change')} of {_counted(others, 'other item')} in {category}"
        zh = f"，由{category}其他{number(others)}种商品的{number(belief.pooled_changes)}次价格变动得出"
        changes = Figure("elasticity.changes", belief.pooled_changes, "price changes")
        return f"{en}; its own price never changed", f"{zh}；该商品自身从未变价", [changes, *items]
    own = Figure("elasticity.own_changes", belief.own_changes, "price changes")
    en, zh = f", learned from its own {_counted(belief.own_changes, 'price change')}", f"，由其自身{number(belief.own_changes)}次"
    if not others:
        return en, f"{zh}价格变动得出", [own]
    en, zh = f"{en} and those of {_counted(others, 'other')} in {category}", f"{zh}和{category}其他{number(others)}种商品的"
    return en, f"{zh}价格变动得出", [own, *items]


def _counted(count: int, what: str) -> str:
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


def _tell_floor(book: Notebook, case: Case) -> None:
    shown = money(round(case.floor, 2), case.currency)
    why_en = f" [{case.floor_clause}]" if case.floor_clause else ", the unit cost, by default"
    why_zh = f" [{case.floor_clause}]" if case.floor_clause else "（默认为单位成本）"
    book.tell(
        f"No price falls below {shown}{why_en}.",
        f"任何价格不低于{shown}{why_zh}。",
        Figure("price.floor", round(case.floor, 2), case.currency),
        source=case.floor_clause or "settings",
    )


def _tell_terms(book: Notebook, case: Case) -> None:
    season = case.markdown.season
    worth = round(season.left_value, 2)
    if worth:
        en = f"What is left is worth {money(worth, case.currency)} a unit, less what holding it until it sells costs."
        zh = f"剩余货品每件按{money(worth, case.currency)}计，并扣除售出前的持有成本。"
    else:
        en, zh = "What is left then is taken to be worth nothing.", "到期剩余的货品按没有价值计。"
    book.tell(en, zh, Figure("left.value", worth, case.currency), source="settings", detail=True)
    book.tell(
        f"Prices are set every {PERIOD_DAYS} days and do not rise again before {day(case.clear_by, 'en')}.",
        f"每{PERIOD_DAYS}天定一次价，{day(case.clear_by, 'zh')}之前不再回升。",
        Figure("markdown.period", PERIOD_DAYS, "days"),
        Figure("clear_by", case.clear_by, "date", "question"),
        source="settings",
        detail=True,
    )


def _from(start: date, today: date) -> tuple[str, str]:
    if start == today:
        return f"today, {day(start, 'en')}", f"今天（{day(start, 'zh')}）"
    return f"from {day(start, 'en')}", f"从{day(start, 'zh')}起"


def _plan(case: Case) -> str:
    return f"markdown:{case.item.sku}"
