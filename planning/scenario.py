"""A what-if and its outcome, with the sentences that compare both. Simulates nothing."""

from dataclasses import dataclass

from parstock.domain import Fact, Item, PlanLine
from planning.base import checked
from planning.facts import Direction, Notebook, count, money, percent, units


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from today; the default changes nothing."""

    demand_pct: float = 0.0
    """Change of demand, percent, >= -100."""
    lead_time_days: float | None = None
    """New mean lead time; the spread stays."""
    service_level: float | None = None
    """New target, 0-1."""
    unit_cost_pct: float = 0.0
    """Change of the purchase price, percent, >= -100."""

    def __post_init__(self) -> None:
        checked("demand_change_pct", self.demand_pct, low=-100)
        checked("unit_cost_change_pct", self.unit_cost_pct, low=-100)
        if self.lead_time_days is not None:
            checked("lead_time_days", self.lead_time_days, low=0)
        if self.service_level is not None:
            checked("service_level", self.service_level, low=0, high=1, open_ends=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scenario leads to over the simulated days."""

    line: PlanLine
    """The order of today, as the planner would place it."""
    stockout_probability: float
    """Share of futures in which some demand is lost."""
    fill_rate: float
    """Share of demand served."""
    average_stock: float
    """Mean units on the shelf at the end of a day."""
    units_ordered: float
    """Mean units ordered over the simulated days."""
    purchase_cost: float
    """Mean money for them."""
    holding_cost: float
    """Mean money for holding stock."""
    ordering_cost: float
    """Mean money for placing orders."""
    lost_margin: float
    """Mean margin of the demand that is lost."""

    @property
    def total_cost(self) -> float:
        """Purchases, holding, ordering and lost margin together."""
        return round(self.purchase_cost + self.holding_cost + self.ordering_cost + self.lost_margin, 2)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Today's terms against changed ones, over the same futures."""

    item: str
    horizon_days: int
    base: Outcome
    changed: Outcome
    facts: tuple[Fact, ...]


def scenario_facts(item: Item, days: int, base: Outcome, changed: Outcome, currency: str) -> tuple[Fact, ...]:
    """Return for every measure today's value, the changed one, and the difference between the two as shown.

    Args:
        item: The item.
        days: Simulated days.
        base: Outcome under today's terms.
        changed: Outcome under the changed terms.
        currency: ISO code.
    """
    book, source = Notebook(), f"simulation:{item.sku}"
    en, zh = (
        f"The scenario for {item.name} is simulated over {days} days.",
        f"{item.name_zh or item.name}的情景模拟为期{days}天。",
    )
    book.add("simulation.days", days, "days", en, zh, source)
    for what, en, zh, unit, decimals in _MEASURES:
        values = [round(_measure(outcome, what), decimals) for outcome in (base, changed)]
        shown = [_shown(value, unit, currency) for value in values]
        unit_of = currency if unit == "money" else unit
        required = what == "quantity"
        book.add(f"base.{what}", values[0], unit_of, f"Today {en} is {shown[0][0]}.", f"目前{zh}为{shown[0][1]}。", source)
        text = f"With the change {en} is {shown[1][0]}.", f"变化后{zh}为{shown[1][1]}。"
        book.add(f"changed.{what}", values[1], unit_of, *text, source, required=required)
        _difference(book, what, (en, zh), round(values[1] - values[0], decimals), unit, currency, source)
    return book.facts


_MEASURES = (
    ("quantity", "the order quantity", "订货量", "units", 0),
    ("stockout_probability", "the chance of a stockout", "缺货概率", "%", 1),
    ("fill_rate", "the fill rate", "满足率", "%", 1),
    ("average_stock", "the average stock", "平均库存", "units", 1),
    ("total_cost", "the total cost", "总成本", "money", 2),
)
"""Key, name in English and Chinese, unit, decimals."""


def _measure(outcome: Outcome, what: str) -> float:
    if what == "quantity":
        return float(outcome.line.quantity)
    value = float(getattr(outcome, what))
    return 100 * value if what in {"stockout_probability", "fill_rate"} else value


def _shown(value: float, unit: str, currency: str) -> tuple[str, str]:
    if unit == "money":
        return money(value, currency), money(value, currency)
    if unit == "%":
        return percent(value / 100), percent(value / 100)
    return units(value), f"{count(value)}件"


def _difference(book: Notebook, what: str, names: tuple[str, str], by: float, unit: str, currency: str, source: str) -> None:
    direction: Direction = "up" if by > 0 else "down" if by < 0 else "flat"
    size = _shown(abs(by), unit, currency)
    if unit == "%":
        size = f"{count(abs(by))} percentage points", f"{count(abs(by))}个百分点"
    en, zh = {
        "up": (f"So {names[0]} rises by {size[0]}.", f"因此{names[1]}增加{size[1]}。"),
        "down": (f"So {names[0]} falls by {size[0]}.", f"因此{names[1]}减少{size[1]}。"),
    }.get(direction, (f"So {names[0]} stays the same.", f"因此{names[1]}不变。"))
    unit_of = {"money": currency, "%": "percentage points"}.get(unit, unit)
    book.add(f"difference.{what}", by, unit_of, en, zh, source, required=what == "quantity", direction=direction)
