"""What a replay tells of a group of items: futures of every model beside what came, a row for each window and item."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import Replay
from forecasting.base import Paths
from forecasting.margins import amounts, idle
from parstock.domain import Bools, Floats


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """R = W windows x n items; the items of the first window come first."""

    models: tuple[str, ...]
    """M names, simple to elaborate."""
    parts: Sequence[Paths]
    """[M] of [R, S, H] amounts; see `forecasting.margins.amounts`."""
    actual: Floats
    """[R, H] units a day; NaN where unknown, and on days without a sale that were known to have none."""
    amount: Floats
    """[R, H] the same as amounts."""
    scale: Floats
    """[R] unit of the scaled pinball loss; NaN where there is none."""
    whole: Bools
    """[R] items that sell in whole units."""
    windows: int
    apart: int
    """Windows fewer than this many places apart share days."""

    @classmethod
    def of(
        cls, replay: Replay, models: tuple[str, ...], members: NDArray[np.intp], whole: Bools, apart: int, seed: int = 0
    ) -> "Evidence":
        """Gather the rows of some items.

        Args:
            replay: n items kept.
            models: Names of the M models replayed.
            members: Positions among the n.
            whole: [n] items that sell in whole units.
            apart: Places between windows that share no day.
            seed: Seed of the shares of a unit.
        """
        rng = np.random.default_rng(seed)
        windows = replay.actual.shape[0]
        units = np.tile(whole[members], windows)
        actual = replay.actual[:, members].reshape(-1, replay.actual.shape[2])
        futures = [np.concatenate([paths[members] for paths in model]) for model in replay.paths]
        actual = np.where(idle(futures) & (actual == 0), np.nan, actual)
        return cls(
            models=models,
            parts=amounts(futures, units, rng),
            actual=actual,
            amount=actual + rng.random(actual.shape) * units[:, None],
            scale=replay.scale[:, members].ravel(),
            whole=units,
            windows=windows,
            apart=apart,
        )

    @property
    def window(self) -> NDArray[np.intp]:
        """[R] window of each row."""
        return np.repeat(np.arange(self.windows), self.scale.size // self.windows)

    def far_from(self, window: int) -> Bools:
        """[R] rows of windows that share no day with this one."""
        return np.abs(self.window - window) >= self.apart
