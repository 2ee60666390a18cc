"""The arithmetic of a plan of one item, one line for each figure and how it comes about. Every number is a fact's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parstock.domain import Language
from parstock.results import Fact, ToolResult
from parstock.wording import money, number, percent, rate

_PLANNED = (
    "stock.position",
    "stock.on_hand",
    "stock.reserved",
    "stock.on_order",
    "reorder_point",
    "lead_time_demand",
    "safety_stock",
)
"""What the facts of a plan of one item always have."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """The figures of one plan, and the language to tell them in."""

    by_key: Mapping[str, Fact]
    zh: bool

    def has(self, *keys: str) -> bool:
        return all(key in self.by_key for key in keys)

    def value(self, key: str) -> float:
        value = self.by_key[key].value
        return 0.0 if isinstance(value, str) else float(value)

    def shown(self, key: str) -> str:
        return number(self.value(key))

    def line(self, en: str, zh: str) -> str:
        return zh if self.zh else en


def arithmetic(result: ToolResult, lang: Language) -> list[str]:
    """Return the lines of the sums behind a plan of one item; none where the result is no such plan."""
    by_key: dict[str, Fact] = {}
    for fact in result.facts:
        by_key.setdefault(fact.what, fact)
    sums = _Sums(by_key, lang == "zh")
    if not sums.has(*_PLANNED):
        return []
    return [*_levels(sums), *_order(sums)]


def _levels(sums: _Sums) -> Iterator[str]:
    on_hand, reserved, on_order = (sums.shown(f"stock.{key}") for key in ("on_hand", "reserved", "on_order"))
    position, lead, safety = (sums.shown(key) for key in ("stock.position", "lead_time_demand", "safety_stock"))
    point, days, level = (
        sums.shown("reorder_point"),
        number(sums.value("lead_time"), 1),
        percent(sums.value("service_level") / 100),
    )
    source = sums.by_key["service_level"].source
    clause = f" [{source}]" if "#" in source else ""
    yield sums.line(
        f"Stock position: {on_hand} on hand - {reserved} reserved + {on_order} on order = {position} units.",
        f"库存头寸：现有{on_hand} - 预留{reserved} + 在途{on_order} = {position}件。",
    )
    yield sums.line(
        f"Lead-time demand: {lead} units expected in {days} days.",
        f"交货期需求：{days}天内预计{lead}件。",
    )
    yield sums.line(
        f"Safety stock: {safety} units for {level} service{clause}.",
        f"安全库存：{safety}件，服务水平{level}{clause}。",
    )
    yield sums.line(f"Reorder point: {lead} + {safety} = {point} units.", f"再订货点：{lead} + {safety} = {point}件。")
    if sums.has("days_of_cover", "expected_daily"):
        daily, cover = rate(sums.value("expected_daily")), sums.shown("days_of_cover")
        yield sums.line(
            f"Cover: {position} units / {daily} a day = about {cover} days.",
            f"可用天数：{position}件 / 日均{daily}件 ≈ {cover}天。",
        )


def _order(sums: _Sums) -> Iterator[str]:
    if sums.has("order_up_to", "expected_demand", "covered_days"):
        up_to, expected, days = (sums.shown(key) for key in ("order_up_to", "expected_demand", "covered_days"))
        yield sums.line(
            f"Order-up-to level: {up_to} units for {days} days, in which {expected} are expected to sell.",
            f"目标库存：{up_to}件，覆盖{days}天，其间预计销售{expected}件。",
        )
    if sums.has("order_up_to", "need"):
        up_to, position, need = (sums.shown(key) for key in ("order_up_to", "stock.position", "need"))
        exact = round(sums.value("order_up_to")) - round(sums.value("stock.position")) == sums.value("need")
        sign = "=" if exact else "≈"
        yield sums.line(f"Needed: {up_to} - {position} {sign} {need} units.", f"缺口：{up_to} - {position} {sign} {need}件。")
    if sums.has("need", "wanted"):
        yield _lots(sums)
    if sums.value("quantity") and sums.has("quantity", "unit_cost", "cost"):
        quantity, currency = sums.shown("quantity"), sums.by_key["cost"].unit
        price, cost = money(sums.value("unit_cost"), currency), money(sums.value("cost"), currency)
        yield sums.line(f"Cost: {quantity} x {price} = {cost}.", f"金额：{quantity} x {price} = {cost}。")


def _lots(sums: _Sums) -> str:
    need, wanted = sums.shown("need"), sums.shown("wanted")
    en, zh = [], []
    if sums.has("min_order_quantity"):
        en.append(f"minimum order {sums.shown('min_order_quantity')}")
        zh.append(f"最小起订量{sums.shown('min_order_quantity')}件")
    if sums.has("pack_size"):
        en.append(f"packs of {sums.shown('pack_size')}")
        zh.append(f"每箱{sums.shown('pack_size')}件")
    return sums.line(
        f"Rounded up: {need} to {wanted} units ({', '.join(en)}).", f"取整：{need}件到{wanted}件（{'，'.join(zh)}）。"
    )
