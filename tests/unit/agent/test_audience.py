"""For whom an explanation is asked is read from the planner's words, and the same facts are told accordingly."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.audience import audience_of, is_alone, request_of, rules
from agent.explain import explain
from agent.loop import Agent
from agent.models.scripted import ScriptedChatModel
from agent.shop_names import ShopNames
from agent.verify import verify
from inventory import proposals
from inventory.store import Store
from parstock.domain import Language
from parstock.settings import Settings
from tools.call import call_tool
from tools.context import ToolContext

PLAN = [("recommend_replenishment", {"item": "22423"})]


@pytest.fixture(scope="module")
def shop(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """A copy of the tiny shop that conversations may write to."""
    home = tmp_path_factory.mktemp("audience-shop") / "home"
    shutil.copytree(tiny_home, home)
    settings = Settings(home=home, model="scripted")
    store = Store.open(settings)
    yield ToolContext.open(settings, store)
    store.close()


@pytest.mark.parametrize(
    ("text", "audience", "alone"),
    [
        ("in one line", "line", True),
        ("just the number please", "line", True),
        ("should we reorder the mug? one line please", "line", False),
        ("Stock of HM-20417, just the number.", "line", False),
        ("一句话", "line", True),
        ("蓝色马克杯还有多少？只要数字", "line", False),
        ("show me the full arithmetic", "arithmetic", True),
        ("and how did you calculate that?", "arithmetic", True),
        ("Step by step please: should we order mugs?", "arithmetic", False),
        ("把计算过程列出来", "arithmetic", True),
        ("马克杯要补多少货？怎么算的？", "arithmetic", False),
        ("now for finance", "finance", True),
        ("explain it for the finance controller, please", "finance", True),
        ("Should we reorder the mug? Explain for the CFO.", "finance", False),
        ("现在给财务看", "finance", True),
        ("马克杯要不要补货？给财务看", "finance", False),
        ("in full detail", "detail", True),
        ("详细说明一下", "detail", True),
        ("How many mugs do we have?", "", False),
        ("What does the policy say about finance approval for large orders?", "", False),
        ("search the notes for finance department budgets", "", False),
        ("Order lines of mugs", "", False),
        ("所有仓库的库存", "", False),
        ("财务制度怎么规定？", "", False),
    ],
)
def test_the_audience_is_read_from_the_words(text: str, audience: str, alone: bool) -> None:
    """Words that ask for a form of explanation are told from words that are part of the question."""
    assert (audience_of(text), is_alone(text)) == (audience, alone)


def test_one_line_is_the_required_facts_in_one_sentence(tiny_shop: ToolContext) -> None:
    """Nothing but the decision is told, and of a list what leads it."""
    plan = call_tool("recommend_replenishment", {"item": "22423"}, tiny_shop)
    (order,) = dict.fromkeys(fact.en for fact in plan.facts if fact.required)
    assert explain([plan], "en", "one line please") == order
    assert explain([call_tool("list_alerts", {}, tiny_shop)], "zh", "一句话") == "2种商品可能缺货，1种商品积压。"
    stock = explain([call_tool("get_stock", {"item": "HM-20417"}, tiny_shop)], "en", "just the numbers")
    assert stock.count(". ") == 0
    assert stock.startswith("Ceramic Mug Fog Blue has 120 units on hand: 10 reserved and 110 free to sell; at the recent rate")


def test_a_draft_is_told_with_its_approval_however_short(shop: ToolContext) -> None:
    """One line on a draft still says that a person has to approve it."""
    draft = call_tool("propose_purchase_order", {"item": "22423", "quantity": 5}, shop)
    assert "until a person approves it" in explain([draft], "en", "one line please")


def test_the_arithmetic_adds_up_as_it_is_shown(tiny_shop: ToolContext) -> None:
    """Every line can be redone by hand: what stands left of a "=" comes to what stands right of it."""
    text = explain([call_tool("recommend_replenishment", {"item": "22423"}, tiny_shop)], "en", "show the full arithmetic")
    sums = [line.partition(": ")[2].rstrip(".") for line in text.splitlines() if " = " in line]
    assert len(sums) == 4
    for line in sums:
        left, _, right = line.replace(",", "").replace("GBP ", "").partition(" = ")
        terms = [word for word in left.split() if word in "+-x" or word.replace(".", "").isdigit()]
        assert eval(" ".join(terms).replace("x", "*")) == pytest.approx(float(right.split()[0]))


def test_finance_hears_of_money_before_units(tiny_shop: ToolContext) -> None:
    """Cost, money tied up, margin saved and holding cost come before the stock position."""
    text = explain([call_tool("recommend_replenishment", {"item": "22423"}, tiny_shop)], "en", "for the finance controller")
    said = ["(GBP", "tied up", "save GBP", "Holding stock", "A unit costs", "The stock position"]
    assert [text.index(words) for words in said] == sorted(text.index(words) for words in said)
    chinese = explain([call_tool("recommend_replenishment", {"item": "22423"}, tiny_shop)], "zh", "给财务看")
    assert chinese.index("占用资金") < chinese.index("毛利") < chinese.index("持有成本") < chinese.index("库存头寸")


@pytest.mark.parametrize("question", ["one line", "full arithmetic", "for finance", "一句话", "计算过程", "给财务看"])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("recommend_replenishment", {"item": "22423"}),
        ("recommend_replenishment", {"item": "HM-20417"}),
        ("recommend_replenishment", {"budget": 500}),
        ("get_stock", {"item": "22423"}),
        ("simulate_scenario", {"item": "22423", "demand_change_pct": 30}),
        ("list_alerts", {}),
        ("find_items", {"query": "cakestand"}),
    ],
)
def test_every_form_passes_the_check(tiny_shop: ToolContext, tool: str, arguments: dict[str, object], question: str) -> None:
    """The sums and the shortened sentences agree with the facts like a model's own words must."""
    lang: Language = "en" if question.isascii() else "zh"
    result, names = call_tool(tool, arguments, tiny_shop), ShopNames.of(tiny_shop).all  # type: ignore[arg-type]
    text = explain([result], lang, question)
    assert verify(text, result.facts, question, lang, citations=result.citations, names=names).problems == ()


