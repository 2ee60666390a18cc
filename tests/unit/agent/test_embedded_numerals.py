"""Numbers as people write and say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded.numerals import english_number, figures, han_number, number

DIGITS = "零一二三四五六七八九"


def written_out(value: int) -> str:
    """A number below ten thousand as a Chinese numeral."""
    text, skipped = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, value = divmod(value, size)
        if digit:
            text += ("零" if skipped and text else "") + DIGITS[digit] + unit
        skipped = not digit
    return text


@pytest.mark.parametrize(
    ("text", "value"),
    [("十", 10), ("十五", 15), ("二十", 20), ("两千零八", 2008), ("三亿", 300_000_000), ("二零二五", 2025), ("零", 0)],
)
def test_chinese_numerals_of_all_sizes(text: str, value: float) -> None:
    """Tens, hundreds, ten thousands, and digits read out have their value."""
    assert han_number(text) == value


@pytest.mark.parametrize(("text", "value"), [("一千二", 1200), ("一万五", 15_000), ("两百三", 230), ("三千零五", 3005)])
def test_a_spoken_numeral_leaves_its_last_unit_out(text: str, value: float) -> None:
    """The digit after a unit is of the next smaller one, unless a zero stands between."""
    assert han_number(text) == value


@given(st.integers(1, 9999))
def test_a_number_written_out_in_chinese_is_read_back(value: int) -> None:
    """Writing a number in Chinese and reading it gives the number."""
    assert han_number(written_out(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("a hundred", 100), ("two hundred and forty", 240), ("three thousand five hundred", 3500), ("Twenty-five", 25)],
)
def test_english_number_words_add_up(text: str, value: float) -> None:
    """Hundreds and thousands multiply what stands before them, the rest is added."""
    assert english_number(text) == value


@pytest.mark.parametrize(
    ("text", "factor", "value"), [("1,200", None, 1200), ("1 200", None, 1200), ("1.5", "K", 1500), ("2", "万", 2e4)]
)
def test_figures_take_separators_and_factors(text: str, factor: str | None, value: float) -> None:
    """Thousands separators do not count; a letter or a Chinese unit behind the figures multiplies."""
    assert figures(text, factor) == value


def test_a_half_is_a_number_too() -> None:
    """半 is a half, whatever unit follows."""
    assert [number("半"), number("12"), number("十二")] == [0.5, 12, 12]
