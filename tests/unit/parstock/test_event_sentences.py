"""Planning events said back in one sentence."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from parstock.domain import Item, PlanningEvent, Supplier, Warehouse
from parstock.event_sentences import event_sentence

FIRST, LAST = date(2026, 2, 10), date(2026, 2, 24)


@dataclass(frozen=True)
class _Shop:
    items: dict[str, Item] = field(
        default_factory=lambda: {
            "mug": Item("mug", "Ceramic Mug", "Kitchen", "YB", 1.0, 2.0, name_zh="陶瓷马克杯"),
            "pan": Item("pan", "Pan", "Kitchen", "YB", 1.0, 2.0),
        }
    )
    suppliers: dict[str, Supplier] = field(
        default_factory=lambda: {"YB": Supplier("YB", "Yiwu Bright", 20.0, 4.0, aliases=("义乌明亮",))}
    )
    warehouses: dict[str, Warehouse] = field(default_factory=lambda: {"LON": Warehouse("LON", "London DC", aliases=("伦敦仓",))})


CASES = (
    (
        PlanningEvent("demand_change", item="mug", warehouse="LON", start=FIRST, end=LAST, pct=40.0),
        "Demand for Ceramic Mug in London DC is 40% higher than forecast from 10 February 2026 to 24 February 2026.",
        "2026年2月10日至2026年2月24日，伦敦仓的陶瓷马克杯的需求比预测高40%。",
    ),
    (
        PlanningEvent("demand_change", category="Kitchen", supplier="YB", pct=-12.5),
        "Demand for all Kitchen items from Yiwu Bright is 12.5% lower than forecast from now on.",
        "即日起，义乌明亮供应的全部 Kitchen 类商品的需求比预测低12.5%。",
    ),
    (
        PlanningEvent("demand_change", end=LAST, pct=100.0),
        "Demand for all items is 100% higher than forecast until 24 February 2026.",
        "截至2026年2月24日，全部商品的需求比预测高100%。",
    ),
    (
        PlanningEvent("lead_time_change", supplier="YB", delta_days=-3.0, start=FIRST),
        "The lead time of Yiwu Bright is 3 days shorter from 10 February 2026 on.",
        "自2026年2月10日起，义乌明亮的交货期缩短3天。",
    ),
    (
        PlanningEvent("lead_time_change", item="mug", days=1.0),
        "The lead time of Ceramic Mug is 1 day from now on.",
        "即日起，陶瓷马克杯的交货期为1天。",
    ),
    (
        PlanningEvent("supply_hold", supplier="YB", start=FIRST, end=LAST),
        "Yiwu Bright ships nothing from 10 February 2026 to 24 February 2026.",
        "2026年2月10日至2026年2月24日，义乌明亮不发货。",
    ),
    (
        PlanningEvent("order_hold", item="pan", end=LAST),
        "No Pan is ordered until 24 February 2026.",
        "截至2026年2月24日，暂停订购 Pan。",
    ),
    (
        PlanningEvent("order_hold", supplier="YB", start=FIRST),
        "Nothing is ordered from Yiwu Bright from 10 February 2026 on.",
        "自2026年2月10日起，暂停向义乌明亮订货。",
    ),
    (
        PlanningEvent("min_order_quantity", item="mug", quantity=1500, start=FIRST),
        "The minimum order of Ceramic Mug is 1,500 from 10 February 2026 on.",
        "自2026年2月10日起，陶瓷马克杯的最小起订量为1,500件。",
    ),
    (
        PlanningEvent("unit_cost_change", item="mug", unit_cost=2.5, start=FIRST),
        "The purchase price of Ceramic Mug is GBP 2.50 a unit from 10 February 2026 on.",
        "自2026年2月10日起，陶瓷马克杯的采购价为每件 GBP 2.50。",
    ),
    (
        PlanningEvent("unit_cost_change", supplier="YB", pct=-4.0),
        "The purchase price of all items from Yiwu Bright is 4% lower from now on.",
        "即日起，义乌明亮供应的全部商品的采购价下降4%。",
    ),
    (
        PlanningEvent("discontinue", item="mug", end=LAST, replacement="pan"),
        "Ceramic Mug is sold off until 24 February 2026 and not reordered; Pan takes its place.",
        "截至2026年2月24日，陶瓷马克杯售完为止，不再补货，由 Pan 替代。",
    ),
    (
        PlanningEvent("discontinue", item="gone"),
        "Gone is sold off from now on and not reordered.",
        "即日起，gone 售完为止，不再补货。",
    ),
    (
        PlanningEvent("reserve_stock", item="mug", quantity=40, warehouse="LON", end=LAST),
        "40 of Ceramic Mug in London DC are kept back until 24 February 2026.",
        "截至2026年2月24日，伦敦仓的陶瓷马克杯保留40件不卖。",
    ),
)


@pytest.mark.parametrize(("event", "english", "chinese"), CASES, ids=[f"{case[0].type}-{i}" for i, case in enumerate(CASES)])
def test_an_event_is_said_back_in_one_sentence(event: PlanningEvent, english: str, chinese: str) -> None:
    """Both languages name what it is about, what changes and when, with days resolved."""
    assert event_sentence(event, "en", _Shop(), "GBP") == english
    assert event_sentence(event, "zh", _Shop(), "GBP") == chinese
