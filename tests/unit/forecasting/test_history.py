"""What a panel becomes before it is fitted."""

from datetime import date

import numpy as np

from forecasting.history import History, closed_weekdays, observed, wild_cap
from parstock.domain import DemandPanel

MONDAY = date(2024, 1, 1)


def test_censored_and_impossible_days_are_unknown() -> None:
    """Out-of-stock and infinite days are unknown, returns are zero."""
    panel = DemandPanel(
        items=("a",),
        start=MONDAY,
        demand=np.array([[1.0, 0.0, np.inf, -2.0]]),
        in_stock=np.array([[True, False, True, True]]),
    )
    np.testing.assert_array_equal(observed(panel), [[1.0, np.nan, np.nan, 0.0]])


def test_a_wild_day_is_capped_at_five_times_the_usual_best() -> None:
    """The cap is five times the 95 % quantile of selling days; where nothing was sold there is none."""
    demand = np.array([[2.0, 3.0, 4.0, 4000.0, 0.0, np.nan], [0.0] * 6])
    np.testing.assert_array_equal(wild_cap(demand), [20.0, np.inf])


def test_a_shop_closed_on_sundays_is_learned_from_all_items_together() -> None:
    """Items too slow to show it alone inherit the closed day of the panel; an open day is never closed."""
    rng = np.random.default_rng(0)
    demand = rng.poisson(0.15, size=(60, 84)).astype(float)
    demand[:, 6::7] = 0.0
    closed = closed_weekdays(demand, MONDAY)
    assert closed[:, 6].all()
    assert not closed[:, :6].any()


def test_the_weekday_is_right_whatever_the_first_day_and_length() -> None:
    """Closed weekdays are counted from Monday even where the panel starts and ends mid-week."""
    days = 100
    thursday = date(2024, 1, 4)
    weekdays = (3 + np.arange(days)) % 7
    demand = np.where(weekdays == 1, 0.0, 5.0)[None]
    assert np.flatnonzero(closed_weekdays(demand, thursday)[0]).tolist() == [1]


def test_a_slow_item_has_no_closed_weekday_by_chance() -> None:
    """A weekday without a sale proves nothing where sales are rare."""
    demand = np.zeros((1, 84))
    demand[0, [3, 30, 58]] = 1.0
    assert not closed_weekdays(demand, MONDAY).any()


def test_status_says_what_can_be_forecast() -> None:
    """Fourteen known days and a sale in the last 180 days are needed."""
    days = 200
    short = np.r_[np.full(days - 13, np.nan), np.ones(13)]
    enough = np.r_[np.full(days - 14, np.nan), np.ones(14)]
    old = np.r_[np.ones(20), np.zeros(180)]
    recent = np.r_[np.ones(21), np.zeros(179)]
    history = History.of(DemandPanel(items=tuple("abcd"), start=MONDAY, demand=np.stack([short, enough, old, recent])))
    assert history.status == ("insufficient_data", "ok", "no_recent_demand", "ok")
    assert history.usable().items == ("b", "d")


def test_stock_known_of_some_items_only() -> None:
    """Items whose stock nobody records are known on all their days; days out of stock of the others are not."""
    demand = np.random.default_rng(0).poisson(3.0, size=(2, 90)).astype(float)
    in_stock = np.ones((2, 90), dtype=bool)
    in_stock[0, 30:50], demand[0, 30:50] = False, 0.0
    seen = observed(DemandPanel(("recorded", "not"), MONDAY, demand, in_stock=in_stock))

    assert np.isnan(seen[0, 30:50]).all()
    assert np.isfinite(seen[1]).all()


def test_a_stock_record_that_sales_contradict_is_doubted() -> None:
    """An item sold all along though its stock was never counted keeps its history, and that is said."""
    demand = np.random.default_rng(0).poisson(3.0, size=(1, 90)).astype(float)
    history = History.of(DemandPanel(("a",), MONDAY, demand, in_stock=np.zeros((1, 90), dtype=bool)))

    assert history.status == ("ok",)
    assert [remark.kind for remark in history.remarks()[0]] == ["stock_doubted"]
    assert history.findings.out_of_stock_days[0] == 0
