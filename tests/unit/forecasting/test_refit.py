"""A few items forecast anew inside a forecast that stands."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecasting.refit import refit
from forecasting.run import forecast
from parstock.domain import DemandPanel, Forecast, KnownAhead

ITEMS = tuple("abcdef")


def panel() -> DemandPanel:
    """Six items of different pace."""
    rate = np.array([0.3, 1.0, 2.0, 4.0, 8.0, 16.0])[:, None]
    return DemandPanel(ITEMS, date(2024, 1, 1), np.random.default_rng(0).poisson(rate, size=(6, 200)).astype(float))


def earlier() -> Forecast:
    """What was forecast of the first five, by mixtures; one driver has an effect."""
    made = forecast(panel().rows([4, 3, 2, 1, 0]), model="seasonal_naive", horizon_days=7, paths=50)
    return replace(
        made,
        models=("gradient_boosting+croston", "linear", "ets", "arima", "gradient_boosting+ets+croston"),
        scores={"ets": np.array([1.0, 2.0, 1.0, 1.0, 1.0]), "croston": np.array([2.0, 1.0, 2.0, np.nan, 2.0])},
        effects={"holiday": np.arange(5.0)[:, None].repeat(7, axis=1)},
        reasons_zh=("原因",) * 5,
    )


def test_the_others_keep_their_bits_and_the_order_is_the_panels() -> None:
    """Only what changed is forecast anew, wherever it stands; a new item is put in its place."""
    before, now = earlier(), panel()
    made = refit(now, np.array([1, 5]), before)

    assert made.items == ITEMS
    for row in (0, 2, 3, 4):
        old = before.items.index(ITEMS[row])
        np.testing.assert_array_equal(made.paths[row], before.paths[old])
        assert (made.models[row], made.reasons[row]) == (before.models[old], before.reasons[old])
        np.testing.assert_array_equal(made.effects["holiday"][row], before.effects["holiday"][old])
    assert not made.effects["holiday"][[1, 5]].any()
    assert np.isnan(made.scores["ets"][[1, 5]]).all()
    assert made.mean()[5].mean() == pytest.approx(16.0, rel=0.3)


@pytest.mark.parametrize(
    ("item", "model"), [("a", "ets"), ("b", "ets"), ("c", "ets"), ("d", "croston"), ("e", "croston"), ("f", "croston")]
)
def test_the_quick_model_is_the_heaviest_of_the_mixture_or_the_best_in_the_backtest(item: str, model: str) -> None:
    """A mixture gives its heaviest quick model, a slow model the quick one with the lowest loss, a new item the fallback."""
    row = ITEMS.index(item)
    kept = np.setdiff1d(np.arange(6), [row, 5])
    made = refit(panel().rows([*kept.tolist(), row]), np.array([kept.size]), earlier())

    assert made.models[-1] == model
    assert f"forecast anew by {model} alone" in made.reasons[-1]
    assert f"仅用{model}重新预测" in made.reasons_zh[-1]


def test_what_is_planned_ahead_is_seen() -> None:
    """An item with a promotion ahead gets the model that knows of it."""
    promotion = np.zeros((6, 7), dtype=bool)
    promotion[1, 2] = True
    planned = replace(panel(), promotion=np.zeros((6, 200), dtype=bool), ahead=KnownAhead(promotion=promotion))
    assert refit(planned, np.array([1, 5]), earlier()).models[1] == "linear"
