"""The inventory game by the paper's rules, for N instances at once, and the paper's own policy. Measures nothing else.

A period: the order is placed, what is due comes, demand takes what is there, the rest of the demand is lost. All demand is
seen, sold or not. An arrival is seen with the period of its order when its period ends. Lost orders stay in transit: nobody says
that they are lost. The reward is profit on what was sold less the cost of what is left at each period's end; what is left at last
is worth nothing. The score is the reward over the profit of all demand.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from evaluation.inventorybench.instances import Batch
from parstock.domain import Floats
from planning.supply import OrderBook


class Player(Protocol):
    """Whoever orders."""

    def observe(self, demand: Floats) -> None:
        """See the [N] units asked for in the period that ended."""
        ...

    def order(self, on_hand: Floats, book: OrderBook) -> Floats:
        """Return [N] whole units to order now."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Played:
    """How N games went."""

    ratio: Floats
    """[N] reward over the profit of all demand; may be negative."""
    orders: Floats
    """[N, T] units."""

    @property
    def score(self) -> Floats:
        """[N] the published metric: the ratio, or 0 where it is negative."""
        return np.maximum(self.ratio, 0.0)


def play(batch: Batch, player: Player) -> Played:
    """Play each instance to its end."""
    items, periods = batch.demand.shape
    on_hand, reward = np.zeros(items), np.zeros(items)
    orders, arrived = np.zeros((items, periods)), np.full((items, periods), np.inf)
    due = np.arange(periods) + batch.lead_times
    for now in range(periods):
        book = OrderBook(orders[:, :now].copy(), arrived[:, :now].copy())
        orders[:, now] = player.order(on_hand.copy(), book)
        come = (due[:, : now + 1] == now) & (orders[:, : now + 1] > 0)
        arrived[:, : now + 1][come] = now
        on_hand += (orders[:, : now + 1] * come).sum(axis=1)
        sold = np.minimum(on_hand, batch.demand[:, now])
        on_hand -= sold
        reward += batch.unit_profit * sold - batch.holding_cost * on_hand
        player.observe(batch.demand[:, now].copy())
    best = batch.unit_profit * batch.demand.sum(axis=1)
    return Played(np.divide(reward, best, out=np.zeros(items), where=best > 0), orders)


class CappedBaseStock:
    """The paper's OR policy: order up to mean and safety stock over promised lead time and one period, at most a high demand.

    Args:
        batch: Its costs, promise and first demand are used.
        weight_kept: Share of a period's weight in mean and deviation that the next period leaves it; 1 in the paper.
        write_off: Leave out of the stock on order what is older than any order that came, or than the promise; not in the paper.
    """

    def __init__(self, batch: Batch, *, weight_kept: float = 1.0, write_off: bool = False) -> None:
        self._seen, self._promised = batch.first, batch.promised_lead_time
        self._safety = ndtri(batch.unit_profit / (batch.unit_profit + batch.holding_cost))
        self._weight_kept, self._write_off = weight_kept, write_off

    def observe(self, demand: Floats) -> None:
        """See the demand of the period that ended."""
        self._seen = np.column_stack([self._seen, demand])

    def order(self, on_hand: Floats, book: OrderBook) -> Floats:
        """Order up to the base stock, within the cap."""
        weights = self._weight_kept ** np.arange(self._seen.shape[1] - 1, -1, -1.0)
        weights /= weights.sum()
        mean = self._seen @ weights if self._weight_kept < 1 else self._seen.mean(axis=1)
        variance = (self._seen - mean[:, None]) ** 2 @ weights / (1 - (weights**2).sum())
        deviation = np.sqrt(variance) if self._weight_kept < 1 else self._seen.std(axis=1, ddof=1)
        counted = book.on_order
        if self._write_off:
            counted = np.where(book.now - np.arange(book.now) <= self._longest_seen(book)[:, None], counted, 0.0)
        cover = 1 + self._promised
        short = cover * mean + self._safety * np.sqrt(cover) * deviation - on_hand - counted.sum(axis=1)
        return np.asarray(np.maximum(np.minimum(np.ceil(short), np.ceil(mean + ndtri(0.95) * deviation)), 0.0))

    def _longest_seen(self, book: OrderBook) -> Floats:
        """[N] periods that an order may be on its way."""
        taken = np.where(np.isfinite(book.arrived), book.arrived - np.arange(book.now), -1.0)
        longest = taken.max(axis=1, initial=-1.0)
        return np.where(longest < 0, self._promised + 1.0, np.maximum(longest, float(self._promised)))
