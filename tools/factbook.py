"""Collects the facts of one tool result: numbers them, states defaults and the data's label."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Literal, TypeAlias

from parstock.domain import Citation, Fact, Item, Json
from tools.context import ToolContext
from tools.wording import days, named, percent

Direction: TypeAlias = Literal["up", "down", "flat", "enough", "short", ""]


class FactBook:
    """Facts in the order in which an answer should state them, ids f1, f2, ..."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._facts: list[Fact] = []
        self._defaults: dict[str, Json] = {}
        self._label = context.records.label()

    def add(
        self,
        what: str,
        value: float | int | str | date,
        unit: str,
        en: str,
        zh: str,
        *,
        source: str,
        required: bool = False,
        direction: Direction = "",
    ) -> Fact:
        """Add one fact; the arguments are the fields of `Fact`, a date becomes its ISO form."""
        if isinstance(value, date):
            value = value.isoformat()
        fact = Fact(f"f{len(self._facts) + 1}", what, value, unit, en, zh, source, required, direction)
        self._facts.append(fact)
        return fact

    def take(self, facts: Iterable[Fact], *, required: Collection[str] = ()) -> None:
        """Add facts made elsewhere, numbered on; those whose `what` is in `required` must not be left out."""
        for fact in facts:
            self._facts.append(replace(fact, id=f"f{len(self._facts) + 1}", required=fact.required or fact.what in required))

    def item(self, item: Item) -> None:
        """Add which item the result is about, with its code."""
        en, zh = f"{item.name} has the code {item.sku}.", f"{named(item, 'zh')}的编码是{item.sku}。"
        self.add("item.sku", item.sku, "code", en, zh, source=f"items/{item.sku}")

    def warehouse(self, code: str) -> None:
        """Add which warehouse the result is about; all together is a default that is stated."""
        if code:
            name = self._context.warehouse_name(code)
            self.add("warehouse", name, "name", f"This is for {name}.", f"范围是{name}。", source=f"warehouses/{code}")
        elif len(self._context.shelf().warehouses) > 1:
            self.default("warehouse", "", "All warehouses are counted together.", "按所有仓库合计。")

    def default(self, argument: str, value: Json, en: str, zh: str, *, shown: float | int | str = "", unit: str = "") -> None:
        """State the value used for an argument that was not given; `shown` is the number in the sentence, where there is one."""
        self._defaults[argument] = value
        told = shown if shown != "" or not isinstance(value, str) else value
        self.add(f"default.{argument}", told, unit, en, zh, source="settings")

    def default_horizon(self, horizon_days: int) -> None:
        """State the forecast horizon that was used because none was given."""
        self.default(
            "horizon_days",
            horizon_days,
            f"No horizon was given, so {days(horizon_days)} are looked ahead.",
            f"未指定期限，按{horizon_days}天计算。",
            shown=horizon_days,
            unit="days",
        )

    def default_service_level(self, service_level: float) -> None:
        """State the service level that was used because none was given."""
        shown = percent(service_level)
        self.default(
            "service_level",
            service_level,
            f"No service level was given; {shown} is used unless a policy says otherwise.",
            f"未指定服务水平，除制度另有规定外按{shown}计算。",
            shown=round(100 * service_level, 6),
            unit="%",
        )

    def cited(self, citations: Iterable[Citation]) -> None:
        """Add the words of the clauses that the result rests on."""
        for cited in citations:
            self.add("citation", cited.text, "quote", f"“{cited.text}”", f"“{cited.text}”", source=cited.id)

    def defaults(self) -> dict[str, Json]:
        """Arguments that were not given, with the value used."""
        return dict(self._defaults)

    def facts(self) -> tuple[Fact, ...]:
        """All facts; simulated records add a last one that says so."""
        if self._label and not any(fact.what == "data.label" for fact in self._facts):
            self.add(
                "data.label",
                self._label,
                "name",
                f"Note on the data: {self._label}.",
                f"数据说明：{self._label}。",
                source="records/label",
                required=True,
            )
        return tuple(self._facts)
