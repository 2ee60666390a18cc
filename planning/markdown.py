"""Prices that clear a stock by a day, by dynamic programming over the stock and the weeks left. Knows no tools and no policies.

A price may fall and does not rise again before the last day (Gallego and van Ryzin 1994; Talluri and van Ryzin 2004, chapter 5).
In week t, with x units left and prices from the j-th on still allowed,

    V_t(x, j) = max over k >= j of E[p_k min(D, x) - h (x - D)+ + V_{t+1}((x - D)+, k)],    V_T(x, j) = W(x),

where D is the week's demand at price k, independent of the weeks before. The solution is exact for that model. How it does is
then measured on the forecast's sample paths themselves, along which weeks are not independent.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.base import checked

PERIOD_DAYS = 7
MOST_STEPS = 200
"""States of the stock; more units than this are counted in lots."""
_TIE = 1e-9
_NORMAL_90 = 1.645


@dataclass(frozen=True, eq=False, slots=True)
class Chain:
    """The model of the dynamic program: T periods, K prices, a stock of n steps."""

    demand: Floats
    """[T, K, n + 1] probability that each number of steps is asked for; the last stands for n or more."""
    revenue: Floats
    """[K] money for one step sold, falling."""
    left: Floats
    """[n + 1] money that each number of steps is worth after the last period."""
    holding: Floats
    """[T] money for one step left at the end of a period."""


@dataclass(frozen=True, eq=False, slots=True)
class PricePlan:
    """What is best in every state."""

    value: Floats
    """[T + 1, K, n + 1] expected money from each period on, where the K-th and lower prices are allowed."""
    choice: NDArray[np.intp]
    """[T, K, n + 1] which price to ask."""


def solve(chain: Chain) -> PricePlan:
    """Return the optimal policy; of prices that are worth the same the highest.

    One week, ten units, twelve wanted at 10 and twenty at 6: keep 10.

    >>> demand = np.zeros((1, 2, 11)); demand[0, :, 10] = 1
    >>> plan = solve(Chain(demand, np.array([10.0, 6.0]), np.zeros(11), np.zeros(1)))
    >>> float(plan.value[0, 0, 10]), int(plan.choice[0, 0, 10])
    (100.0, 0)
    """
    periods, prices, states = chain.demand.shape
    steps = np.arange(states)
    left = np.maximum(steps[:, None] - steps[None, :], 0)  # [x, d]
    sold = steps[:, None] - left
    value = np.empty((periods + 1, prices, states))
    choice = np.empty((periods, prices, states), dtype=np.intp)
    value[-1] = chain.left
    for period in range(periods - 1, -1, -1):
        kept = value[period + 1] - chain.holding[period] * steps
        best, taken = np.full(states, -np.inf), np.zeros(states, dtype=np.intp)
        for price in range(prices - 1, -1, -1):
            worth = (chain.revenue[price] * sold + kept[price][left]) @ chain.demand[period, price]
            better = worth >= best - _TIE
            best, taken = np.where(better, worth, best), np.where(better, price, taken)
            value[period, price], choice[period, price] = best, taken
    return PricePlan(value, choice)


@dataclass(frozen=True, eq=False, slots=True)
class Season:
    """A stock to sell, on S equally likely futures of H days."""

    demand: Floats
    """[S, H] units a day at the present price."""
    stock: float
    """Units to sell, > 0."""
    prices: Floats
    """[K] prices that may be asked, falling; the first is the present one."""
    elasticity: float
    """Percent by which demand changes with one percent of price, < 0."""
    holding_cost: float
    """Money for holding a unit for a day."""
    left_value: float
    """Money that the first unit left at the end is worth."""
    left_decline: float = 0.0
    """Money by which each further unit is worth less, down to nothing."""

    def __post_init__(self) -> None:
        checked("stock", self.stock, low=1e-9)
        checked("elasticity", self.elasticity, high=0)
        for name in ("holding_cost", "left_value", "left_decline"):
            checked(name, getattr(self, name), low=0)
        if not (np.isfinite(self.prices).all() and (self.prices > 0).all() and (np.diff(self.prices) < 0).all()):
            raise InputError(f"prices are {self.prices.tolist()!r}; they must be above 0 and fall", field="prices")

    @property
    def days(self) -> int:
        """Number of days H."""
        return int(self.demand.shape[1])

    @property
    def periods(self) -> list[slice]:
        """Days of each week; a few days at the end go with the week before."""
        starts = range(0, max(self.days - PERIOD_DAYS // 2, 1), PERIOD_DAYS)
        return [slice(start, self.days if start == starts[-1] else start + PERIOD_DAYS) for start in starts]

    @property
    def steps(self) -> int:
        """States of the stock."""
        return int(min(np.ceil(self.stock), MOST_STEPS))

    @property
    def lift(self) -> Floats:
        """[K] demand at each price over that at the present one."""
        return np.asarray((self.prices / self.prices[0]) ** self.elasticity)

    def worth_left(self, units: Floats) -> Floats:
        """Money that units left at the end are worth."""
        most = self.left_value / self.left_decline if self.left_decline > 0 else np.inf
        counted = np.minimum(units, most)
        return np.asarray(self.left_value * counted - self.left_decline * counted**2 / 2)

    def chain(self) -> Chain:
        """The dynamic program's model: weeks independent, their demand as on the paths, fractions of a step split by chance."""
        size, steps = self.stock / self.steps, self.steps
        demand = np.zeros((len(self.periods), self.prices.size, steps + 1))
        for week, days in enumerate(self.periods):
            base = self.demand[:, days].sum(axis=1) / size
            for price, lift in enumerate(self.lift):
                wanted = np.minimum(base * lift, steps)
                whole = np.minimum(np.floor(wanted).astype(np.intp), steps - 1)
                share = wanted - whole
                counts = np.bincount(whole, 1 - share, steps + 1) + np.bincount(whole + 1, share, steps + 1)
                demand[week, price] = counts / wanted.size
        lengths = np.array([days.stop - days.start for days in self.periods])
        left = self.worth_left(np.arange(steps + 1, dtype=np.float64) * size)
        return Chain(demand, self.prices * size, left, self.holding_cost * size * lengths)


