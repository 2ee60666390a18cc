"""Splitting deliveries, recommending and drafting transfers, in the tiny shop."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pandas as pd
import pytest
from sqlalchemy import insert

from inventory import audit, proposals
from inventory.events import confirm, propose
from inventory.loading import load
from inventory.schema import purchase_orders
from parstock.domain import Json, PlanningEvent
from parstock.errors import InputError, NotAllowed
from parstock.results import ToolResult
from tools.call import call_tool
from tools.context import ToolContext
from tools.plans import place_of

TRANSFER: dict[str, Json] = {"item": "22423", "quantity": 24, "from_warehouse": "London", "to_warehouse": "manchester"}
POLICY = """# Transfers

## 1 Shuttle

The shuttle takes 1 day.

```parstock
rule: transfer_days
value: 1 day
between: London DC, MAN
```

## 2 Keep

The sender keeps 14 days of its sales.

```parstock
rule: transfer_keep_days
value: 14 days
```
"""


def whats(result: ToolResult) -> set[str]:
    """Machine keys of the facts."""
    return {fact.what for fact in result.facts}


def said(result: ToolResult, what: str) -> str:
    """The English sentence of a fact."""
    return next(fact.en for fact in result.facts if fact.what == what)


def rows(result: ToolResult, name: str) -> list[dict[str, Any]]:
    """The rows of a table in the data."""
    return cast(list[dict[str, Any]], result.data[name])


def with_policy(shop: ToolContext, text: str = POLICY) -> ToolContext:
    """The shop with rules about transfers."""
    with shop.store.writing() as connection:
        load(connection, "policies", pd.DataFrame([{"id": "transfers", "title": "Transfers", "text": text, "lang": "en"}]))
    return shop


def with_stock(shop: ToolContext, *rows: tuple[str, str, int]) -> ToolContext:
    """The shop with other stock of some items."""
    frame = pd.DataFrame(rows, columns=["item", "warehouse", "on_hand"]).assign(reserved=0, as_of=shop.as_of())
    with shop.store.writing() as connection:
        load(connection, "stock", frame)
    return shop


def test_the_next_order_is_split_by_default(tiny_shop: ToolContext) -> None:
    """Without a quantity the order that comes next is split completely, which is stated, and no dearer than by sales."""
    result = call_tool("allocate_stock", {"item": "22423"}, tiny_shop)
    lines = rows(result, "lines")

    assert result.defaults == {"quantity": 96}
    assert result.data["order"] == "PO-7"
    assert sum(line["quantity"] for line in lines) == 96
    assert cast(float, result.data["cost"]) <= cast(float, result.data["cost_in_proportion"])
    assert result.data["lower_bound"] == result.data["cost"]
    assert "settings" in {fact.source for fact in result.facts if fact.what == "default.transfer_cost"}


def test_the_picture_compares_the_warehouses(tiny_shop: ToolContext) -> None:
    """Every warehouse has what it is given and, in days, how long its stock then lasts, as the data and the sentences say."""
    result = call_tool("allocate_stock", {"item": "22423"}, tiny_shop)
    lines, chart = rows(result, "lines"), result.chart

    assert chart is not None
    assert (chart.unit, chart.units) == ("units", {"days_of_cover": "days"})
    assert chart.labels == ("London DC", "Manchester")
    assert chart.series["quantity"] == tuple(line["quantity"] for line in lines)
    told = {fact.value for fact in result.facts if fact.what == "allocation.cover"}
    assert told == set(chart.series["days_of_cover"])
    assert all(
        abs(line["days_of_cover"] - (shown or 0)) <= 0.55
        for line, shown in zip(lines, chart.series["days_of_cover"], strict=True)
    )


def test_a_late_order_is_taken_to_come_today(tiny_shop: ToolContext) -> None:
    """The order that should have come is split as of today, and said to be late."""
    result = call_tool("allocate_stock", {"item": "HM-20417"}, tiny_shop)
    assert "taken to come today" in said(result, "order.due")


def test_loose_units_stay_with_the_goods(tiny_shop: ToolContext) -> None:
    """A quantity that is not in whole packs is split in packs, the rest stays; where the goods are is a stated default."""
    result = call_tool("allocate_stock", {"item": "22423", "quantity": 101}, tiny_shop)
    assert result.defaults == {"from_warehouse": "LON"}
    london, manchester = rows(result, "lines")
    assert manchester["quantity"] % 12 == 0
    assert london["quantity"] + manchester["quantity"] == 101
    assert "allocation.loose" in whats(result)


def test_nothing_on_order_needs_a_quantity(tiny_shop: ToolContext) -> None:
    """Where nothing is coming the field to give is named."""
    with pytest.raises(InputError, match="say how many units") as caught:
        call_tool("allocate_stock", {"item": "85123A"}, tiny_shop)
    assert caught.value.field == "quantity"


def test_stock_moves_to_the_warehouse_that_runs_out(own_shop: Callable[..., ToolContext]) -> None:
    """Plenty in London and nothing in Manchester: a move in whole packs, with its gain, its cost and both alternatives."""
    shop = with_stock(own_shop(), ("22423", "LON", 1200), ("22423", "MAN", 0))
    result = call_tool("recommend_transfers", {"item": "22423"}, shop)
    (move,) = rows(result, "moves")

    assert (move["from_warehouse"], move["to_warehouse"]) == ("LON", "MAN")
    assert move["quantity"] % 12 == 0
    assert move["gain"] > max(0, move["buying_gain"])
    assert {"transfer.quantity", "transfer.transport_cost", "waiting.lost_margin", "target.stockout_after"} <= whats(result)
    assert said(result, "transfer.quantity").startswith(f"Move {move['quantity']} units of REGENCY")
    assert result.chart is not None


def test_one_item_moves_as_in_the_whole_shop(own_shop: Callable[..., ToolContext]) -> None:
    """An item's moves do not depend on whether it was asked for alone; the best come first and ends can be chosen."""
    shop = with_stock(own_shop(), ("22423", "LON", 1200), ("22423", "MAN", 0), ("HM-20417", "MAN", 900), ("HM-20417", "LON", 0))
    whole = rows(call_tool("recommend_transfers", {}, shop), "moves")
    assert len(whole) >= 2
    gains = [move["gain"] for move in whole]
    assert gains == sorted(gains, reverse=True)
    for move in whole:
        alone = rows(call_tool("recommend_transfers", {"item": move["item"]}, shop), "moves")
        assert move in alone
    out = rows(call_tool("recommend_transfers", {"from_warehouse": "LON"}, shop), "moves")
    assert {move["from_warehouse"] for move in out} == {"LON"}