def test_a_follow_up_tells_the_last_answer_again(shop: ToolContext) -> None:
    """For "now for finance" no model is asked: the last answer's calls are made again and told as asked, and so on."""
    model = ScriptedChatModel(replies=[PLAN])
    agent = Agent(shop.settings, shop, model)
    first = agent.ask("Should we reorder 22423?")
    heard = len(model.heard)
    second = agent.ask("now for finance", thread_id=first.thread_id)
    third = agent.ask("一句话说一下", thread_id=first.thread_id)
    assert len(model.heard) == heard
    assert [(call.name, call.arguments) for call in second.calls] == [(call.name, call.arguments) for call in first.calls]
    assert second.facts == first.facts
    assert "is tied up in stock" in second.text
    assert third.text.startswith("建议今天")
    assert third.text.count("。") == 1


def test_a_follow_up_never_drafts_a_second_time(shop: ToolContext) -> None:
    """An answer that rests on a draft is not made again: the model hears the request instead."""
    model = ScriptedChatModel(replies=[[("propose_purchase_order", {"item": "22423", "quantity": 24})], "", "Which one?"])
    agent = Agent(shop.settings, shop, model)
    thread = agent.ask("draft 24 of 22423").thread_id
    drafts = len(proposals.list_proposals(shop.store))
    agent.ask("now for finance", thread_id=thread)
    assert len(proposals.list_proposals(shop.store)) == drafts


def test_a_model_that_writes_itself_is_told_the_audience(shop: ToolContext) -> None:
    """The audience stands in the prompt, and only where one was asked for."""
    model = ScriptedChatModel(replies=[PLAN])
    Agent(shop.settings, shop, model).ask("Should we reorder 22423? For the finance controller.")
    assert "money first" in str(model.heard[0][0].content)
    assert rules("How many mugs?", "en") in rules("How many mugs? One line.", "en")
    assert "single sentence" not in rules("How many mugs?", "en")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Should we reorder the mug? one line please", "Should we reorder the mug?"),
        ("order 12,500 of the mug, for finance", "order 12,500 of the mug"),
        ("这个要补多少货?一句话说一下", "这个要补多少货?"),
        ("stock of mugs, kettles", "stock of mugs, kettles"),
        ("now in one line", "now in one line"),
    ],
)
def test_how_to_explain_is_no_part_of_the_request(text: str, asked: str) -> None:
    """A last clause that says only how to explain is kept from the model that chooses tools; nothing else is."""
    assert request_of(text) == asked
