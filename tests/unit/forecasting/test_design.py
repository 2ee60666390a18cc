"""Columns of a regression: the same for days known and ahead, centred, damped, and by the names of special days."""

from datetime import date

import numpy as np

from forecasting.covariates import Covariates
from forecasting.design import LEAD_DAYS, Design, Layout
from forecasting.history import History
from parstock.domain import DemandPanel, KnownAhead

START = date(2023, 1, 2)


def panel(days: int = 400, countries: tuple[str, ...] = ("GB",)) -> DemandPanel:
    """One item with a price that is known ahead."""
    price = np.full((1, days), 10.0)
    return DemandPanel(
        ("a",), START, np.full((1, days), 3.0), price=price, ahead=KnownAhead(price=price[:, :30]), countries=countries
    )


def columns(known: DemandPanel, horizon_days: int) -> tuple[Layout, Design]:
    """The layout of a panel and its columns with some days ahead."""
    layout = Layout.of(History.of(known))
    return layout, layout.columns(Covariates.of(known, horizon_days))


def test_days_ahead_do_not_change_the_days_known() -> None:
    """The columns of the history are the same whatever the horizon, so that coefficients fit both."""
    known = panel()
    (_, short), (_, long) = columns(known, 0), columns(known, 30)
    assert short.kinds == long.kinds
    np.testing.assert_array_equal(short.shared, long.shared[: known.days])
    np.testing.assert_array_equal(short.own, long.own[:, :, : known.days])


def test_the_time_of_year_needs_a_year() -> None:
    """Under a year there are no yearly columns; from a year on there are."""
    assert "yearly" not in columns(panel(360), 10)[1].kinds
    assert "yearly" in columns(panel(370), 10)[1].kinds


def test_weekdays_say_nothing_of_a_whole_week() -> None:
    """The weekday columns of seven days in a row sum to nothing."""
    weekday = columns(panel(), 0)[1].only("weekday").shared
    np.testing.assert_allclose(weekday[13:20].sum(axis=0), 0.0, atol=1e-12)


def test_a_special_day_has_a_day_and_an_approach() -> None:
    """Christmas Day has a column that is one on the day, and one that climbs towards it and ends the day before."""
    known = panel()
    layout, design = columns(known, 0)
    place = 2 * layout.specials.index("Christmas Day")
    holiday = design.only("holiday").shared[:, place : place + 2]
    day = (date(2023, 12, 25) - START).days
    assert holiday[day].tolist() == [1.0, 0.0]
    approach = holiday[day - LEAD_DAYS : day, 1]
    assert (np.diff(approach) > 0).all()
    assert approach[0] > 0
    assert holiday[day - LEAD_DAYS - 1, 1] == 0


def test_special_days_that_the_history_never_saw_have_no_column() -> None:
    """A horizon with a first Christmas brings no column that nothing could be learned for."""
    layout, design = columns(panel(300), 90)
    assert "Christmas Day" not in layout.specials
    assert design.kinds.count("holiday") == 2 * len(layout.specials)


def test_the_trend_ahead_is_damped() -> None:
    """A trend goes on as it was for a while, and in a year adds less than four months' worth."""
    trend = columns(panel(), 365)[1].only("trend").shared[:, 0] * 365.25
    assert trend[399] == 0
    assert 0.98 < trend[401] - trend[400] < 1.0
    assert trend[-1] < 120
