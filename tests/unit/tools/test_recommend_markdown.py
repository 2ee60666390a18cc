"""Markdowns of the tiny shop, which records no prices, and of copies that do."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from inventory.events import confirm, propose, withdraw
from inventory.loading import load
from parstock.domain import PlanningEvent
from parstock.errors import InputError
from parstock.results import ToolResult
from tools.call import call_tool
from tools.context import ToolContext

TODAY = date(2025, 6, 2)
FLOOR = """# Price floor

## 1 Floor

No price falls below unit cost plus 60 %.

```parstock
rule: min_markup
value: 60 %
```
"""


def mark_down(context: ToolContext, item: str, **arguments: Any) -> ToolResult:
    """Call the tool."""
    return call_tool("recommend_markdown", {"item": item, **arguments}, context)


def told(result: ToolResult, what: str) -> Any:
    """Value of the first fact of a kind."""
    return next(fact.value for fact in result.facts if fact.what == what)


def test_a_stock_that_will_not_sell_is_marked_down(tiny_shop: ToolContext) -> None:
    """300 units at three a day by the end of June: lower prices, fewer left, and more money than without."""
    result = mark_down(tiny_shop, "22424", clear_by="end of June")
    data: Any = result.data

    assert data["verdict"] == "markdown"
    assert data["clear_by"] == "2025-06-30"
    prices = [9.95, *(step["price"] for step in data["path"])]
    assert (np.diff(prices) < 0).all()
    assert min(prices) >= 4.5
    assert data["markdown"]["left"] < data["do_nothing"]["left"]
    assert data["gain"] == pytest.approx(data["markdown"]["margin"] - data["do_nothing"]["margin"], abs=1.5)
    assert result.defaults["target_stock"] == 0
    assert result.facts[0].required
    assert "from GBP 9.95 to GBP" in result.facts[0].en


def test_prices_that_never_changed_teach_nothing_and_that_is_said(tiny_shop: ToolContext) -> None:
    """Without price changes the elasticity is called assumed, with the prior's value and spread."""
    result = mark_down(tiny_shop, "22424", clear_by="end of June")
    (sentence,) = {fact.en for fact in result.facts if fact.what == "elasticity"}

    assert told(result, "elasticity") == -2.0
    assert told(result, "elasticity.standard_error") == 1.0
    assert "assumed from published studies, not learned" in sentence
    assert next(fact for fact in result.facts if fact.what == "elasticity").required


def test_what_sells_in_time_keeps_its_price(tiny_shop: ToolContext) -> None:
    """No excess is said to be none, and nothing is recommended."""
    result = mark_down(tiny_shop, "22423", clear_by="end of July")

    assert result.data["verdict"] == "no_excess"
    assert result.data["path"] == []
    assert result.facts[0].en.startswith("No markdown of REGENCY CAKESTAND 3 TIER is needed")
    assert result.facts[0].zh.endswith("。")


def test_units_to_keep_are_not_sold(tiny_shop: ToolContext) -> None:
    """Where all of the stock is to be kept there is nothing to sell; a part of it is left out of what is sold."""
    assert mark_down(tiny_shop, "22424", clear_by="end of June", target_stock=300).data["units_to_sell"] == 0
    assert mark_down(tiny_shop, "22424", clear_by="end of June", target_stock=100).data["units_to_sell"] == 200


def test_the_defaults_are_stated(tiny_shop: ToolContext) -> None:
    """Eight weeks, and what orders are made for is kept."""
    result = mark_down(tiny_shop, "22424")

    assert result.defaults["clear_by"] == (TODAY + timedelta(days=55)).isoformat()
    assert int(str(result.defaults["target_stock"])) > 0


@pytest.mark.parametrize("phrase", ["yesterday", "today", "in 3 years", "soonish"])
def test_days_that_make_no_season_are_refused(tiny_shop: ToolContext, phrase: str) -> None:
    """A day must be understood, ahead, and within a year."""
    with pytest.raises(InputError) as caught:
        mark_down(tiny_shop, "22424", clear_by=phrase)
    assert caught.value.field == "clear_by"


def test_a_floor_of_a_policy_holds_and_is_cited(own_shop: Callable[..., ToolContext]) -> None:
    """No price of the path is below unit cost plus the clause's share, and the answer names the clause."""
    shop = own_shop()
    with shop.store.writing() as connection:
        load(connection, "policies", pd.DataFrame([{"id": "floor", "title": "Price floor", "text": FLOOR, "lang": "en"}]))
    result = mark_down(shop, "22424", clear_by="end of June")
    data: Any = result.data

    assert data["price_floor"] == 7.2
    assert min(step["price"] for step in data["path"]) >= 7.2
    assert [citation.id for citation in result.citations] == ["floor#1"]
    assert any(fact.source == "floor#1" and "[floor#1]" in fact.en for fact in result.facts)


