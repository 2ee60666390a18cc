"""Collects facts in the order in which an answer states them; says why an item cannot be planned. Computes nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from parstock.domain import Item
from parstock.results import Fact
from parstock.wording import named, spaced

Direction: TypeAlias = Literal["up", "down", "flat", "enough", "short", ""]

_GAPS = {
    "insufficient_data": ("there is too little sales history for a forecast", "销售历史太短，无法预测"),
    "no_recent_demand": ("it has not sold recently", "近期没有销售"),
    "no_forecast": ("there is no forecast for it", "没有该商品的预测"),
    "no_supplier": ("its supplier is not on record", "没有其供应商的记录"),
    "no_stock_record": ("there is no stock record for it", "没有其库存记录"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One value that a sentence shows."""

    what: str
    """Machine key, as in `Fact`."""
    value: float | int | str | date
    unit: str
    source: str = ""
    """Where it comes from, if not from where the rest of its sentence does."""
    direction: Direction = ""


class Notebook:
    """Collects facts and numbers them f1, f2 ..."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []

    def tell(
        self,
        en: str,
        zh: str,
        *figures: Figure,
        source: str,
        required: bool = False,
        detail: bool = False,
    ) -> None:
        """File one sentence: a fact for each of the figures that it shows.

        Args:
            en: The sentence.
            zh: The same in Chinese.
            figures: What it shows, the most important one first; only that one is required.
            source: Where it comes from.
            required: Whether an answer without it is incomplete.
            detail: Whether only full detail tells it.
        """
        shown = zh if any(figure.unit == "quote" for figure in figures) else spaced(zh)
        for rank, figure in enumerate(figures):
            fact_id = f"f{len(self._facts) + 1}"
            value = figure.value.isoformat() if isinstance(figure.value, date) else figure.value
            origin, needed = figure.source or source, required and rank == 0
            self._facts.append(
                Fact(fact_id, figure.what, value, figure.unit, en, shown, origin, needed, figure.direction, detail)
            )

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
        detail: bool = False,
    ) -> None:
        """File a sentence with one figure."""
        self.tell(en, zh, Figure(what, value, unit, direction=direction), source=source, required=required, detail=detail)

    @property
    def filed(self) -> tuple[Fact, ...]:
        """All facts so far."""
        return tuple(self._facts)


def gap_facts(item: Item, gap: str) -> tuple[Fact, ...]:
    """Return the one fact on an item that cannot be planned."""
    book = Notebook()
    why_en, why_zh = _GAPS[gap]
    en, zh = f"No order of {item.name} can be planned: {why_en}.", f"{named(item, 'zh')}无法制定订货计划：{why_zh}。"
    book.add("status", gap, "", en, zh, source=f"item:{item.sku}", required=True)
    return book.filed
