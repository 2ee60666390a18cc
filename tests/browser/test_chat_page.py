import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    """Type a question, send it with Enter, and wait for the end of the answer."""
    turns = page.locator(".turn").count()
    page.get_by_role("textbox").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(turns + 1)
    expect(page.locator("#send")).to_have_text("Send" if page.locator("html[lang=en]").count() else "发送")


def test_the_key_leaves_the_address(open_page: OpenPage) -> None:
    """The key is taken out of the address at once and stays for the tab only."""
    page = open_page()
    expect(page.locator(".example").first).to_be_visible()

    assert "key" not in page.url
    assert page.evaluate("sessionStorage.getItem('parstock.key')").startswith("par_")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_without_a_key_the_page_asks_for_one(open_page: OpenPage, door: tuple[str, str]) -> None:
    """A wrong key is refused in one line, and a right one pasted into the page opens it."""
    page = open_page(key=None)
    page.get_by_label("API key").fill("par_wrong")
    page.get_by_role("button", name="Use this key").click()
    page.locator(".example").first.click()
    expect(page.get_by_role("alert").first).to_contain_text("not known")
    page.get_by_label("API key").fill(door[1])
    page.get_by_role("button", name="Use this key").click()
    page.get_by_role("button", name="Ask again").click()

    expect(page.locator(".prose")).not_to_be_empty()


def test_an_answer_shows_its_steps_facts_and_chart(open_page: OpenPage) -> None:
    """Tool, arguments and time are shown; figures are underlined and say their value and source; stock is drawn."""
    page = open_page()
    ask(page, "How many mugs are on hand?")

    step = page.locator(".steps > li")
    expect(step).to_have_class("done")
    expect(step).to_contain_text("Item Ceramic Mug Fog Blue")
    assert step.locator(".time").inner_text().endswith((" ms", " s"))
    fact = page.locator(".fact", has_text="120").first
    fact.hover()
    expect(page.locator("#tip")).to_contain_text("120 units")
    expect(page.locator("#tip")).to_contain_text("Source:")
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_be_hidden()
    fact.focus()
    expect(page.locator("#tip")).to_be_visible()
    expect(page.locator(".chart")).to_contain_text("Projected stock of Ceramic Mug Fog Blue")


def test_a_forecast_is_drawn_and_can_be_read_with_the_keyboard(open_page: OpenPage) -> None:
    """A chart has history, median, a range, a legend, dated axes, an accessible name, and readings by pointer and arrow keys."""
    page = open_page()
    ask(page, "Make a forecast")

    chart = page.get_by_role("img", name="Demand forecast of Ceramic Mug Fog Blue")
    expect(chart.locator(".line.history")).not_to_have_count(0)
    expect(chart.locator(".line.p50")).to_have_count(1)
    for share in (80, 95):
        expect(chart.locator(f".band{share}")).to_have_count(1)
        expect(page.locator(".legend").first).to_contain_text(f"{share} % range")
    assert "Jun" in chart.locator(".axis").last.inner_html()
    chart.focus()
    page.keyboard.press("End")
    expect(page.locator("#tip")).to_contain_text("29 Jun 2025")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tip")).to_contain_text("28 Jun 2025")
    chart.hover()
    expect(page.locator("#tip .reading").first).to_be_visible()


def test_a_long_answer_keeps_its_question_in_view(open_page: OpenPage) -> None:
    """While an answer grows the page follows it, but never past the question."""
    page = open_page(viewport={"width": 390, "height": 420})
    ask(page, "How many mugs are on hand?")
    ask(page, "two things")
    expect(page.locator(".turn").last.locator(".asked")).to_be_in_viewport()


def test_sales_are_bars(open_page: OpenPage) -> None:
    """History alone is drawn as bars."""
    page = open_page()
    ask(page, "weekly sales")

    expect(page.locator(".chart .bar").first).to_be_visible()


def test_a_price_has_an_axis_of_its_own(open_page: OpenPage) -> None:
    """Stock and price are drawn against two axes, each with its unit; the price goes in steps and is read with its currency."""
    page = open_page()
    ask(page, "mark down the cakestand")

    chart = page.get_by_role("img", name="Stock and price of REGENCY CAKESTAND 2 TIER (units, Price (GBP))")
    prices = chart.locator(".axis.own text")
    expect(prices.first).to_have_text("Price (GBP)")
    heights = "els => els.map(el => el.getAttribute('y'))"
    assert prices.evaluate_all(heights)[1:] == chart.locator(".axis").first.locator("text").evaluate_all(heights)
    steps = [point.split() for point in (chart.locator(".line.price").get_attribute("d") or "")[1:].split("L")]
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(steps))
    assert len({height for _, height in steps}) > 1
    box = chart.bounding_box() or {"y": 0.0, "height": 0.0}
    line = chart.locator(".line.price").bounding_box() or {"y": 0.0, "height": 0.0}
    assert box["y"] <= line["y"] and line["y"] + line["height"] <= box["y"] + box["height"]  # noqa: PT018
    chart.focus()
    page.keyboard.press("Home")
    expect(page.locator("#tip .reading", has_text="Price today")).to_contain_text("GBP 9.95")


