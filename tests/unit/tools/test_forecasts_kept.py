"""Forecasts kept between calls and between runs."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import forecasting.run
from inventory.notebook import add_note
from parstock.domain import Forecast
from tools.context import ToolContext
from tools.forecasts import load, save


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the fits, by the number of items in each; the quick model stands in for the choice."""
    counted: list[int] = []
    real = forecasting.run.forecast

    def counting(panel, *, model="auto", **options):  # type: ignore[no-untyped-def]
        counted.append(len(panel.items))
        return real(panel, model="seasonal_naive", **options)

    monkeypatch.setattr(forecasting.run, "forecast", counting)
    return counted


def test_related_questions_share_one_fit(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Other horizons of an item are cut from one forecast, so that answers agree with each other."""
    shop = own_shop()
    item = shop.names.resolve_item("22423")
    short, long = shop.forecast(item, "", 7), shop.forecast(item, "", 40)
    assert fits == [1]
    np.testing.assert_array_equal(short.paths, long.paths[:, :, :7])


def test_a_change_of_records_is_noticed(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """A kept forecast is not used for other records than it was made from."""
    shop = own_shop()
    item = shop.names.resolve_item("22423")
    shop.forecast(item, "", 7)
    add_note(shop.store, "anything", author="tester")
    shop.forecast(item, "", 7)
    assert fits == [1, 1]


def test_the_whole_shop_is_kept_on_disk(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Another process, and a note in between, find the forecast of the same demand on disk."""
    shop = own_shop()
    first = shop.forecasts.of_shop("", 14)
    add_note(shop.store, "anything", author="tester")
    again = ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 14)
    assert fits == [6]
    assert again.items == first.items
    assert again.reasons == first.reasons
    np.testing.assert_array_equal(again.paths, first.paths)


def test_an_item_takes_its_row_of_the_whole_shop(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Once the shop is forecast, questions on one item rest on the same numbers."""
    shop = own_shop()
    whole = shop.forecasts.of_shop("", 14)
    row = shop.forecast(shop.names.resolve_item("22423"), "", 10)
    assert fits == [6]
    np.testing.assert_array_equal(row.paths[0], whole.paths[whole.items.index("22423"), :, :10])


def test_a_damaged_file_is_made_anew(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """A kept file is a cache: rubbish in it costs a fit and nothing else."""
    shop = own_shop()
    shop.forecasts.of_shop("", 14)
    (file,) = (shop.settings.home / "cache").glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 14)
    assert fits == [6, 6]


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    """A file that holds pickled objects is refused, not executed."""
    path = tmp_path / "forecast.npz"
    np.savez(path, items=np.array([object()], dtype=object))
    assert load(path) is None
    path.write_bytes(pickle.dumps({"items": 1}))
    assert load(path) is None


def test_what_is_saved_comes_back(own_shop: Callable[..., ToolContext], fits: list[int], tmp_path: Path) -> None:
    """Paths, statuses, reasons and scores survive the disk."""
    forecast = own_shop().forecasts.of_shop("", 14)
    save(forecast, tmp_path / "kept.npz")
    back = load(tmp_path / "kept.npz")
    assert isinstance(back, Forecast)
    assert (back.items, back.start, back.models, back.status, back.reasons) == (
        forecast.items,
        forecast.start,
        forecast.models,
        forecast.status,
        forecast.reasons,
    )
    assert set(back.scores) == set(forecast.scores)
