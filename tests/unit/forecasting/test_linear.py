"""Regression finds effects that were put into demand, and lends them to items that never saw them."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.models.linear import Linear
from parstock.domain import Bools, DemandPanel, Floats, Forecast, KnownAhead

START = date(2022, 1, 3)
DAYS, HORIZON = 730, 35
"""Two years, and a horizon from 3 January 2024 on."""
PROMOTED, SATURDAY, YEARLY_TREND = 1.8, 1.5, 0.2
ITEMS = 40


def dates(first: int, days: int) -> list[date]:
    """Days from the `first` day of the panel on."""
    return [START + timedelta(days=first + offset) for offset in range(days)]


def expected(days: list[date], promotion: Bools, level: Floats) -> Floats:
    """[N, D] the true means: level x trend x weekday x promotion x a bump on Valentine's Day and towards it."""
    weekday = np.array([SATURDAY if day.weekday() == 5 else 1.0 for day in days])
    years = np.array([(day - START).days for day in days]) / 365.25
    before = np.array([(date(day.year, 2, 14) - day).days for day in days])
    bump = np.where(before == 0, 2.5, np.where((before > 0) & (before < 7), 1.0 + 0.1 * (7 - before), 1.0))
    return np.asarray(level[:, None] * np.exp(YEARLY_TREND * years) * weekday * bump * np.where(promotion, PROMOTED, 1.0))


