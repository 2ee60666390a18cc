"""What single tools find in the tiny shop."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inventory import audit, proposals
from inventory.loading import load
from inventory.store import Store
from parstock.domain import Json
from parstock.errors import InputError
from parstock.results import ToolResult
from parstock.settings import Settings
from tools.call import call_tool
from tools.context import ToolContext

TODAY = date(2025, 6, 2)


def value(result: ToolResult, what: str) -> float | int | str:
    """Value of the first fact of a kind."""
    return next(fact.value for fact in result.facts if fact.what == what)


def whats(result: ToolResult) -> set[str]:
    """Kinds of the facts."""
    return {fact.what for fact in result.facts}


def test_stock_is_the_recorded_position(tiny_shop: ToolContext) -> None:
    """On hand, reserved and on order are summed over the warehouses, and each warehouse is told."""
    result = call_tool("get_stock", {"item": "22423"}, tiny_shop)
    assert value(result, "stock.on_hand") == 55
    assert value(result, "stock.available") == 49
    assert value(result, "stock.on_order") == 96
    assert value(result, "inbound.due") == "2025-06-06"
    assert [fact.value for fact in result.facts if fact.what == "stock.on_hand"] == [55, 40, 15]


def test_stock_of_one_warehouse(tiny_shop: ToolContext) -> None:
    """A warehouse named in words narrows everything to it."""
    result = call_tool("get_stock", {"item": "22423", "warehouse": "manchester"}, tiny_shop)
    assert value(result, "stock.on_hand") == 15
    assert value(result, "stock.on_order") == 0
    assert "warehouse" not in result.defaults


def test_stock_that_was_never_counted_is_said_to_be_unknown(tiny_shop: ToolContext) -> None:
    """No record is not the same as no stock."""
    result = call_tool("get_stock", {"item": "22424", "warehouse": "manchester"}, tiny_shop)
    assert result.data["status"] == "not_recorded"


def test_a_late_delivery_is_called_late(tiny_shop: ToolContext) -> None:
    """An open order whose day has passed is not promised for the future."""
    result = call_tool("get_stock", {"item": "HM-20417"}, tiny_shop)
    due = next(fact for fact in result.facts if fact.what == "inbound.due")
    assert "late" in due.en


@pytest.mark.parametrize("frequency", ["day", "week", "month"])
def test_buckets_add_up_to_the_total(tiny_shop: ToolContext, frequency: str) -> None:
    """Whatever the bucket, its sums are the units recorded in the period."""
    arguments: dict[str, Json] = {"item": "22423", "start": "1 March", "end": "end of April", "frequency": frequency}
    result = call_tool("get_sales_history", arguments, tiny_shop)
    panel = tiny_shop.panel(["22423"])
    first = (date(2025, 3, 1) - panel.start).days
    expected = float(panel.demand[0, first : first + 61].sum())
    buckets = result.data["buckets"]
    assert isinstance(buckets, list)
    assert sum(bucket["units"] for bucket in buckets) == result.data["total"] == expected  # type: ignore[index, call-overload, misc]


def test_a_period_may_be_one_phrase(tiny_shop: ToolContext) -> None:
    """The phrase "last month" as start and end is the whole of last month."""
    result = call_tool("get_sales_history", {"item": "22423", "start": "last month", "end": "last month"}, tiny_shop)
    assert (result.data["start"], result.data["end"]) == ("2025-05-01", "2025-05-31")


def test_history_ends_yesterday(tiny_shop: ToolContext) -> None:
    """Sales of days that are not over are never shown as zero."""
    result = call_tool("get_sales_history", {"item": "22423", "start": "1 May", "end": "30 June 2025"}, tiny_shop)
    assert result.data["end"] == "2025-06-01"


def test_a_short_history_gets_no_forecast(tiny_shop: ToolContext) -> None:
    """An item launched five days ago is not forecast, and the answer has to say so."""
    result = call_tool("forecast_demand", {"item": "velvet cushion"}, tiny_shop)
    assert result.data["status"] == "insufficient_data"
    assert value(result, "forecast.status") == 5


def test_a_forecast_states_its_defaults(tiny_shop: ToolContext) -> None:
    """Horizon, model and warehouse that nobody named are said."""
    result = call_tool("forecast_demand", {"item": "22423"}, tiny_shop)
    assert result.defaults == {"warehouse": "", "horizon_days": 28, "model": "auto"}
    assert {"default.horizon_days", "default.model", "default.warehouse"} <= whats(result)
    given = call_tool("forecast_demand", {"item": "22423", "horizon_days": 7, "model": "ets", "warehouse": "LON"}, tiny_shop)
    assert given.defaults == {}
    assert given.data["model"] == "ets"


def test_models_are_ranked_by_loss(tiny_shop: ToolContext) -> None:
    """The first model is the one with the lowest loss."""
    rows = call_tool("compare_forecast_models", {"item": "22423"}, tiny_shop).data["models"]
    assert isinstance(rows, list)
    losses = [row["scaled_pinball"] for row in rows]  # type: ignore[index, call-overload]
    assert losses == sorted(losses)  # type: ignore[type-var]
    assert len(rows) >= 3


def test_one_item_is_planned_as_in_the_whole_plan(tiny_shop: ToolContext) -> None:
    """The quantity of an item does not depend on whether it was asked for alone."""
    whole = call_tool("recommend_replenishment", {}, tiny_shop).data["lines"]
    assert isinstance(whole, list)
    for line in whole:
        assert isinstance(line, dict)
        alone = call_tool("recommend_replenishment", {"item": line["item"]}, tiny_shop).data["lines"]
        assert alone[0]["quantity"] == line["quantity"]  # type: ignore[index, call-overload]


def test_the_budget_is_kept(tiny_shop: ToolContext) -> None:
    """A plan never costs more than it may, and says what it had to leave."""
    result = call_tool("recommend_replenishment", {"budget": 500}, tiny_shop)
    assert float(str(result.data["total_cost"])) <= 500
    assert "plan.budget" in whats(result)


def test_a_clause_shapes_the_plan_and_is_cited(tiny_shop: ToolContext) -> None:
    """The service level of the policy is planned with, and its words are in the answer's sources."""
    result = call_tool("recommend_replenishment", {"item": "22423"}, tiny_shop)
    (line,) = result.data["lines"]  # type: ignore[misc]
    assert line["service_level"] == 0.97  # type: ignore[index, call-overload]
    assert "ordering#1.1" in [citation.id for citation in result.citations]