def test_an_allocation_compares_the_warehouses(open_page: OpenPage) -> None:
    """A table has a row for each warehouse and bars in proportion to its figures, in the language of the page."""
    page = open_page()
    ask(page, "share out the cakestands")

    table = page.get_by_role("table", name="Allocation of REGENCY CAKESTAND 3 TIER")
    expect(table.get_by_role("columnheader", name="Quantity given (units)")).to_be_visible()
    expect(table.get_by_role("columnheader", name="Cover on arrival (days)")).to_be_visible()
    given = [table.get_by_role("row", name=name).get_by_role("cell").first for name in ("London DC", "Manchester")]
    counts = [int(cell.inner_text()) for cell in given]
    assert sum(counts) == 96
    widths = [(cell.locator(".bar").bounding_box() or {"width": 0.0})["width"] for cell in given]
    assert widths[0] / max(widths) == pytest.approx(counts[0] / max(counts), abs=0.02)
    assert widths[1] / max(widths) == pytest.approx(counts[1] / max(counts), abs=0.02)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("columnheader", name="到货后可售")).to_be_visible()


def test_a_citation_opens_its_passage(open_page: OpenPage) -> None:
    """A citation is a button that opens the passage in the side panel; Escape closes it and gives the focus back."""
    page = open_page()
    ask(page, "policy on approval")
    cite = page.get_by_role("button", name="ordering#2.1").first
    cite.click()

    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("Orders above 1,000 GBP need the approval of the head of buying.")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(cite).to_be_focused()


def test_a_draft_is_a_card_that_waits(open_page: OpenPage) -> None:
    """A drafted order is shown with its state beside the answer, and among all drafts."""
    page = open_page()
    ask(page, "please draft it")

    card = page.locator("#talk article.draft")
    expect(card).to_contain_text("draft, waits for approval")
    expect(card).to_contain_text("GBP 2,200.00")
    expect(card).to_contain_text("above the approval limit")
    page.get_by_role("button", name="Drafts").click()
    expect(page.locator("#panel article.draft")).to_have_count(1)


def test_the_page_speaks_the_browsers_language(open_page: OpenPage) -> None:
    """A Chinese browser gets a Chinese page, answers in Chinese, and can switch; the choice is kept."""
    page = open_page(locale="zh-CN")
    expect(page.locator("#welcome h2")).to_have_text("今天要计划什么？")
    ask(page, "雾蓝马克杯还有多少？")
    expect(page.locator(".prose")).to_contain_text("现有库存120件")
    expect(page.locator(".fact").first).to_have_text("120")
    expect(page.locator(".chart")).to_contain_text("陶瓷马克杯 雾蓝的预计库存")
    page.get_by_role("button", name="English").click()

    expect(page.locator(".chart")).to_contain_text("Projected stock")
    page.reload()
    expect(page.locator("#drafts")).to_have_text("Drafts")


def test_a_conversation_survives_a_reload_until_a_new_one_begins(open_page: OpenPage) -> None:
    """Questions, steps and answers are there again after a reload; "New" starts an empty page."""
    page = open_page()
    ask(page, "How many mugs are on hand?")
    page.reload()
    expect(page.locator(".fact", has_text="120").first).to_be_visible()
    expect(page.locator(".steps > li.done")).to_have_count(1)
    page.get_by_role("button", name="New").click()

    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".example")).to_have_count(8)


def test_markup_stays_text(open_page: OpenPage) -> None:
    """What a planner or a record says is never read as markup."""
    page = open_page()
    ask(page, "<img src=x onerror=alert(1)> **on hand**")

    expect(page.locator(".asked")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("#talk img")).to_have_count(0)


def test_trouble_is_one_line_and_can_be_tried_again(open_page: OpenPage) -> None:
    """When the server cannot be reached, one line says so, and asking again works once it is back."""
    page = open_page()
    page.route("**/v1/chat/completions", lambda route: route.fulfill(status=503, json={"detail": "the model is resting"}))
    ask(page, "How many mugs are on hand?")
    expect(page.get_by_role("alert")).to_contain_text("the model is resting")
    page.unroute("**/v1/chat/completions")
    page.get_by_role("button", name="Ask again").click()

    expect(page.locator(".fact", has_text="120").first).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_cut_off(open_page: OpenPage, scheme: str, width: int) -> None:
    """On a telephone and on a screen, light and dark, nothing is wider than the page and text stands out from its ground."""
    page = open_page(viewport={"width": width, "height": 740}, color_scheme=scheme)
    ask(page, "reorder and draft")
    ask(page, "Make a forecast")
    ask(page, "share out")
    ask(page, "mark down")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    brightness = [sum(int(part) for part in colour[4:-1].split(",")) for colour in (ink, paper)]
    assert abs(brightness[0] - brightness[1]) > 400
    assert (brightness[1] > 600) == (scheme == "light")


def test_the_api_page_lists_the_routes(open_page: OpenPage, door: tuple[str, str]) -> None:
    """/docs shows every route from openapi.json without anything from elsewhere."""
    page = open_page()
    page.goto(f"{door[0]}/docs")

    expect(page.locator(".route")).not_to_have_count(0)
    route = page.locator(".route", has=page.get_by_text("/v1/plans", exact=True))
    route.locator("summary").click()
    expect(route.locator("pre")).to_contain_text("service_level")
