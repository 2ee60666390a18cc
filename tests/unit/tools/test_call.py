"""Calling a tool by name: what is refused, and how."""

from collections.abc import Callable

import pytest

from inventory import proposals
from inventory.store import Store
from parstock.domain import Json
from parstock.errors import InputError, NotAllowed, ToolFailed
from parstock.settings import Settings
from tools.call import call_tool
from tools.context import ToolContext
from tools.forecast_demand import ForecastDemand


@pytest.mark.parametrize(
    ("tool", "arguments", "field", "says"),
    [
        ("get_stock", {}, "item", "needs 'item'"),
        ("get_stock", {"item": "22423", "colour": "red"}, "colour", "it takes item, warehouse"),
        ("forecast_demand", {"item": "22423", "horizon_days": 0}, "horizon_days", "at least 1, at most 365"),
        ("forecast_demand", {"item": "22423", "horizon_days": "soon"}, "horizon_days", "a whole number"),
        ("forecast_demand", {"item": "22423", "model": "magic"}, "model", "one of auto, arima"),
        ("recommend_replenishment", {"service_level": 95}, "service_level", "above 0, below 1"),
        ("recommend_replenishment", {"budget": float("inf")}, "budget", "a number, at least 0"),
        ("recommend_replenishment", {"item": "22423", "category": "Garden"}, "category", "'Kitchen'"),
        ("simulate_scenario", {"item": "22423"}, "demand_change_pct", "nothing changes"),
        ("simulate_scenario", {"item": "22423", "demand_change_pct": -101}, "demand_change_pct", "-100"),
        ("get_sales_history", {"item": "22423", "start": "blue moon"}, "start", "'blue moon'"),
        ("get_sales_history", {"item": "22423", "start": "1 May 2025", "end": "1 April 2025"}, "end", "before the start"),
        ("find_items", {"query": " "}, "query", "empty"),
    ],
)
def test_a_wrong_argument_is_named(tiny_shop: ToolContext, tool: str, arguments: dict[str, Json], field: str, says: str) -> None:
    """The error names the field, the value, and what would be right."""
    with pytest.raises(InputError) as caught:
        call_tool(tool, arguments, tiny_shop)
    assert caught.value.field == field
    assert says in str(caught.value)


def test_an_unknown_tool_is_answered_with_near_names(tiny_shop: ToolContext) -> None:
    """A misspelt tool name goes back with the names it may stand for."""
    with pytest.raises(InputError, match="did you mean get_stock") as caught:
        call_tool("get_stocks", {}, tiny_shop)
    assert "get_stock" in caught.value.choices


def test_none_counts_as_not_given(tiny_shop: ToolContext) -> None:
    """A model that sends null for an optional argument gets the default."""
    result = call_tool("get_stock", {"item": "22423", "warehouse": None}, tiny_shop)
    assert result.data["warehouse"] == ""


def test_every_call_has_an_id_of_its_own(tiny_shop: ToolContext) -> None:
    """Two calls with the same arguments can be told apart in a trace."""
    first, second = (call_tool("get_stock", {"item": "22423"}, tiny_shop) for _ in range(2))
    assert first.id != second.id
    assert first.data == second.data


def test_an_empty_shop_is_a_status_and_not_a_guess(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where no sales are recorded the result says so in a fact that an answer has to give."""
    settings = Settings(home=tmp_path_factory.mktemp("empty"))
    store = Store.open(settings)
    result = call_tool("list_alerts", {}, ToolContext.open(settings, store))
    store.close()
    assert result.data["status"] == "insufficient_data"
    assert result.facts[0].required


def test_a_bug_in_a_tool_is_final(own_shop: Callable[..., ToolContext], monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen exception becomes ToolFailed, so that the agent goes on and the log has the rest."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ForecastDemand, "run", broken)
    with pytest.raises(ToolFailed, match="ZeroDivisionError"):
        call_tool("forecast_demand", {"item": "22423"}, own_shop())


def test_a_tool_whose_scope_is_not_held_is_refused(own_shop: Callable[..., ToolContext]) -> None:
    """With `read` alone tools that look work; one that writes is refused before its arguments are read, and writes nothing."""
    shop = own_shop().acting("guest", frozenset({"read"}))
    assert call_tool("get_stock", {"item": "22423"}, shop).facts
    with pytest.raises(NotAllowed, match=r"propose_purchase_order needs the scope 'propose'; 'guest' holds read"):
        call_tool("propose_purchase_order", {"quantity": -1}, shop)
    assert proposals.list_proposals(shop.store) == ()
    assert shop.acting("lina").scopes == frozenset({"read"})
