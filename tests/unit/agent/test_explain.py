"""The deterministic explanation reads in a sensible order and leaves nothing required out."""

import pytest

from agent.corrections import choose, refused
from agent.explain import MOST_WORDS, explain
from agent.replies import decline, question, small_talk
from parstock.domain import Language
from parstock.errors import InputError
from parstock.results import Citation, Fact, ToolResult


def fact(
    name: str, en: str, zh: str = "", *, required: bool = False, source: str = "s", number: int = 1, detail: bool = False
) -> Fact:
    """A fact without a number of its own."""
    return Fact(f"f{number}", name, "x", "", en, zh, source, required, detail=detail)


PLAN = ToolResult(
    "recommend_replenishment",
    {},
    (
        fact("stock.on_hand", "Stock is low.", "库存偏低。", number=1),
        fact("binding", "The budget limits it.", "受预算限制。", number=2),
        fact("safety_stock", "Safety stock is high.", "安全库存偏高。", number=3),
        fact("default.horizon_days", "No horizon was given.", "未指定期限。", number=4),
        fact("data.label", "The data is simulated.", "数据为模拟。", required=True, number=5),
        fact("item.sku", "The code is known.", "编码已知。", number=6, detail=True),
        fact("quantity", "Order a pallet.", "订购一托。", required=True, source="rules#1", number=7),
    ),
    citations=(Citation("rules#1", "Rules", "Order whole pallets.", "rules"),),
)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        (
            "en",
            "Order a pallet. [rules#1] Stock is low. Safety stock is high. The budget limits it.\n\nNo horizon was given. "
            "The data is simulated.",
        ),
        ("zh", "订购一托。 [rules#1] 库存偏低。安全库存偏高。受预算限制。\n\n未指定期限。数据为模拟。"),
    ],
)
def test_the_decision_comes_first_then_why_then_limits_then_defaults_and_label(lang: Language, text: str) -> None:
    """A planner reads what to do before why, and never without the label of simulated data."""
    assert explain([PLAN], lang) == text


def test_a_tool_that_leads_with_the_decision_keeps_its_own_order() -> None:
    """Sentences that build on each other stay together."""
    facts = (
        fact("stock", "There are mugs.", required=True, number=1),
        fact("rate", "Some sell daily.", number=2),
        fact("cover", "At that rate they last.", required=True, number=3),
    )
    assert explain([ToolResult("get_stock", {}, facts)], "en") == "There are mugs. Some sell daily. At that rate they last."


def test_a_sentence_that_several_facts_share_is_said_once() -> None:
    """One sentence may show several figures; a detail is told only where full detail is asked for."""
    facts = (
        fact("quantity", "Order mugs by June.", required=True, number=1),
        fact("order_by", "Order mugs by June.", number=2),
        fact("review", "Orders are placed weekly.", number=3, detail=True),
    )
    result = ToolResult("recommend_replenishment", {}, facts)
    assert explain([result], "en") == "Order mugs by June."
    assert explain([result], "en", "in detail") == "Order mugs by June. Orders are placed weekly."


def test_many_facts_of_a_kind_become_a_list() -> None:
    """Lines of a plan or alerts are listed, not run together."""
    lines = tuple(fact("line", f"Order {name}.", required=True, number=i) for i, name in enumerate(("mugs", "soap", "tents")))
    assert explain([ToolResult("list_alerts", {}, lines)], "en") == "- Order mugs.\n- Order soap.\n- Order tents."


def test_a_long_result_is_cut_at_optional_facts_unless_detail_is_asked_for() -> None:
    """Required facts always stay; the rest fits the limit, and the reader is told how to see all of it."""
    optional = tuple(fact("why", f"Reason {'very ' * 20}{chr(97 + i)}.", number=i) for i in range(20))
    result = ToolResult("get_stock", {}, (fact("must", "Mind this.", required=True, number=99), *optional))
    short = explain([result], "en")
    assert short.startswith("Mind this.")
    assert len(short.split()) <= MOST_WORDS + 20
    assert short.endswith("Ask for full detail to see the rest.")
    assert len(explain([result], "en", "in full detail please").split()) > 2 * MOST_WORDS


def test_several_results_have_headings_and_share_sentences_once() -> None:
    """Results follow in the order asked for, each under its title; a sentence that both have is said once."""
    label = fact("data.label", "The data is simulated.", required=True, number=9)
    stock = ToolResult("get_stock", {}, (fact("a", "There are mugs.", required=True), label))
    found = ToolResult("find_items", {}, (fact("b", "There is soap.", required=True), label))
    assert explain([stock, found], "en") == "Stock\nThere are mugs.\n\nItems\nThere is soap.\n\nThe data is simulated."


def test_a_passage_that_no_sentence_names_is_cited_at_the_end() -> None:
    """Every passage that the answer rests on is named in brackets."""
    result = ToolResult("search_policies", {}, (fact("a", "It is allowed."),), citations=PLAN.citations)
    assert explain([result], "en") == "It is allowed.\nSources: [rules#1]"


def test_nothing_found_is_said() -> None:
    """A result without facts is not an empty answer."""
    assert explain([ToolResult("search_notes", {}, ())], "zh") == "没有找到相关内容。"
    assert explain([], "en") == ""


def test_fixed_replies_exist_in_both_languages() -> None:
    """Every fixed text has a form in each language, and an unknown key falls back to the general one."""
    for lang in ("en", "zh"):
        assert question("no_such_argument", lang) == question("", lang)
        assert decline("no such reason", lang) == decline("out_of_scope", lang)
        assert small_talk("?", lang) == small_talk("what can you do", lang)
    assert choose("mug", "item", ("Blue Mug",), "en") == "Which product do you mean by “mug”: Blue Mug?"
    assert choose("杯", "item", ("蓝杯", "白杯"), "zh") == "“杯”指的是哪个商品：蓝杯，还是白杯？"


@pytest.mark.parametrize(
    ("argument", "error", "en", "zh"),
    [
        (
            "item",
            InputError("no", reason="unknown_name"),
            "I know no product called “x”. Try its code or another name, or let me search by a word, a category or a supplier.",
            "没有叫“x”的商品。请换编码或别的名称，也可以让我按关键词、品类或供应商查找。",
        ),
        (
            "start",
            InputError("no", reason="bad_date"),
            "I cannot read “x” as a date. Say for example “1 March”, “last month” or “past 6 weeks”.",
            "看不懂日期“x”。可以说“3月1日”“上个月”或“最近6周”。",
        ),
        (
            "horizon_days",
            InputError("no", reason="out_of_bounds", bounds={"minimum": 1, "maximum": 365}),
            "The number of days cannot be x: it must be at least 1, at most 365.",
            "期限天数不能是x，应不小于1、不大于365。",
        ),
        ("text", InputError("too odd."), "I cannot use “x”, please say it another way: too odd.", "“x”无法使用，请换一种说法。"),
    ],
)
def test_common_mistakes_are_told_in_the_planners_language(argument: str, error: InputError, en: str, zh: str) -> None:
    """What is wrong and what would be right is said in English and in Chinese, without English in the Chinese text."""
    assert refused("x", argument, error, "en") == en
    assert refused("x", argument, error, "zh") == zh


def test_names_that_are_only_alike_are_offered_as_such() -> None:
    """A misspelt name is not called ambiguous."""
    assert choose("mgu", "item", ("Mug",), "en", unknown=True) == "I know no product called “mgu”. Do you mean Mug?"
    assert choose("杯", "item", ("马克杯", "保温杯"), "zh", unknown=True) == "没有叫“杯”的商品，您指的是马克杯、保温杯吗？"
