"""Whole answers on the tiny shop, as a planner reads them, in English and Chinese."""

import re
from collections.abc import Mapping

import pytest

from agent.explain import explain
from agent.shop_names import ShopNames
from agent.verify import verify
from parstock.domain import Json, Language
from tools.call import call_tool
from tools.context import ToolContext

RECORDED: tuple[tuple[str, Mapping[str, Json], str, str], ...] = (
    (
        "get_stock",
        {"item": "22424", "warehouse": "manchester"},
        "No stock of REGENCY CAKESTAND 2 TIER is recorded in Manchester.",
        "没有 REGENCY CAKESTAND 2 TIER 在 Manchester 的库存记录。",
    ),
    (
        "get_sales_history",
        {"item": "22423", "start": "last month", "end": "last month"},
        "REGENCY CAKESTAND 3 TIER sold 234 units from 1 May 2025 to 31 May 2025, 7.5 a day. That is 4.9% less than in the 31 "
        "days before. The best week began on 12 May 2025, with 57 units.\n\nAll warehouses together.",
        "REGENCY CAKESTAND 3 TIER 在2025年5月1日至2025年5月31日期间共售出234件，日均7.5件。比此前31天少4.9%。"
        "最好的是2025年5月12日起的一周，售出57件。\n\n按所有仓库合计。",
    ),
    (
        "forecast_demand",
        {"item": "NEW-1"},
        "Velvet Cushion cannot be forecast yet: only 5 days of sales are known.\n\n"
        "All warehouses together. 28 days ahead by default.",
        "Velvet Cushion 暂时无法预测：只有5天的销售数据。\n\n按所有仓库合计。默认期限28天。",
    ),
    (
        "recommend_replenishment",
        {"item": "NEW-1"},
        "No order of Velvet Cushion can be planned: there is too little sales history for a forecast."
        "\n\nAll warehouses together.",
        "Velvet Cushion 无法制定订货计划：销售历史太短，无法预测。\n\n按所有仓库合计。",
    ),
    (
        "list_alerts",
        {},
        "2 items are likely to run out and 1 item is overstocked:\n"
        "- REGENCY CAKESTAND 3 TIER: 15 units left in Manchester (8 days); 34 units left in London DC (6 days), 96 on order. "
        "New stock takes 20 days.\n"
        "- Velvet Cushion: 20 units left in London DC (17 days). New stock takes 20 days.\n"
        "- Garden Lantern: 389 too many in Manchester.\n\n"
        "All warehouses together. Stockout and overstock are watched.",
        "2种商品可能缺货，1种商品积压：\n"
        "- REGENCY CAKESTAND 3 TIER：Manchester 剩15件（够卖8天）；London DC 剩34件（够卖6天），在途96件。补货需要20天。\n"
        "- Velvet Cushion：London DC 剩20件（够卖17天）。补货需要20天。\n"
        "- 花园灯笼：Manchester 多出389件。\n\n"
        "按所有仓库合计。监控缺货与积压两类。",
    ),
    (
        "find_items",
        {"query": "cakestand"},
        "2 items fit “cakestand”:\n"
        "- REGENCY CAKESTAND 3 TIER (22423): Kitchen, from Yiwu Bright, GBP 12.75.\n"
        "- REGENCY CAKESTAND 2 TIER (22424): Kitchen, from Yiwu Bright, GBP 9.95.",
        "与“cakestand”相符的商品有2种：\n"
        "- REGENCY CAKESTAND 3 TIER（22423）：Kitchen，供应商义乌明亮，售价 GBP 12.75。\n"
        "- REGENCY CAKESTAND 2 TIER（22424）：Kitchen，供应商义乌明亮，售价 GBP 9.95。",
    ),
    ("find_items", {"query": "spaceship"}, "No items fit “spaceship”.", "没有与“spaceship”相符的商品。"),
)
"""Tool, arguments, answer in English and in Chinese, where every number is a recorded one."""

