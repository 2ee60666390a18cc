"""What is decided for each group of items, and how it is applied."""

from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.backtest import Backtest, Replay
from forecasting.explain import Group
from forecasting.recipe import fallback, learn, put_together

WINDOWS, DAYS, PATHS = 6, 14, 60
MODELS = ("low", "right")


def replayed(items: int, right_for: np.ndarray, off_by: float = 15.0) -> Backtest:
    """Demand around 100; the model "right" has that mean for some items and "low" for the others, each is off elsewhere."""
    rng = np.random.default_rng(0)
    actual = rng.normal(100.0, 10.0, (WINDOWS, items, DAYS))
    futures = rng.normal(100.0, 10.0, (WINDOWS, items, PATHS, DAYS))
    off = off_by * np.stack([right_for, ~right_for])
    paths = [[(futures[w] - off[m][:, None, None]).astype(np.float32) for w in range(WINDOWS)] for m in range(2)]
    losses = np.where(np.stack([right_for, ~right_for]), 0.6, 0.3)[:, None].repeat(WINDOWS, axis=1)
    origins = tuple(date(2024, 1, 1) + timedelta(days=DAYS * w) for w in range(WINDOWS))
    replay = Replay(np.arange(items), paths, actual, np.full((WINDOWS, items), 10.0))
    return Backtest(tuple(map(str, range(items))), MODELS, origins, DAYS, {"scaled_pinball": losses}, replay)


def test_each_class_gets_what_is_best_for_it() -> None:
    """Smooth items follow one model and lumpy ones the other, and the reasons name the classes."""
    right_for = np.arange(60) < 30
    classes: list[Group] = ["smooth"] * 30
    classes += ["lumpy"] * 30
    recipes = learn(replayed(60, right_for), classes, np.zeros(60, dtype=bool), "low")
    assert [recipe.model for recipe in recipes.items()] == ["right"] * 30 + ["low"] * 30
    assert "best for smooth items" in recipes.items()[0].reason
    assert "best for lumpy items" in recipes.items()[-1].reason
    np.testing.assert_allclose(recipes.weights[0], [0.0, 1.0])


def test_classes_of_few_items_learn_from_the_whole_panel() -> None:
    """Three erratic items do not decide for themselves."""
    classes: list[Group] = ["smooth"] * 37
    classes += ["erratic"] * 3
    recipes = learn(replayed(40, np.ones(40, dtype=bool)), classes, np.zeros(40, dtype=bool), "low")
    assert "best for this panel" in recipes.items()[-1].reason
    assert recipes.items()[-1].model == "right"


def test_an_item_that_is_clearly_better_off_alone_goes_alone() -> None:
    """One item for which the other model wins every window leaves its class, and its reason says so."""
    right_for = np.arange(40) > 0
    recipes = learn(replayed(40, right_for, off_by=3.0), ["smooth"] * 40, np.zeros(40, dtype=bool), "low")
    assert recipes.items()[0].model == "low"
    assert "clearly on this item" in recipes.items()[0].reason
    assert recipes.items()[1].model == "right"


def test_the_reason_counts_the_windows_that_the_item_was_seen_in() -> None:
    """Where others than the kept items were forecast in some windows only, an item leaves its class for those, and says so."""
    tested = replayed(40, np.arange(40) > 0, off_by=3.0)
    wide = np.full((2, WINDOWS, 400), np.nan)
    wide[:, :, :40] = tested.measures["scaled_pinball"]
    wide[:, :5, 40:] = wide[:, :5, 1:2]
    items = tuple(map(str, range(400)))
    partly = Backtest(items, MODELS, tested.origins, DAYS, {"scaled_pinball": wide}, tested.replay)
    recipes = learn(partly, ["smooth"] * 400, np.zeros(400, dtype=bool), "low").items()
    assert "in every one of 5 backtest windows" in recipes[0].reason
    assert "over 6 backtest windows" in recipes[1].reason


def test_what_was_never_replayed_gets_the_last_resort() -> None:
    """Without a single judged window the reason claims no backtest."""
    tested = replayed(25, np.ones(25, dtype=bool))
    assert tested.replay is not None
    tested.replay.actual[:] = np.nan
    recipes = learn(tested, ["smooth"] * 25, np.zeros(25, dtype=bool), "low")
    assert {recipe.model for recipe in recipes.items()} == {"low"}
    assert "too little history" in recipes.items()[0].reason


def test_a_backtest_without_futures_teaches_nothing() -> None:
    """The caller's slip is named."""
    tested = replayed(3, np.ones(3, dtype=bool))
    bare = Backtest(tested.items, tested.models, tested.origins, DAYS, tested.measures)
    with pytest.raises(ValueError, match="kept the futures"):
        learn(bare, ["smooth"] * 3, np.zeros(3, dtype=bool), "low")


def test_idle_days_stay_idle_and_whole_units_whole() -> None:
    """A day on which no model sells is zero, whatever is added and stretched on the way."""
    futures = np.random.default_rng(1).poisson(2.0, (2, 50, 7)).astype(np.float32)
    futures[:, :, 3] = 0.0
    made = put_together([futures.copy()], fallback("low", 2, 28), np.arange(2), np.array([True, True]), np.random.default_rng(2))
    np.testing.assert_array_equal(made, futures)
