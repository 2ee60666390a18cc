"""The tool `list_alerts`: what runs out or lies around."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from inventory.monitoring import SEVERITIES, Alert, Severity, find_alerts
from parstock.domain import InboundOrder, Item, Json, Warehouse
from parstock.results import ToolResult
from parstock.wording import days, named, number, units
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.recent import RECENT_DAYS, mean_daily_demand

Kind: TypeAlias = Literal["stockout", "overstock", "forecast_drift", "late_supply", "dead_stock", "data_quality"]
MOST_TOLD = 8
"""Items whose alerts are told; all of them are in the data."""
_NOT_YET = {
    "forecast_drift": ("Forecast drift", "预测偏差"),
    "late_supply": ("Late supply", "到货延误"),
    "dead_stock": ("Dead stock", "呆滞库存"),
    "data_quality": ("Data quality", "数据质量"),
}


@tools.register("list_alerts")
class ListAlerts:
    """Lists stock that needs a person's eye."""

    name: ClassVar[str] = "list_alerts"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which alerts, where, and from which severity on."""

        kind: Kind | None = None
        warehouse: str | None = None
        severity: Severity | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Compare stock with what sold lately, in each warehouse."""
        warehouse = context.warehouse_code(args.warehouse)
        book = FactBook(context)
        if args.kind in _NOT_YET:
            return self._not_monitored(args.kind, book)
        lowest = SEVERITIES.index(args.severity or "low")
        alerts = [
            alert
            for alert in _alerts(context, warehouse)
            if args.kind in (None, alert.kind) and SEVERITIES.index(alert.severity) >= lowest
        ]
        shelf = context.shelf()
        groups = _by_item(alerts)
        self._tell_counts(book, alerts, args.kind, more=len(groups) > MOST_TOLD)
        for group in groups[:MOST_TOLD]:
            item = shelf.items[group[0].item]
            (_tell_stockout if group[0].kind == "stockout" else _tell_overstock)(book, group, item, shelf.warehouses)
        if len(groups) > MOST_TOLD:
            left = len(groups) - MOST_TOLD
            en, zh = f"And {number(left)} more.", f"另有{number(left)}种商品。"
            book.add("alerts.more", left, "items", en, zh, source="monitoring", required=True)
        book.warehouse(warehouse)
        if args.kind is None:
            book.default("kind", "stockout, overstock", "Stockout and overstock are watched.", "监控缺货与积压两类。")
        en, zh = f"Measured by the sales of the last {days(RECENT_DAYS)}.", f"按最近{RECENT_DAYS}天的销量衡量。"
        book.add("default.demand_days", RECENT_DAYS, "days", en, zh, source="demand", detail=True)
        rows: list[Json] = [_row(alert, shelf.items[alert.item]) for alert in alerts]
        return ToolResult(
            self.name, {"status": "ok", "total": len(alerts), "alerts": rows}, book.facts(), defaults=book.defaults()
        )

    def _not_monitored(self, kind: str, book: FactBook) -> ToolResult:
        en, zh = _NOT_YET[kind]
        book.add(
            "alerts.status",
            "not_monitored",
            "",
            f"{en} is not monitored yet, so nothing is known of it.",
            f"{zh}尚未纳入监控，暂无结论。",
            source="monitoring",
            required=True,
        )
        return ToolResult(self.name, {"status": "not_monitored", "kind": kind, "alerts": []}, book.facts())

    @staticmethod
    def _tell_counts(book: FactBook, alerts: Sequence[Alert], kind: str | None, *, more: bool) -> None:
        """Say of how many items something is wrong, in one sentence that leads into the list."""
        en, zh, figures = [], [], []
        for known, one, many, said_zh in (
            ("stockout", "is likely to run out", "are likely to run out", "可能缺货"),
            ("overstock", "is overstocked", "are overstocked", "积压"),
        ):
            if kind not in (None, known):
                continue
            count = len({alert.item for alert in alerts if alert.kind == known})
            en.append(f"{number(count) if count else 'no'} {'item' if count == 1 else 'items'} {one if count == 1 else many}")
            zh.append(f"{number(count)}种商品{said_zh}" if count else f"没有商品{said_zh}")
            figures.append(Figure(f"alerts.{known}", count, "items"))
        joined = " and ".join(en)
        end_en, end_zh = ("; the most severe:", "，最严重的是：") if more else (":", "：") if alerts else (".", "。")
        text = f"{joined[0].upper()}{joined[1:]}{end_en}"
        book.tell(text, "，".join(zh) + end_zh, *figures, source="monitoring", required=True)


