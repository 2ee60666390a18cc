"""Why a forecast is what it is, in sentences: named, counted, with the right direction, and only where it matters."""

import re
from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pytest

from forecasting.remarks import Remark
from forecasting.split import split
from inventory.events import confirm, propose
from parstock.domain import Driver, Floats, Forecast, Json, PlanningEvent
from parstock.errors import ToolFailed
from parstock.results import Fact
from tools.call import call_tool
from tools.charts import forecast_chart
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.forecast_facts import felt_days, split_json, tell_history, tell_split

ADVENT = date(2025, 12, 8)
DAYS = 28


def forecast(mean: Floats, effects: Mapping[Driver, Floats] | None = None, spread: float = 0.0) -> Forecast:
    """A forecast of one item from 8 December on, whose paths scatter around the mean."""
    noise = spread * np.random.default_rng(0).standard_normal((1, 200, len(mean)))
    shown = {driver: units[None] for driver, units in (effects or {}).items()}
    paths = np.maximum(mean + noise, 0.0).astype(np.float32)
    return Forecast(("22423",), ADVENT, paths, ("linear",), ("ok",), effects=shown)


def told(context: ToolContext, made: Forecast, countries: tuple[str, ...] = ("GB",)) -> dict[str, Fact]:
    """Kind -> first fact on what the forecast is made of."""
    book = FactBook(context)
    tell_split(book, "22423", made, split(made), countries)
    return {fact.what: fact for fact in reversed(book.filed)}


def test_a_special_day_is_named_with_its_units(tiny_shop: ToolContext) -> None:
    """What Christmas adds is told by name, in both languages, upwards."""
    effect = np.zeros(DAYS)
    effect[10:18] = 20.0
    fact = told(tiny_shop, forecast(20 + effect, {"holiday": effect}))["forecast.holiday"]
    assert (fact.value, fact.unit, fact.direction) == (160, "units", "up")
    assert fact.en == "Christmas Eve and Christmas Day add about 160 units."
    assert fact.zh == "平安夜和圣诞节约增加160件。"


def test_what_lowers_demand_is_told_downwards(tiny_shop: ToolContext) -> None:
    """A price that takes demand away is said to, with the amount and no sign."""
    effect = np.full(DAYS, -5.0)
    fact = told(tiny_shop, forecast(20 + effect, {"price": effect}))["forecast.price"]
    assert (fact.value, fact.direction) == (140, "down")
    assert fact.en == "Planned prices take away about 140 units."


def test_parts_told_add_up_to_the_forecast(tiny_shop: ToolContext) -> None:
    """Usual level, rising sales and a promotion together are the expected total."""
    effect = np.where(np.arange(DAYS) < 7, 10.0, 0.0)
    made = forecast(np.asarray(50 + 0.5 * np.arange(1, DAYS + 1) + effect), {"promotion": effect})
    facts = told(tiny_shop, made)
    assert "Rising sales" in facts["forecast.trend"].en
    values = [float(facts[f"forecast.{part}"].value) for part in ("level", "trend", "promotion")]
    assert sum(values) == pytest.approx(made.total().mean(), abs=1.5)
    assert sum(float(str(units)) for units in split_json(split(made)).values()) == pytest.approx(made.total().mean(), abs=0.05)


def test_nothing_is_told_of_what_does_not_matter(tiny_shop: ToolContext) -> None:
    """A level with sampling noise and a promotion of one percent has no reason worth a sentence."""
    effect = np.full(DAYS, 0.2)
    assert told(tiny_shop, forecast(np.full(DAYS, 20.0), {"promotion": effect}, spread=6.0)) == {}


def test_each_day_belongs_to_the_special_day_ahead_of_it() -> None:
    """The days before Christmas are Christmas Eve's, the day itself its own, and those after it the last one's."""
    effect = np.zeros(DAYS)
    effect[12], effect[17] = 3.0, 50.0
    felt = felt_days(effect, ADVENT, ("GB",))
    assert [(one.day.name_en, one.units) for one in felt] == [("Christmas Day", 50.0), ("Christmas Eve", 3.0)]
    assert felt_days(effect, ADVENT, ()) == []


def test_the_past_is_told_with_its_numbers(tiny_shop: ToolContext) -> None:
    """A change of level carries its day, its size and its direction."""
    book = FactBook(tiny_shop)
    remarks = (Remark("level_shift", day=date(2025, 9, 1), change=-0.4), Remark("capped", days=3, units=240.0))
    tell_history(book, "22423", remarks)
    shift = [fact for fact in book.filed if fact.what == "history.level_shift"]
    assert [(fact.value, fact.direction) for fact in shift] == [(40.0, "down"), ("2025-09-01", "")]
    assert all(fact.detail for fact in book.filed if fact.what == "history.capped")
    assert {fact.value for fact in book.filed if fact.what == "history.capped"} == {3, 240.0}


