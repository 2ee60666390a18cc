"""Reading answers against the typed values of facts."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.explaining import with_one_value_changed
from evaluation.faithful import Judgement, changed_sentences, judge
from parstock.domain import Language
from parstock.results import Citation, Fact, ToolResult

ON_HAND = Fact("f1", "on_hand", 40, "units", "On hand are 40 units.", "现有40件。", "stock/MUG", required=True)
CHANGE = Fact("f2", "change", 18.0, "%", "Demand is up 18 %.", "需求增长18 %。", "demand/MUG", direction="up")
DUE = Fact("f3", "due", "2026-11-30", "date", "It is due on 30 November 2026.", "2026年11月30日到货。", "orders/7")
FACTS = (ON_HAND, CHANGE, DUE)
QUESTION = "How are we with mugs for 14 days?"


def read(text: str, facts: tuple[Fact, ...] = FACTS, lang: Language = "en") -> Judgement:
    """A text judged by some facts."""
    return judge(
        text, facts, QUESTION, lang, (Citation("rules#1", "Rules", "Keep 95 % of mugs.", "rules"),), ("Cake stand 3 tier",)
    )


@pytest.mark.parametrize(
    ("text", "untraced"),
    [
        ("On hand are 40 units, up 18 %, due 30 November 2026.", ()),
        ("For your 14 days there are forty.", ()),
        ("The rule keeps 95 % [rules#1].", ()),
        ("The Cake stand 3 tier sells too.", ()),
        ("On hand are 41 units.", ("41",)),
        ("It is due on 1 December 2026.", ("1 December 2026",)),
        ("1. On hand are 40 units.\n2. Demand is up 18 %.", ()),
    ],
)
def test_a_number_is_traced_to_a_value(text: str, untraced: tuple[str, ...]) -> None:
    """Values, quotations and the question account for numbers; names and list numbers are none; all else is untraced."""
    assert read(text).untraced == untraced


def test_a_number_that_only_a_sentence_holds_is_untraced() -> None:
    """A tool that writes a number into a sentence without filing it is found out, though the verifier lets the sentence pass."""
    loose = replace(ON_HAND, en="On hand are 40 of 55 units.")

    assert read("On hand are 40 of 55 units.", (loose,)).untraced == ("55",)


@pytest.mark.parametrize(("text", "left_out"), [("There are 40 of them.", 0), ("现有40件。", 0), ("Demand is up 18 %.", 1)])
def test_a_required_fact_is_told_by_its_sentence_or_its_value(text: str, left_out: int) -> None:
    """Either will do; nothing of both is an omission."""
    found = read(text)

    assert (found.required, len(found.left_out)) == (1, left_out)


@pytest.mark.parametrize(
    ("text", "claims", "wrong"),
    [("Demand is up 18 %.", 1, 0), ("Demand fell by 18 %.", 1, 1), ("On hand are 40 units.", 0, 0), ("需求下降18 %。", 1, 1)],
)
def test_a_direction_turned_round_is_an_error(text: str, claims: int, wrong: int) -> None:
    """Only numbers with a direction are claims; a clause that says the contrary is counted."""
    found = read(text)

    assert (found.claims, len(found.contradicted)) == (claims, wrong)


def test_a_facts_own_sentence_may_be_wrong_too() -> None:
    """A tool whose sentence says the contrary of its direction is an error as any other."""
    turned = replace(CHANGE, en="Demand is down 18 %.")

    assert read("Demand is down 18 %.", (turned,)).contradicted == ("Demand is down 18 %.",)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_changed_value_changes_its_sentence_alone(lang: Language) -> None:
    """The value is another in the fact and in both sentences; no other fact is touched."""
    text = "".join(fact.zh if lang == "zh" else fact.en + " " for fact in FACTS)
    change = with_one_value_changed(ToolResult("get_stock", {}, FACTS), text, lang, np.random.default_rng(1))
    assert change is not None
    changed = [(new, old) for new, old in zip(change.result.facts, FACTS, strict=True) if new != old]
    assert len(changed) == 1
    new, old = changed[0]

    assert isinstance(new.value, (int, float))
    assert new.value != old.value
    assert new.en == old.en.replace(change.before, change.after)
    assert new.zh == old.zh.replace(change.before, change.after)
    again = "".join(fact.zh if lang == "zh" else fact.en + " " for fact in change.result.facts)
    gone, came = changed_sentences(text, again)
    assert gone == ((old.zh if lang == "zh" else old.en),)
    assert came == ((new.zh if lang == "zh" else new.en),)


def test_a_value_shown_twice_is_not_changed() -> None:
    """Where it cannot be told which number is meant, there is no change to test."""
    twice = replace(ON_HAND, en="On hand are 40 units, 40 free to sell.")

    assert with_one_value_changed(ToolResult("get_stock", {}, (twice,)), twice.en, "en", np.random.default_rng(1)) is None
