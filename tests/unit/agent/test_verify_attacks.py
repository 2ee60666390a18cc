"""Texts that twist the facts are refused, faithful rewordings are not: sixty of the one, thirty of the other."""

from collections.abc import Callable

import pytest

from parstock.domain import Language

Problems = Callable[[str, Language, str], tuple[str, ...]]
Case = tuple[str, Language, str, str]
"""What was looked up (names of results, joined by "+"), language, text, what is wrong or right about it."""

TWISTED: tuple[Case, ...] = (
    # a number of another fact
    ("plan", "en", "Order 1,191 units of Travel towel from Izmir Textile House.", "the position as the quantity"),
    ("plan", "en", "Safety stock is 597 units.", "lead-time demand as safety stock"),
    ("plan", "en", "You have 16 units on hand.", "the reserved as the units on hand"),
    ("plan", "en", "The order costs GBP 400.00.", "the approval limit as the cost"),
    ("plan", "en", "The reorder point of 679 units has been passed.", "the safety stock as the reorder point"),
    ("plan", "zh", "建议订购1,276件旅行毛巾。", "the reorder point as the quantity"),
    ("plan", "zh", "安全库存为597件。", "lead-time demand as safety stock"),
    ("plan", "zh", "服务水平按23%计算。", "the chance of a stockout as the service level"),
    ("stock", "en", "Glass jar has 250 units on hand.", "the units on order as those on hand"),
    ("stock", "zh", "玻璃罐可售539件。", "the units on hand as those free to sell"),
    ("forecast", "en", "USB-C cable should sell about 884 units in the next 42 days.", "past sales as the forecast"),
    ("scenario", "en", "The stockout risk would go to 4%.", "the chance of today as that of the scenario"),
    # items and places swapped
    ("plan+enough", "en", "Order 120 units of Desk lamp.", "the order of another item"),
    ("plan+enough", "en", "Travel towel lasts about 96 days.", "the cover of another item"),
    ("stock+short", "en", "Body butter has 539 units on hand.", "the stock of another item"),
    ("plan+enough", "zh", "台灯建议订购120件。", "the order of another item"),
    ("stock+forecast", "zh", "玻璃罐预计售出746件。", "the forecast of another item"),
    ("draft", "en", "The draft moves 40 units of Wall clock from Main warehouse to Northern hub.", "sender and receiver swapped"),
    ("draft", "zh", "草稿：将40件挂钟从总仓调到北方仓。", "sender and receiver swapped"),
    ("plan", "en", "Order 120 units of Travel towel from Krakow Glass.", "another supplier"),
    # directions
    ("forecast", "en", "USB-C cable sales rise by 16% against the last 42 days.", "rises for falls"),
    ("forecast", "en", "Growth of 16% is expected.", "growth for decline"),
    ("scenario", "en", "The total cost falls by GBP 6,810.", "falls for rises"),
    ("scenario", "en", "The total cost rises from GBP 45,662 to GBP 38,852.", "from and to swapped"),
    ("scenario", "en", "With more demand, order 2,500 units of Watering can instead of 3,000.", "what and instead swapped"),
    ("scenario", "zh", "缺货概率减少8个百分点。", "falls for rises"),
    ("scenario", "zh", "总成本从 GBP 45,662升至 GBP 38,852。", "from and to swapped"),
    ("forecast", "zh", "销量预计比最近42天多16%。", "more for less"),
    ("stock", "en", "The position of 765 units is below the reorder point of 305.", "below for above"),
    ("stock", "zh", "库存头寸765件低于再订货点305件。", "below for above"),
    ("short", "en", "Body butter is well stocked.", "enough for short"),
    ("short", "zh", "身体乳库存充足。", "enough for short"),
    ("stock", "en", "The stock will run out before new units arrive, there is too little of it.", "short for enough"),
    # percent, points, scales, units, currency
    ("scenario", "en", "The chance of a stockout rises by 8%.", "percent for percentage points"),
    ("forecast", "en", "Demand is down 16 percentage points.", "percentage points for percent"),
    ("scenario", "zh", "缺货概率上升8%。", "percent for percentage points"),
    ("scenario", "en", "The total cost would be GBP 45.7 million.", "million for thousand"),
    ("scenario", "en", "Order 3 million units of Watering can.", "million for thousand"),
    ("scenario", "zh", "喷壶应订购3万件。", "ten thousand for thousand"),
    ("scenario", "zh", "喷壶应订购三万件。", "ten thousand for thousand, in words"),
    ("plan", "en", "The lead time is 22 weeks.", "weeks for days"),
    ("stock", "en", "It sells 15.5 units a week.", "a week for a day"),
    ("stock", "zh", "玻璃罐每周卖15.5件。", "a week for a day"),
    ("plan", "en", "The order costs USD 468.00.", "dollars for pounds"),
    ("plan", "zh", "金额为468元。", "yuan for pounds"),
    # dates
    ("plan", "en", "Order by 6 April 2026.", "day and month swapped"),
    ("plan", "en", "Order 120 units by 4 July.", "the month shifted"),
    ("plan", "zh", "请在2025年6月4日前下单。", "the year shifted"),
    ("forecast", "en", "Friday is the strongest day of the week.", "another day of the week"),
    ("draft", "en", "It arrives tomorrow.", "a day that no fact names"),
    # required facts and clauses
    ("plan!", "en", "Order 120 units of Travel towel from Izmir Textile House by 4 June 2026 (GBP 468.00).", "approval left out"),
    ("stock!", "zh", "玻璃罐现有库存539件，其中预留24件，可售515件。", "the cover left out"),
    ("plan", "en", "The service level of 97% is set by [service-levels#9.9].", "an invented clause"),
    ("plan", "zh", "超过 GBP 400.00需要审批 [approval-limits#7]。", "an invented clause"),
    # number words
    ("plan", "en", "The lead time is about thirty days.", "an invented number in words"),
    ("short", "en", "Two thirds of the Body butter is gone.", "an invented fraction in words"),
    # negation and claims without a number
    ("plan", "en", "There is no need to order Travel towel.", "no order for an order"),
    ("plan", "zh", "旅行毛巾暂时不用订货。", "no order for an order"),
    ("enough", "en", "Desk lamp needs to be reordered today.", "an order for no order"),
    ("plan", "en", "No approval is needed for this order.", "no approval for approval"),
)

