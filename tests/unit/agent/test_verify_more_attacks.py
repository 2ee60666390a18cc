"""More texts of both kinds, written after the verifier had been mended for the first ninety."""

from collections.abc import Callable

import pytest

from parstock.domain import Language

Problems = Callable[[str, Language, str], tuple[str, ...]]
Case = tuple[str, Language, str, str]

TWISTED: tuple[Case, ...] = (
    ("plan", "en", "We should hold 597 units as safety stock.", "a number of another term"),
    ("plan", "en", "Izmir Textile House needs 23 days to deliver.", "a number of another term"),
    ("plan", "en", "A 97% chance of running out is expected.", "a number of another term"),
    ("plan", "en", "Our position stands at 1,276 units.", "a number of another term"),
    ("plan", "en", "Please order 1,207 Travel towels.", "a number of another term"),
    ("plan", "zh", "预留1,207件。", "a number of another term"),
    ("plan", "zh", "缺货概率为97%。", "a number of another term"),
    ("plan", "zh", "需订679件。", "a number of another term"),
    ("stock", "en", "33 units are reserved.", "days as units"),
    ("stock", "en", "515 units are on order and late.", "a number of another term"),
    ("stock", "en", "The reorder point is 765.", "a number of another term"),
    ("stock", "en", "Glass jar sells 33 units a day.", "days as a rate"),
    ("stock", "zh", "在途539件，已延误。", "a number of another term"),
    ("stock", "zh", "日均销售24件。", "a number of another term"),
    ("forecast", "en", "The most likely range is 618 to 884.", "a range mixed up with another number"),
    ("forecast", "en", "USB-C cable will sell between 746 and 878 units.", "a range mixed up with another number"),
    ("forecast", "en", "The 42 days end on 12 June 2026.", "a day that no fact names"),
    ("forecast", "en", "Sales are expected to climb to 746 units.", "the other direction"),
    ("forecast", "zh", "预计销量上升16%。", "the other direction"),
    ("forecast", "zh", "周五卖得最好。", "another day of the week"),
    ("scenario", "en", "The chance of a stockout rises from 8% to 12%.", "another starting point"),
    ("scenario", "en", "Costs drop to GBP 45,662.", "the other direction"),
    ("scenario", "en", "If demand falls by 20%, order 3,000 units.", "the other direction"),
    ("scenario", "en", "The stockout chance goes up by 12 percentage points.", "a share told as points"),
    ("scenario", "en", "The cost rises by GBP 6.8 million.", "another scale"),
    ("scenario", "zh", "总成本增加6,810万英镑。", "another scale"),
    ("scenario", "zh", "总成本减少 GBP 6,810。", "the other direction"),
    ("scenario", "zh", "喷壶应订购2,500件，而不是3,000件。", "two true figures swapped"),
    ("short", "en", "Body butter covers 16 days.", "a number of another term"),
    ("short", "en", "New stock takes 4 days.", "a number of another term"),
    ("short", "zh", "身体乳还能卖16天。", "a number of another term"),
    ("draft", "en", "40 units of Wall clock have been moved to Main warehouse.", "a draft told as done"),
    ("draft", "en", "The transfer is approved.", "a draft told as done"),
    ("draft", "zh", "挂钟已经调拨到总仓。", "a draft told as done"),
    ("draft", "en", "It arrives on 3 June 2026, after 5 days.", "two true figures swapped"),
    ("plan", "en", "It would be fine not to order Travel towel now.", "the contrary of the decision"),
    ("plan", "zh", "这笔订单无需审批。", "the contrary of the decision"),
    ("plan", "en", "There is no risk of a stockout.", "no risk for a risk"),
    ("enough", "zh", "台灯需要立即补货。", "the contrary of the decision"),
    ("plan+enough", "en", "Desk lamp: 120 units by 4 June, Travel towel: nothing.", "two true figures swapped"),
    ("plan+enough", "en", "The safety stock of Desk lamp is 679 units.", "two true figures swapped"),
    ("plan+stock+short", "zh", "身体乳现有1,207件。", "two true figures swapped"),
    ("stock+forecast", "en", "USB-C cable lasts 33 days.", "two true figures swapped"),
    ("plan", "en", "The order comes to £486.", "two digits swapped"),
    ("plan", "en", "Order one hundred and fifty units.", "an invented number in words"),
    ("plan", "zh", "建议订购一百五十件。", "an invented number in words"),
    ("scenario", "zh", "缺货概率翻倍。", "an invented number in words"),
    ("plan", "en", "Order half of the 120 units.", "an invented number in words"),
    ("plan", "en", "Order 120 units next week.", "a day that no fact names"),
)

