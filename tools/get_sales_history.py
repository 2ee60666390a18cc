"""The tool `get_sales_history`: what sold, summed by day, week or month."""

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from parstock.domain import DemandPanel, Item, Json
from parstock.results import ToolResult
from parstock.wording import day, days, named, number, rate, units, whole_percent
from planning.facts import Direction
from tools.base import Scope, ToolArguments, tools
from tools.charts import history_chart
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.periods import PastSpan, past_span

Frequency: TypeAlias = Literal["day", "week", "month"]
_SPAN_ZH = {"day": "", "week": "起的一周", "month": "起的一个月"}
MOST_BUCKETS_TOLD = 14
"""Up to this many buckets are facts of their own; more are in the data and the chart."""
FLAT = 0.02
"""A change below this share counts as none."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Units sold in one day, week or month."""

    start: date
    units: float
    """Sold on the days that are known."""
    days: int
    """Days of the bucket that lie in the period asked for and whose sales are known."""
    unknown_days: int
    """Days of it whose sales are not known: before the item was first sold, or after the last recorded day."""


@tools.register("get_sales_history")
class GetSalesHistory:
    """Sums past demand of one product by period."""

    name: ClassVar[str] = "get_sales_history"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which item, where, and when."""

        item: str
        warehouse: str | None = None
        start: str | None = None
        end: str | None = None
        frequency: Frequency | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Sum the item's recorded demand."""
        item = context.names.resolve_item(args.item)
        warehouse = context.warehouse_code(args.warehouse)
        book = FactBook(context)
        span = past_span(args.start, args.end, context.as_of())
        panel = context.panel([item.sku], warehouse)
        frequency = args.frequency or _suiting((span.last - span.first).days + 1)
        buckets = [bucket for bucket in _buckets(panel, span.first, span.last, frequency) if bucket.days]
        total = sum(bucket.units for bucket in buckets)
        asked_days = (span.last - span.first).days + 1
        known_days = sum(bucket.days for bucket in buckets)
        source = f"demand/{item.sku}"
        self._total(book, item, span, total, known_days, source)
        self._begin(book, panel, span.first, source)
        if known_days == asked_days:
            self._change(book, panel, span.first, span.last, total, source)
        self._buckets(book, buckets, frequency, given=args.frequency is not None, source=source)
        book.item(item)
        book.warehouse(warehouse)
        if not span.given:
            en, zh = f"Last {days(asked_days)} by default.", f"默认取最近{asked_days}天。"
            book.default("start", asked_days, en, zh, shown=asked_days, unit="days")
        rows: list[Json] = [
            {"start": b.start.isoformat(), "units": b.units, "days": b.days, "unknown_days": b.unknown_days} for b in buckets
        ]
        data: dict[str, Json] = {
            "sku": item.sku,
            "warehouse": warehouse,
            "start": span.first.isoformat(),
            "end": span.last.isoformat(),
            "days": asked_days,
            "unknown_days": asked_days - known_days,
            "frequency": frequency,
            "total": total if known_days else None,
            "buckets": rows,
        }
        chart = history_chart(item, [b.start for b in buckets], [b.units for b in buckets]) if buckets else None
        return ToolResult(self.name, data, book.facts(), chart=chart, defaults=book.defaults())

    @staticmethod
    def _total(book: FactBook, item: Item, span: PastSpan, total: float, known_days: int, source: str) -> None:
        """Tell the sum, and over how many days it is where not all are known."""
        first, last = span.first, span.last
        unknown = (last - first).days + 1 - known_days
        en, zh = (
            f"from {day(first, 'en')} to {day(last, 'en')}",
            f"{named(item, 'zh')}在{day(first, 'zh')}至{day(last, 'zh')}期间",
        )
        if not known_days:
            en, zh = f"What {item.name} sold {en} is not known.", f"{zh}的销量未知。"
            book.add("sales.unknown_days", unknown, "days", en, zh, source=source, required=True)
            return
        figures = [Figure("sales.total", total, "units")]
        en = f"{item.name} sold {units(total) if total else 'nothing'} {en}"
        if total:
            daily = rate(total / known_days)
            en, zh = f"{en}, {daily} a day", f"{zh}共售出{number(total)}件，日均{daily}件"
            figures.append(Figure("sales.daily", round(total / known_days, 4), "units a day"))
        else:
            zh = f"{zh}没有销量"
        book.tell(f"{en}.", f"{zh}。", *figures, source=source, required=True)
        if unknown:
            en = f"The sales of {days(unknown)} of these are not known and are left out; the figures are of {days(known_days)}."
            zh = f"其中{unknown}天的销量未知，未计入；以上数字按{known_days}天计算。"
            figures = [Figure("sales.unknown_days", unknown, "days"), Figure("sales.known_days", known_days, "days")]
            book.tell(en, zh, *figures, source=source, required=True)

    @staticmethod
    def _begin(book: FactBook, panel: DemandPanel, first: date, source: str) -> None:
        """Say from when on sales are recorded, where that is within the period or after it."""
        known = np.flatnonzero(np.isfinite(panel.demand[0]))
        begun = panel.start + timedelta(days=int(known[0])) if known.size else panel.as_of
        if begun > first:
            en, zh = f"Its sales are recorded from {day(begun, 'en')} on.", f"销量记录始于{day(begun, 'zh')}。"
            book.add("sales.recorded_from", begun, "date", en, zh, source=source, required=True)

    @staticmethod
    def _change(book: FactBook, panel: DemandPanel, first: date, last: date, total: float, source: str) -> None:
        """Compare with as many days just before, where they are all recorded."""
        length = (last - first).days + 1
        before = first - timedelta(days=length)
        if before < panel.start:
            return
        earlier = panel.demand[0, (before - panel.start).days : (first - panel.start).days]
        if not np.isfinite(earlier).all() or earlier.sum() <= 0:
            return
        share = total / float(earlier.sum()) - 1
        direction: Direction = "flat" if abs(share) < FLAT else "up" if share > 0 else "down"
        en = {"up": "more than", "down": "less than", "flat": "about the same as"}[direction]
        zh = {"up": "多", "down": "少", "flat": "基本持平，相差"}[direction]
        shown = whole_percent(abs(share))
        book.add(
            "sales.change",
            abs(share) * 100,
            "%",
            f"That is {f'{shown} {en}' if direction != 'flat' else f'{en} (within {shown})'} in the {days(length)} before.",
            f"比此前{length}天{zh}{shown}。",
            source=source,
            direction=direction,
        )

    @staticmethod
    def _buckets(book: FactBook, buckets: list[Bucket], frequency: Frequency, *, given: bool, source: str) -> None:
        if not given:
            zh = {"day": "天", "week": "周", "month": "月"}[frequency]
            book.default("frequency", frequency, f"By {frequency}.", f"按{zh}汇总。", detail=True)
        if len(buckets) < 2 or not any(bucket.units for bucket in buckets):
            return
        best = max(buckets, key=lambda bucket: bucket.units)
        start_en, start_zh, sold = day(best.start, "en"), day(best.start, "zh"), number(best.units)
        began = "was" if frequency == "day" else "began on"
        en = f"The best {frequency} {began} {start_en}, with {units(best.units)}."
        zh = f"最好的是{start_zh}{_SPAN_ZH[frequency]}，售出{sold}件。"
        book.tell(en, zh, Figure("sales.best", best.units, "units"), Figure("sales.best_day", best.start, "date"), source=source)
        for bucket in buckets if len(buckets) <= MOST_BUCKETS_TOLD else []:
            start_en, start_zh = day(bucket.start, "en"), day(bucket.start, "zh")
            en = f"{'' if frequency == 'day' else 'From '}{start_en}: {units(bucket.units) if bucket.units else 'none'}."
            zh = f"{start_zh}{_SPAN_ZH[frequency]}：{f'{number(bucket.units)}件' if bucket.units else '没有销量'}。"
            shown = (Figure("sales.bucket", bucket.units, "units"), Figure("sales.bucket", bucket.start, "date"))
            book.tell(en, zh, *shown, source=source, required=given, detail=not given)


def _suiting(length: int) -> Frequency:
    return "day" if length <= 14 else "week" if length <= 120 else "month"


def _buckets(panel: DemandPanel, first: date, last: date, frequency: Frequency) -> list[Bucket]:
    """Sum one item's demand by period; days that are not known are counted apart."""
    buckets: dict[date, Bucket] = {}
    for offset in range((last - first).days + 1):
        today = first + timedelta(days=offset)
        column = (today - panel.start).days
        sold = float(panel.demand[0, column]) if 0 <= column < panel.days else math.nan
        start = max(first, _bucket_start(today, frequency))
        so_far = buckets.get(start, Bucket(start, 0.0, 0, 0))
        buckets[start] = (
            replace(so_far, unknown_days=so_far.unknown_days + 1)
            if math.isnan(sold)
            else replace(so_far, units=so_far.units + sold, days=so_far.days + 1)
        )
    return list(buckets.values())


def _bucket_start(today: date, frequency: Frequency) -> date:
    if frequency == "week":
        return today - timedelta(days=today.weekday())
    return today.replace(day=1) if frequency == "month" else today