def _alerts(context: ToolContext, warehouse: str) -> list[Alert]:
    """Alerts of one warehouse, or of each by itself, the most severe first."""
    shelf, records, as_of = context.shelf(), context.records, context.as_of()
    found: list[Alert] = []
    for code in (warehouse,) if warehouse else tuple(shelf.warehouses) or ("",):
        positions = records.stock(warehouse=code)
        if not positions:
            continue
        panel = records.panel([position.item for position in positions], code, RECENT_DAYS)
        daily = mean_daily_demand(panel)
        rates = {sku: float(rate) for sku, rate in zip(panel.items, daily, strict=True) if np.isfinite(rate)}
        found += find_alerts(
            shelf.items.values(),
            positions,
            rates,
            shelf.suppliers,
            as_of=as_of,
            review_days=context.settings.review_days,
            next_delivery_days=_next_deliveries(records.inbound(warehouse=code), as_of),
        )
    return sorted(found, key=_urgency)


def _next_deliveries(inbound: Sequence[InboundOrder], today: date) -> dict[str, float]:
    """Item code -> days until its next delivery; negative where that is overdue."""
    return {order.item: float((order.due_on - today).days) for order in reversed(inbound)}


def _urgency(alert: Alert) -> tuple[float, bool, float, float, str]:
    """Severe ones first, stockouts before overstocks, little cover before much, fast sellers before slow ones."""
    severity = -SEVERITIES.index(alert.severity)
    cover = max(0.0, alert.days_of_cover or 0.0)
    return severity, alert.kind != "stockout", cover, -alert.mean_daily_demand, alert.item


def _by_item(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Alerts of one kind on one item together, in the order of the first of each."""
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((alert.kind, alert.item), []).append(alert)
    return list(groups.values())


def _tell_stockout(book: FactBook, group: Sequence[Alert], item: Item, warehouses: Mapping[str, Warehouse]) -> None:
    parts_en, parts_zh, figures = [], [], []
    for alert in group:
        left, cover = max(0, alert.available), max(0.0, alert.days_of_cover or 0.0)
        lasts = round(cover) if cover >= 1 else round(cover, 1)
        at_en, at_zh = _at(alert, warehouses)
        parts_en.append(f"{f'{units(left)} left' if left else 'nothing left'}{at_en}{f' ({_lasting(lasts)})' if left else ''}")
        parts_zh.append(f"{at_zh}{f'剩{number(left)}件（够卖{number(lasts, 1)}天）' if left else '已无可售库存'}")
        figures += [Figure("alert", lasts, "days", direction="short"), Figure("alert.left", left, "units")]
        if alert.on_order:
            parts_en[-1] += f", {number(alert.on_order)} on order"
            parts_zh[-1] += f"，在途{number(alert.on_order)}件"
            figures.append(Figure("alert.on_order", alert.on_order, "units"))
    lead = group[0].lead_time_days
    book.tell(
        f"{item.name}: {'; '.join(parts_en)}. New stock takes {days(lead)}.",
        f"{named(item, 'zh')}：{'；'.join(parts_zh)}。补货需要{number(lead)}天。",
        *figures,
        Figure("alert.lead_time", lead, "days"),
        source=f"stock/{item.sku}",
        required=True,
    )


def _tell_overstock(book: FactBook, group: Sequence[Alert], item: Item, warehouses: Mapping[str, Warehouse]) -> None:
    parts_en, parts_zh, figures = [], [], []
    for alert in group:
        at_en, at_zh = _at(alert, warehouses)
        parts_en.append(f"{number(alert.excess_units)} too many{at_en}")
        parts_zh.append(f"{at_zh}多出{number(alert.excess_units)}件")
        figures.append(Figure("alert", alert.excess_units, "units", direction="enough"))
    book.tell(
        f"{item.name}: {'; '.join(parts_en)}.",
        f"{named(item, 'zh')}：{'；'.join(parts_zh)}。",
        *figures,
        source=f"stock/{item.sku}",
        required=True,
    )


def _lasting(cover: float) -> str:
    return f"{number(cover, 1)} {'day' if cover == 1 else 'days'}"


def _at(alert: Alert, warehouses: Mapping[str, Warehouse]) -> tuple[str, str]:
    """Where, as the end of an English and the beginning of a Chinese clause."""
    place = warehouses.get(alert.warehouse)
    return (f" in {place.name}", named(place, "zh")) if place else ("", "")


def _row(alert: Alert, item: Item) -> Json:
    return {
        "kind": alert.kind,
        "severity": alert.severity,
        "item": alert.item,
        "name": item.name,
        "warehouse": alert.warehouse,
        "available": alert.available,
        "on_order": alert.on_order,
        "mean_daily_demand": round(alert.mean_daily_demand, 4),
        "days_of_cover": None if alert.days_of_cover is None else round(alert.days_of_cover, 2),
        "lead_time_days": alert.lead_time_days,
        "excess_units": alert.excess_units,
        "as_of": alert.as_of.isoformat(),
    }
