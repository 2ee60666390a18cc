"""What is known of days past and ahead, on panels made by hand."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.covariates import FAR_DAYS, LEAST_PRICE_CHANGE, MOST_PRICE_CHANGE, Covariates
from forecasting.history import History
from parstock.domain import DemandPanel, Floats, KnownAhead

NAN = np.nan
MONDAY = date(2025, 9, 1)
DAYS = 70


def _panel(
    price: Floats | None = None, planned: Floats | None = None, promoted: list[int] | None = None, plan: list[int] | None = None
) -> DemandPanel:
    """One item on ten weeks from a Monday; promotions by column, those of the plan by day ahead."""
    promotion = None
    if promoted is not None:
        promotion = np.zeros((1, DAYS), dtype=np.bool_)
        promotion[:, promoted] = True
    ahead = None
    if planned is not None or plan is not None:
        reach = 0 if planned is None else planned.shape[1]
        ahead_promotion = None
        if plan is not None:
            ahead_promotion = np.zeros((1, reach or max(plan) + 1), dtype=np.bool_)
            ahead_promotion[:, plan] = True
        ahead = KnownAhead(price=planned, promotion=ahead_promotion)
    return DemandPanel(("a",), MONDAY, np.ones((1, DAYS)), price=price, promotion=promotion, ahead=ahead)


def _prices(value: float = 10.0) -> Floats:
    return np.full((1, DAYS), value)


def _ratio(panel: DemandPanel, horizon_days: int = 14) -> Floats:
    price = Covariates.of(panel, horizon_days).price
    assert price is not None
    return np.asarray(price[0])


def test_the_calendar_runs_on_ahead() -> None:
    """Weekdays, days of the month and the share of the year go on over the end of the history and of the year."""
    panel = DemandPanel(("a",), date(2024, 12, 28), np.ones((1, 3)))
    covariates = Covariates.of(panel, 4)

    assert (covariates.start, covariates.known_days) == (date(2024, 12, 28), 3)
    assert covariates.weekday.tolist() == [5, 6, 0, 1, 2, 3, 4]
    assert covariates.month_day.tolist() == [28, 29, 30, 31, 1, 2, 3]
    np.testing.assert_allclose(covariates.year_share * 366, [362, 363, 364, 365, 0, 1, 2])


def test_special_days_are_counted_from_both_sides() -> None:
    """Days to the next special day and since the last one are 0 on the day, and know days outside the panel."""
    panel = DemandPanel(("a",), date(2025, 12, 20), np.ones((1, 4)), countries=("GB",))
    covariates = Covariates.of(panel, 10)  # Christmas Eve, Christmas and Boxing Day are ahead, New Year's Eve is beyond

    assert covariates.to_special.tolist() == [4, 3, 2, 1, 0, 0, 0, 4, 3, 2, 1, 0, 0, FAR_DAYS]
    assert covariates.since_special.tolist()[:4] == [19, 20, 21, 22]  # since Cyber Monday, 1 December
    assert covariates.since_special.tolist()[4:] == [0, 0, 0, 1, 2, 3, 4, 0, 0, 1]
    assert covariates.holiday.nonzero()[0].tolist() == [5, 6, 12]
    assert covariates.shopping.nonzero()[0].tolist() == [4, 11]


def test_without_countries_no_day_is_special() -> None:
    """Nothing is near, no day is marked, and no driver moves demand."""
    covariates = Covariates.of(DemandPanel(("a",), MONDAY, np.ones((1, DAYS))), 14)

    assert (covariates.to_special == FAR_DAYS).all()
    assert (covariates.since_special == FAR_DAYS).all()
    assert not covariates.holiday.any()
    assert not covariates.shopping.any()
    assert (covariates.price, covariates.promotion, dict(covariates.extra)) == (None, None, {})
    assert covariates.drivers == ()


def test_the_usual_price_is_nothing_special() -> None:
    """The ratio is exactly 0 at an unchanged price, and over noise from averages; no driver then moves demand."""
    noisy = _prices() + np.random.default_rng(0).normal(0, 1e-5, (1, DAYS))

    assert not _ratio(_panel(_prices(), np.full((1, 14), 10.0))).any()
    assert not _ratio(_panel(noisy, np.full((1, 14), 10.0))).any()
    assert Covariates.of(_panel(_prices(), np.full((1, 14), 10.0)), 14).drivers == ()


def test_a_price_is_compared_with_days_before_it_only() -> None:
    """The first day of a cut shows the whole cut, what comes later changes nothing, and in time the cut is the usual price."""
    price = _prices()
    price[:, 60:] = 8.0
    ratio = _ratio(_panel(price, np.full((1, 90), 8.0)), 90)

    assert not ratio[:60].any()
    np.testing.assert_allclose(ratio[60], np.log(0.8))
    raised = price.copy()
    raised[:, 65:] = 20.0
    np.testing.assert_array_equal(_ratio(_panel(raised, np.full((1, 90), 20.0)), 90)[:65], ratio[:65])
    assert ratio[60 + 7 * 8] == 0.0


def test_the_first_weeks_of_a_price_are_usual() -> None:
    """Before a price, in its first week, and where none is ever known, the ratio is 0; half known rows do not disturb others."""
    price = np.full((3, DAYS), NAN)
    price[0, 20:] = 10.0
    price[1, 20:23], price[1, 40:] = 10.0, 5.0
    panel = replace(_panel(_prices(), np.full((1, 14), NAN)), items=("a", "b", "c"), demand=np.ones((3, DAYS)), price=price)
    panel = replace(panel, ahead=KnownAhead(price=np.full((3, 14), NAN)))
    found = Covariates.of(panel, 14).price
    assert found is not None

    assert not found[0].any()
    assert not found[1, :40].any()
    np.testing.assert_allclose(found[1, 40], np.log(0.5))
    assert not found[2].any()


def test_gaps_are_filled_forward_only() -> None:
    """A day without a price has that of the last day with one; a price never reaches back."""
    price = np.full((1, DAYS), NAN)
    price[:, 10], price[:, 40] = 10.0, 5.0
    ratio = _ratio(_panel(price, np.full((1, 14), NAN)), 14)

    assert not ratio[:40].any()
    np.testing.assert_allclose(ratio[40:54], np.log(0.5))
    assert ratio[-1] == 0.0  # by then half of the last eight weeks had the new price


def test_a_promotion_s_price_ends_with_it() -> None:
    """After a promotion the price is again the one before, in the history and ahead; a price change stays."""
    price = np.full((1, DAYS), NAN)
    price[:, :30], price[:, 50:53] = 10.0, 8.0
    planned = np.full((1, 14), NAN)
    planned[:, 3:5] = 7.0
    ratio = _ratio(_panel(price, planned, promoted=[50, 51, 52], plan=[3, 4]))

    np.testing.assert_allclose(ratio[50:53], np.log(0.8))
    assert not ratio[53:73].any()
    np.testing.assert_allclose(ratio[73:75], np.log(0.7))
    assert not ratio[75:].any()
    changed = _ratio(_panel(price, planned, promoted=[50, 51, 52], plan=[]), 14)
    np.testing.assert_allclose(changed[73:], np.log(0.7))


def test_wild_prices_are_bounded() -> None:
    """A typing error in a price is at most a price e^2 times the usual; zero, negative and infinite ones are unknown."""
    price = _prices()
    price[:, 60], price[:, 61], price[:, 62], price[:, 63] = 1e9, 0.0, -3.0, np.inf
    ratio = _ratio(_panel(price, np.full((1, 14), 10.0), promoted=[60], plan=[]))

    assert ratio[60] == MOST_PRICE_CHANGE
    assert not ratio[61:].any()
    assert LEAST_PRICE_CHANGE > 0


def test_a_plan_shorter_than_the_horizon_holds_its_last_price() -> None:
    """Shapes follow the horizon: beyond the plan the last price holds, and there is no promotion."""
    planned = np.full((1, 5), 8.0)
    covariates = Covariates.of(_panel(_prices(), planned, promoted=[3], plan=[]), 9)

    assert covariates.price is not None
    assert covariates.promotion is not None
    assert covariates.price.shape == covariates.promotion.shape == (1, DAYS + 9)
    np.testing.assert_allclose(covariates.price[0, DAYS:], np.log(0.8))
    assert covariates.promotion[0].nonzero()[0].tolist() == [3]


def test_a_plan_longer_than_the_horizon_is_cut() -> None:
    """Only the days asked for are told."""
    covariates = Covariates.of(_panel(_prices(), np.full((1, 30), 8.0), promoted=[3], plan=[1, 20]), 9)

    assert covariates.promotion is not None
    assert covariates.promotion.shape == (1, DAYS + 9)
    assert covariates.promotion[0].nonzero()[0].tolist() == [3, DAYS + 1]


def test_a_promotion_ahead_is_known_only_where_it_is_planned() -> None:
    """A history of promotions with no plan has none ahead, and no driver; a plan has one."""
    without = Covariates.of(_panel(promoted=[3, 4]), 14)
    planned = Covariates.of(_panel(promoted=[3, 4], plan=[2]), 14)

    assert without.promotion is not None
    assert without.promotion[0].nonzero()[0].tolist() == [3, 4]
    assert without.drivers == ()
    assert planned.promotion is not None
    assert planned.promotion[0].nonzero()[0].tolist() == [3, 4, DAYS + 2]
    assert planned.drivers == ("promotion",)


def test_prices_of_the_past_alone_tell_nothing() -> None:
    """Where no price ahead is known, prices are no covariate: nobody can say what will be asked."""
    assert Covariates.of(_panel(_prices()), 14).price is None
    assert Covariates.of(_panel(_prices(), plan=[2]), 14).price is None


def test_other_covariates_are_kept_where_they_are_known_ahead() -> None:
    """Gaps are filled forward, 0 stands before the first value, and what is not known ahead is left out."""
    warm = np.full((1, DAYS), NAN)
    warm[:, 10] = 3.0
    panel = replace(
        _panel(),
        covariates={"warmth": warm, "visitors": warm},
        ahead=KnownAhead(covariates={"warmth": np.array([[NAN, 5.0]]), "unheard of": np.ones((1, 2))}),
    )
    extra = Covariates.of(panel, 4).extra

    assert list(extra) == ["warmth"]
    assert extra["warmth"][0].tolist() == [0.0] * 10 + [3.0] * (DAYS - 10) + [3.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize("driver", ["holiday", "promotion", "price"])
def test_taking_a_driver_away_changes_its_days_ahead_and_nothing_else(driver: str) -> None:
    """`without` leaves the history and the other drivers as they are, and takes the driver off the list."""
    price = _prices()
    price[:, 30:35] = 8.0
    panel = replace(_panel(price, np.full((1, 14), 9.0), promoted=[30, 31], plan=[0, 5]), countries=("GB",))
    panel = replace(panel, start=date(2025, 10, 10))  # Christmas is ahead
    full = Covariates.of(panel, 14)
    less = full.without(driver)  # type: ignore[arg-type]

    assert full.drivers == ("holiday", "promotion", "price")
    assert less.drivers == tuple(name for name in full.drivers if name != driver)
    mine = {"holiday": ("to_special", "since_special", "holiday", "shopping"), "promotion": ("promotion",), "price": ("price",)}
    for name in ("weekday", "month_day", "year_share", *(field for fields in mine.values() for field in fields)):
        before, after = getattr(full, name), getattr(less, name)
        np.testing.assert_array_equal(after[..., :DAYS], before[..., :DAYS])
        if name not in mine[driver]:
            np.testing.assert_array_equal(after, before)
    assert full.without("event") is full


def test_nothing_of_demand_is_told() -> None:
    """The covariates are the same whatever sold, on the last days and ahead."""
    panel = replace(_panel(_prices(), np.full((1, 14), 9.0), promoted=[30], plan=[5]), countries=("US",))
    one, other = Covariates.of(panel, 14), Covariates.of(replace(panel, demand=panel.demand * 100), 14)

    for name in ("to_special", "since_special", "holiday", "shopping", "price", "promotion"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_an_earlier_morning_knows_what_was_planned_then() -> None:
    """Cut at a day, the panel tells as many days ahead as plans reach now, and the history as before."""
    price = _prices()
    price[:, 50:] = 8.0
    panel = _panel(price, np.full((1, 10), 8.0), promoted=[48, 55, 65], plan=[1])
    earlier = panel.until(panel.start + timedelta(days=45))
    now, then = Covariates.of(panel, 10), Covariates.of(earlier, 28)

    assert then.known_days == 45
    assert now.price is not None
    assert now.promotion is not None
    assert then.price is not None
    assert then.promotion is not None
    assert then.promotion[0].nonzero()[0].tolist() == [48]  # the one on day 55 is more than ten days ahead
    np.testing.assert_array_equal(then.price[0, :55], now.price[0, :55])
    unplanned = Covariates.of(replace(panel, ahead=None).until(panel.start + timedelta(days=45)), 28)
    assert unplanned.promotion is not None
    assert not unplanned.promotion.any()
    assert unplanned.price is None


def test_rows_of_nothing_raise_no_warning() -> None:
    """All-NaN prices and covariates, an empty panel and a panel without days are told without a murmur."""
    nothing = np.full((2, 30), NAN)
    ahead = KnownAhead(price=nothing[:, :7], covariates={"x": nothing[:, :7]})
    panel = DemandPanel(("a", "b"), MONDAY, nothing, price=nothing, covariates={"x": nothing}, ahead=ahead, countries=("CN",))
    covariates = Covariates.of(panel, 7)

    assert covariates.price is not None
    assert not covariates.price.any()
    assert not covariates.extra["x"].any()
    assert Covariates.of(panel.until(MONDAY), 7).weekday.size == 7
    assert Covariates.of(panel.rows([]), 7).price is not None


def test_a_prepared_history_tells_the_same() -> None:
    """The covariates of a history are those of its panel's rows."""
    panel = replace(_panel(_prices(), np.full((1, 14), 9.0)), countries=("GB",))
    ours, theirs = Covariates.of_history(History.of(panel), 14), Covariates.of(panel, 14)
    assert ours.price is not None
    assert theirs.price is not None

    np.testing.assert_array_equal(ours.price, theirs.price)
    np.testing.assert_array_equal(ours.to_special, theirs.to_special)
