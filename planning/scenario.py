"""A what-if and its outcome, with the sentences that compare both. Simulates nothing."""

from dataclasses import dataclass

from parstock.domain import Item
from parstock.results import Fact, PlanLine
from parstock.wording import days, named, number, percent, units
from planning.base import checked
from planning.facts import Direction, Figure, Notebook


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


def scenario_facts(
    item: Item, days_ahead: int, change: Change, base: Outcome, changed: Outcome, currency: str
) -> tuple[Fact, ...]:
    """Return for every measure one sentence with today's value, the changed one, and the difference between the two as shown.

    Args:
        item: The item.
        days_ahead: Simulated days.
        change: What differs.
        base: Outcome under today's terms.
        changed: Outcome under the changed terms.
        currency: ISO code.
    """
    book, source = Notebook(), f"simulation:{item.sku}"
    _tell_order(book, item, change, round(base.line.quantity), round(changed.line.quantity), source)
    book.tell(
        f"This is simulated over {days(days_ahead)}.",
        f"模拟期为{days_ahead}天。",
        Figure("simulation.days", days_ahead, "days"),
        source=source,
        detail=True,
    )
    for what, en, zh, unit, decimals in _MEASURES:
        values = [round(_measure(outcome, what), decimals) for outcome in (base, changed)]
        _tell_measure(book, what, (en, zh), (values[0], values[1]), unit, currency, source)
    return book.filed


_MEASURES = (
    ("stockout_probability", "the chance of a stockout", "缺货概率", "%", 0),
    ("fill_rate", "the fill rate", "满足率", "%", 1),
    ("average_stock", "the average stock", "平均库存", "units", 0),
    ("total_cost", "the total cost", "总成本", "money", 0),
)
"""Key, name in English and Chinese, unit, decimals."""
_TOLD = ("stockout_probability", "total_cost")
"""What is told without being asked for in detail."""


def _measure(outcome: Outcome, what: str) -> float:
    value = float(getattr(outcome, what))
    return 100 * value if what in {"stockout_probability", "fill_rate"} else value


def _tell_order(book: Notebook, item: Item, change: Change, base: int, changed: int, source: str) -> None:
    """Say what the change does to the order of today, and what the change is."""
    if_en, if_zh, figures = _condition(change)
    name_zh = named(item, "zh")
    if base == changed == 0:
        en, zh = f"no order of {item.name} is needed, as today", f"{name_zh}仍不用订货"
    elif base == changed:
        en, zh = f"the order of {item.name} stays at {units(base)}", f"{name_zh}的订货量仍为{number(base)}件"
    elif changed == 0:
        en, zh = f"no order of {item.name} is needed instead of {units(base)}", f"{name_zh}不用订货，而不是订{number(base)}件"
    elif base == 0:
        en = f"order {units(changed)} of {item.name}, while today none is needed"
        zh = f"{name_zh}应订购{number(changed)}件，而目前不用订货"
    else:
        en = f"order {units(changed)} of {item.name} instead of {number(base)}"
        zh = f"{name_zh}应订购{number(changed)}件，而不是{number(base)}件"
    book.tell(
        f"{if_en}, {en}.",
        f"{if_zh}，{zh}。",
        Figure("changed.quantity", changed, "units"),
        Figure("base.quantity", base, "units"),
        Figure("difference.quantity", changed - base, "units", direction=_direction(changed - base)),
        *figures,
        source=source,
        required=True,
    )


def _condition(change: Change) -> tuple[str, str, list[Figure]]:
    """What differs, as the beginning of an English and a Chinese sentence, with its figures."""
    en, zh, figures = [], [], []
    for what, value, name_en, name_zh in (
        ("demand", change.demand_pct, "demand", "需求"),
        ("unit_cost", change.unit_cost_pct, "the unit cost", "采购单价"),
    ):
        if value:
            en.append(f"{name_en} {'rises' if value > 0 else 'falls'} by {number(abs(value), 1)}%")
            zh.append(f"{name_zh}{'增加' if value > 0 else '减少'}{number(abs(value), 1)}%")
            figures.append(Figure(f"change.{what}", round(abs(value), 1), "%", direction="up" if value > 0 else "down"))
    if change.lead_time_days is not None:
        en.append(f"the lead time is {days(change.lead_time_days)}")
        zh.append(f"交货期为{number(change.lead_time_days)}天")
        figures.append(Figure("change.lead_time", change.lead_time_days, "days"))
    if change.service_level is not None:
        en.append(f"the service level is {percent(change.service_level)}")
        zh.append(f"服务水平为{percent(change.service_level)}")
        figures.append(Figure("change.service_level", round(100 * change.service_level, 1), "%"))
    if not en:
        return "With nothing changed", "不作任何改变时", figures
    return f"If {' and '.join(en)}", f"如果{'、'.join(zh)}", figures


def _tell_measure(
    book: Notebook,
    what: str,
    names: tuple[str, str],
    values: tuple[float, float],
    unit: str,
    currency: str,
    source: str,
) -> None:
    base, changed = values
    by = round(changed - base, 2)
    direction = _direction(by)
    shown = [_shown(value, unit, currency) for value in (base, changed, abs(by))]
    subject = names[0][0].upper() + names[0][1:]
    if direction == "flat":
        en, zh = f"{subject} stays at {shown[0][0]}.", f"{names[1]}仍为{shown[0][1]}。"
    else:
        step = _points(abs(by)) if unit == "%" else shown[2]
        verb_en, verb_zh = ("rises", "升至") if by > 0 else ("falls", "降至")
        more_zh = "增加" if by > 0 else "减少"
        en = f"{subject} {verb_en} by {step[0]}, from {shown[0][0]} to {shown[1][0]}."
        zh = f"{names[1]}从{shown[0][1]}{verb_zh}{shown[1][1]}，{more_zh}{step[1]}。"
    unit_of = currency if unit == "money" else unit
    book.tell(
        en,
        zh,
        Figure(f"difference.{what}", by, "percentage points" if unit == "%" else unit_of, direction=direction),
        Figure(f"base.{what}", base, unit_of),
        Figure(f"changed.{what}", changed, unit_of),
        source=source,
        detail=what not in _TOLD,
    )


def _direction(by: float) -> Direction:
    return "up" if by > 0 else "down" if by < 0 else "flat"


def _points(by: float) -> tuple[str, str]:
    shown = number(by, 1)
    return f"{shown} percentage point{'' if shown == '1' else 's'}", f"{shown}个百分点"


def _shown(value: float, unit: str, currency: str) -> tuple[str, str]:
    if unit == "money":
        return f"{currency} {number(value)}", f"{currency} {number(value)}"
    if unit == "%":
        return f"{number(value, 1)}%", f"{number(value, 1)}%"
    return units(value), f"{number(value)}件"