def test_moving_nothing_is_said_with_its_reason(tiny_shop: ToolContext) -> None:
    """An item that is enough, or nowhere to spare, is not moved, and the answer says why."""
    result = call_tool("recommend_transfers", {"item": "22423", "from_warehouse": "MAN"}, tiny_shop)
    assert result.data["moves"] == []
    assert "not to move any" in said(result, "transfer.quantity")
    assert len([fact for fact in result.facts if fact.required]) >= 2
    plenty = call_tool("recommend_transfers", {"item": "22424", "to_warehouse": "LON"}, tiny_shop)
    assert said(plenty, "days_ahead").startswith("London DC is not expected to lose any sales")


def test_policies_about_transfers_bind_and_are_cited(own_shop: Callable[..., ToolContext]) -> None:
    """Days and what stays behind come from the policy, warehouses may be named in words, and the clauses are cited."""
    shop = with_policy(with_stock(own_shop(), ("22423", "LON", 400), ("22423", "MAN", 0)))
    result = call_tool("recommend_transfers", {"item": "22423"}, shop)
    (move,) = rows(result, "moves")
    assert move["days"] == 1
    assert move["left_at_source"] >= 14 * 5
    assert {"transfers#1", "transfers#2"} <= {citation.id for citation in result.citations}
    assert "default.transfer_days" not in whats(result)


