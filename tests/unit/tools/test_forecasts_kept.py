"""Forecasts kept between calls and between runs."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecasting.run
from forecasting.files import load, save
from forecasting.pieces import Piece
from inventory.loading import load as load_rows
from inventory.notebook import add_note
from inventory.records import Records
from parstock.domain import Forecast, Json
from tools.call import call_tool
from tools.context import ToolContext
from tools.shop_runs import Night


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


def test_every_question_rests_on_one_run_over_the_shop(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """One item, another, other horizons and the whole shop are cut from one forecast, in whatever order they are asked for."""
    shop = own_shop()
    first, second = (shop.names.resolve_item(sku) for sku in ("22423", "HM-20417"))
    short, long = shop.forecast(first, "", 7), shop.forecast(first, "", 40)
    other, whole = shop.forecast(second, "", 40), shop.forecasts.of_shop("", 28)

    assert fits == [6]
    np.testing.assert_array_equal(short.paths, long.paths[:, :, :7])
    np.testing.assert_array_equal(whole.paths[whole.items.index("22423")], long.paths[0, :, :28])
    np.testing.assert_array_equal(whole.paths[whole.items.index("HM-20417")], other.paths[0, :, :28])


def test_another_model_or_a_longer_horizon_is_fitted_alone(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """What the run over the shop cannot give is fitted for the one item, and does not change what the run gives."""
    shop = own_shop()
    item = shop.names.resolve_item("22423")
    before = shop.forecast(item, "", 28)
    shop.forecast(item, "", 28, "ets")
    shop.forecast(item, "", 90)
    shop.forecast(item, "", 120)

    assert fits == [6, 1, 1]
    np.testing.assert_array_equal(shop.forecast(item, "", 28).paths, before.paths)


def test_a_change_of_demand_is_noticed_and_a_note_costs_no_fit(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """The forecast follows what sold, not what is written down."""
    shop = own_shop()
    item = shop.names.resolve_item("22423")
    shop.forecast(item, "", 7)
    add_note(shop.store, "anything", author="tester")
    shop.forecast(item, "", 7)
    assert fits == [6]
    with shop.store.writing() as connection:
        row = {"item": "22423", "warehouse": "LON", "date": date(2025, 6, 1), "units": 99}
        load_rows(connection, "sales", pd.DataFrame([row]))
    shop.forecast(item, "", 7)
    assert sum(fits[1:]) >= 1
    assert len(fits) == 2


def test_the_first_run_tells_how_far_it_is(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Whoever waits for the first answer is told; later answers wait for nothing."""
    told: list[float] = []
    shop = replace(own_shop(), progress=lambda share, what: told.append(share))
    shop.forecast(shop.names.resolve_item("22423"), "", 7)
    assert told[-1] == 1.0
    shop.forecast(shop.names.resolve_item("22424"), "", 7)
    assert told.count(1.0) == 1


@pytest.mark.parametrize("warehouse", ["", "LON"])
def test_the_quantity_does_not_depend_on_what_was_asked_before(own_shop: Callable[..., ToolContext], warehouse: str) -> None:
    """A shop just opened, one that has planned everything, and one that finds the run on disk order the same of an item."""
    place: dict[str, Json] = {"warehouse": warehouse} if warehouse else {}
    question: dict[str, Json] = {"item": "22423", **place}
    cold = own_shop()
    first = call_tool("recommend_replenishment", question, cold).data["lines"]
    planned = own_shop()
    call_tool("recommend_replenishment", place, planned)

    assert call_tool("recommend_replenishment", question, planned).data["lines"] == first
    assert call_tool("recommend_replenishment", question, ToolContext.open(cold.settings, cold.store)).data["lines"] == first


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


def test_a_note_costs_no_look_at_the_demand(
    own_shop: Callable[..., ToolContext], fits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a mere note neither this process nor the next reads the panel to find the forecast it has."""
    shop = own_shop()
    shop.forecasts.of_shop("", 14)
    add_note(shop.store, "anything", author="tester")

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the whole panel was read")

    monkeypatch.setattr(Records, "panel", refuse)
    shop.forecasts.of_shop("", 14)
    ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 14)
    assert fits == [6]


def test_other_models_make_a_new_forecast(
    own_shop: Callable[..., ToolContext], fits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forecast on disk that an older version of the models made is not taken for one of this version."""
    shop = own_shop()
    shop.forecasts.of_shop("", 14)
    monkeypatch.setattr("tools.shop_runs.VERSION", "next")
    ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 14)
    assert fits == [6, 6]


