"""What is said about a forecast, in both languages."""

import re
from dataclasses import replace
from datetime import date

import numpy as np

from forecasting.explain import Calibrated, Covered, Decision, Loss, Refusal, Share, model_name, refusals_zh, sentence, unjudged
from forecasting.history import History
from parstock.domain import DemandPanel

DECISION = Decision(
    shares=(Share("ets", 0.6), Share("croston", 0.4)),
    group="lumpy",
    windows=8,
    horizon_days=28,
    loss=0.412,
    rivals=(Loss("ets", 0.42), Loss("croston", 0.433), Loss("seasonal_naive", 0.59)),
    refused=(),
    forced=False,
    calibrated=(Calibrated(1, 0.914, 0.951, 0.006), Calibrated(28, 0.88, 0.943, 0.015)),
)
REFUSED = (Refusal("gradient_boosting", Covered(0.95, 14, 0.88, 0.012)),)


def numbers(text: str) -> list[str]:
    """The numbers of a sentence, in order."""
    return re.findall(r"\d+(?:\.\d+)?", text)


def test_shares_scores_and_calibration_are_told() -> None:
    """One line says what is mixed, over what it was judged, how the parts did alone, and what calibration did."""
    assert sentence(DECISION, "en") == (
        "ets 60% + croston 40%: best for lumpy items over 8 backtest windows of 28 days (scaled pinball loss 0.412; alone: "
        "ets 0.420, croston 0.433, seasonal_naive 0.590); its 95 % quantile covered of days 91.4% before calibration, 95.1% "
        "after (give or take 0.6); 28-day totals 88.0% before calibration, 94.3% after (give or take 1.5)"
    )


def test_a_refusal_names_the_quantile_that_failed() -> None:
    """Model, level, lead time and coverage of the worst quantile are all in the sentence."""
    said = sentence(replace(DECISION, refused=REFUSED), "en")
    assert "refused for lumpy items: gradient_boosting, its 95 % quantile of 14-day totals covered 88%" in said
    assert "of those that pass the coverage gate" in said


def test_a_forecast_that_did_not_pass_says_so() -> None:
    """Where nothing passed, the sentence does not call anything best."""
    said = sentence(replace(DECISION, refused=REFUSED, forced=True), "en")
    assert "no model covers lumpy items as its quantiles say" in said
    assert "best" not in said


def test_an_item_of_its_own_and_an_untested_one_are_told_apart() -> None:
    """An item that left its group says so; too few windows are admitted."""
    alone = replace(DECISION, shares=(Share("croston", 1.0),), own=True, calibrated=(), group="all")
    assert sentence(alone, "en").startswith("croston: beat the models of this panel clearly on this item")
    assert "too few windows" in sentence(alone, "en")


def test_both_languages_tell_the_same_numbers() -> None:
    """Every figure of the English sentence is in the Chinese one, whatever was decided."""
    for decision in (
        DECISION,
        replace(DECISION, refused=REFUSED),
        replace(DECISION, refused=REFUSED, forced=True),
        replace(DECISION, own=True, calibrated=()),
    ):
        en, zh = sentence(decision, "en"), sentence(decision, "zh")
        assert sorted(numbers(en)) == sorted(numbers(zh))
        assert re.search("[一-鿿]", zh)
    assert numbers(unjudged("croston", 7, "en")) == numbers(unjudged("croston", 7, "zh")) == ["7"]


def test_names_of_mixtures_are_those_of_their_models() -> None:
    """Heaviest first, joined by a plus sign."""
    assert model_name(DECISION.shares) == "ets+croston"


def test_what_is_not_forecast_is_said_in_chinese_too() -> None:
    """One sentence for each refused item, none for the others."""
    demand = np.stack([np.full(200, 2.0), np.r_[np.full(195, np.nan), np.ones(5)], np.zeros(200)])
    said = refusals_zh(History.of(DemandPanel(("a", "b", "c"), date(2024, 1, 1), demand)))
    assert said[0] is None
    assert "5天" in str(said[1])
    assert "没有销售记录" in str(said[2])
