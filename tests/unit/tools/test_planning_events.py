"""Planning events end to end: from words to the numbers of forecasts and plans, and back."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import forecasting.run
from inventory.events import confirm, propose, withdraw
from parstock.domain import DemandPanel, Forecast, PlanningEvent
from parstock.errors import InputError
from tools.call import call_tool
from tools.context import ToolContext
from tools.forecasts import SHOP_DAYS
from tools.planning_events import EventWords, event_days, event_from_words, event_json
from tools.plans import plan_items

TODAY = date(2025, 6, 2)
FIRST, LAST = date(2025, 6, 9), date(2025, 6, 15)
MUG, STAND = "HM-20417", "22423"


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the fits; a quick model stands in for the choice."""
    counted: list[int] = []
    real = forecasting.run.forecast

    def counting(panel: DemandPanel, *, model: str = "auto", **options: Any) -> Forecast:
        counted.append(len(panel.items))
        return real(panel, model="seasonal_naive", **options)

    monkeypatch.setattr(forecasting.run, "forecast", counting)
    return counted


def _daily(shop: ToolContext, item: str, **arguments: Any) -> np.ndarray:
    data = call_tool("forecast_demand", {"item": item, "horizon_days": 28, **arguments}, shop).data
    return np.array(cast(dict[str, Any], data["daily"])["mean"])


def _confirmed(shop: ToolContext, **fields: Any) -> PlanningEvent:
    event = PlanningEvent(**{"type": "demand_change", "pct": 40.0, "start": FIRST, "end": LAST, **fields})
    return confirm(shop.store, propose(shop.store, event, actor="Ann").id, actor="Ben")


def test_a_confirmed_event_moves_its_days_and_a_withdrawn_one_nothing(
    own_shop: Callable[..., ToolContext], fits: list[int]
) -> None:
    """The forecast's numbers inside the window move by the percentage and no others do; withdrawn, all are as before."""
    shop = own_shop()
    before, others = _daily(shop, MUG), _daily(shop, STAND)
    proposed = propose(shop.store, PlanningEvent("demand_change", item=MUG, start=FIRST, end=LAST, pct=40.0), actor="Ann")
    assert (_daily(shop, MUG) == before).all()
    confirm(shop.store, proposed.id, actor="Ben")
    after = _daily(shop, MUG)
    inside = np.zeros(28, dtype=np.bool_)
    inside[(FIRST - TODAY).days : (LAST - TODAY).days + 1] = True

    np.testing.assert_allclose(after[inside], 1.4 * before[inside], atol=0.006)
    assert (after[~inside] == before[~inside]).all()
    assert (_daily(shop, STAND) == others).all()
    withdraw(shop.store, proposed.id, actor="Cy")
    assert (_daily(shop, MUG) == before).all()
    assert fits == [6]


