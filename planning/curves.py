"""What an order of any size of each item is expected to cost, on the plan's own sample paths. Knows no shared limits.

The cost of an order is the margin of the units short in the time that it covers, and holding what is left at its end. What is
bought beyond the policy's quantity is also held until it is sold at the mean rate. Each cost is convex in the quantity (Snyder &
Shen, Fundamentals of Supply Chain Theory, 2nd ed., sec. 4.3), so the best quantity at any price is found by bisection.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats

_EPS = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Expected cost against quantity for N items, and which quantities may be ordered: 0, or `first` to `last` in packs."""

    rising: Floats
    """[N, S] units that an order has to bring in each future, ascending; negative where there is too much already."""
    short_cost: Floats
    """[N] money for a unit short."""
    left_cost: Floats
    """[N] money for a unit left at the end of the time covered."""
    slow_cost: Floats
    """[N] money for each further unit, and each unit before it, that is bought beyond `wanted`."""
    wanted: Floats
    """[N] units that the policy orders."""
    first: Floats
    """[N] the smallest order, units."""
    last: Floats
    """[N] the largest one; less than `first` where nothing may be ordered."""
    pack: Floats
    """[N] units in a pack."""
    must: Bools
    """[N] whether ordering nothing is allowed only where all of the supplier's items are left out."""

    @classmethod
    def of(
        cls,
        need: Floats,
        margin: Floats,
        overage: Floats,
        slow_cost: Floats,
        wanted: Floats,
        minimum: Floats,
        pack: Floats,
    ) -> "Curves":
        """Return the curves on which the policy's order is the best of those up to it.

        A service level may ask for more than margin and holding cost justify. That is the shop's decision, so holding is counted
        no higher than the last pack of the policy's order is worth: a limit then cuts what is worth least, and nothing else.

        Args:
            need: [N, S] units that an order has to bring.
            margin: [N] money lost with a unit short.
            overage: [N] money for a unit left.
            slow_cost: [N] as the field.
            wanted: [N] units that the policy orders, 0 or whole packs of at least the minimum.
            minimum: [N] least order, units.
            pack: [N] units in a pack.
        """
        first = np.maximum(np.ceil(minimum / pack - _EPS), 1.0) * pack
        raw = cls(np.sort(need, axis=1), margin, overage, slow_cost, wanted, first, wanted, pack, np.zeros(len(pack), np.bool_))
        before = np.where(wanted > first, wanted - pack, 0.0)
        short = raw.short(np.stack([before, wanted], axis=1))
        saved = short[:, 0] - short[:, 1]
        left = wanted - before - saved
        worth = np.divide(margin * saved, left, out=np.full_like(left, np.inf), where=left > _EPS)
        return cls(raw.rising, margin, np.minimum(overage, worth), slow_cost, wanted, first, wanted, pack, raw.must)

    def rows(self, index: NDArray[np.intp]) -> "Curves":
        """The curves of some items only."""
        return replace(self, **{column.name: getattr(self, column.name)[index] for column in fields(self)})

    @property
    def packs(self) -> Floats:
        """[N] packs between the smallest order and the largest one."""
        return np.maximum(np.round((self.last - self.first) / self.pack), 0.0)

    def short(self, quantity: Floats) -> Floats:
        """Return [N, K] the mean units short after orders of [N, K] units.

        >>> one = np.ones(1)
        >>> curves = Curves.of(np.array([[0.0, 10.0]]), one, one, one, 4 * one, one, one)
        >>> curves.short(np.array([[0.0, 4.0, 20.0]]))
        array([[5., 3., 0.]])
        """
        items, samples = self.rising.shape
        low = self.rising[:, :1]
        span = float((self.rising[:, -1:] - low).max(initial=0.0)) + 2.0
        shift = span * np.arange(items)[:, None]
        queries = np.clip(quantity - low, -1.0, span - 1.5) + shift
        start = samples * np.arange(items)[:, None]
        within = (
            np.searchsorted((self.rising - low + shift).ravel(), queries.ravel(), side="right").reshape(quantity.shape) - start
        )
        within = np.clip(within, 0, samples)
        total = np.concatenate([np.zeros((items, 1)), np.cumsum(self.rising[:, ::-1], axis=1)], axis=1)
        above = samples - within
        return np.asarray(np.maximum(np.take_along_axis(total, above, axis=1) - above * quantity, 0.0) / samples)

    def cost(self, quantity: Floats) -> Floats:
        """Return [N, K] the expected cost of orders of [N, K] units.

        What is bought beyond the policy's quantity saves nothing: how much safety is worth is the policy's decision.
        """
        short = self.short(np.minimum(quantity, self.wanted[:, None]))
        left = quantity - self.rising.mean(axis=1)[:, None] + short
        beyond = np.maximum(quantity - self.wanted[:, None], 0.0)
        slow = self.slow_cost[:, None] * beyond**2 / 2
        return np.asarray(self.short_cost[:, None] * short + self.left_cost[:, None] * left + slow)

    def best(self, price: Floats) -> Floats:
        """Return [N] the quantity of least cost where each unit costs so much more, `must` items never 0.

        Args:
            price: [N] money for a unit; negative where it is a reward.
        """
        most = self.packs
        low, high = np.zeros_like(most), most

        def at(packs: Floats) -> Floats:
            units = self.first + packs * self.pack
            return np.asarray(self.cost(units[:, None])[:, 0] + price * units)

        while np.any(low < high):
            middle = np.floor((low + high) / 2)
            rises = at(np.minimum(middle + 1, most)) >= at(middle)
            low, high = np.where(rises | (low >= high), low, middle + 1), np.where(rises, middle, high)
        quantity = self.first + low * self.pack
        nothing = self.cost(np.zeros((len(most), 1)))[:, 0]
        none = (self.last < self.first) | (~self.must & (nothing <= at(low) + _EPS))
        return np.where(none, 0.0, quantity)
