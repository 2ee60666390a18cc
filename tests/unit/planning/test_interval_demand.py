"""Lead times and interval demand sampled from forecast paths."""

import numpy as np

from planning.demand import extend, interval_demand, sample_lead_times


def test_lead_times_have_the_mean_and_spread_asked_for() -> None:
    """Sampled lead times are whole, non-negative, and close to the mean and standard deviation."""
    drawn = sample_lead_times(np.array([20.0, 3.0]), np.array([5.0, 2.0]), 4000, seed=1)

    np.testing.assert_allclose(drawn.mean(axis=1), [20.0, 3.0], atol=0.1)
    np.testing.assert_allclose(drawn.std(axis=1), [5.0, 2.0], atol=0.15)
    assert drawn.min() >= 0


def test_a_longer_lead_time_is_longer_in_every_future() -> None:
    """Two lead times drawn with the same seed use the same luck."""
    drawn = sample_lead_times(np.array([10.0, 14.0]), np.array([3.0, 3.0]), 300, seed=4)

    assert np.all(drawn[1] >= drawn[0])


def test_beyond_the_horizon_weekdays_stay_weekdays() -> None:
    """Demand that depends on the weekday alone continues unchanged past the forecast's end."""
    week = np.array([1, 2, 3, 4, 5, 9, 8], dtype=np.float32)
    paths = np.tile(week, 4)[None, None, 3:].repeat(6, axis=1)  # starts on a Thursday, 25 days

    longer = extend(paths, 60, seed=3)

    np.testing.assert_array_equal(longer, np.tile(week, 10)[None, None, 3:63].repeat(6, axis=1))


def test_a_horizon_below_a_week_is_repeated() -> None:
    """Three days of forecast become the same three days over again."""
    np.testing.assert_array_equal(extend(np.array([[[1, 2, 3]]], np.float32), 7, seed=0), [[[1, 2, 3, 1, 2, 3, 1]]])


def test_interval_demand_sums_each_path_over_its_own_days() -> None:
    """Each future's demand is summed over that future's lead time and interval."""
    paths = np.arange(1, 11, dtype=np.float32)[None, None, :].repeat(2, axis=1)
    demand = interval_demand(paths, np.array([[2, 0]]), np.array([[4, 10]]), seed=0)

    np.testing.assert_array_equal(demand.lead_time, [[3, 0]])
    np.testing.assert_array_equal(demand.interval, [[10, 55]])


def test_many_items_in_chunks_equal_each_alone() -> None:
    """Working in chunks sorted by interval changes no item's numbers."""
    rng = np.random.default_rng(0)
    paths = rng.poisson(3, size=(600, 5, 10)).astype(np.float32)
    lead = rng.integers(0, 12, size=(600, 5))
    whole = interval_demand(paths, lead, lead + 7, seed=2)
    alone = interval_demand(paths[411:412], lead[411:412], lead[411:412] + 7, seed=2)

    np.testing.assert_array_equal(whole.interval[411:412], alone.interval)
    np.testing.assert_array_equal(whole.lead_time[411:412], alone.lead_time)
