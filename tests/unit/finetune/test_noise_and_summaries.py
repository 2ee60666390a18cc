"""What stands around a planner's request: typing mistakes, chatter, and what the assistant said before."""

import random
import re

import pytest

from finetune.examples import catalogue
from finetune.noise import chatter, distort
from finetune.summaries import question, summary

ARGS = {"item": "{item}", "warehouse": "{warehouse}", "query": "{topic}", "horizon_days": 14}


def test_values_are_never_touched() -> None:
    """Noise changes words only: as many pieces come out as went in, and what is said around them does not reach the values."""
    pieces = ["How many ", "item", " are in ", "warehouse", "?"]
    for seed in range(200):
        rng = random.Random(seed)
        words = distort(pieces[::2], rng, "en")
        out = chatter([words[0], "item", words[1], "warehouse", words[2]], rng, "en")

        assert len(words) == 3
        assert out[1::2] == ["item", "warehouse"]


def test_most_sentences_are_typed_rightly() -> None:
    """Case and the last stop apart, most sentences are what was meant, and some are not."""
    text = "How many of these are left in the warehouse?"
    typed = [distort([text], random.Random(seed), "en")[0].lower().rstrip(".?!") for seed in range(400)]

    assert 0.7 < typed.count(text.lower().rstrip("?")) / len(typed) < 0.95


def test_chinese_is_not_mistyped() -> None:
    """There are no letters to swap; only the stop at the end may change."""
    assert {distort(["还有多少？"], random.Random(seed), "zh")[0].rstrip("?？.!") for seed in range(100)} == {"还有多少"}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("tool", list(catalogue().tools))
def test_every_tool_has_a_summary(tool: str, lang: str) -> None:
    """A summary names what its call named, as placeholders, and nothing that the call did not say."""
    for seed in range(20):
        text = summary(tool, ARGS, lang, random.Random(seed))  # type: ignore[arg-type]

        assert set(re.findall(r"\{(\w+)\}", text)) <= {"item", "warehouse", "topic"}


def test_a_summary_of_an_unnamed_call_is_plain() -> None:
    """Where a text would need a name that the call does not have, another one is said."""
    assert summary("get_stock", {}, "en", random.Random(0)) == "Done; see the table."


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_questions_ask_for_what_is_missing(lang: str) -> None:
    """An argument without a question of its own gets a general one; declining and chatting have their words."""
    asked = (("clarify", "quantity"), ("clarify", "budget"), ("refuse", ""), ("answer", ""))
    said = {question(behaviour, missing, lang, random.Random(0)) for behaviour, missing in asked}  # type: ignore[arg-type]

    assert len(said) == len(asked)
