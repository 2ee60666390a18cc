"""The tool `list_alerts`: what runs out or lies around."""

from collections.abc import Sequence
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from inventory.monitoring import SEVERITIES, Alert, Severity, find_alerts
from parstock.domain import Item, Json, ToolResult
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.recent import RECENT_DAYS, mean_daily_demand
from tools.wording import days, named, number, units

Kind: TypeAlias = Literal["stockout", "overstock", "forecast_drift", "late_supply", "dead_stock", "data_quality"]
MOST_TOLD = 8
"""Alerts that are facts; all of them are in the data."""
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
        items = context.shelf().items
        self._tell_counts(book, alerts, args.kind)
        for alert in alerts[:MOST_TOLD]:
            _tell_alert(book, alert, items[alert.item], context.warehouse_name(alert.warehouse))
        if len(alerts) > MOST_TOLD:
            book.add(
                "alerts.told",
                MOST_TOLD,
                "alerts",
                f"The {number(MOST_TOLD)} most severe are named.",
                f"列出最严重的{number(MOST_TOLD)}条。",
                source="monitoring",
            )
        book.warehouse(warehouse)
        if args.kind is None:
            book.default("kind", "stockout, overstock", "Stockout and overstock are monitored.", "监控缺货与积压两类。")
        book.add(
            "demand.days",
            RECENT_DAYS,
            "days",
            f"Cover is measured by what sold in the last {days(RECENT_DAYS)}.",
            f"可售天数按最近{RECENT_DAYS}天的销量计算。",
            source="demand",
        )
        rows: list[Json] = [_row(alert, items[alert.item]) for alert in alerts]
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
    def _tell_counts(book: FactBook, alerts: Sequence[Alert], kind: str | None) -> None:
        for known, en, zh in (("stockout", "likely to run out", "可能缺货"), ("overstock", "overstocked", "积压")):
            if kind not in (None, known):
                continue
            count = sum(alert.kind == known for alert in alerts)
            book.add(
                f"alerts.{known}",
                count,
                "alerts",
                f"{number(count)} {'position is' if count == 1 else 'positions are'} {en}.",
                f"{zh}的库存有{number(count)}处。",
                source="monitoring",
                required=True,
            )


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
            shelf.items.values(), positions, rates, shelf.suppliers, as_of=as_of, review_days=context.settings.review_days
        )
    return sorted(found, key=_urgency)


def _urgency(alert: Alert) -> tuple[float, bool, float, float, str]:
    """Severe ones first, stockouts before overstocks, little cover before much, fast sellers before slow ones."""
    severity = -SEVERITIES.index(alert.severity)
    cover = max(0.0, alert.days_of_cover or 0.0)
    return severity, alert.kind != "stockout", cover, -alert.mean_daily_demand, alert.item


def _tell_alert(book: FactBook, alert: Alert, item: Item, place: str) -> None:
    source = f"stock/{alert.item}/{alert.warehouse}"
    at_en, at_zh = (f" in {place}", f"在{place}") if alert.warehouse else ("", "")
    cover = alert.days_of_cover
    if alert.kind == "stockout":
        left, shown = max(0, alert.available), max(0.0, cover or 0.0)
        en = f"has {units(left)} left, enough for {days(shown)}" if left else "is out of stock"
        zh = f"还剩{number(left)}件，只够卖{number(shown)}天" if left else "已无可售库存"
        book.add(
            "alert.stockout",
            round(shown, 2),
            "days",
            f"{item.name}{at_en} {en}; new stock takes {days(alert.lead_time_days)}.",
            f"{named(item, 'zh')}{at_zh}{zh}，补货需要{number(alert.lead_time_days)}天。",
            source=source,
            required=True,
            direction="short",
        )
    else:
        book.add(
            "alert.overstock",
            alert.excess_units,
            "units",
            f"{item.name}{at_en} has {units(alert.excess_units)} too many.",
            f"{named(item, 'zh')}{at_zh}多出{number(alert.excess_units)}件。",
            source=source,
            required=True,
            direction="enough",
        )


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
