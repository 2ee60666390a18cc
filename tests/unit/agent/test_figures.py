"""Numbers and dates are read as people write them."""

import pytest

from agent.figures import Figure, agrees, find_days, find_figures, of_value
from agent.language import detect


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Order 1,240 units", [(1240.0, "units")]),
        ("it costs £3.50", [(3.5, "money")]),
        ("a 28-day cover at 97.5 %", [(28.0, "days"), (97.5, "percent")]),
        ("about 3.4k or 1.2 million", [(3400.0, ""), (1_200_000.0, "")]),
        ("two hundred and twenty-one units", [(221.0, "units")]),
        ("half of it", [(50.0, "percent")]),
        ("this one, a few, the quarter", []),
        ("订购1,200件，约1.2万元", [(1200.0, "units"), (12_000.0, "money")]),
        ("提前十二天，涨了两成，百分之九十五", [(12.0, "days"), (20.0, "percent"), (95.0, "percent")]),
        ("一千二百三十件", [(1230.0, "units")]),
        ("万一有一些，千万不要", []),
        ("10-14 days", [(10.0, ""), (14.0, "days")]),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, values: list[tuple[float, str]]) -> None:
    """Separators, scales, number words and units of both languages give the value that a reader takes from them."""
    assert [(figure.value, figure.unit) for figure in find_figures(text)] == values


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("by 2026-11-30", (2026, 11, 30)),
        ("on 30 November 2026", (2026, 11, 30)),
        ("on Nov 30", (None, 11, 30)),
        ("November 2026", (2026, 11, None)),
        ("2026年11月30日", (2026, 11, 30)),
        ("11月30号前", (None, 11, 30)),
    ],
)
def test_dates_are_read_in_any_form(text: str, day: tuple[int | None, int, int | None]) -> None:
    """The same day is recognised however it is written, as far as the text says it."""
    (found,) = find_days(text)
    assert (found.year, found.month, found.day) == day


@pytest.mark.parametrize(
    ("said", "known", "same"),
    [
        ("12 days", 12.4, True),
        ("12.4 days", 12.4, True),
        ("12.5 days", 12.4, False),
        ("13 days", 12.4, False),
        ("1.2万件", 12_345.0, True),
        ("1.3万件", 12_345.0, False),
        ("1 day", 1.45, False),
    ],
)
def test_a_number_agrees_when_it_is_the_fact_rounded_to_its_own_digits(said: str, known: float, same: bool) -> None:
    """Rounding is allowed, another number is not, and a rounding that misleads (1 for 1.45) is not either."""
    (figure,) = find_figures(said)
    assert agrees(figure, Figure("", known, 0.0, "", 0, 0)) is same


def test_units_are_not_interchangeable() -> None:
    """The right number with the wrong unit is a wrong number; weeks may stand for whole weeks of days."""
    (fourteen_days,) = of_value(14, "days")
    verdicts = [agrees(find_figures(text)[0], fourteen_days) for text in ("14 units", "14 days", "two weeks", "14")]
    assert verdicts == [False, True, True, True]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("how much stock?", "en"),
        ("还有多少库存", "zh"),
        ("从深圳 move 300 过去美西仓吧", "zh"),
        ("what's the 安全库存 for HW-LED-03 ah?", "en"),
        ("Thanks. 库存还有多少？", "zh"),
        ("123", "en"),
    ],
)
def test_the_language_is_that_of_the_sentence_not_of_the_names(text: str, lang: str) -> None:
    """Loanwords and product names do not decide the language of an answer; one Chinese sentence does."""
    assert detect(text) == lang


def test_names_say_nothing_about_the_language() -> None:
    """A product with a Chinese name does not turn an English question into a Chinese one, nor the other way round."""
    assert detect("Stock of 硅胶折叠水杯 in Leeds", ["硅胶折叠水杯"]) == "en"
    assert detect("Food of the World 要补多少货", ["Food of the World"]) == "zh"
