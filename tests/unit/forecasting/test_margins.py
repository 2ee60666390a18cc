"""Days as sorted samples."""

import numpy as np

from forecasting.margins import amounts, ascending, expected_quantiles, idle, placed, quantiles, units


def test_quantiles_are_those_of_numpy() -> None:
    """Reading sorted samples gives what `numpy.quantile` computes."""
    paths = np.random.default_rng(0).gamma(2.0, 3.0, (3, 40, 5)).astype(np.float32)
    levels = (0.01, 0.5, 0.95, 1.0)
    np.testing.assert_allclose(
        quantiles(ascending(paths), levels), np.moveaxis(np.quantile(paths, levels, axis=1), 0, -1), rtol=1e-5
    )


def test_expected_quantiles_cover_their_level() -> None:
    """One more draw is under the quantile as often as its level says, even with few samples; under numpy's it is less often."""
    rng = np.random.default_rng(1)
    samples = np.sort(rng.random((20_000, 1, 39)).astype(np.float32), axis=2)
    fresh = rng.random((20_000, 1))
    assert abs((fresh <= expected_quantiles(samples, (0.95,))[:, :, 0]).mean() - 0.95) < 0.005
    assert (fresh <= quantiles(samples, (0.95,))[:, :, 0]).mean() < 0.94


def test_values_go_to_the_places_of_their_order() -> None:
    """Sorted samples put into the order of others have the ranks of those."""
    rng = np.random.default_rng(4)
    samples, scores = np.sort(rng.random((3, 4, 20)).astype(np.float32), axis=2), rng.random((3, 4, 20))
    moved = placed(samples, scores.argsort(axis=2))
    np.testing.assert_array_equal(np.sort(moved, axis=2), samples)
    np.testing.assert_array_equal(moved.argsort(axis=2), scores.argsort(axis=2))


def test_amounts_cut_to_units_are_the_units() -> None:
    """A share of a unit is added to items that sell in whole units, to no other, and comes off again."""
    paths = np.random.default_rng(2).poisson(2.0, (2, 30, 4)).astype(np.float32)
    whole = np.array([True, False])
    (spread,) = amounts([paths.copy()], whole, np.random.default_rng(3))
    assert (spread[0] != paths[0]).mean() > 0.99
    np.testing.assert_array_equal(spread[1], paths[1])
    np.testing.assert_array_equal(units(spread, whole), paths)


def test_a_day_is_idle_when_no_forecast_sells() -> None:
    """One future of one model with a sale makes a day a selling day."""
    none, some = np.zeros((1, 5, 3), dtype=np.float32), np.zeros((1, 5, 3), dtype=np.float32)
    some[0, 4, 1] = 2.0
    assert idle([none, some]).tolist() == [[True, False, True]]
