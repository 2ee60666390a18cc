"""The sentences that compare two scenarios, each difference with what is chance in it. Computes nothing new."""

import math
from collections.abc import Mapping

from parstock.domain import Item
from parstock.wording import days, named, number, percent, units
from planning.facts import Direction, Figure, Notebook
from planning.scenario import MEASURES, Change, Outcome

CLEAR = 2.0
"""A difference of fewer standard errors than this is not clear."""
_NAMES = {
    "stockout_probability": ("the chance of a stockout", "缺货概率", "%", 0),
    "later_stockout_probability": ("the chance of a stockout after it arrives", "到货后的缺货概率", "%", 0),
    "fill_rate": ("the fill rate", "满足率", "%", 1),
    "average_stock": ("the average stock", "平均库存", "units", 0),
    "total_cost": ("the total cost", "总成本", "money", 0),
}
"""Measure -> name in English and Chinese, unit, decimals."""
_SHARES = ("stockout_probability", "later_stockout_probability", "fill_rate")


def tell_comparison(
    book: Notebook,
    item: Item,
    days_ahead: int,
    change: Change,
    outcomes: tuple[Outcome, Outcome],
    errors: Mapping[str, float],
    currency: str,
) -> None:
    """File for every measure one sentence with today's value, the changed one, and the difference between the two as shown.

    Args:
        book: Where.
        item: The item.
        days_ahead: Simulated days.
        change: What differs.
        outcomes: Under today's terms, and under the changed ones.
        errors: Standard error of each measure's difference.
        currency: ISO code.
    """
    source = f"simulation:{item.sku}"
    if not change.is_quantity_alone:
        _tell_order(book, item, change, (outcomes[0].line.quantity, outcomes[1].line.quantity), source)
    book.tell(
        f"This is simulated over {days(days_ahead)}.",
        f"模拟期为{days_ahead}天。",
        Figure("simulation.days", days_ahead, "days"),
        source=source,
        detail=True,
    )
    forced = change.is_quantity_alone
    told = ("later_stockout_probability" if forced else "stockout_probability", "total_cost")
    for what in MEASURES:
        required = what in told and change.order_quantity is not None
        _tell_measure(book, what, outcomes, errors[what], currency, source, required=required, detail=what not in told)


def _measure(outcome: Outcome, what: str) -> float:
    value = float(getattr(outcome, what))
    return 100 * value if what in _SHARES else value


def _tell_order(book: Notebook, item: Item, change: Change, quantities: tuple[int, int], source: str) -> None:
    """Say what the change does to the order of today, and what the change is."""
    base, changed = quantities
    if_en, if_zh, figures = _condition(change)
    name_zh = named(item, "zh")
    if change.order_quantity is not None:
        if_en += f" and {units(changed)} of {item.name} {'is' if changed == 1 else 'are'} ordered instead of {number(base)}"
        if_zh += f"，并且{name_zh}订{number(changed)}件而不是{number(base)}件"
        en, zh = "this is to be expected", "预计如下"
    elif base == changed == 0:
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
    outcomes: tuple[Outcome, Outcome],
    error: float,
    currency: str,
    source: str,
    *,
    required: bool,
    detail: bool,
) -> None:
    name_en, name_zh, unit, decimals = _NAMES[what]
    raw = [_measure(outcome, what) for outcome in outcomes]
    base, changed = (round(value, decimals) for value in raw)
    by = round(changed - base, 2)
    error *= 100 if unit == "%" else 1
    unclear = math.isfinite(error) and 0 < abs(raw[1] - raw[0]) < CLEAR * error and by != 0
    direction: Direction = "" if unclear else _direction(by)
    shown = [_shown(value, unit, currency) for value in (base, changed, abs(by))]
    subject = name_en[0].upper() + name_en[1:]
    step = _points(abs(by)) if unit == "%" else shown[2]
    unit_of = currency if unit == "money" else unit
    figures = [
        Figure(f"difference.{what}", by, "percentage points" if unit == "%" else unit_of, direction=direction),
        Figure(f"base.{what}", base, unit_of),
        Figure(f"changed.{what}", changed, unit_of),
    ]
    if unclear:
        within = round(max(error, 10.0**-decimals), decimals)
        figures.append(Figure(f"error.{what}", within, figures[0].unit))
        margin = _points(within) if unit == "%" else _shown(within, unit, currency)
        en = f"{subject} shows no clear difference: {shown[0][0]} and {shown[1][0]} (standard error {margin[0]})."
        zh = f"{name_zh}没有明显差别：{shown[0][1]}与{shown[1][1]}（标准误{margin[1]}）。"
    elif direction == "flat":
        en, zh = f"{subject} stays at {shown[0][0]}.", f"{name_zh}仍为{shown[0][1]}。"
    else:
        verb_en, verb_zh = ("rises", "升至") if by > 0 else ("falls", "降至")
        more_zh = "增加" if by > 0 else "减少"
        en = f"{subject} {verb_en} by {step[0]}, from {shown[0][0]} to {shown[1][0]}."
        zh = f"{name_zh}从{shown[0][1]}{verb_zh}{shown[1][1]}，{more_zh}{step[1]}。"
    book.tell(en, zh, *figures, source=source, required=required, detail=detail)


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