def panel(items: int = ITEMS, *, days: int = DAYS, seed: int = 0) -> DemandPanel:
    """Items of 5 to 60 units a day, promoted one week in ten; planned ahead: the second week for the even ones."""
    rng = np.random.default_rng(seed)
    promotion = np.repeat(rng.random((items, days // 7 + 1)) < 0.1, 7, axis=1)[:, :days]
    planned = np.zeros((items, HORIZON), dtype=np.bool_)
    planned[::2, 7:14] = True
    level = np.geomspace(5.0, 60.0, items)
    mean = expected(dates(0, days), promotion, level)
    demand = rng.poisson(rng.gamma(8.0, mean / 8.0)).astype(float)
    names = tuple(f"i{row}" for row in range(items))
    return DemandPanel(
        names, START, demand, promotion=promotion, ahead=KnownAhead(promotion=planned), countries=("US",), groups=("g",) * items
    )


@pytest.fixture(scope="module")
def made() -> Forecast:
    """The forecast of two years of such demand."""
    return Linear().fit(panel()).predict(HORIZON)


def test_a_promotion_given_ahead_is_learned_and_applied(made: Forecast) -> None:
    """Demand that promotions multiplied by 1.8 is forecast to be 1.7 to 1.9 times as much on planned ones."""
    promoted = made.effects["promotion"]
    assert not promoted[:, :7].any()
    assert not promoted[1::2].any()
    mean = made.mean()[::2, 7:14].sum(axis=1)
    times = mean / (mean - promoted[::2, 7:14].sum(axis=1))
    assert np.median(times) == pytest.approx(PROMOTED, abs=0.1)
    assert ((times > 1.5) & (times < 2.1)).all()


def test_a_promotion_is_learned_from_the_group() -> None:
    """An item that was never promoted gets its group's effect when one is planned."""
    known = panel()
    assert known.promotion is not None
    promotion, demand = known.promotion.copy(), known.demand.copy()
    demand[0] = np.where(promotion[0], np.rint(demand[0] / PROMOTED), demand[0])
    promotion[0] = False
    forecast = Linear().fit(replace(known, demand=demand, promotion=promotion)).predict(HORIZON)
    mean, effect = forecast.mean()[0, 7:14].sum(), forecast.effects["promotion"][0, 7:14].sum()
    assert mean / (mean - effect) == pytest.approx(PROMOTED, abs=0.2)


def test_a_holiday_is_a_bump_and_nothing_far_from_it() -> None:
    """A bump of 2.5 times on a special day and a climb towards it, seen twice, are forecast where it comes back."""
    later = panel(days=DAYS + 31)
    forecast = Linear().fit(later).predict(HORIZON)
    day = (date(2024, 2, 14) - forecast.start).days
    mean, effect = forecast.mean().sum(axis=0), forecast.effects["holiday"].sum(axis=0)
    assert mean[day] / (mean[day] - effect[day]) == pytest.approx(2.5, rel=0.2)
    towards = slice(day - 3, day)
    assert mean[towards].sum() / (mean[towards] - effect[towards]).sum() == pytest.approx(1.5, abs=0.15)
    far = slice(day + 6, HORIZON)
    assert abs(effect[far].sum()) < 0.05 * mean[far].sum()


def test_weekday_and_trend_are_recovered(made: Forecast) -> None:
    """Saturdays are forecast within a tenth of 1.5 times the other days, and the level where the trend has brought it."""
    weekdays = (made.start.weekday() + np.arange(HORIZON)) % 7
    plain = made.mean()[1::2]
    assert plain[:, weekdays == 5].mean() / plain[:, (weekdays < 4)].mean() == pytest.approx(SATURDAY, rel=0.1)
    truth = expected(dates(DAYS, HORIZON), np.zeros((ITEMS, HORIZON), dtype=np.bool_), np.geomspace(5.0, 60.0, ITEMS))[1::2]
    assert plain[:, :21].sum() / truth[:, :21].sum() == pytest.approx(1.0, abs=0.05)


def test_effects_and_the_rest_add_up(made: Forecast) -> None:
    """What is left of the mean without the drivers is positive and near the truth without them."""
    base = made.mean() - sum(made.effects.values())
    truth = expected(dates(DAYS, HORIZON), np.zeros((ITEMS, HORIZON), dtype=np.bool_), np.geomspace(5.0, 60.0, ITEMS))
    assert (base.sum(axis=1) > 0).all()
    assert base[:, :28].sum() / truth[:, :28].sum() == pytest.approx(1.0, abs=0.06)


def test_a_price_moves_demand_as_much_as_it_did() -> None:
    """An elasticity of -2 is found, and a price cut that is planned raises demand by what it says."""
    rng = np.random.default_rng(3)
    cut = np.repeat(rng.random((20, 61)) < 0.1, 7, axis=1)[:, :420]
    price = np.where(cut, 8.0, 10.0)
    demand = rng.poisson(20.0 * (price / 10.0) ** -2.0).astype(float)
    planned = np.full((20, 14), 10.0)
    planned[:, :7] = 8.0
    known = DemandPanel(tuple(map(str, range(20))), START, demand, price=price, ahead=KnownAhead(price=planned))
    forecast = Linear().fit(known).predict(14)
    assert forecast.mean()[:, :7].sum() / forecast.mean()[:, 7:].sum() == pytest.approx(0.8**-2.0, rel=0.1)
    assert forecast.effects["price"][:, :7].sum() > 0
    assert forecast.effects["price"][:, 7:].sum() == pytest.approx(0.0, abs=0.05 * demand.mean() * 7 * 20)


def test_a_young_item_follows_its_groups_year() -> None:
    """An item of four months peaks in summer with its group, not with the other one."""
    rng = np.random.default_rng(4)
    day = np.arange(DAYS)
    summer = np.exp(0.8 * np.cos(2 * np.pi * (day - 180) / 365.25))
    winter = np.exp(-0.8 * np.cos(2 * np.pi * (day - 180) / 365.25))
    demand = rng.poisson(20.0 * np.concatenate([np.tile(summer, (15, 1)), np.tile(winter, (15, 1))])).astype(float)
    today = 365 + 90
    demand = demand[:, :today]
    demand[0, : today - 120] = np.nan
    demand[15, : today - 120] = np.nan
    groups = ("garden",) * 15 + ("heating",) * 15
    forecast = Linear().fit(DemandPanel(tuple(map(str, range(30))), START, demand, groups=groups)).predict(91)
    mean = forecast.mean()
    assert mean[0, -14:].sum() / mean[0, :14].sum() > 1.25
    assert mean[15, -14:].sum() / mean[15, :14].sum() < 0.8


def test_wild_days_leave_effects_alone() -> None:
    """Ten mistyped days among two years move the promotion's effect by less than a tenth."""
    known = panel(8)
    wild = known.demand.copy()
    wild[:, 50::73] *= 5.0
    clean, odd = (Linear().fit(replace(known, demand=d)).predict(HORIZON) for d in (known.demand, wild))
    ratio = odd.effects["promotion"].sum() / clean.effects["promotion"].sum()
    assert ratio == pytest.approx(1.0, abs=0.1)
