"""Moves between warehouses, and the terms of their lanes."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from parstock.domain import Clause, Item, Supplier
from parstock.errors import InputError
from planning.base import PlanTerms
from planning.lanes import LaneDefaults, Lanes
from planning.transfers import Network, Option, best_moves

TERMS = PlanTerms(date(2026, 6, 1))
ITEMS = [Item(f"i{row}", f"Item {row}", "Food" if row else "Toys", "S", 2.0, 5.0) for row in range(2)]
SUPPLIERS = [Supplier("S", "Supplier", 10.0, 0.0)] * 2


def lanes(*clauses: Clause, items: int = 1) -> Lanes:
    """Lanes between A, B and C: two days, 4 a line and nothing a unit where no clause says otherwise."""
    return Lanes.of(clauses, ITEMS[:items], SUPPLIERS[:items], ("A", "B", "C"), TERMS, LaneDefaults(2, 4.0, 0.0))


def network(free: list[float], daily: list[float], **changes: object) -> Network:
    """One item that sells the same every day in three warehouses, and is supplied after ten days, looked at for 14."""
    values = {
        "free": np.array([free]),
        "arrivals": np.zeros((1, 3, 15)),
        "paths": tuple(np.full((1, 4, 14), rate, dtype=np.float32) for rate in daily),
        "lead_days": np.array([10]),
        "until": np.array([14]),
        "margin": np.array([3.0]),
        "unit_cost": np.array([2.0]),
        "pack": np.array([5.0]),
        "most_cover": np.array([np.inf]),
        "order_cost": 25.0,
        "may_buy": np.array([True]),
        "seed": 0,
    }
    return Network(**{**values, **changes})  # type: ignore[arg-type]


def only(options: tuple[Option, ...]) -> Option:
    """The one option there is."""
    (option,) = options
    return option


def test_stock_goes_where_it_sells() -> None:
    """The receiver gets the packs that pay, the sender loses nothing, and the money adds up."""
    move = only(best_moves(network([100.0, 8.0, 30.0], [1.0, 3.0, 1.0]), lanes())[0])

    assert (move.source, move.target, move.quantity) == (0, 1, 35)  # 42 wanted less 8 there: 34, in packs of 5
    assert move.saved == pytest.approx(3.0 * 34)
    assert (move.transport, move.risk) == (4.0, 0.0)
    assert move.gain == pytest.approx(98.0)
    assert move.kept == 65


def test_nothing_moves_where_nothing_is_lost() -> None:
    """Enough stock everywhere: no move, and no lane that would help anybody."""
    assert best_moves(network([100.0, 100.0, 100.0], [1.0, 3.0, 1.0]), lanes()) == ((), ())


@pytest.mark.parametrize(
    ("clause", "hindrance"),
    [
        (Clause("p#1", "transfer_hold", 0.0), "held"),
        (Clause("p#1", "transfer_keep_days", 100.0), "nothing_to_spare"),
        (Clause("p#1", "transfer_days", 14.0), "too_late"),
        (Clause("p#1", "transfer_min_value", 500.0), "too_small"),
        (Clause("p#1", "transfer_cost", 500.0), "too_dear"),
        (Clause("p#1", "transfer_unit_cost", 3.5), "too_dear"),
    ],
)
def test_a_policy_stops_what_it_speaks_of(clause: Clause, hindrance: str) -> None:
    """Each kind of rule about transfers binds the move that would be made without it, and is given as the reason."""
    shop = network([100.0, 8.0, 0.0], [1.0, 3.0, 0.0])
    moves, left = best_moves(shop, lanes(clause), source=0)
    assert not moves
    assert only(left).hindrance == hindrance


def test_a_full_warehouse_gets_no_more() -> None:
    """Where a limit on cover leaves no room the reason is that."""
    shop = network([100.0, 8.0, 0.0], [1.0, 3.0, 0.0], most_cover=np.array([4.0]))
    assert only(best_moves(shop, lanes(), source=0)[1]).hindrance == "no_room"


def test_buying_goes_before_where_it_earns_more() -> None:
    """A shortage that an order placed today still meets is not met by a dear transfer."""
    arrivals = np.zeros((1, 3, 15))
    shop = network([100.0, 31.0, 0.0], [0.0, 3.0, 0.0], arrivals=arrivals, order_cost=1.0)  # lost: 11 units, from day 11 on
    assert only(best_moves(shop, lanes(), source=0)[1]).hindrance == "buying_better"
    assert only(best_moves(replace(shop, order_cost=100.0), lanes(), source=0)[0]).quantity == 15
    assert only(best_moves(replace(shop, may_buy=np.array([False])), lanes(), source=0)[0]).quantity == 15


def test_the_sender_keeps_what_it_sells_itself() -> None:
    """The sender's own sales count like the receiver's: a third pack would lose here what it saves there."""
    move = only(best_moves(network([20.0, 0.0, 0.0], [1.0, 3.0, 0.0]), lanes(), source=0)[0])
    assert move.quantity == 10  # 14 of 20 are sold here
    assert move.risk == pytest.approx(3.0 * 4)


def test_narrower_rules_hold_and_are_named() -> None:
    """Both ends go before one, one before none; either direction; and a category only binds its own items."""
    found = lanes(
        Clause("p#1", "transfer_days", 9.0),
        Clause("p#2", "transfer_days", 5.0, between=("B",)),
        Clause("p#3", "transfer_days", 1.0, between=("B", "A")),
        Clause("p#4", "transfer_hold", 0.0, category="Food", between=("C",)),
        items=2,
    )
    assert found.days[0].tolist() == [[2, 1, 9], [1, 2, 5], [9, 5, 2]]
    assert found.held[:, 0, 2].tolist() == [False, True]
    assert found.held[:, 0, 1].tolist() == [False, False]
    named = found.clause("transfer_days", 0, 1, 0)
    assert named is not None
    assert named.id == "p#3"
    assert found.clause("transfer_cost", 0, 0, 1) is None


def test_nonsense_defaults_are_refused() -> None:
    """A negative cost of a line is no setting."""
    with pytest.raises(InputError) as caught:
        LaneDefaults(2, -1.0, 0.0)
    assert caught.value.field == "transfer_cost"
