"""Prompts are filled in strictly, and every prompt exists in both languages."""

from typing import get_args

import pytest

import prompts
from agent.audience import Audience


def test_every_prompt_exists_in_english_and_chinese() -> None:
    """A prompt added in one language only would silently leave the other half of the users without it."""
    by_language = {lang: {n.removesuffix(f".{lang}") for n in prompts.names() if n.endswith(f".{lang}")} for lang in ("en", "zh")}
    audiences = {f"explain-{audience}" for audience in get_args(Audience) if audience}
    assert by_language["en"] == by_language["zh"] == {"system", "explain", "repair", "read_note"} | audiences


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_full_set_of_values_leaves_no_placeholder(lang: str) -> None:
    """What the model reads never shows a raw placeholder."""
    text = prompts.load(f"system.{lang}", as_of="2026-11-22", currency="GBP", explain=prompts.load(f"explain.{lang}"))
    assert "2026-11-22" in text
    assert "{{" not in text


def test_a_missing_value_is_refused_by_name() -> None:
    """A forgotten value is an error that names it, not an empty line in a prompt."""
    with pytest.raises(ValueError, match="needs a value for: facts"):
        prompts.load("repair.en", problems="- none")


def test_an_unused_value_is_refused_by_name() -> None:
    """A value that no placeholder takes is an error, so a renamed placeholder cannot go unnoticed."""
    with pytest.raises(ValueError, match="no placeholder for: tone"):
        prompts.load("explain.en", tone="cheerful")


def test_braces_inside_a_value_are_not_placeholders() -> None:
    """Text that a user controls cannot pull other values into the prompt."""
    assert "{{ facts }}" in prompts.load("repair.en", problems="{{ facts }}", facts="- f1")


def test_an_unknown_prompt_lists_the_known_ones() -> None:
    """A typing error in a prompt's name says what would be right."""
    with pytest.raises(LookupError, match=r"unknown prompt 'sytem\.en'; known: explain-arithmetic"):
        prompts.load("sytem.en")