def test_a_price_at_the_floor_cannot_fall(own_shop: Callable[..., ToolContext]) -> None:
    """Where the price is not above the floor, that is said instead of a path."""
    shop = own_shop()
    text = FLOOR.replace("60 %", "150 %")
    with shop.store.writing() as connection:
        load(connection, "policies", pd.DataFrame([{"id": "floor", "title": "Price floor", "text": text, "lang": "en"}]))
    result = mark_down(shop, "22424", clear_by="end of June")

    assert result.data["verdict"] == "at_floor"
    assert "cannot be marked down" in result.facts[0].en


def test_price_changes_of_the_shop_are_learned_from(own_shop: Callable[..., ToolContext]) -> None:
    """With prices on record the elasticity is the item's own, and its changes are counted."""
    shop = own_shop()
    rng = np.random.default_rng(4)
    rows = []
    for offset in range(200, 0, -1):
        price = 7.5 if (offset // 10) % 4 == 0 else 9.95
        rows.append(("22424", "LON", TODAY - timedelta(days=offset), int(rng.poisson(20 * (price / 9.95) ** -1.5)), price))
    with shop.store.writing() as connection:
        load(connection, "sales", pd.DataFrame(rows, columns=["item", "warehouse", "date", "units", "price"]))
    result = mark_down(shop, "22424", clear_by="end of June")
    learned: Any = result.data["elasticity"]

    assert learned["learned_from"] == "own"
    assert learned["value"] == pytest.approx(-1.5, abs=0.45)
    assert told(result, "elasticity.own_changes") == learned["own_changes"] > 5


def test_stock_in_the_wrong_place_is_told(tiny_shop: ToolContext) -> None:
    """A warehouse that should sell more than it has is named with what moving stock there is worth."""
    result = mark_down(tiny_shop, "22424", clear_by="end of July")
    (move,) = result.data["transfers"]  # type: ignore[misc]

    assert (move["from_warehouse"], move["to_warehouse"]) == ("LON", "MAN")  # type: ignore[index, call-overload]
    assert told(result, "transfer.units") == move["units"] > 0  # type: ignore[index, call-overload, operator]


def test_the_picture_shows_stock_and_price(tiny_shop: ToolContext) -> None:
    """Stock with and without the markdown in units, and the price of every day in money."""
    chart = mark_down(tiny_shop, "22424", clear_by="end of June").chart
    assert chart is not None
    assert set(chart.series) == {"projected_stock", "without_markdown", "price", "price_now"}
    assert (chart.unit, chart.units) == ("units", {"price": "GBP", "price_now": "GBP"})
    assert {len(values) for values in chart.series.values()} == {len(chart.days)} == {29}
    assert set(chart.series["price_now"]) == {9.95}


def test_what_an_event_keeps_back_is_not_for_sale(own_shop: Callable[..., ToolContext]) -> None:
    """Units kept back past the last day are not sold; kept back for a week they are."""
    shop = own_shop()
    before: Any = mark_down(shop, "22424", clear_by="end of June").data
    for end, freed in ((None, 0), (TODAY + timedelta(days=6), 80)):
        event = propose(shop.store, PlanningEvent("reserve_stock", item="22424", quantity=80, end=end), actor="tester")
        confirm(shop.store, event.id, actor="tester")
        after: Any = mark_down(shop, "22424", clear_by="end of June").data
        withdraw(shop.store, event.id, actor="tester")
        assert after["units_to_sell"] == before["units_to_sell"] - 80 + freed


def test_a_move_that_policies_forbid_is_not_suggested(own_shop: Callable[..., ToolContext]) -> None:
    """Under a hold on transfers the answer names no move between warehouses."""
    shop = own_shop()
    text = "# Transfers\n\n## 1 Hold\n\nNone.\n\n```parstock\nrule: transfer_hold\n```\n"
    assert mark_down(shop, "22424", clear_by="end of July").data["transfers"]
    with shop.store.writing() as connection:
        load(connection, "policies", pd.DataFrame([{"id": "t", "title": "Transfers", "text": text, "lang": "en"}]))
    assert mark_down(shop, "22424", clear_by="end of July").data["transfers"] == []


def test_an_item_without_a_price_says_so(own_shop: Callable[..., ToolContext]) -> None:
    """Nothing can be lowered where no price is on record; the message says what to import."""
    shop = own_shop()
    with shop.store.writing() as connection:
        connection.exec_driver_sql("UPDATE items SET unit_price = 0.0 WHERE sku = '22424'")
    result = mark_down(shop, "22424", clear_by="end of June")

    assert any("no price on record" in fact.en for fact in result.facts)
