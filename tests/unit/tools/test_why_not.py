"""A planner's own quantity in the tiny shop: why not that many."""

from typing import Any

import pytest

from parstock.errors import InputError
from tools.call import call_tool
from tools.context import ToolContext


def test_why_not_500(tiny_shop: ToolContext) -> None:
    """The forced order stands beside the recommended one, and each rule that it breaks is required and cited."""
    result = call_tool("simulate_scenario", {"item": "22423", "order_quantity": 500}, tiny_shop)
    data: Any = result.data

    assert data["changed"]["order"]["quantity"] == 500
    assert data["today"]["order"]["quantity"] != 500
    assert data["change"] == {"order_quantity": 500}
    assert {rule["rule"] for rule in data["broken_rules"]} == {"pack_size", "approval_limit"}
    told = {fact.what: fact for fact in result.facts}
    assert told["breach.approval_limit"].required
    assert told["breach.approval_limit"].source in {citation.id for citation in result.citations}
    assert result.facts[0].en.startswith("Ordering 500 units of REGENCY CAKESTAND 3 TIER instead of")
    assert "difference.total_cost" in told


def test_ordering_nothing_is_a_number_too(tiny_shop: ToolContext) -> None:
    """Zero is forced, and is not the same as no number."""
    data: Any = call_tool("simulate_scenario", {"item": "22423", "order_quantity": 0}, tiny_shop).data

    assert data["changed"]["order"]["quantity"] == 0
    assert data["broken_rules"] == []


@pytest.mark.parametrize("quantity", [-1, 1.5, 10**8])
def test_a_quantity_that_cannot_be_is_refused(tiny_shop: ToolContext, quantity: float) -> None:
    """Negative, broken and absurd numbers go back with the argument's name."""
    with pytest.raises(InputError) as caught:
        call_tool("simulate_scenario", {"item": "22423", "order_quantity": quantity}, tiny_shop)
    assert caught.value.field == "order_quantity"