FAITHFUL: tuple[Case, ...] = (
    (
        "plan",
        "en",
        "I would order 120 units of Travel towel from Izmir Textile House before 4 June 2026; that comes to GBP 468.00.",
        "reworded",
    ),
    (
        "plan",
        "en",
        "You hold 1,207 units, 16 of them reserved, so the position is 1,191 - below the reorder point of 1,276.",
        "sums told",
    ),
    (
        "plan",
        "en",
        "Someone has to approve it, as GBP 468 is above the GBP 400 limit [approval-limits#1].",
        "money without pence",
    ),
    ("plan", "en", "Safety stock of 679 units covers the 97% service level [service-levels#2.3].", "a cited clause"),
    ("plan", "en", "Delivery takes 22 days, and about 597 units sell in that time.", "lead-time demand in other words"),
    ("plan", "en", "There is roughly a 23% risk that Travel towel sells out before the delivery.", "chance called risk"),
    ("plan", "zh", "建议6月4日前向 Izmir Textile House 订120件旅行毛巾，约需468英镑。", "a date without a year, pounds in words"),
    ("plan", "zh", "库存头寸1,191件，低于1,276件的再订货点，所以要补货。", "a comparison that holds"),
    ("plan", "zh", "订单超过400英镑的限额，需要有人审批。", "approval in other words"),
    ("plan", "zh", "交货期22天，期间预计卖出597件，另备安全库存679件。", "lead-time demand in other words"),
    ("enough", "en", "Desk lamp does not need an order now: 300 units last about 96 days.", "no order in other words"),
    ("enough", "en", "You can wait with Desk lamp until 19 July 2026.", "a date in other words"),
    ("enough", "en", "It would be time to order Desk lamp at 85 units, about 19 July.", "the reorder point in other words"),
    ("enough", "zh", "台灯暂时不需要补货，库存还能用96天左右。", "no order in other words"),
    (
        "stock",
        "en",
        "Of the 539 Glass jar units on hand, 515 can be sold; that is 33 days at 15.5 units a day.",
        "the order of numbers changed",
    ),
    ("stock", "en", "Another 250 units are late: they should have come on 3 May.", "lateness in other words"),
    ("stock", "en", "There is enough: 765 units against a reorder point of 305.", "against for above"),
    ("stock", "zh", "玻璃罐现有539件，可售515件，每天约卖15.5件，够卖33天。", "the rate in other words"),
    ("forecast", "en", "Expect about 746 sales over the next six weeks, roughly 18 a day.", "days as weeks, rounded"),
    (
        "forecast",
        "en",
        "That is down 16% on the 884 units sold in the last 42 days; most likely it ends between 618 and 878.",
        "reworded",
    ),
    ("forecast", "en", "Mondays are best, with 1.3 times the usual sales.", "a weekday in the plural"),
    ("forecast", "zh", "未来42天预计卖出约750件，比前42天的884件下降16%。", "rounded"),
    ("scenario", "en", "With 20% more demand you should order 3,000 units of Watering can rather than 2,500.", "rather than"),
    (
        "scenario",
        "en",
        "Costs go up by about GBP 6.8 thousand to GBP 45,662, and stockouts become more likely: 12% instead of 4%.",
        "scaled",
    ),
    ("scenario", "zh", "需求增加两成时，喷壶应订3千件，原来是2,500件。", "a share and a scale in Chinese"),
    ("scenario", "zh", "缺货概率提高8个百分点，达到12%。", "points in other words"),
    (
        "short",
        "en",
        "Only 12 units of Body butter are left in Main warehouse, four days of sales, while new stock takes 16 days.",
        "number words",
    ),
    ("short", "zh", "身体乳在总仓只剩12件，只够卖四天，补货要16天。", "Chinese numerals"),
    (
        "draft",
        "en",
        "I drafted a transfer of 40 units of Wall clock from Northern hub to Main warehouse; a person has to approve it.",
        "a draft",
    ),
    (
        "plan+enough",
        "en",
        "Travel towel needs 120 units by 4 June, while Desk lamp is fine with 300 units.",
        "two items in one sentence",
    ),
)


@pytest.mark.parametrize(("results", "lang", "text", "why"), TWISTED, ids=[case[3] for case in TWISTED])
def test_a_twisted_fact_is_refused(problems: Problems, results: str, lang: Language, text: str, why: str) -> None:
    """A text that says of the facts what they do not say is not sent."""
    assert problems(results, lang, text), why


@pytest.mark.parametrize(("results", "lang", "text", "why"), FAITHFUL, ids=[case[3] for case in FAITHFUL])
def test_a_faithful_rewording_is_sent(problems: Problems, results: str, lang: Language, text: str, why: str) -> None:
    """Other words, another order of the numbers, rounding and other ways to write a number are no twists."""
    assert problems(results, lang, text) == (), why
