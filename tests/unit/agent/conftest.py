"""Facts of seven results as tools file them, for texts that twist them and texts that do not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from agent.verify import verify
from parstock.domain import Language
from parstock.results import Citation, Fact
from planning.facts import Figure, Notebook

Problems = Callable[[str, Language, str], tuple[str, ...]]

NAMES = (
    "Travel towel", "Desk lamp", "Glass jar", "USB-C cable", "Watering can", "Body butter", "Wall clock", "旅行毛巾", "台灯",
    "玻璃罐", "喷壶", "身体乳", "挂钟", "Izmir Textile House", "Krakow Glass", "Main warehouse", "Northern hub", "总仓", "北方仓",
)  # fmt: skip
CITATIONS = (
    Citation("approval-limits#1", "Approval limits", "Orders above 400 GBP need approval.", "approval-limits"),
    Citation("service-levels#2.3", "Service levels", "97 % in summer.", "service-levels"),
)


def _plan() -> Notebook:
    book = Notebook()
    book.tell(
        "Order 120 units of Travel towel from Izmir Textile House by 4 June 2026 (GBP 468.00).",
        "建议在2026年6月4日前向 Izmir Textile House 订购120件旅行毛巾，金额 GBP 468.00。",
        Figure("quantity", 120, "units"), Figure("cost", 468.0, "GBP"), Figure("order_by", date(2026, 6, 4), "date"),
        source="plan:OD-6049", required=True,
    )  # fmt: skip
    book.tell(
        "The stock position is 1,191 units: 1,207 on hand - 16 reserved.",
        "库存头寸为1,191件：现有1,207 - 预留16。",
        Figure("stock.position", 1191, "units"), Figure("stock.on_hand", 1207, "units"), Figure("stock.reserved", 16, "units"),
        source="stock:OD-6049",
    )  # fmt: skip
    book.tell(
        "The reorder point is 1,276 units: 597 for the 22-day lead time + 679 safety stock (97% service [service-levels#2.3]).",
        "再订货点为1,276件：22天交货期需求597 + 安全库存679（服务水平97% [service-levels#2.3]）。",
        Figure("reorder_point", 1276, "units"), Figure("lead_time_demand", 597, "units"), Figure("safety_stock", 679, "units"),
        Figure("lead_time", 22.0, "days"), Figure("service_level", 97.0, "%", "service-levels#2.3"),
        source="planner:base_stock",
    )  # fmt: skip
    book.tell(
        "It needs approval, being above the limit of GBP 400.00 [approval-limits#1].",
        "该订单超过 GBP 400.00的审批限额 [approval-limits#1]，需要审批。",
        Figure("approval_limit", 400.0, "GBP"), source="approval-limits#1", required=True,
    )  # fmt: skip
    book.tell(
        "The chance of running out before it arrives is 23%.",
        "到货之前缺货的概率为23%。",
        Figure("early_stockout", 23, "%"), source="forecast:ets",
    )  # fmt: skip
    return book


def _enough() -> Notebook:
    book = Notebook()
    book.tell(
        "No order of Desk lamp is needed now: the stock position of 300 units lasts about 96 days at the expected 3.1 a day.",
        "台灯现在不用订货：库存头寸300件，按预计日均3.1件可用约96天。",
        Figure("quantity", 0, "units"), Figure("stock.position", 300, "units"),
        Figure("days_of_cover", 96, "days", direction="enough"), Figure("expected_daily", 3.1, "units a day"),
        source="plan:EL-5011", required=True,
    )  # fmt: skip
    book.tell(
        "The reorder point is 85 units: 63 for the 20-day lead time + 22 safety stock (95% service).",
        "再订货点为85件：20天交货期需求63 + 安全库存22（服务水平95%）。",
        Figure("reorder_point", 85, "units"), Figure("lead_time_demand", 63, "units"), Figure("safety_stock", 22, "units"),
        Figure("lead_time", 20.0, "days"), Figure("service_level", 95.0, "%"), source="planner:base_stock",
    )  # fmt: skip
    book.tell(
        "It is reached about 19 July 2026: order by then.",
        "预计2026年7月19日降到再订货点，请在此之前下单。",
        Figure("order_by", date(2026, 7, 19), "date"), source="plan:EL-5011",
    )  # fmt: skip
    return book


def _stock() -> Notebook:
    book = Notebook()
    book.tell(
        "Glass jar has 539 units on hand: 24 reserved and 515 free to sell.",
        "玻璃罐现有库存539件，其中预留24件，可售515件。",
        Figure("stock.on_hand", 539, "units"), Figure("stock.reserved", 24, "units"), Figure("stock.available", 515, "units"),
        source="stock/KI-2015", required=True,
    )  # fmt: skip
    book.tell(
        "At the recent rate of 15.5 a day that lasts 33 days.",
        "按近期日均15.5件计算，还能卖33天。",
        Figure("stock.days_of_cover", 33, "days"), Figure("demand.daily", 15.5, "units a day"),
        source="demand/KI-2015", required=True,
    )  # fmt: skip
    book.tell(
        "250 units are on order; they were due on 3 May 2026 and are late.",
        "在途250件，原定2026年5月3日到货，已延误。",
        Figure("stock.on_order", 250, "units"), Figure("inbound.due", date(2026, 5, 3), "date"), source="purchase_orders/KI-2015",
    )  # fmt: skip
    book.tell(
        "The position of 765 units is at or above the reorder point of 305: enough.",
        "库存头寸765件，不低于再订货点305件，库存充足。",
        Figure("reorder_point", 305, "units", direction="enough"), Figure("stock.position", 765, "units"), source="plan/KI-2015",
    )  # fmt: skip
    return book


def _forecast() -> Notebook:
    book = Notebook()
    book.tell(
        "USB-C cable is expected to sell 746 units in the 42 days to 12 July 2026, 17.8 a day.",
        "USB-C cable 到2026年7月12日为止的42天内，预计售出746件，日均17.8件。",
        Figure("forecast.total", 746, "units"), Figure("forecast.daily", 17.8, "units a day"),
        Figure("forecast.until", date(2026, 7, 12), "date"), source="forecast/EL-5005", required=True,
    )  # fmt: skip
    book.tell(
        "With a chance of 80% it lies between 618 and 878.",
        "有80%的可能在618至878件之间。",
        Figure("forecast.low", 618, "units"), Figure("forecast.high", 878, "units"), Figure("forecast.chance", 80, "%"),
        source="forecast/EL-5005",
    )  # fmt: skip
    book.tell(
        "That is 16% less than the 884 units of the last 42 days.",
        "比最近42天的884件少16%。",
        Figure("forecast.change", 15.6, "%", direction="down"), source="forecast/EL-5005",
    )  # fmt: skip
    book.tell(
        "Monday is the strongest day of the week, at 1.3 times the average.",
        "周一卖得最好，是日均的1.3倍。",
        Figure("driver.weekday", 1.3, "times"), source="demand",
    )  # fmt: skip
    return book


def _scenario() -> Notebook:
    book = Notebook()
    book.tell(
        "If demand rises by 20%, order 3,000 units of Watering can instead of 2,500.",
        "如果需求增加20%，喷壶应订购3,000件，而不是2,500件。",
        Figure("changed.quantity", 3000, "units"), Figure("base.quantity", 2500, "units"),
        Figure("change.demand", 20.0, "%", direction="up"), source="simulation:GD-1020", required=True,
    )  # fmt: skip
    book.tell(
        "The chance of a stockout rises by 8 percentage points, from 4% to 12%.",
        "缺货概率从4%升至12%，增加8个百分点。",
        Figure("difference.stockout_probability", 8.0, "percentage points", direction="up"),
        Figure("base.stockout_probability", 4.0, "%"), Figure("changed.stockout_probability", 12.0, "%"),
        source="simulation:GD-1020",
    )  # fmt: skip
    book.tell(
        "The total cost rises by GBP 6,810, from GBP 38,852 to GBP 45,662.",
        "总成本从 GBP 38,852升至 GBP 45,662，增加 GBP 6,810。",
        Figure("difference.total_cost", 6810.0, "GBP", direction="up"), Figure("base.total_cost", 38852.0, "GBP"),
        Figure("changed.total_cost", 45662.0, "GBP"), source="simulation:GD-1020",
    )  # fmt: skip
    return book


def _short() -> Notebook:
    book = Notebook()
    book.tell(
        "Body butter has 12 units left in Main warehouse (4 days), with none on order; new stock takes 16 days.",
        "身体乳总仓剩12件（够卖4天），没有在途；补货需要16天。",
        Figure("alert.left", 12, "units", direction="short"), Figure("alert.cover", 4, "days", direction="short"),
        Figure("alert.lead_time", 16, "days"), source="alerts/BE-7046", required=True,
    )  # fmt: skip
    return book


def _draft() -> Notebook:
    book = Notebook()
    book.tell(
        "Draft: move 40 units of Wall clock from Northern hub to Main warehouse.",
        "草稿：将40件挂钟从北方仓调到总仓。",
        Figure("transfer.quantity", 40, "units"), source="question", required=True,
    )  # fmt: skip
    book.tell(
        "Sent today it arrives about 5 June 2026, after 3 days; transport costs GBP 22.40.",
        "今天发出，约3天后（2026年6月5日）到货；运输费 GBP 22.40。",
        Figure("transfer.arrives", date(2026, 6, 5), "date"), Figure("transfer.days", 3, "days"),
        Figure("transfer.transport_cost", 22.4, "GBP"), source="transfers/HD-4007",
    )  # fmt: skip
    book.add(
        "proposal.id", "tr-691e", "name",
        "Kept as tr-691e: nothing is moved until a person approves it.", "已存为 tr-691e，须经人工批准才会调拨。",
        source="tr-691e", required=True,
    )  # fmt: skip
    return book


_BOOKS = {
    "plan": _plan, "enough": _enough, "stock": _stock, "forecast": _forecast, "scenario": _scenario, "short": _short,
    "draft": _draft,
}  # fmt: skip


def _facts(results: str) -> tuple[Fact, ...]:
    """The facts of the results named, under the ids they have in a turn; required ones only where the name ends in "!"."""
    strict = results.endswith("!")
    filed = ((f"c{call}", fact) for call, name in enumerate(results.rstrip("!").split("+"), 1) for fact in _BOOKS[name]().filed)
    return tuple(replace(fact, id=f"{call}.{fact.id}", required=fact.required and strict) for call, fact in filed)


@pytest.fixture(scope="session")
def problems() -> Problems:
    """What the verifier objects to in a text, given the names of the results it rests on, such as "plan+stock"."""

    def of(results: str, lang: Language, text: str) -> tuple[str, ...]:
        return verify(text, _facts(results), "", lang, citations=CITATIONS, names=NAMES).problems

    return of