ESTIMATED: tuple[tuple[str, Mapping[str, Json], str, str], ...] = (
    (
        "get_stock",
        {"item": "HM-20417"},
        "Ceramic Mug Fog Blue has # units on hand: # reserved and # free to sell. At the recent rate of # a day that lasts "
        "# days. # units are on order; they were due on # May # and are late. The position of # units is at or above the reorder "
        "point of #: enough.\n\nAll warehouses together.",
        "陶瓷马克杯 雾蓝现有库存#件，其中预留#件，可售#件。按近期日均#件计算，还能卖#天。在途#件，原定#年#月#日到货，已延误。"
        "库存头寸#件，不低于再订货点#件，库存充足。\n\n按所有仓库合计。",
    ),
    (
        "forecast_demand",
        {"item": "HM-20417", "horizon_days": 14, "model": "ets"},
        "Ceramic Mug Fog Blue is expected to sell # units in the # days to # June #, # a day. With a chance of #% it lies "
        "between # and #. That is #% less than the # units of the last # days. Friday is the strongest day of the week, "
        "at # times the average. Model: ets, as asked. Plans are made with the model chosen by backtest, so theirs may differ."
        "\n\nAll warehouses together.",
        "陶瓷马克杯 雾蓝到#年#月#日为止的#天内，预计售出#件，日均#件。有#%的可能在#至#件之间。比最近#天的#件少#%。"
        "周五卖得最好，是日均的#倍。模型：ets（按要求）。计划使用按回测选定的模型，数字可能不同。\n\n按所有仓库合计。",
    ),
    (
        "recommend_replenishment",
        {"item": "22423"},
        "Order # units of REGENCY CAKESTAND # TIER from Yiwu Bright today, # June # (GBP #). The stock position is # units: # on "
        "hand - # reserved + # on order. The reorder point is # units: # for the #-day lead time + # safety stock (#% service "
        "[ordering##]). To last # days takes # units (# expected to sell), # more than the position. That is rounded up to # "
        "units, in packs of #. The chance of running out before it arrives is #%.\n\nAll warehouses together.",
        "建议今天（#年#月#日）向义乌明亮订购#件 REGENCY CAKESTAND # TIER，金额 GBP #。库存头寸为#件：现有# - 预留# + 在途#。"
        "再订货点为#件：#天交货期需求# + 安全库存#（服务水平#% [ordering##]）。要维持#天需要#件（预计销售#件），还缺#件。"
        "按每箱#件向上取整为#件。到货之前缺货的概率为#%。\n\n按所有仓库合计。",
    ),
    (
        "recommend_replenishment",
        {"item": "HM-20417"},
        "No order of Ceramic Mug Fog Blue is needed now: the stock position of # units (# on hand - # reserved + # on order) "
        "lasts about # days at the expected # a day. # units on order are # days late and may never come (a chance of #%), so # "
        "of them are counted. The reorder point is # units: # for the #-day lead time + # safety stock (#% service "
        "[ordering##]). It is reached about # June #: order by then.\n\nAll warehouses together.",
        "陶瓷马克杯 雾蓝现在不用订货：库存头寸#件（现有# - 预留# + 在途#），按预计日均#件可用约#天。"
        "在途#件已逾期#天，有#%的可能不再到货，因此只计入#件。"
        "再订货点为#件：#天交货期需求# + 安全库存#（服务水平#% [ordering##]）。预计#年#月#日降到再订货点，请在此之前下单。\n\n"
        "按所有仓库合计。",
    ),
    (
        "simulate_scenario",
        {"item": "22423", "demand_change_pct": 30},
        "If demand rises by #%, order # units of REGENCY CAKESTAND # TIER instead of #. The chance of a stockout rises by # "
        "percentage points, from #% to #%. The total cost rises by GBP #, from GBP # to GBP #.\n"
        "Sources: [ordering##] [ordering##]\n\nAll warehouses together. # days simulated.",
        "如果需求增加#%，REGENCY CAKESTAND # TIER 应订购#件，而不是#件。缺货概率从#%升至#%，增加#个百分点。"
        "总成本从 GBP #升至 GBP #，增加 GBP #。\n依据：[ordering##] [ordering##]\n\n按所有仓库合计。模拟#天。",
    ),
)
"""The same where numbers follow from a forecast: each of them is written as #."""

EVERY_ANSWER = (*RECORDED, *ESTIMATED)


@pytest.mark.parametrize(("tool", "arguments", "en", "zh"), RECORDED)
def test_recorded_figures_are_told_word_for_word(
    tiny_shop: ToolContext, tool: str, arguments: Mapping[str, Json], en: str, zh: str
) -> None:
    """The answer comes first, then why, then the defaults in one last line."""
    result = call_tool(tool, arguments, tiny_shop)
    assert explain([result], "en") == en
    assert explain([result], "zh") == zh


@pytest.mark.parametrize(("tool", "arguments", "en", "zh"), ESTIMATED)
def test_estimates_are_told_in_these_words(
    tiny_shop: ToolContext, tool: str, arguments: Mapping[str, Json], en: str, zh: str
) -> None:
    """What to do, the arithmetic behind it, what binds with its clause, then the defaults."""
    result = call_tool(tool, arguments, tiny_shop)
    assert _without_numbers(explain([result], "en")) == en
    assert _without_numbers(explain([result], "zh")) == zh


@pytest.mark.parametrize(("tool", "arguments", "en", "zh"), EVERY_ANSWER)
@pytest.mark.parametrize("question", ["", "in full detail 详细"])
def test_every_answer_agrees_with_its_facts(
    tiny_shop: ToolContext, tool: str, arguments: Mapping[str, Json], en: str, zh: str, question: str
) -> None:
    """Short or in full, the answers pass the check that a model's own words have to pass."""
    result, names = call_tool(tool, arguments, tiny_shop), ShopNames.of(tiny_shop).all
    languages: tuple[Language, ...] = ("en", "zh")
    for lang in languages:
        text = explain([result], lang, question)
        assert verify(text, result.facts, question, lang, citations=result.citations, names=names).problems == ()


@pytest.mark.parametrize("item", ["22423", "22424", "85123A", "HM-20417", "LANT-01"])
def test_a_plan_is_told_in_about_ninety_words(tiny_shop: ToolContext, item: str) -> None:
    """A planner reads the decision and its reasons in half a minute; a position in less."""
    assert len(explain([call_tool("recommend_replenishment", {"item": item}, tiny_shop)], "en").split()) <= 100
    assert len(explain([call_tool("get_stock", {"item": item}, tiny_shop)], "en").split()) <= 70


def test_the_label_of_simulated_records_is_short_and_in_both_languages(own_labelled_shop: ToolContext) -> None:
    """The last line says that nothing of it is real."""
    result = call_tool("get_stock", {"item": "HM-20417"}, own_labelled_shop)
    assert explain([result], "en").endswith("All warehouses together. Simulated demonstration shop.")
    assert explain([result], "zh").endswith("按所有仓库合计。数据来自模拟的演示店铺。")


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+(?:,\d{3})*(?:\.\d+)*", "#", text)
