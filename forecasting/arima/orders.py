"""Orders of seasonal ARIMA models, and the ones that compete."""

from dataclasses import dataclass

MOST_NON_SEASONAL, MOST_SEASONAL = 3, 2
"""Highest p or q, and highest P or Q."""
MOST_NON_SEASONAL_TERMS, MOST_SEASONAL_TERMS = 4, 2
"""Highest p + q, and highest P + Q."""
ROOM_FACTOR = 3
"""A coefficient at lag k is tried on series of at least this many times k days."""
MOST_DIFFERENCED_FOR_MEAN = 1
"""With d + D = 1 a mean is a drift; with more there is none."""


@dataclass(frozen=True, slots=True)
class Order:
    """(p,d,q)(P,D,Q)[season], with or without a mean of the differenced series."""

    p: int
    d: int
    q: int
    P: int
    D: int
    Q: int
    season: int
    constant: bool

    @property
    def lost_days(self) -> int:
        """Days that differencing uses up."""
        return self.d + self.season * self.D

    @property
    def parameters(self) -> int:
        """Estimated numbers: coefficients, mean and variance."""
        return self.p + self.q + self.P + self.Q + self.constant + 1

    def __str__(self) -> str:
        season = f"({self.P},{self.D},{self.Q})[{self.season}]" if self.season > 1 else ""
        mean = "" if not self.constant else " with mean" if self.d + self.D == 0 else " with drift"
        return f"({self.p},{self.d},{self.q}){season}{mean}"


def candidates(season: int) -> list[tuple[int, int, int, int]]:
    """(p, q, P, Q) that compete, the fewest terms first; without a season P = Q = 0."""
    seasonal = range(MOST_SEASONAL + 1) if season > 1 else range(1)
    non_seasonal = range(min(MOST_NON_SEASONAL, season - 1 if season > 1 else MOST_NON_SEASONAL) + 1)
    found = [
        (p, q, P, Q)
        for p in non_seasonal
        for q in non_seasonal
        for P in seasonal
        for Q in seasonal
        if p + q <= MOST_NON_SEASONAL_TERMS and P + Q <= MOST_SEASONAL_TERMS
    ]
    return sorted(found, key=lambda order: (sum(order), order))