def test_a_new_item_makes_a_new_forecast(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """An item without sales has its row in the forecast too."""
    shop = own_shop()
    shop.forecasts.of_shop("", 14)
    with shop.store.writing() as connection:
        row = {"sku": "Z", "name": "Zither", "supplier": "YB", "unit_cost": 1.0, "unit_price": 2.0}
        load_rows(connection, "items", pd.DataFrame([row]))
    assert "Z" in shop.forecasts.of_shop("", 14).items


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


def sell_more(shop: ToolContext, item: str = "22423", units: int = 99) -> None:
    """Record a sale, or another number for one, on a day that is already recorded."""
    with shop.store.writing() as connection:
        load_rows(
            connection, "sales", pd.DataFrame([{"item": item, "warehouse": "LON", "date": date(2025, 5, 20), "units": units}])
        )


def test_only_the_items_whose_records_changed_are_forecast_anew(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Their reason says so in both languages; the others keep their paths, in this process and from the file in the next."""
    shop = own_shop()
    before = shop.forecasts.of_shop("", 14)
    as_of = shop.as_of()
    sell_more(shop)
    assert shop.as_of() == as_of
    after = shop.forecasts.of_shop("", 14)
    changed = after.items.index("22423")
    others = [row for row in range(len(after.items)) if row != changed]

    assert "forecast anew" in after.reasons[changed]
    assert "重新预测" in after.reasons_zh[changed]
    assert [after.reasons[row] for row in others] == [before.reasons[row] for row in others]
    np.testing.assert_array_equal(after.paths[others], before.paths[others])
    assert not np.array_equal(after.paths[changed], before.paths[changed])
    count = len(fits)
    again = ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 14)
    assert len(fits) == count
    np.testing.assert_array_equal(again.paths, after.paths)


def test_too_many_changes_run_the_whole_shop_again(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Changes are counted since the whole shop was run, not since the last of them."""
    shop = own_shop()
    shop.forecasts.of_shop("", 14)
    sell_more(shop, "22423")
    shop.forecasts.of_shop("", 14)
    assert fits[-1] == 6
    fits.clear()
    sell_more(shop, "22424")
    made = shop.forecasts.of_shop("", 14)

    assert fits == [6]
    assert not any("forecast anew" in reason for reason in made.reasons)


def test_another_day_is_another_run(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """When the day moves on everything has changed, and nothing of the day before is used."""
    shop = own_shop()
    first = shop.forecasts.of_shop("", 14)
    settings = shop.settings.model_copy(update={"as_of": date.fromordinal(first.start.toordinal() + 1)})
    second = ToolContext.open(settings, shop.store).forecasts.of_shop("", 14)

    assert second.start > first.start
    assert fits == [6, 6]


def test_the_night_run_replaces_what_was_patched_and_leaves_no_pieces(
    own_shop: Callable[..., ToolContext], fits: list[int]
) -> None:
    """After a change the night's run is over all items again, and its pieces are gone once it is kept."""
    shop = own_shop()
    shop.forecasts.of_shop("", 14)
    sell_more(shop)
    assert any("forecast anew" in reason for reason in shop.forecasts.of_shop("", 14).reasons)
    made = shop.forecasts.of_shop("", 14, night=Night())

    assert not any("forecast anew" in reason for reason in made.reasons)
    assert [path.suffix for path in (shop.settings.home / "cache").iterdir()] == [".npz"] * 2
    fits.clear()
    shop.forecasts.of_shop("", 14, night=Night())
    ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 14, night=Night())
    assert fits == []


def test_a_run_that_was_stopped_is_taken_up(own_shop: Callable[..., ToolContext], monkeypatch: pytest.MonkeyPatch) -> None:
    """With `resume` the finished pieces are not forecast again; without it they are."""
    shop = own_shop()
    monkeypatch.setattr(forecasting.run, "ITEMS_AT_ONCE", 2)
    done: list[int] = []
    real = Piece.forecast

    def counting(piece: Piece, *arguments: object) -> Forecast:
        done.append(piece.number)
        if len(done) == 3:
            raise KeyboardInterrupt
        return real(piece, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Piece, "forecast", counting)
    with pytest.raises(KeyboardInterrupt):
        shop.forecasts.of_shop("", 14, "croston", night=Night())
    shop.forecasts.of_shop("", 14, "croston", night=Night(resume=True))
    assert done == [0, 1, 2, 2]


def test_remarks_come_with_the_run(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """What was found in a history is kept beside the forecast, and looked up without one where there is none."""
    shop = own_shop()
    alone = shop.forecasts.remarks("22423", "")
    assert fits == []
    shop.forecasts.of_shop("", 14)
    assert [r.kind for r in shop.forecasts.remarks("22423", "")] == [r.kind for r in alone]
    shop.forecasts.remarks("NEW-1", "")
    assert fits == [6]