def test_a_shop_with_one_warehouse_moves_nothing(own_shop: Callable[..., ToolContext]) -> None:
    """Where there is nowhere to move to the answer says so."""
    shop = own_shop()
    with shop.store.writing() as connection:
        for table in ("demand", "stock"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE warehouse = 'MAN'")
        connection.exec_driver_sql("DELETE FROM warehouses WHERE code = 'MAN'")
    result = call_tool("recommend_transfers", {"item": "22423"}, shop)
    assert "just one" in said(result, "warehouses")
    whole = call_tool("allocate_stock", {"item": "22423"}, shop)
    assert [line["quantity"] for line in rows(whole, "lines")] == [96]


@pytest.mark.parametrize("name", ["recommend_transfers", "propose_transfer"])
def test_a_transfer_goes_somewhere_else(tiny_shop: ToolContext, name: str) -> None:
    """The same warehouse twice is refused with the others named."""
    given = {**TRANSFER, "to_warehouse": "LON"}
    known: dict[str, Json] = {key: value for key, value in given.items() if name == "propose_transfer" or key != "quantity"}
    with pytest.raises(InputError, match="where the goods are already") as caught:
        call_tool(name, known, tiny_shop)
    assert (caught.value.field, caught.value.choices) == ("to_warehouse", ("Manchester",))


def test_more_than_is_free_is_refused(tiny_shop: ToolContext) -> None:
    """The message says how much is free; reserved units are not."""
    with pytest.raises(InputError, match="only 34 units of REGENCY CAKESTAND 3 TIER are free in London DC") as caught:
        call_tool("propose_transfer", {**TRANSFER, "quantity": 35}, tiny_shop)
    assert (caught.value.field, caught.value.bounds["maximum"]) == ("quantity", 34)
    with pytest.raises(InputError, match="no WHITE HANGING HEART"):
        call_tool("propose_transfer", {**TRANSFER, "item": "85123A", "from_warehouse": "MAN", "to_warehouse": "LON"}, tiny_shop)


def test_a_draft_moves_nothing(own_shop: Callable[..., ToolContext]) -> None:
    """A draft waits in the database, signed in the audit log; stock is as before, and the same key drafts once."""
    shop = own_shop().acting("lina", idempotency_key="key-1")
    before = shop.records.fingerprint()
    first, second = (call_tool("propose_transfer", TRANSFER, shop) for _ in range(2))
    (proposal,) = proposals.list_proposals(shop.store)

    assert proposal.id == first.data["proposal"] == second.data["proposal"]
    assert (proposal.kind, proposal.state, proposal.created_by) == ("transfer", "draft", "lina")
    assert proposal.payload["left_at_source"] == 10
    assert "until a person approves it" in said(first, "proposal.id")
    assert shop.records.fingerprint() == before
    assert audit.verify(shop.store) >= 1


def test_drafting_needs_the_scope(tiny_shop: ToolContext) -> None:
    """A key that may only read drafts no transfer."""
    with pytest.raises(NotAllowed):
        call_tool("propose_transfer", TRANSFER, tiny_shop.acting("reader", frozenset({"read"})))


def test_a_draft_warns_of_what_it_breaks(own_shop: Callable[..., ToolContext]) -> None:
    """A sender left short, open packs and a policy's rules are warned of, with the clause."""
    text = POLICY.replace("transfer_days\nvalue: 1 day", "transfer_min_value\nvalue: 900 GBP")
    shop = with_policy(own_shop(), text)
    result = call_tool("propose_transfer", {**TRANSFER, "quantity": 25}, shop)
    assert {
        "warning.pack_size",
        "warning.transfer_min_value",
        "warning.transfer_keep_days",
        "warning.source_short",
    } <= whats(result)
    assert "[transfers#2]" in said(result, "warning.transfer_keep_days")
    roomy = with_stock(shop, ("22423", "LON", 5000))
    assert not any(
        what.startswith("warning") for what in whats(call_tool("propose_transfer", {**TRANSFER, "quantity": 240}, roomy))
    )


def test_what_is_kept_back_somewhere_is_kept_back_once(own_shop: Callable[..., ToolContext]) -> None:
    """Without a word on where, units are kept back in the warehouse with most of the item, not in every one."""
    shop = with_stock(own_shop(), ("22423", "LON", 100), ("22423", "MAN", 60))
    event = propose(shop.store, PlanningEvent("reserve_stock", item="22423", quantity=40), actor="tester")
    confirm(shop.store, event.id, actor="tester")
    item = shop.names.resolve_item("22423")

    assert [place_of(shop, [item], code).free.tolist() for code in ("LON", "MAN", "")] == [[60.0], [60.0], [120.0]]


def test_transfers_rest_on_the_lead_times_of_the_plan(own_shop: Callable[..., ToolContext]) -> None:
    """Past orders that took twice as long as stated make a transfer's alternative, an order of today, as slow as the plan's."""
    shop = with_stock(own_shop(), ("22423", "LON", 1200), ("22423", "MAN", 0))
    came = [(f"OLD-{n}", shop.as_of() - timedelta(days=100 + n), shop.as_of() - timedelta(days=60 + n)) for n in range(20)]
    past = pd.DataFrame(came, columns=["order_id", "ordered_on", "received_on"]).assign(
        item="22423", warehouse="LON", supplier="YB", quantity=24, status="received"
    )
    past["due_on"] = past["ordered_on"]
    with shop.store.writing() as connection:
        connection.execute(insert(purchase_orders), cast(list[dict[str, Any]], past.to_dict("records")))
    result = call_tool("recommend_transfers", {"item": "22423"}, shop)
    (line,) = rows(call_tool("recommend_replenishment", {"item": "22423"}, shop), "lines")

    assert line["lead_time_days"] > 30
    assert next(fact.value for fact in result.facts if fact.what == "supplier.lead_time") == round(line["lead_time_days"])


def test_a_least_worth_of_a_line_does_not_raise_what_is_proven(own_shop: Callable[..., ToolContext]) -> None:
    """The bound is one on all splits in whole packs, also where a rule gives the lines of the best one up."""
    shop = with_stock(own_shop(), ("22423", "LON", 100), ("22423", "MAN", 0))
    free = call_tool("allocate_stock", {"item": "22423", "quantity": 96}, shop).data
    text = "# T\n\n## 1 Worth\n\nLines are large.\n\n```parstock\nrule: transfer_min_value\nvalue: 5,000 GBP\n```\n"
    bound = call_tool("allocate_stock", {"item": "22423", "quantity": 96}, with_policy(shop, text)).data

    assert cast(float, bound["cost"]) > cast(float, free["cost"])
    assert bound["lower_bound"] == free["lower_bound"]