def test_the_chart_shows_what_the_mean_is_made_of(tiny_shop: ToolContext) -> None:
    """On every day ahead the parts drawn add up to the mean; on past days there are none."""
    effect = np.where(np.arange(DAYS) < 7, 10.0, 0.0)
    made = forecast(np.asarray(20 + 0.3 * np.arange(DAYS) + effect), {"promotion": effect})
    chart = forecast_chart(tiny_shop.shelf().items["22423"], tiny_shop.panel(["22423"]), made, split(made))
    assert list(chart.parts) == ["usual", "trend", "promotion"]
    drawn = np.array([values[-DAYS:] for values in chart.parts.values()], dtype=float)
    np.testing.assert_allclose(drawn.sum(axis=0), made.mean()[0], atol=0.03)
    assert all(values[:-DAYS] == (None,) * (len(chart.days) - DAYS) for values in chart.parts.values())


def test_a_network_is_not_trained_while_somebody_waits(tiny_shop: ToolContext) -> None:
    """Asking for an LSTM before its run over the shop says which command makes it."""
    with pytest.raises(ToolFailed, match="parstock forecast --model lstm --warehouse LON --horizon-days 90"):
        call_tool("forecast_demand", {"item": "22423", "model": "lstm", "warehouse": "LON", "horizon_days": 90}, tiny_shop)


def test_a_model_of_the_whole_shop_gives_an_item_its_row(tiny_shop: ToolContext) -> None:
    """Boosted trees asked for one item are those of all items, with facts from them."""
    result = call_tool("forecast_demand", {"item": "22423", "model": "gradient_boosting", "horizon_days": 14}, tiny_shop)
    shop = tiny_shop.forecasts.of_shop("", 14, "gradient_boosting")
    total = result.data["total"]
    assert isinstance(total, dict)
    assert total["mean"] == pytest.approx(shop.total()[shop.items.index("22423")].mean(), abs=0.01)


def test_models_of_the_whole_shop_are_not_compared_on_one_item(tiny_shop: ToolContext) -> None:
    """The comparison names the models that it leaves out."""
    result = call_tool("compare_forecast_models", {"item": "22423"}, tiny_shop)
    rows = result.data["models"]
    assert isinstance(rows, list)
    compared = {row["model"] for row in rows if isinstance(row, dict)}
    assert result.data["left_out"] == ["gradient_boosting", "lstm", "vae_lstm"]
    assert compared >= {"linear", "arima", "ets", "croston", "seasonal_naive"}
    assert "gradient_boosting" in next(fact.en for fact in result.facts if fact.what == "backtest.left_out")


def test_a_confirmed_event_is_told_and_drawn(own_shop: Callable[..., ToolContext]) -> None:
    """An expected campaign adds its units in a sentence, in the data and in the chart; what was only proposed does not."""
    shop = own_shop()
    question: dict[str, Json] = {"item": "22423", "horizon_days": 14}
    event = propose(shop.store, PlanningEvent("demand_change", item="22423", pct=50.0), actor="lina")
    before = call_tool("forecast_demand", question, shop)
    confirm(shop.store, event.id, actor="lina")
    after = call_tool("forecast_demand", question, shop)

    assert all(fact.what != "forecast.event" for fact in before.facts)
    fact = next(fact for fact in after.facts if fact.what == "forecast.event")
    usual, total = before.data["total"], after.data["total"]
    assert isinstance(usual, dict)
    assert isinstance(total, dict)
    assert fact.value == round(float(str(total["mean"])) - float(str(usual["mean"])))
    assert fact.en == f"Confirmed planning events add about {fact.value} units."
    assert after.chart is not None
    assert "event" in after.chart.parts


def test_the_reason_for_the_model_is_told_in_both_languages(tiny_shop: ToolContext) -> None:
    """Why the model was chosen is a fact, for who asks for detail."""
    result = call_tool("forecast_demand", {"item": "22423"}, tiny_shop)
    fact = next(fact for fact in result.facts if fact.what == "model.reason")
    assert fact.detail
    assert str(result.data["reason"]) in fact.en
    assert re.search(r"[\u4e00-\u9fff]", fact.zh)