FAITHFUL: tuple[Case, ...] = (
    ("plan", "en", "Travel towel: 120 units, GBP 468, by 4 June.", "told in other words"),
    (
        "plan",
        "en",
        "Since the position (1,191 units) is under the reorder point (1,276 units), it is time to buy 120 units.",
        "told in other words",
    ),
    ("plan", "en", "The order should go out by Thursday 4 June 2026.", "told in other words"),
    ("plan", "en", "At GBP 468.00 the order is over your GBP 400.00 limit, so it needs a sign-off.", "told in other words"),
    ("plan", "en", "There's a 23% chance that you run out first.", "told in other words"),
    ("plan", "en", "Without the order there is a 23% chance of a stockout.", "told in other words"),
    ("plan", "zh", "到货前有23%的缺货风险。", "told in other words"),
    ("plan", "zh", "金额468英镑，超过400英镑的审批限额，须经批准。", "told in other words"),
    ("plan", "zh", "再订货点1,276件等于交货期需求597件加安全库存679件。", "told in other words"),
    (
        "enough",
        "en",
        "No need to order Desk lamp yet; at 3.1 a day the 300 units keep you going for 96 days.",
        "told in other words",
    ),
    ("enough", "en", "You should order Desk lamp by 19 July.", "told in other words"),
    ("enough", "zh", "台灯先不补货，预计7月19日降到再订货点85件。", "told in other words"),
    ("stock", "en", "There are 539 units, 24 of which are spoken for.", "told in other words"),
    ("stock", "en", "You are well covered: the position of 765 units exceeds the reorder point of 305.", "told in other words"),
    ("stock", "zh", "库存头寸765件，高于再订货点305件，比较充足。", "told in other words"),
    ("forecast", "en", "Sales should slow down: 746 units against 884 before, a drop of about 16%.", "told in other words"),
    ("forecast", "en", "It could be as low as 618 or as high as 878 units (80% chance).", "told in other words"),
    ("forecast", "zh", "预计日均卖17.8件，42天共746件，比之前少约16%。", "told in other words"),
    (
        "scenario",
        "en",
        "Should demand grow 20%, the order goes from 2,500 to 3,000 units and cost from GBP 38,852 to GBP 45,662.",
        "told in other words",
    ),
    ("scenario", "en", "The stockout chance triples from 4% to 12%.", "told in other words"),
    ("scenario", "zh", "若需求上升20%，订货量由2,500件提高到3,000件，总成本增加约6,800英镑。", "told in other words"),
    ("short", "en", "Body butter will run out in 4 days, well before new stock (16 days).", "told in other words"),
    ("short", "zh", "身体乳快断货了：总仓只有12件，够4天。", "told in other words"),
    (
        "draft",
        "en",
        "A draft is ready (tr-691e): 40 Wall clocks would go from Northern hub to Main warehouse for GBP 22.40.",
        "told in other words",
    ),
    ("draft", "zh", "草稿 tr-691e 已存好，等待批准：40件挂钟从北方仓调往总仓，运费22.40英镑。", "told in other words"),
    ("plan+enough", "zh", "旅行毛巾订120件，台灯不用订。", "told in other words"),
    (
        "stock+short",
        "en",
        "Glass jar is fine with 539 units on hand; Body butter, on the other hand, is down to 12 units.",
        "told in other words",
    ),
    (
        "stock+forecast",
        "en",
        "While Glass jar has 33 days of stock, USB-C cable is expected to sell 746 units.",
        "told in other words",
    ),
)


@pytest.mark.parametrize(("results", "lang", "text", "why"), TWISTED, ids=[case[3] for case in TWISTED])
def test_another_twist_is_refused(problems: Problems, results: str, lang: Language, text: str, why: str) -> None:
    """A text that says of the facts what they do not say is not sent."""
    assert problems(results, lang, text), why


@pytest.mark.parametrize(("results", "lang", "text", "why"), FAITHFUL, ids=[case[3] for case in FAITHFUL])
def test_another_rewording_is_sent(problems: Problems, results: str, lang: Language, text: str, why: str) -> None:
    """What a planner would say of the same facts is sent."""
    assert problems(results, lang, text) == (), why
