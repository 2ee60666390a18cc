"""Questions about forecasts, plans and what-ifs over a shop's items, each with its call; made by a seed. Asks nobody."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from evaluation.explaining import Asked
from parstock.domain import Item, Json, Language

Made: TypeAlias = tuple[Mapping[str, Json], str, str]
"""Arguments without the item, and the question in English and Chinese with `{item}` in it."""
DETAIL_SHARE = 0.25
"""Of the questions that ask for full detail, so that every fact of a result is told."""
_DETAIL: Mapping[Language, str] = {"en": " Tell me in full detail.", "zh": "请详细说明。"}


def _forecast(rng: np.random.Generator) -> Made:
    days = int(rng.choice([7, 14, 28, 42, 60, 90]))
    return (
        {"horizon_days": days},
        f"What demand do you expect for {{item}} in the next {days} days?",
        f"预测{{item}}未来{days}天的需求。",
    )


def _plan(rng: np.random.Generator) -> Made:
    kind = int(rng.integers(3))
    if kind == 0:
        return {}, "How much {item} should we order?", "{item}该补多少货？"
    if kind == 1:
        level = int(rng.choice([85, 90, 97, 99]))
        words = f"What do we order of {{item}} at a service level of {level} %?", f"按{level}%的服务水平，{{item}}该订多少？"
        return {"service_level": level / 100}, *words
    budget = int(rng.choice([50, 200, 500, 2000]))
    return {"budget": budget}, f"What should we order of {{item}} with {budget} to spend?", f"预算{budget}，{{item}}该补多少？"


def _what_if(rng: np.random.Generator) -> Made:
    kind = int(rng.integers(4))
    if kind == 0:
        change = int(rng.choice([10, 20, 35, 50, 80]))
        words = f"What if demand for {{item}} rises by {change} %?", f"如果{{item}}的需求增加{change}%会怎样？"
        return {"demand_change_pct": change}, *words
    if kind == 1:
        change = int(rng.choice([10, 20, 35, 50]))
        words = f"What if demand for {{item}} falls by {change} %?", f"如果{{item}}的需求减少{change}%会怎样？"
        return {"demand_change_pct": -change}, *words
    if kind == 2:
        days = int(rng.choice([5, 20, 45, 90]))
        words = f"What if the lead time of {{item}} becomes {days} days?", f"如果{{item}}的交期变成{days}天会怎样？"
        return {"lead_time_days": days}, *words
    level = int(rng.choice([80, 90, 99]))
    words = f"What if we plan {{item}} for a service level of {level} %?", f"如果{{item}}按{level}%的服务水平计划会怎样？"
    return {"service_level": level / 100}, *words


_KINDS: Mapping[str, Callable[[np.random.Generator], Made]] = {
    "forecast_demand": _forecast,
    "recommend_replenishment": _plan,
    "simulate_scenario": _what_if,
}


def questions(items: Sequence[Item], count: int, seed: int) -> list[Asked]:
    """`count` questions, the tools and languages in turn, items drawn anew for each."""
    rng = np.random.default_rng(seed)
    tools, asked = tuple(_KINDS), []
    for number in range(count):
        tool = tools[number % len(tools)]
        lang: Language = "zh" if number // len(tools) % 2 else "en"
        item = items[int(rng.integers(len(items)))]
        arguments, en, zh = _KINDS[tool](rng)
        name = item.name_zh if lang == "zh" and item.name_zh else item.name
        question = (zh if lang == "zh" else en).format(item=name) + (_DETAIL[lang] if rng.random() < DETAIL_SHARE else "")
        asked.append(Asked(f"e{number + 1:03d}", lang, question, tool, {"item": item.sku, **arguments}))
    return asked
