"""The inventory game is the paper's, nothing looks ahead, and the report compares as it says."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.base import Options, run_suite
from evaluation.inventorybench.game import CappedBaseStock, play
from evaluation.inventorybench.instances import DESCRIPTIONS, INSTANCES, PUBLISHED, Batch, product_of, read_instances
from evaluation.inventorybench.report import Scored
from evaluation.suites.inventorybench import InventoryBenchSuite, online_player
from parstock.domain import Floats
from parstock.errors import InputError
from parstock.settings import Settings
from planning.supply import OrderBook


class Scripted:
    """Orders what it was told to, and keeps what it saw."""

    def __init__(self, orders: Floats) -> None:
        self.orders = orders
        self.on_hand: list[float] = []
        self.books: list[OrderBook] = []

    def observe(self, demand: Floats) -> None:
        """See demand."""

    def order(self, on_hand: Floats, book: OrderBook) -> Floats:
        """Order as written."""
        self.on_hand.append(float(on_hand[0]))
        self.books.append(book)
        return self.orders[:, book.now]


def batch(demand: Floats, lead_times: Floats, promised: int = 0, profit: float = 4.0) -> Batch:
    """Instances with five periods of history."""
    items = len(demand)
    names = tuple(f"real/lead_time_{promised}/{item}" for item in range(items))
    first, ones = np.full((items, 5), 20.0), np.ones(items)
    return Batch(f"real/lead_time_{promised}", names, first, demand, lead_times, profit * ones, ones, promised)


def shared() -> Path:
    """The shared instances; the test is skipped where they are not."""
    folder = Path(os.environ.get("PARSTOCK_SHARED", "")) / "data" / "inventory_bench"
    if not os.environ.get("PARSTOCK_SHARED") or not folder.exists():
        pytest.skip("set PARSTOCK_SHARED to the folder that holds data/inventory_bench")
    return folder


def test_a_game_by_hand() -> None:
    """An order comes after its lead time and before that period's demand, what is short is lost, what is left costs."""
    player = Scripted(np.array([[10.0, 5.0, 7.0]]))
    played = play(batch(np.array([[4.0, 9.0, 3.0]]), np.array([[0.0, 1.0, np.inf]])), player)

    assert player.on_hand == [0.0, 6.0, 0.0]
    assert played.ratio == pytest.approx([(4 * (4 + 6 + 3) - (6 + 0 + 2)) / (4 * 16)])
    assert list(player.books[2].arrived[0]) == [0.0, np.inf]


def test_a_lost_order_stays_in_transit() -> None:
    """Nobody is told that an order is lost: it is on order to the end, as in the paper."""
    player = Scripted(np.full((1, 4), 3.0))
    play(batch(np.full((1, 4), 2.0), np.array([[np.inf, 0.0, np.inf, 0.0]]), 2), player)

    assert list(player.books[3].on_order[0]) == [3.0, 0.0, 3.0]


@pytest.mark.parametrize("promised", [0, 2, 4])
def test_no_order_depends_on_what_is_to_come(promised: int) -> None:
    """Other demand or lead times from some period on change no order placed until then, that period's own among them."""
    rng, change = np.random.default_rng(promised), 9
    one = batch(rng.poisson(20, (6, 20)).astype(float), rng.choice([1.0, 2.0, 3.0, np.inf], (6, 20)), promised)
    demand, lead_times = one.demand.copy(), one.lead_times.copy()
    demand[:, change:] = rng.poisson(90, (6, 11))
    lead_times[:, change:] = rng.choice([0.0, 5.0, np.inf], (6, 11))
    other = replace(one, demand=demand, lead_times=lead_times)
    orders = [play(it, online_player(it)).orders for it in (one, other)]

    np.testing.assert_array_equal(orders[0][:, : change + 1], orders[1][:, : change + 1])
    assert (orders[0][:, change + 1 :] != orders[1][:, change + 1 :]).any()


