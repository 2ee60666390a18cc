"""The verifier lets pass what the facts say and nothing else."""

import re
from typing import Literal, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.explain import explain
from agent.verify import verify
from parstock.domain import Language
from parstock.results import Citation, Fact, ToolResult

COVER = Fact(
    "f1",
    "cover",
    12.4,
    "days",
    "The stock covers 12.4 days.",
    "库存可覆盖12.4天。",
    "stock/MUG",
    required=True,
    direction="short",
)
QUANTITY = Fact(
    "f2", "quantity", 1240, "units", "Order 1,240 units of Blue Mug.", "订购Blue Mug 1,240件。", "plan/MUG", required=True
)
DEMAND = Fact("f3", "change", 18.0, "%", "Demand is up 18 % on last month.", "需求比上月增长18 %。", "demand/MUG", direction="up")
ORDER_BY = Fact("f4", "order_by", "2026-11-30", "date", "Order by 30 November 2026.", "请在2026年11月30日前下单。", "plan/MUG")
LEVEL = Fact("f5", "level", 0.95, "", "The service level is 95 %.", "服务水平为95 %。", "service-levels#2.1")
FACTS = (COVER, QUANTITY, DEMAND, ORDER_BY, LEVEL)
CITATIONS = (Citation("service-levels#2.1", "Service levels", "Kitchen items keep 95 %.", "service-levels"),)
NAMES = ("Blue Mug", "Red Mug", "MUG", "Leeds Depot", "红色马克杯")
QUESTION = "How many Blue Mug should I order for the next 30 days?"


def problems(text: str, lang: Language = "en", question: str = QUESTION) -> tuple[str, ...]:
    """What the verifier objects to in `text`, required facts left aside."""
    loose = tuple(Fact(f.id, f.what, f.value, f.unit, f.en, f.zh, f.source, False, f.direction) for f in FACTS)
    return verify(text, loose, question, lang, citations=CITATIONS, names=NAMES).problems


@pytest.mark.parametrize(
    "text",
    [
        "Order 1,240 units of Blue Mug now: the stock lasts 12 days only, which is not enough.",
        "Demand rose 18 percent, so order 1240 Blue Mug by Nov 30.",
        "The target is 95 % [service-levels#2.1], a level of 0.95.",
        "1. Order 1.2k units of Blue Mug.\n2. Do it before 2026-11-30.",
        "For your 30 days you need 1,240 units.",
        "About 1,240 of them, as demand is not down but up 18 %.",
    ],
)
def test_a_faithful_rewording_passes(text: str) -> None:
    """Rounding, other units of writing, the question's own numbers and list numbers are no inventions."""
    assert problems(text) == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Order 1,250 units of Blue Mug.", "1,250"),
        ("Order 1,240 units; that costs £310.", "'310'"),
        ("That is fifteen days of cover.", "'fifteen'"),
        ("The stock covers 14 days.", "14"),
        ("Order 12 units, for 1,240 days.", "'12'"),
        ("Order by 29 November 2026.", "29 November"),
        ("Demand is down 18 %.", "wrong direction"),
        ("There is enough stock for now.", "contradicts"),
        ("12.4 days are plenty.", "wrong direction"),
        ("Order 1,240 units of Red Mug.", "'Red Mug'"),
        ("Send 1,240 units to Leeds Depot.", "'Leeds Depot'"),
        ("Order 1,240 units of HW-LED-03.", "'HW-LED-03'"),
        ("The level is 95 % [approval-limits#1].", "approval-limits#1"),
        ("", "empty"),
        ('<tool_call>{"name": "get_stock"}</tool_call>', "markup"),
        ("It sells well. " * 400, "characters"),
        ("库存可以覆盖很多天，现在就应该订购，因为需求在增长，请尽快下单给供应商。", "not in English"),
    ],
)
def test_an_invention_is_named(text: str, complaint: str) -> None:
    """A wrong number, word number, date, direction, name, code or citation is refused, and the complaint says which."""
    assert any(complaint in problem for problem in problems(text)), problems(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("建议订购约1.2千件，库存只够12天，不足。", None),
        ("需求增长约18%，请在11月30日前下单。", None),
        ("建议订购1,300件。", "1,300"),
        ("需求下降18%。", "wrong direction"),
        ("库存充足，不用担心。", "contradicts"),
        ("库存还能撑十五天。", "十五"),
        ("请在11月29日前下单。", "11月29日"),
        ("建议订购红色马克杯1,240件。", "红色马克杯"),
        ("You should order 1,240 units of Blue Mug now.", "not in Chinese"),
    ],
)
def test_chinese_answers_are_checked_alike(text: str, complaint: str | None) -> None:
    """Chinese numerals, scales, dates, direction words and names are held to the same facts."""
    found = problems(text, "zh", "Blue Mug 该补多少货？")
    assert (found == ()) if complaint is None else any(complaint in problem for problem in found), found


