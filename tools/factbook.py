"""Collects the facts of one tool result, and what every result states alike: where, defaults, the data's label."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from parstock.domain import Item, Json
from parstock.results import Citation, Fact
from parstock.wording import day, days, named, number, percent
from planning.facts import Figure, Notebook
from tools.context import ToolContext

__all__ = ["FactBook", "Figure"]

MOST_QUOTED = 5
"""Policy clauses whose words are quoted in one result; all of them are cited."""
_REAL = re.compile(r"real: items, prices and sales from (?P<file>[^;]+); simulated: .+")
_LABELS = {"simulated demonstration shop": ("Simulated demonstration shop.", "数据来自模拟的演示店铺。")}


class FactBook(Notebook):
    """Facts in the order in which an answer should state them, ids f1, f2, ..."""

    def __init__(self, context: ToolContext) -> None:
        super().__init__()
        self._context = context
        self._defaults: dict[str, Json] = {}
        self._label = context.records.label()
        self._recorded_until = context.records.recorded_until()

    def take(self, facts: Iterable[Fact]) -> None:
        """Add facts made elsewhere, numbered on."""
        for fact in facts:
            self._facts.append(replace(fact, id=f"f{len(self._facts) + 1}"))

    def item(self, item: Item) -> None:
        """Add which item the result is about, with its code."""
        en, zh = f"{item.name} has the code {item.sku}.", f"{named(item, 'zh')}的编码是{item.sku}。"
        self.add("item.sku", item.sku, "code", en, zh, source=f"items/{item.sku}", detail=True)

    def warehouse(self, code: str) -> None:
        """Add which warehouse the result is about; all together is a default that is stated."""
        if code:
            warehouse = self._context.shelf().warehouses[code]
            en, zh = f"This is for {warehouse.name}.", f"范围是{named(warehouse, 'zh')}。"
            self.add("warehouse", warehouse.name, "name", en, zh, source=f"warehouses/{code}", detail=True)
        elif len(self._context.shelf().warehouses) > 1:
            self.default("warehouse", "", "All warehouses together.", "按所有仓库合计。")

    def default(
        self,
        argument: str,
        value: Json,
        en: str,
        zh: str,
        *,
        shown: float | int | str = "",
        unit: str = "",
        detail: bool = False,
    ) -> None:
        """State the value used for an argument that was not given; `shown` is the number in the sentence, where there is one."""
        self._defaults[argument] = value
        told = shown if shown != "" or not isinstance(value, str) else value
        self.add(f"default.{argument}", told, unit, en, zh, source="settings", detail=detail)

    def default_horizon(self, horizon_days: int) -> None:
        """State the forecast horizon that was used because none was given."""
        en, zh = f"{days(horizon_days).capitalize()} ahead by default.", f"默认期限{number(horizon_days)}天。"
        self.default("horizon_days", horizon_days, en, zh, shown=horizon_days, unit="days")

    def default_service_level(self, service_level: float, *, detail: bool = False) -> None:
        """State the service level that was used because none was given."""
        shown = percent(service_level)
        self.default(
            "service_level",
            service_level,
            f"Service level {shown} by default; policies go first.",
            f"默认服务水平{shown}，制度另有规定的从其规定。",
            shown=round(100 * service_level, 6),
            unit="%",
            detail=detail,
        )

    def cited(self, citations: Iterable[Citation]) -> None:
        """Add the words of the first clauses that the result rests on."""
        for cited in islice(citations, MOST_QUOTED):
            self.add("citation", cited.text, "quote", f"“{cited.text}”", f"“{cited.text}”", source=cited.id, detail=True)

    def defaults(self) -> dict[str, Json]:
        """Arguments that were not given, with the value used."""
        return dict(self._defaults)

    def facts(self) -> tuple[Fact, ...]:
        """All facts; records that end before yesterday and simulated ones add last facts that say so."""
        until = self._recorded_until
        if until is not None and not any(fact.what == "data.recorded_until" for fact in self._facts):
            en = f"Sales are recorded only until {day(until, 'en')}; the days after it are unknown."
            zh = f"销售记录只到{day(until, 'zh')}，此后的销量未知。"
            self.add("data.recorded_until", until, "date", en, zh, source="demand", required=True)
        if self._label and not any(fact.what == "data.label" for fact in self._facts):
            en, zh = _label_sentences(self._label)
            self.add("data.label", self._label, "name", en, zh, source="records/label", required=True)
        return self.filed


def _label_sentences(label: str) -> tuple[str, str]:
    """What to say of labelled records, short, in both languages; a label of somebody's own as it is."""
    if match := _REAL.fullmatch(label):
        file = match["file"]
        return (
            f"Items, prices and sales are real ({file}), everything else is simulated.",
            f"商品、价格和销售为真实数据（{file}），其余均为模拟数据。",
        )
    return _LABELS.get(label, (f"Note on the data: {label}.", f"数据说明：{label}。"))
