"""Words compared: folding, plurals, slips of the keyboard."""

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.words import edits, likeness, normalise, singular, tokens

WORDS = st.text(alphabet="abcde", min_size=1, max_size=8)


@pytest.mark.parametrize("module", ["tools.words", "parstock.wording", "tools.recent", "tools.charts", "tools.call"])
def test_examples_in_docstrings_hold(module: str) -> None:
    """What a docstring shows is what the code gives."""
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


@given(WORDS, WORDS)
def test_edit_distance_is_symmetric_and_zero_only_for_the_same_word(a: str, b: str) -> None:
    """The distance does not care which word is asked for."""
    assert edits(a, b, 20) == edits(b, a, 20)
    assert (edits(a, b, 20) == 0) == (a == b)


@given(WORDS, WORDS, st.integers(0, 3))
def test_a_limit_only_cuts_the_distance_off(a: str, b: str, limit: int) -> None:
    """Stopping early never reports a smaller distance than there is."""
    assert edits(a, b, limit) == min(edits(a, b, 20), limit + 1)


@given(WORDS, WORDS)
def test_likeness_is_a_share(a: str, b: str) -> None:
    """Likeness lies between 0 and 1, and the same word is 1."""
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) == 1


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is already in its comparable form."""
    assert tokens(normalise(text)) == tokens(text)


def test_short_words_and_numbers_have_no_near_neighbours() -> None:
    """A red one is no rod, and 3 is not 4: a slip there would name another product."""
    assert likeness("red", "rod") == 0
    assert likeness("3", "4") == 0
    assert likeness("22423", "22424") == 0


def test_words_that_only_look_plural_stay() -> None:
    """Words ending in -ss and -us are not cut."""
    assert [singular(word) for word in ("glass", "cactus", "gas")] == ["glass", "cactus", "gas"]