def test_an_instance_is_played_the_same_alone() -> None:
    """Instances do not learn from those that are played with them."""
    rng = np.random.default_rng(8)
    several = batch(rng.poisson(30, (5, 12)).astype(float), rng.choice([1.0, 2.0, np.inf], (5, 12)), 2)
    alone = batch(several.demand[3:4], several.lead_times[3:4], 2)

    np.testing.assert_array_equal(play(several, online_player(several)).orders[3], play(alone, online_player(alone)).orders[0])


def test_nothing_is_ordered_that_cannot_come_in_time() -> None:
    """With every order on time, none is placed once it would come after the last period."""
    steady = batch(np.full((2, 15), 20.0), np.full((2, 15), 4.0), 4)

    assert (play(steady, online_player(steady)).orders[:, 11:] == 0).all()


def test_the_baseline_is_the_published_one() -> None:
    """Our capped base stock in our game has the published ratio on every instance."""
    folder = shared()
    published = pd.read_parquet(folder / PUBLISHED).drop_duplicates("instance_id").set_index("instance_id")["ratio_or"]
    for one in read_instances(folder):
        np.testing.assert_allclose(play(one, CappedBaseStock(one)).ratio, published[list(one.names)], atol=1e-9)


def test_our_score_beats_the_best_published() -> None:
    """Our policy scores above 0.60 on the shared instances; 0.538 is the best published, with a language model."""
    ours = np.concatenate([play(one, online_player(one)).score for one in read_instances(shared())])

    assert ours.mean() > 0.60


def test_halves_keep_products_together() -> None:
    """An article or a demand pattern is in one half only, and both halves have some of each kind."""
    patterns = [f"synthetic/lead_time_{n}/p0{p}/v1/r1_low" for n in (0, 4) for p in range(4)]
    articles = [f"real/lead_time_{n}/{a}" for n in (0, 4) for a in (11, 12, 13)]
    names = tuple(patterns + articles)
    halves = Scored(names, np.array(["/".join(name.split("/")[:2]) for name in names])).halves()

    for name, half in zip(names, halves, strict=True):
        assert {h for n, h in zip(names, halves, strict=True) if product_of(n) == product_of(name)} == {half}
    assert set(halves[:8]) == set(halves[8:]) == {0, 1}


def test_a_choice_is_scored_where_it_was_not_made() -> None:
    """The held-out score is that of the other half's choice."""
    names = tuple(f"real/lead_time_0/{article}" for article in range(4))
    scored = Scored(names, np.array(["real/lead_time_0"] * 4))
    found = scored.split_halves({"a": np.array([0.9, 0.1, 0.9, 0.1]), "b": np.array([0.2, 0.8, 0.2, 0.8])}, "a")

    assert [choice["chosen"] for choice in found["chosen"]] == ["a", "b"]  # type: ignore[index, union-attr, call-overload]
    assert found["held_out_score"] == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("file", "column", "value", "said"),
    [
        (INSTANCES, "demand", -1.0, "demand"),
        (INSTANCES, "unit_profit", 0.0, "above 0"),
        (DESCRIPTIONS, "instance_id", "x", "promised"),
    ],
)
def test_instances_that_cannot_be_are_refused(tmp_path: Path, file: str, column: str, value: object, said: str) -> None:
    """A wrong value in the tables is an input error that names the option and the column."""
    given = InventoryBenchSuite().sample(tmp_path)
    pd.read_parquet(tmp_path / file).assign(**{column: value}).to_parquet(tmp_path / file)

    with pytest.raises(InputError, match=said) as caught:
        run_suite("inventorybench", Options(Settings(home=tmp_path, model="scripted"), given=given))
    assert caught.value.field == "data"


def test_a_folder_without_instances_is_named(tmp_path: Path) -> None:
    """A folder that is not there comes back in the message, and so does the column that a table lacks."""
    with pytest.raises(InputError, match="nowhere"):
        read_instances(tmp_path / "nowhere")
    InventoryBenchSuite().sample(tmp_path)
    pd.read_parquet(tmp_path / INSTANCES).drop(columns="demand").to_parquet(tmp_path / INSTANCES)
    with pytest.raises(InputError, match="no column 'demand'"):
        read_instances(tmp_path)