def test_a_category_is_planned_by_itself(tiny_shop: ToolContext) -> None:
    """Only items of the category are in the plan."""
    assert call_tool("recommend_replenishment", {"category": "kitchen"}, tiny_shop).data["planned_items"] == 3


def test_a_scenario_moves_with_its_change(tiny_shop: ToolContext) -> None:
    """More demand never orders less."""
    result = call_tool("simulate_scenario", {"item": "22423", "demand_change_pct": 50}, tiny_shop)
    today, changed = result.data["today"], result.data["changed"]
    assert isinstance(today, dict)
    assert isinstance(changed, dict)
    assert changed["order"]["quantity"] >= today["order"]["quantity"]  # type: ignore[index, call-overload, operator]
    assert result.chart is not None
    assert {"projected_stock", "changed", "reorder_point"} <= set(result.chart.series)


def test_alerts_are_those_of_the_kind_asked_for(tiny_shop: ToolContext) -> None:
    """A kind and a least severity narrow the list."""
    alerts = call_tool("list_alerts", {"kind": "overstock", "severity": "medium"}, tiny_shop).data["alerts"]
    assert isinstance(alerts, list)
    assert [(a["kind"], a["item"]) for a in alerts] == [("overstock", "LANT-01")]  # type: ignore[index, call-overload]


@pytest.mark.parametrize("kind", ["forecast_drift", "late_supply", "dead_stock", "data_quality"])
def test_kinds_that_nobody_watches_are_not_answered_with_none(tiny_shop: ToolContext, kind: str) -> None:
    """Nobody is told "no alerts" of something that is not monitored."""
    result = call_tool("list_alerts", {"kind": kind}, tiny_shop)
    assert result.data["status"] == "not_monitored"
    assert "not monitored yet" in result.facts[0].en


def test_policies_are_found_and_cited(tiny_shop: ToolContext) -> None:
    """The passage that answers comes first, with the id of its section."""
    result = call_tool("search_policies", {"query": "who approves a large order"}, tiny_shop)
    assert result.citations[0].id == "ordering#2.1"


def test_notes_are_those_on_the_item(tiny_shop: ToolContext) -> None:
    """With an item, other items' notes are left out."""
    result = call_tool("search_notes", {"query": "slow or fast", "item": "22423"}, tiny_shop)
    assert [citation.id for citation in result.citations] == ["note-2"]


def test_a_note_is_stored_and_changes_no_plan(own_shop: Callable[..., ToolContext]) -> None:
    """The note can be found from then on; what is recommended stays the same."""
    shop = own_shop()
    before = call_tool("recommend_replenishment", {"item": "22423"}, shop).data
    result = call_tool("record_note", {"text": "MOQ of the cakestand goes to 500", "item": "22423"}, shop)
    assert call_tool("recommend_replenishment", {"item": "22423"}, shop).data == before
    note = shop.records.notes()[-1]
    assert (note.id, note.item, note.author) == (result.data["id"], "22423", "tester")
    assert any("not read for what it changes in the plan: no chat model is at hand" in fact.en for fact in result.facts)


