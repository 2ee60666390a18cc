"""Which model is chosen, and what is said about it."""

from datetime import date

import numpy as np

from forecasting.backtest import Backtest
from forecasting.choose import FALLBACK, choose


def replay(cells: np.ndarray) -> Backtest:
    """A backtest of models "plain" and "rich" with these [2, W, N] losses."""
    measures = {"scaled_pinball": cells, "coverage_95": np.full(cells.shape, 0.9)}
    _, windows, items = cells.shape
    origins = tuple(date(2024, 1 + i, 1) for i in range(windows))
    names = tuple(f"i{i}" for i in range(items))
    return Backtest(names, ("plain", "rich"), origins, 28, measures, np.zeros((2, windows, items, 28)), np.zeros(cells.shape))


def test_the_lower_loss_wins_and_both_are_named() -> None:
    """A single item gets the better model, and the reason states both scores."""
    choice = choose(replay(np.array([[[0.5], [0.5]], [[0.4], [0.4]]])), ("smooth",))
    assert choice.models == ("rich",)
    assert "rich has the lowest scaled pinball loss, 0.400" in choice.reasons[0]
    assert "plain 0.500" in choice.reasons[0]
    assert "90%" in choice.reasons[0]


def test_ties_go_to_the_simpler() -> None:
    """Less than one per cent better is not better."""
    assert choose(replay(np.array([[[0.4000]], [[0.3970]]])), ("smooth",)).models == ("plain",)


def test_an_item_leaves_its_class_only_when_it_wins_every_window() -> None:
    """One lucky window does not overrule the class; winning all of them does."""
    plain = np.array([[0.4] * 10 + [0.9, 0.5], [0.4] * 10 + [0.4, 0.5]])
    rich = np.array([[0.5] * 10 + [0.3, 0.4], [0.5] * 10 + [0.5, 0.4]])
    choice = choose(replay(np.stack([plain, rich])), ("lumpy",) * 12)
    assert choice.models[10:] == ("plain", "rich")
    assert "best for lumpy items" in choice.reasons[10]


def test_an_item_without_a_backtest_gets_the_fallback() -> None:
    """No score, no pretence: the reason says that the history is too short."""
    cells = np.array([[[0.4, np.nan]], [[0.5, np.nan]]])
    choice = choose(replay(cells), ("smooth", "smooth"))
    assert choice.models == ("plain", FALLBACK)
    assert choice.index.tolist() == [0, -1]
    assert "too little history" in choice.reasons[1]
