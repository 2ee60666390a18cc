"""Values that code reads out of a planner's words."""

import pytest

from agent.embedded.spots import normalise, spot


def found(text: str) -> list[tuple[str, float]]:
    """Kinds and values of what is found, in order."""
    return [(s.kind, s.value) for s in spot(normalise(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order 1.5k units", [("num", 1500)]),
        ("order 1,200 please", [("num", 1200)]),
        ("two hundred and forty of them", [("num", 240)]),
        ("a dozen", [("num", 12)]),
        ("230pcs", [("num", 230)]),
        ("the next 6 weeks", [("dur", 42)]),
        ("30-day outlook", [("dur", 30)]),
        ("a fortnight, then a quarter", [("dur", 14), ("dur", 90)]),
        ("next month", [("dur", 30)]),
        ("half a year", [("dur", 182.5)]),
        ("up 20 %", [("pct", 20)]),
        ("95 percent", [("pct", 95)]),
        ("demand doubles", [("pct", 100)]),
        ("by a quarter", [("pct", 25)]),
        ("£5,000 or 8k euros", [("money", 5000), ("money", 8000)]),
        ("两百个", [("num", 200)]),
        ("一千二", [("num", 1200)]),
        ("未来三周", [("dur", 21)]),
        ("半个月", [("dur", 15)]),
        ("涨两成", [("pct", 20)]),
        ("百分之九十五", [("pct", 95)]),
        ("预算2万元", [("money", 20_000)]),
        ("１２０件", [("num", 120)]),
    ],
)
def test_a_value_is_read_as_a_planner_means_it(text: str, expected: list[tuple[str, float]]) -> None:
    """Numbers, lengths of time, percentages and money are read in both languages."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "LIP-VM-04",
        "B0C7XK21QD",
        "Alpine 2P tent",
        "400ml",
        "since the 12th",
        "5 May",
        "2026-03-01",
        "看一下",
        "3月1日",
        "v2.0",
        "成本",
        "which one",
    ],
)
def test_codes_dates_and_figures_of_speech_are_not_values(text: str) -> None:
    """What only looks like a number is left alone."""
    assert found(text) == []


@pytest.mark.parametrize("text", ["9" * 400, "亿" * 60, " ".join(["hundred"] * 200), "9" * 400 + "%", "9" * 305 + " years"])
def test_numbers_beyond_all_bounds_are_not_values(text: str) -> None:
    """What no float holds is left as words, and nothing breaks."""
    assert all(abs(value) < float("inf") for _, value in found(text))


def test_overlaps_go_to_the_richer_reading() -> None:
    """A percentage is no count, money is no length of time, and each part of a text is read once."""
    assert found("raise 20 % to £5k for 6 weeks, 30 pcs") == [("pct", 20), ("money", 5000), ("dur", 42), ("num", 30)]