def test_a_number_of_another_fact_in_a_copied_sentence_is_caught() -> None:
    """Swapping two true numbers between two true sentences makes both wrong, and is noticed."""
    a = Fact("f1", "on_hand", 40, "units", "On hand are 40 units.", "现有40件。", "s")
    b = Fact("f2", "needed", 120, "units", "Needed are 120 units.", "需要120件。", "s")
    verdict = verify("On hand are 120 units. Needed are 40 units.", (a, b), "", "en")
    assert len([p for p in verdict.problems if p.startswith("It changes the fact")]) == 2


def test_leaving_out_a_required_fact_is_a_problem() -> None:
    """An answer that is right but incomplete is sent back with the missing sentence."""
    verdict = verify("Order 1,240 units of Blue Mug.", FACTS, QUESTION, "en", citations=CITATIONS)
    assert verdict.problems == ("It leaves out the required fact: The stock covers 12.4 days.",)


def test_nothing_may_be_said_where_nothing_was_looked_up() -> None:
    """Without a tool result a model cannot state a figure, only repeat the question's."""
    assert not verify("You have 340 units.", (), "stock of mugs?", "en").ok
    assert verify("For the 12 mugs I need the item's name.", (), "12 mugs please", "en").ok


WORDS = st.sampled_from(["stock", "demand", "cover", "reorder point", "fill rate", "orders due"])
UNITS = st.sampled_from([("units", "units", "件"), ("days", "days", "天"), ("%", "%", "%"), ("GBP", "GBP", "英镑")])
DIRECTIONS = st.sampled_from(["up", "down", "flat", "enough", "short", ""])


@st.composite
def facts(draw: st.DrawFn) -> tuple[Fact, ...]:
    """Facts as tools make them: the value is written in both sentences."""
    made = []
    for position in range(draw(st.integers(1, 12))):
        value = draw(st.one_of(st.integers(0, 2_000_000), st.decimals(0, 5000, places=1).map(float)))
        unit, en_unit, zh_unit = draw(UNITS)
        shown, word, direction = f"{value:,}", draw(WORDS), draw(DIRECTIONS)
        made.append(
            Fact(
                f"f{position + 1}",
                draw(st.sampled_from(["quantity", "stock", "binding", "default.horizon_days", "item.sku", "data.label"])),
                value,
                unit,
                f"The {word} of item {position} in row {position} is {shown} {en_unit}, {direction or 'as planned'}.",
                f"第{position}行的{word}为{shown}{zh_unit}。",
                draw(st.sampled_from(["stock", "rules#1.2"])),
                draw(st.booleans()),
                cast(Literal["up", "down", "flat", "enough", "short", ""], direction),
            )
        )
    return tuple(made)


def _result(made: tuple[Fact, ...]) -> ToolResult:
    return ToolResult("get_stock", {}, made, citations=(Citation("rules#1.2", "Rules", "Keep 3 of each.", "rules"),))


@given(facts(), st.sampled_from(["en", "zh"]), st.booleans())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_deterministic_explanation_always_verifies(made: tuple[Fact, ...], lang: Language, full: bool) -> None:
    """What stands in for a refused text is itself beyond objection, in both languages, short or in full detail."""
    result = _result(made)
    question = "everything in full detail" if full else ""
    text = explain([result], lang, question)
    assert verify(text, result.facts, question, lang, citations=result.citations).problems == ()


@given(facts(), st.sampled_from(["en", "zh"]), st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_changing_any_one_number_is_noticed(made: tuple[Fact, ...], lang: Language, data: st.DataObject) -> None:
    """No single number of the explanation can be changed, even to another number of the same facts, without a problem."""
    result = _result(made)
    text = explain([result], lang)
    numbers = list(re.finditer(r"\d+(?:[,.]\d+)*", text))
    chosen = data.draw(st.sampled_from(numbers))
    others = sorted({m[0] for m in numbers} | {"7", "31", "1,999", "88.8"})
    wrong = data.draw(st.sampled_from(others))
    value, new = (float(n.replace(",", "")) for n in (chosen[0], wrong))
    assume(value != new and round(value) != new)
    changed = text[: chosen.start()] + wrong + text[chosen.end() :]
    assert not verify(changed, result.facts, "", lang, citations=result.citations).ok
