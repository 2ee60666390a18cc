"""What is said of a history, in both languages."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import numpy as np
import pytest

from forecasting.history import History
from forecasting.remarks import Remark, RemarkKind
from parstock.domain import Bools, DemandPanel, Floats

START = date(2024, 1, 1)


def one(demand: Floats, **known: Bools) -> tuple[Remark, ...]:
    """The remarks on a single item."""
    arrays = {name: values[None] for name, values in known.items()}
    return History.of(DemandPanel(("a",), START, demand[None].astype(float), **arrays)).remarks()[0]  # type: ignore[arg-type]


def test_an_ordinary_history_needs_no_remark() -> None:
    """Nothing is said where nothing was found."""
    assert one(np.random.default_rng(0).poisson(3.0, 200)) == ()


def test_days_out_of_stock_are_counted() -> None:
    """The sentence has the number of days, in the singular too."""
    demand, stock = np.random.default_rng(0).poisson(3.0, 200), np.ones(200, dtype=bool)
    stock[[50, 51, 90]], demand[[50, 51, 90]] = False, 0
    (remark,) = one(demand, in_stock=stock)

    assert remark == Remark("out_of_stock", days=3)
    assert (remark.en, remark.zh) == ("3 days out of stock were left out.", "已剔除3个缺货日。")
    assert replace(remark, days=1).en == "1 day out of stock was left out."


def test_a_capped_day_is_told_with_the_cap() -> None:
    """One order of a wholesaler is visible as a day that counted for less."""
    demand = np.full(200, 4.0)
    demand[100] = 900.0
    (remark,) = one(demand)

    assert remark.en == "1 day above 20 units counted as 20."
    assert remark.zh == "有1天超过20件，按20件计。"


@pytest.mark.parametrize("before", [np.nan, 0.0])
def test_a_launch_is_told_with_its_day(before: float) -> None:
    """Days before the first sale are before the launch, whether they are unknown or recorded as zero."""
    demand = np.random.default_rng(0).poisson(3.0, 200) + 1.0
    demand[:120] = before
    (remark,) = one(demand)

    assert remark == Remark("launched", days=80, day=START + timedelta(days=120))
    assert remark.en == "Sold since 30 April 2024 only."


@pytest.mark.parametrize(("times", "en", "zh"), [(0.4, "% lower.", "下降"), (4.0, "times what it was.", "倍。")])
def test_a_change_of_level_is_told(times: float, en: str, zh: str) -> None:
    """The day, the direction and the size of a step are told; demand before it stays as it was."""
    demand = np.random.default_rng(0).poisson(20.0, 280)
    demand[182:] = np.random.default_rng(1).poisson(20.0 * times, 98)
    history = History.of(DemandPanel(("a",), START, demand[None].astype(float)))
    (remark,) = history.remarks()[0]

    assert remark.kind == "level_shift"
    assert remark.day is not None
    assert abs((remark.day - START).days - 182) <= 7
    assert 1 + remark.change == pytest.approx(times, rel=0.1)
    assert remark.en.endswith(en)
    assert zh in remark.zh
    np.testing.assert_array_equal(history.demand[0], demand)


def test_sales_that_stopped_are_told_and_left_alone() -> None:
    """A run of zeros at the end stays in the history: whether the item ended or was out of stock is for a person to say."""
    demand = np.random.default_rng(0).poisson(3.0, 200)
    demand[160:] = 0
    history = History.of(DemandPanel(("a",), START, demand[None].astype(float)))
    ended = next(remark for remark in history.remarks()[0] if remark.kind == "ended")

    assert ended.days == 40
    assert ended.chance < 0.001
    assert "below 0.1%" in ended.en
    assert not history.demand[0, 160:].any()


@pytest.mark.parametrize("kind", get_args(RemarkKind))
def test_every_remark_survives_json_and_has_both_sentences(kind: RemarkKind) -> None:
    """What is kept on disk comes back equal, and no placeholder is left in a sentence."""
    remark = Remark(kind, days=12, day=date(2025, 3, 3), units=240.0, change=-0.25, chance=0.004)

    assert Remark.from_json(remark.as_json()) == remark
    assert not set("{}") & set(remark.en + remark.zh)
    assert remark.en.endswith(".")
    assert remark.zh.endswith("。")


def test_an_unknown_kind_is_refused() -> None:
    """A file of another version gives an error that names the kind."""
    with pytest.raises(ValueError, match="'moved'"):
        Remark.from_json({"kind": "moved"})