def test_plans_follow_at_once(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """A plan expects the changed demand in the lead time, orders for it, and is as before when the event is withdrawn."""
    shop = own_shop()
    item = shop.names.resolve_item(STAND)
    before = plan_items(shop, [item], "").lines[0]
    event = _confirmed(shop, item=STAND, pct=100.0, start=TODAY, end=TODAY + timedelta(days=SHOP_DAYS - 1))
    after = plan_items(shop, [item], "").lines[0]

    assert after.expected_lead_time_demand == pytest.approx(2 * before.expected_lead_time_demand, rel=1e-6)
    assert after.quantity > before.quantity
    withdraw(shop.store, event.id, actor="Ann")
    assert plan_items(shop, [item], "").lines[0] == before
    assert fits == [6]


def test_another_process_sees_the_event_without_a_fit(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """The night's run is kept as it was made; whoever opens it later puts the events of the moment on it."""
    shop = own_shop()
    before = shop.forecasts.of_shop("", 28)
    _confirmed(shop, category="Kitchen")
    again = ToolContext.open(shop.settings, shop.store).forecasts.of_shop("", 28)
    kitchen = [row for row, sku in enumerate(before.items) if sku in (STAND, "22424", MUG)]

    assert fits == [6]
    assert (again.paths != before.paths).any(axis=(1, 2)).nonzero()[0].tolist() == kitchen
    assert again.effects["event"][kitchen, 7:14].min() > 0
    assert not again.effects["event"][:, :7].any()


def test_every_way_to_a_forecast_has_the_event(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """One item, some items, all items, other horizons, another model: the same day has the same change."""
    shop = own_shop()
    _confirmed(shop, pct=-100.0)
    mug = shop.names.resolve_item(MUG)
    made = [shop.forecast(mug, "", 14), shop.forecasts.of_items((STAND, MUG), "", 28).rows([1])]
    made += [shop.forecast(mug, "", 14, "ets"), shop.forecast(mug, "", 90), shop.forecast(mug, "LON", 20)]

    for forecast in made:
        assert not forecast.paths[:, :, 7:14].any()
        assert forecast.paths[:, :, :7].any()
        assert forecast.effects["event"].shape == (1, forecast.horizon_days)
    np.testing.assert_array_equal(made[0].paths, made[1].paths[:, :, :14])


def test_an_event_of_one_warehouse(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """It changes that warehouse's forecast in full, the other's not, and all together by its share of the sales."""
    shop = own_shop()
    before = {place: _daily(shop, STAND, **({"warehouse": place} if place else {})) for place in ("", "LON", "MAN")}
    _confirmed(shop, warehouse="LON", pct=-100.0)
    after = {place: _daily(shop, STAND, **({"warehouse": place} if place else {})) for place in ("", "LON", "MAN")}
    share = shop.records.share_of_demand("LON")[STAND]

    assert 0.6 < share < 0.8
    assert not after["LON"][7:14].any()
    assert (after["MAN"] == before["MAN"]).all()
    np.testing.assert_allclose(after[""][7:14], (1 - share) * before[""][7:14], atol=0.006)


def test_words_become_codes_and_days(own_shop: Callable[..., ToolContext]) -> None:
    """Names are resolved as everywhere, days from phrases, and the event is said back in both languages."""
    shop = own_shop()
    words = EventWords(
        "demand_change", item="cakestand 3 tier", supplier="义乌明亮", warehouse="London", start="9 June", end="15 June", pct=40.0
    )
    event = propose(shop.store, event_from_words(words, shop), actor="Ann")

    assert (event.item, event.supplier, event.warehouse, event.start, event.end) == (STAND, "YB", "LON", FIRST, LAST)
    told = event_json(event, shop)
    assert told["text_en"] == (
        "Demand for REGENCY CAKESTAND 3 TIER from Yiwu Bright in London DC is 40% higher than forecast "
        "from 9 June 2025 to 15 June 2025."
    )
    assert str(told["text_zh"]).endswith("的需求比预测高40%。")
    assert (told["start"], told["pct"], "quantity" in told) == ("2025-06-09", 40.0, False)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"item": "unicorn"}, "item"), ({"start": "soonish"}, "start"), ({"end": "soonish"}, "end"), ({"category": "x"}, "category"),
     ({"start": "15 June 2025", "end": "9 June 2025"}, "end"), ({"replacement": "unicorn"}, "replacement")],
)  # fmt: skip
def test_words_that_mean_nothing_are_refused(tiny_shop: ToolContext, fields: dict[str, Any], field: str) -> None:
    """The error names the field whose words are not understood."""
    with pytest.raises(InputError) as caught:
        event_from_words(EventWords("demand_change", pct=5.0, **fields), tiny_shop)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("start", "end", "today", "first", "last"),
    [
        ("10 Feb", "24 Feb", "2026-01-20", "2026-02-10", "2026-02-24"),
        ("10 Feb", "24 Feb", "2026-02-12", "2026-02-10", "2026-02-24"),
        ("20 Dec", "5 Jan", "2025-12-01", "2025-12-20", "2026-01-05"),
        ("20 Dec", "5 Jan", "2026-01-03", "2025-12-20", "2026-01-05"),
        ("tomorrow", None, "2026-01-03", "2026-01-04", None),
        (None, "March", "2026-01-03", None, "2026-03-31"),
        ("March", "April", "2026-01-03", "2026-03-01", "2026-04-30"),
    ],
)
def test_days_are_those_ahead_or_begun(start: str | None, end: str | None, today: str, first: str, last: str) -> None:
    """A window is the next one, or the one that today lies in; a month ends with its last day."""
    found = event_days(start, end, date.fromisoformat(today))

    assert found == tuple(None if day is None else date.fromisoformat(day) for day in (first, last))


def test_the_kept_file_holds_no_event(own_shop: Callable[..., ToolContext], fits: list[int]) -> None:
    """Confirming before the first run changes what is answered, never what is kept."""
    shop = own_shop()
    event = _confirmed(shop, item=MUG, pct=-100.0)
    assert not _daily(shop, MUG)[7:14].any()
    files: list[Path] = list((shop.settings.home / "cache").glob("*.npz"))
    withdraw(shop.store, event.id, actor="Ann")

    assert len(files) == 1
    assert ToolContext.open(shop.settings, shop.store).forecasts.of_items((MUG,), "", 28).paths[:, :, 7:14].any()
    assert fits == [6]
