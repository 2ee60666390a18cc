"""The facts of one plan line: the decision, the arithmetic that a planner can redo by hand, what binds. Computes nothing new.

Units are whole, and what is shown as a sum adds up as it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from parstock.domain import Floats, Item, Supplier
from parstock.results import Fact, PlanLine
from parstock.wording import day, days, money, named, number, percent, rate, units
from planning import line_events, line_limits, line_outlook
from planning.decide import Decided
from planning.facts import Figure, Notebook

_FAR = timedelta(days=365)  # a later order-by date says nothing


def line_facts(decided: Decided, lines: Sequence[PlanLine], lead_demand: Floats) -> list[tuple[Fact, ...]]:
    """Return the facts of every line.

    Args:
        decided: The catalogue as planned.
        lines: [N] its lines.
        lead_demand: [N] mean units demanded over the lead time.
    """
    return [_Teller(decided, row, line, round(float(lead_demand[row]))).facts() for row, line in enumerate(lines)]


@dataclass(frozen=True, eq=False, slots=True)
class _Teller:
    """Tells one line."""

    decided: Decided
    row: int
    line: PlanLine
    lead_demand: int
    """Units, whole."""

    @property
    def item(self) -> Item:
        return self.decided.now.items[self.row]

    @property
    def supplier(self) -> Supplier:
        return self.decided.now.suppliers[self.row]

    @property
    def in_time(self) -> int:
        """Units on order that are due in time."""
        return int(self.decided.now.arriving_in_time[self.row])

    @property
    def position(self) -> int:
        """Stock position, units."""
        return self.line.on_hand - self.line.reserved + self.in_time

    @property
    def need(self) -> int:
        """Units missing to the order-up-to level."""
        return int(self.decided.decision.need[self.row])

    def facts(self) -> tuple[Fact, ...]:
        """Everything, in the order in which it is told."""
        book = Notebook()
        if self.line.quantity:
            self._order(book)
        elif self.line.binding == "no_need":
            self._no_need(book)
        else:
            line_limits.tell_stopped(book, self.decided, self.row, self.line)
        line_events.tell_events(book, self.decided, self.row)
        if self.line.binding != "no_need":
            self._position(book)
        self._late(book)
        line_events.tell_overdue(book, self.decided, self.row)
        self._reorder_point(book)
        self._target(book)
        if self.need > 0:
            line_limits.tell_lots(book, self.decided, self.row, self.line)
        line_limits.tell_limits(book, self.decided, self.row, self.line)
        line_outlook.tell_outlook(book, self.decided, self.row, self.line)
        line_outlook.tell_money(book, self.decided, self.row, self.line)
        line_events.tell_supplier(book, self.decided, self.row)
        line_outlook.tell_terms(book, self.decided, self.line)
        return book.filed

    def _order(self, book: Notebook) -> None:
        line, today, currency = self.line, self.decided.terms.as_of, self.decided.terms.currency
        by = line.order_by if line.order_by is not None and line.order_by - today <= _FAR else None
        when_en, when_zh = _when(by, today)
        cost, source = money(line.cost, currency), f"plan:{line.item}"
        figures = [Figure("quantity", line.quantity, "units"), Figure("cost", line.cost, currency)]
        figures += [Figure("order_by", by, "date")] if by else []
        book.tell(
            f"Order {units(line.quantity)} of {self.item.name} from {self.supplier.name}{when_en} ({cost}).",
            f"建议{when_zh}向{named(self.supplier, 'zh')}订购{number(line.quantity)}件{named(self.item, 'zh')}，金额{cost}。",
            *figures,
            source=source,
            required=True,
        )

    def _no_need(self, book: Notebook) -> None:
        sum_en, sum_zh = self._sum()
        daily = float(self.decided.now.daily_demand[self.row])
        cover = self.position / daily if daily > 0 else None
        lasts = None if cover is None or cover > _FAR.days else round(cover)
        figures = [Figure("quantity", 0, "units"), *self._stock_figures()]
        en = f"No order of {self.item.name} is needed now: the stock position of {units(self.position)} ({sum_en})"
        zh = f"{named(self.item, 'zh')}现在不用订货：库存头寸{number(self.position)}件（{sum_zh}）"
        if lasts is None:
            en, zh = f"{en} lasts more than a year.", f"{zh}，可用一年以上。"
            book.tell(en, zh, *figures, source=f"plan:{self.line.item}", required=True)
            return
        figures += [
            Figure("days_of_cover", lasts, "days", direction="enough"),
            Figure("expected_daily", round(daily, 2), "units a day", f"forecast:{self.line.model}"),
        ]
        book.tell(
            f"{en} lasts about {days(lasts)} at the expected {rate(daily)} a day.",
            f"{zh}，按预计日均{rate(daily)}件可用约{number(lasts)}天。",
            *figures,
            source=f"plan:{self.line.item}",
            required=True,
        )

    def _position(self, book: Notebook) -> None:
        sum_en, sum_zh = self._sum()
        en = f"The stock position is {units(self.position)}: {sum_en}." if self.position else "The stock position is nothing"
        zh = f"库存头寸为{number(self.position)}件：{sum_zh}。" if self.position else "库存头寸为零"
        if not self.position:
            some = self.line.on_hand or self.in_time
            en, zh = (f"{en}: {sum_en}.", f"{zh}：{sum_zh}。") if some else (f"{en}, with none on order.", f"{zh}，也没有在途。")
        book.tell(en, zh, *self._stock_figures(), source=f"stock:{self.line.item}")

    def _late(self, book: Notebook) -> None:
        coming = self.decided.now.coming
        soon = coming.due_in_days < self.decided.now.interval_days[self.row]
        late = int(coming.units[(coming.row == self.row) & coming.ordered & ~soon].sum())
        if late > 0:
            verb = "comes" if late == 1 else "come"
            book.tell(
                f"Another {units(late)} on order {verb} too late to count.",
                f"另有在途{number(late)}件到货太晚，不计入。",
                Figure("stock.on_order_late", late, "units"),
                source=f"orders:{self.line.item}",
            )

    def _sum(self) -> tuple[str, str]:
        """How the position comes about, in both languages; what is zero is left out."""
        en, zh = f"{number(self.line.on_hand)} on hand", f"现有{number(self.line.on_hand)}"
        if self.line.reserved:
            en, zh = f"{en} - {number(self.line.reserved)} reserved", f"{zh} - 预留{number(self.line.reserved)}"
        if self.in_time:
            en, zh = f"{en} + {number(self.in_time)} on order", f"{zh} + 在途{number(self.in_time)}"
        alone = self.line.on_hand and not self.line.reserved and not self.in_time
        return ("all on hand", "均为现有库存") if alone else (en, zh)

    def _stock_figures(self) -> tuple[Figure, ...]:
        source = f"stock:{self.line.item}"
        return (
            Figure("stock.position", self.position, "units", source),
            Figure("stock.on_hand", self.line.on_hand, "units", source),
            Figure("stock.reserved", self.line.reserved, "units", source),
            Figure("stock.on_order", self.in_time, "units", f"orders:{self.line.item}"),
        )

    def _reorder_point(self, book: Notebook) -> None:
        line, policy = self.line, f"planner:{self.decided.terms.policy}"
        point = round(line.reorder_point)
        safety, lead = point - self.lead_demand, number(line.lead_time_days, 1)
        sign = "-" if safety < 0 else "+"
        origin_en, origin_zh, source = self._level_origin()
        level = percent(line.service_level)
        book.tell(
            f"The reorder point is {units(point)}: {number(self.lead_demand)} for the {lead}-day lead time "
            f"{sign} {number(abs(safety))} safety stock ({level} service{origin_en}).",
            f"再订货点为{number(point)}件：{lead}天交货期需求{number(self.lead_demand)} {sign} 安全库存{number(abs(safety))}"
            f"（服务水平{level}{origin_zh}）。",
            Figure("reorder_point", point, "units"),
            Figure("lead_time_demand", self.lead_demand, "units", f"forecast:{line.model}"),
            Figure("safety_stock", safety, "units"),
            Figure("lead_time", line.lead_time_days, "days", f"supplier:{self.supplier.code}"),
            Figure("service_level", round(100 * line.service_level, 1), "%", source),
            source=policy,
        )
        if not line.quantity and line.binding == "no_need":
            self._order_by(book)

    def _order_by(self, book: Notebook) -> None:
        by, today = self.line.order_by, self.decided.terms.as_of
        if by is not None and today < by and by - today <= _FAR:
            book.tell(
                f"It is reached about {day(by, 'en')}: order by then.",
                f"预计{day(by, 'zh')}降到再订货点，请在此之前下单。",
                Figure("order_by", by, "date"),
                source=f"plan:{self.line.item}",
            )

    def _level_origin(self) -> tuple[str, str, str]:
        """Where the service level comes from: what is said of it, and its source."""
        source = self.decided.level_source(self.row)
        said = {
            "request": (", as asked", "，按要求"),
            "costs": (", from margin and holding cost", "，由毛利与持有成本得出"),
            "settings": ("", ""),
        }.get(source, (f" [{source}]", f" [{source}]"))
        return *said, source

    def _target(self, book: Notebook) -> None:
        line, levels = self.line, self.decided.decision.levels
        span, up_to = float(self.decided.now.interval_days[self.row]), round(line.order_up_to)
        expected = round(line.expected_lead_time_demand)
        covers = float(levels.order_below[self.row]) == float(levels.order_up_to[self.row])
        expected_en, expected_zh = f"{number(expected)} expected to sell", f"预计销售{number(expected)}件"
        if covers:
            en = f"To last {days(span)} takes {units(up_to)} ({expected_en})"
            zh = f"要维持{number(span)}天需要{number(up_to)}件（{expected_zh}）"
        else:
            en = f"The order-up-to level is {units(up_to)} ({expected_en} in {days(span)})"
            zh = f"目标库存水平为{number(up_to)}件（{number(span)}天内{expected_zh}）"
        figures = [
            Figure("order_up_to", up_to, "units"),
            Figure("expected_demand", expected, "units", f"forecast:{line.model}"),
            Figure("covered_days", round(span, 1), "days"),
        ]
        if self.need > 0:
            figures.append(Figure("need", self.need, "units", f"plan:{line.item}"))
            en, zh = f"{en}, {number(self.need)} more than the position", f"{zh}，还缺{number(self.need)}件"
        book.tell(f"{en}.", f"{zh}。", *figures, source=f"planner:{self.decided.terms.policy}", detail=self.need <= 0)


def _when(by: date | None, today: date) -> tuple[str, str]:
    """When to order, as the end of an English and the beginning of a Chinese clause."""
    if by is None:
        return " now", "现在"
    if by <= today:
        return f" today, {day(today, 'en')}", f"今天（{day(today, 'zh')}）"
    return f" by {day(by, 'en')}", f"在{day(by, 'zh')}前"