@dataclass(frozen=True, eq=False, slots=True)
class Sale:
    """What a way of pricing leads to on every path."""

    price: NDArray[np.intp]
    """[S, T] which price is asked in each week."""
    stock: Floats
    """[S, H] units left at the end of each day."""
    revenue: Floats
    """[S] money taken."""
    result: Floats
    """[S] revenue - holding + worth of what is left."""

    @property
    def left(self) -> float:
        """Mean units left at the end."""
        return float(self.stock[:, -1].mean())


def sell(season: Season, plan: PricePlan | None) -> Sale:
    """Return what happens on the sample paths under a plan; None keeps the present price."""
    paths = len(season.demand)
    left = np.full(paths, season.stock)
    lowest = np.zeros(paths, dtype=np.intp)
    asked = np.zeros((paths, len(season.periods)), dtype=np.intp)
    stock = np.empty(season.demand.shape)
    revenue, held = np.zeros(paths), np.zeros(paths)
    for week, days in enumerate(season.periods):
        if plan is not None:
            state = np.rint(left / season.stock * season.steps).astype(np.intp)
            lowest = np.where(state > 0, plan.choice[week, lowest, state], lowest)
        asked[:, week] = lowest
        for day in range(days.start, days.stop):
            sold = np.minimum(left, season.demand[:, day] * season.lift[lowest])
            left = left - sold
            revenue += season.prices[lowest] * sold
            stock[:, day] = left
            held += season.holding_cost * left
    return Sale(asked, stock, revenue, revenue - held + season.worth_left(left))


@dataclass(frozen=True, eq=False, slots=True)
class Markdown:
    """A price path beside keeping the price."""

    season: Season
    kept: Sale
    """At the present price."""
    sale: Sale
    """Under the plan."""
    path: NDArray[np.intp]
    """[T] the median price of each week: what is asked if sales go as expected."""
    gain_if_weaker: float
    """Mean money gained where demand answers to price as weakly as is likely (one in twenty weaker), the plan the same."""
    gain_if_stronger: float
    """The same for as strongly."""

    @property
    def gain(self) -> float:
        """Mean money gained over keeping the price."""
        return float((self.sale.result - self.kept.result).mean())

    @property
    def gain_error(self) -> float:
        """Standard error of that mean over the sample paths, which both share."""
        difference = self.sale.result - self.kept.result
        return float(difference.std(ddof=1) / np.sqrt(difference.size)) if difference.size > 1 else 0.0

    @property
    def lowers(self) -> bool:
        """Whether any price of the path is below the present one."""
        return bool(self.path.any())


def plan_markdown(season: Season, elasticity_error: float) -> Markdown:
    """Return the best price path of the season and what it leads to.

    Args:
        season: What is to be sold.
        elasticity_error: Standard error of its elasticity.
    """
    plan = solve(season.chain())
    kept, sale = sell(season, None), sell(season, plan)
    gains = []
    for side in (1.0, -1.0):
        other = replace(season, elasticity=min(season.elasticity + side * _NORMAL_90 * elasticity_error, 0.0))
        gains.append(float((sell(other, plan).result - kept.result).mean()))
    path = np.floor(np.median(sale.price, axis=0)).astype(np.intp)
    return Markdown(season, kept, sale, path, *gains)


def price_ladder(present: float, floor: float, step: float = 0.05) -> Floats:
    """Return the prices from the present one down to the floor, each a step of the present price lower, in whole cents.

    >>> price_ladder(10.0, 8.7).tolist()
    [10.0, 9.5, 9.0, 8.7]
    """
    lowest = np.ceil(round(floor * 100, 6)) / 100
    prices = np.round(present * (1 - step * np.arange(int(1 / step))), 2)
    prices = prices[prices > max(lowest, 0.01)]
    ladder = np.concatenate([prices, [max(lowest, 0.01)]]) if lowest < present else np.array([present])
    return np.asarray(ladder[np.concatenate([[True], np.diff(ladder) < -0.005])])