def test_a_draft_warns_of_what_it_breaks(own_shop: Callable[..., ToolContext]) -> None:
    """Minimum order, packs and approval limit are stated as facts, the limit with its clause."""
    shop = own_shop()
    small = call_tool("propose_purchase_order", {"item": "22423", "quantity": 5}, shop)
    assert {"warning.min_order_quantity", "warning.pack_size"} <= whats(small)
    dear = call_tool("propose_purchase_order", {"item": "22423", "quantity": 240}, shop)
    assert "warning.approval_limit" in whats(dear)
    assert [citation.id for citation in dear.citations] == ["ordering#2.1"]
    clean = call_tool("propose_purchase_order", {"item": "22423", "quantity": 48, "warehouse": "LON"}, shop)
    assert not any(what.startswith("warning") for what in whats(clean))


def test_a_draft_orders_nothing(own_shop: Callable[..., ToolContext]) -> None:
    """A draft waits in the database, signed in the audit log; open orders and the fingerprint are as before."""
    shop = own_shop()
    before, open_orders = shop.records.fingerprint(), shop.records.inbound()
    result = call_tool("propose_purchase_order", {"item": "22423", "quantity": 48}, shop.acting("lina"))
    (proposal,) = proposals.list_proposals(shop.store)
    assert proposal.id == result.data["proposal"]
    assert (proposal.state, proposal.created_by) == ("draft", "lina")
    assert proposal.payload["supplier"] == "YB"
    assert shop.records.inbound() == open_orders
    assert shop.records.fingerprint() == before
    assert audit.verify(shop.store) >= 1


def test_a_repeated_draft_is_the_same_draft(own_shop: Callable[..., ToolContext]) -> None:
    """The same idempotency key gives the first draft back."""
    shop = own_shop().acting("lina", idempotency_key="key-1")
    first, second = (call_tool("propose_purchase_order", {"item": "22423", "quantity": 48}, shop) for _ in range(2))
    assert first.data["proposal"] == second.data["proposal"]
    assert len(proposals.list_proposals(shop.store)) == 1


def test_a_rule_about_a_supplier_in_words_binds(own_shop: Callable[..., ToolContext]) -> None:
    """A policy may call a supplier by name; the rule holds for the supplier's code."""
    shop = own_shop()
    text = (
        "# Hold\n\n## 1 Dispute\n\nNothing is ordered from them.\n\n```parstock\nrule: order_hold\nsupplier: Yiwu Bright\n```\n"
    )
    with shop.store.writing() as connection:
        load(connection, "policies", pd.DataFrame([{"id": "hold", "title": "Hold", "text": text, "lang": "en"}]))
    assert "warning.order_hold" in whats(call_tool("propose_purchase_order", {"item": "22423", "quantity": 48}, shop))


def test_a_policy_that_cannot_be_read_stops_the_plan(own_shop: Callable[..., ToolContext]) -> None:
    """No plan is made past a rule that nobody understood."""
    shop = own_shop()
    text = "# Bad\n\n## 1 Levels\n\nHigh.\n\n```parstock\nrule: service_level\nvalue: high\n```\n"
    with shop.store.writing() as connection:
        load(connection, "policies", pd.DataFrame([{"id": "bad", "title": "Bad", "text": text, "lang": "en"}]))
    with pytest.raises(Exception, match="'bad'"):
        call_tool("recommend_replenishment", {"item": "22423"}, shop)


def test_today_can_be_set(own_shop: Callable[..., ToolContext]) -> None:
    """With a day set by the operator, nothing after it is looked at."""
    shop = own_shop(as_of=date(2025, 5, 1))
    result = call_tool("get_sales_history", {"item": "22423"}, shop)
    assert result.data["end"] == (date(2025, 5, 1) - timedelta(days=1)).isoformat()


def test_searching_finds_items_by_supplier(tiny_shop: ToolContext) -> None:
    """A supplier's name lists what it supplies."""
    rows = call_tool("find_items", {"query": "leeds ceramics"}, tiny_shop).data["items"]
    assert {row["sku"] for row in rows} == {"85123A", "HM-20417", "LANT-01"}  # type: ignore[union-attr, index, call-overload]


def test_ambiguity_is_a_question(tiny_shop: ToolContext) -> None:
    """Two items fit: the planner is asked which, with both named."""
    with pytest.raises(InputError, match="which item is meant by 'regency cakestand'") as caught:
        call_tool("get_stock", {"item": "regency cakestand"}, tiny_shop)
    assert len(caught.value.choices) == 2


