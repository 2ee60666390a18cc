"""Made-up names and amounts."""

import random
import re
from collections import Counter

import pytest

from finetune.lexicon import FORMS, Lexicon, lexicon
from finetune.phrasing import phrasings
from finetune.values import value


def said(patterns: object, *, number: int = 300) -> Counter[str]:
    """What a lexicon of one symbol says."""
    small = Lexicon({"en": {"x": patterns, "name": ["oak tray"], "glass": ["glass"]}})  # type: ignore[dict-item]
    return Counter(small.say("x", "en", random.Random(seed)) for seed in range(number))


@pytest.mark.parametrize(
    ("pattern", "said_"),
    [
        ("{a|b} c", {"a c", "b c"}),
        ("{1..3}", {"1", "2", "3"}),
        ("{10..30..10} m", {"10 m", "20 m", "30 m"}),
        ("{name}s", {"oak trays"}),
        ("{name:title}", {"Oak Tray"}),
        ("{name:upper}", {"OAK TRAY"}),
        ("{name:short}", {"OAK"}),
        ("{name:plural}", {"oak trays"}),
        ("{glass:plural}", {"glass"}),
        ("{1200..1200:,}", {"1,200"}),
        ("{7..7:02}", {"07"}),
    ],
)
def test_a_pattern_says_what_stands_in_its_braces(pattern: str, said_: set[str]) -> None:
    """Words to choose from, numbers, other symbols, and the forms they are written in."""
    assert set(said([pattern])) == said_


def test_a_mask_draws_capitals_and_digits() -> None:
    """A is a capital, 0 a digit, ? either."""
    assert all(re.fullmatch(r"[A-Z]{2}-\d{3}[A-Z\d]{4}", code) for code in said(["{AA}-{000}{????}"]))


def test_weights_say_how_often() -> None:
    """A pattern of three times the weight comes three times as often."""
    counts = said({"a": 3, "b": 1}, number=2000)

    assert 2.5 < counts["a"] / counts["b"] < 3.6


def test_what_chinese_lacks_is_said_in_english_throughout() -> None:
    """A symbol that falls back stays in English, even where Chinese has a word of the same name."""
    both = Lexicon({"en": {"ware": ["{noun}"], "noun": ["mug"]}, "zh": {"noun": ["杯子"]}})

    assert both.say("ware", "zh", random.Random(0)) == "mug"
    assert both.say("noun", "zh", random.Random(0)) == "杯子"


def test_every_place_of_the_lexicon_is_known() -> None:
    """Saying anything that the lexicon holds, often, leaves no brace open and asks for no unknown symbol or form."""
    words = lexicon()

    assert {form for _, form in words.places()} - {""} <= set(FORMS)
    for lang in ("en", "zh"):
        for symbol in words.symbols(lang):
            for seed in range(60):
                assert not set("{}|") & set(words.say(symbol, lang, random.Random(seed)))


@pytest.mark.parametrize("lang", ["en", "zh", "mixed"])
def test_every_placeholder_has_values(lang: str) -> None:
    """Whatever a writer put in braces is filled, in every language."""
    placeholders = {name for p in phrasings() for turn in p.turns for name in re.findall(r"\{(\w+)\}", turn["text"])}

    assert all(value(name, random.Random(seed), lang).strip() for name in placeholders for seed in range(20))


def test_half_of_all_names_are_made_up() -> None:
    """Copying must work for names that no list holds, so about half are in none."""
    rng = random.Random(1)
    names = Counter(value("item", rng, "en") for _ in range(20_000))
    listed = sum(count for count in names.values() if count > 1)

    assert 0.4 < listed / names.total() < 0.65