def test_sales_from_before_the_first_record_are_not_called_zero(tiny_shop: ToolContext) -> None:
    """Where the period begins before the records do, the answer has to say from when they are."""
    result = call_tool("get_sales_history", {"item": "NEW-1", "start": "1 May"}, tiny_shop)
    assert value(result, "sales.recorded_from") == "2025-05-28"
    assert "sales.recorded_from" not in whats(call_tool("get_sales_history", {"item": "22423", "start": "1 May"}, tiny_shop))


def test_unknown_days_are_left_out_and_said(tiny_shop: ToolContext) -> None:
    """A rate is of the days that are known; the others are counted, said in both languages and in no bucket."""
    result = call_tool("get_sales_history", {"item": "NEW-1", "start": "19 May", "frequency": "week"}, tiny_shop)
    panel = tiny_shop.panel(["NEW-1"])
    sold = float(np.nansum(panel.demand))

    assert (result.data["days"], result.data["unknown_days"], result.data["total"]) == (14, 9, sold)
    assert value(result, "sales.daily") == pytest.approx(sold / 5, abs=1e-4)
    assert result.data["buckets"] == [{"start": "2025-05-26", "units": sold, "days": 5, "unknown_days": 2}]
    told = next(fact for fact in result.facts if fact.what == "sales.unknown_days")
    assert "9 days of these are not known" in told.en
    assert "9天的销量未知" in told.zh.replace(" ", "")


def test_a_period_of_which_nothing_is_known_sold_neither_much_nor_nothing(tiny_shop: ToolContext) -> None:
    """Before an item's first sale there is no total, no bucket and no picture, and the answer says why."""
    result = call_tool("get_sales_history", {"item": "NEW-1", "start": "1 May", "end": "10 May"}, tiny_shop)

    assert (result.data["total"], result.data["buckets"], result.chart) == (None, [], None)
    assert value(result, "sales.unknown_days") == 10
    assert not {"sales.total", "sales.daily"} & set(whats(result))


@pytest.mark.parametrize(("item", "unknown"), [("22423", 0), ("NEW-1", 23)])
def test_what_sold_before_a_forecast_is_of_the_known_days(tiny_shop: ToolContext, item: str, unknown: int) -> None:
    """Beside the units sold in as many days before stands how many of these days are not known."""
    result = call_tool("forecast_demand", {"item": item}, tiny_shop)

    assert result.data["sold_before"] == float(np.nansum(tiny_shop.panel([item]).demand[0, -28:]))
    assert result.data["sold_before_unknown_days"] == unknown


def test_stock_is_told_without_any_sales(tmp_path: Path) -> None:
    """A shop that has counted but not sold yet still gets its stock."""
    settings = Settings(home=tmp_path / "home")
    store = Store.open(settings)
    with store.writing() as connection:
        load(connection, "suppliers", pd.DataFrame([{"code": "S", "name": "Some", "lead_time_days": 5}]))
        load(connection, "warehouses", pd.DataFrame([{"code": "W", "name": "Main"}]))
        row = {"sku": "A", "name": "Lamp", "supplier": "S", "unit_cost": 1.0, "unit_price": 2.0}
        load(connection, "items", pd.DataFrame([row]))
        load(connection, "stock", pd.DataFrame([{"item": "A", "warehouse": "W", "on_hand": 9, "as_of": date(2025, 6, 1)}]))
    result = call_tool("get_stock", {"item": "lamp"}, ToolContext.open(settings, store))
    store.close()
    assert value(result, "stock.on_hand") == 9
    assert result.data["days_of_cover"] is None
    assert result.chart is None


def test_records_that_end_early_say_so(tiny_home: Path, tmp_path: Path) -> None:
    """With today set later than the records reach, a result tells until when anything is known."""
    home = tmp_path / "home"
    shutil.copytree(tiny_home, home)
    settings = Settings(home=home, as_of=TODAY + timedelta(days=5))
    store = Store.open(settings)
    context = ToolContext.open(settings, store, actor="tester")
    result = call_tool("get_sales_history", {"item": "22423"}, context)
    store.close()

    assert value(result, "data.recorded_until") == (TODAY - timedelta(days=1)).isoformat()
    assert any("only until 1 June 2025" in fact.en for fact in result.facts)


def test_a_forecast_is_drawn_with_both_bands(tiny_shop: ToolContext) -> None:
    """The 95 % band lies around the 80 % band and both around the median, on every day ahead and on no day past."""
    chart = call_tool("forecast_demand", {"item": "22423", "horizon_days": 28}, tiny_shop).chart
    assert chart is not None
    lines = [chart.series[name] for name in ("p2_5", "p10", "p50", "p90", "p97_5")]
    days = [[value for value in values if value is not None] for values in zip(*lines, strict=True)]
    assert [len(day) for day in days] == [0] * 84 + [5] * 28
    assert all(day == sorted(day) for day in days)
    assert any(day[0] < day[1] for day in days[84:])
    assert any(day[3] < day[4] for day in days[84:])
