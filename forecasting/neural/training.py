"""The training loop: how long, on which windows, and which weights are kept. Knows no network by name."""

import copy
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from forecasting.base import Progress
from forecasting.neural.budget import Budget, Report
from forecasting.neural.networks import Network
from forecasting.neural.windows import FORKS, Batch, Panel

HORIZON_DAYS = 28
"""Days ahead of each training window; longer forecasts repeat what was learned of the last of them."""
LEAST_TARGET_DAYS = 7
"""A training window has at least this many of its days before the end of training."""
CHECK_ITEMS, CHECK_ROWS = 4096, 512
"""Items whose last window is forecast to see whether to stop, and how many at once."""
MOST_NORM = 1.0
FINISH_SHARE, FINISH_RATE = 0.2, 0.2
"""Steps on all windows after the best weights are found, as a share of the steps before, and their share of the highest rate."""


def check_days(days: int) -> int:
    """Days at the end of a panel that are held out to see when to stop: a horizon, of short panels a quarter."""
    return min(HORIZON_DAYS, days // 4)


def windows_before(panel: Panel, until: int) -> Tensor:
    """[N] number of origins of each item from which a window before day `until` can start."""
    return (until - LEAST_TARGET_DAYS + 1 - panel.first_origin).clamp(min=0)


def train(network: Network, panel: Panel, budget: Budget, progress: Progress | None) -> Report:
    """Train in place; the weights kept are those that forecast the last windows best, then finished on these too.

    The panel needs windows before its last `check_days` (see `windows_before`).
    """
    chance = torch.Generator(panel.device).manual_seed(budget.seed)
    held_out = panel.days - check_days(panel.days)
    steps = budget.steps(int(windows_before(panel, held_out).sum()))
    watch = _Watch(network, panel, held_out)
    every = max(1, -(-steps // budget.checks))
    optimizer = torch.optim.Adam(network.parameters(), lr=budget.rate)
    taken = 0
    for taken, batch in enumerate(_batches(panel, held_out, steps, budget.rows, chance), start=1):
        _step(network, batch, optimizer, chance, budget.rate * _cosine(taken / steps), taken / steps)
        if taken % every and taken < steps:
            continue
        if progress is not None:
            progress(0.8 * taken / steps, f"learning, step {taken} of at most {steps}")
        if watch.look() >= budget.patience:
            break
    watch.restore()
    finish = round(FINISH_SHARE * watch.best_at * every)
    for number, batch in enumerate(_batches(panel, panel.days, finish, budget.rows, chance)):
        rate = budget.rate * FINISH_RATE * _cosine(number / finish)
        _step(network, batch, optimizer, chance, rate, 1.0)
    return Report(
        items=panel.items,
        windows=int(windows_before(panel, panel.days).sum()),
        steps=taken + finish,
        first_loss=watch.first,
        kept_loss=watch.best,
        parameters=sum(values.numel() for values in network.parameters()),
        measures=watch.measures(),
    )


class _Watch:
    """Forecasts the last windows now and then and remembers the best weights."""

    def __init__(self, network: Network, panel: Panel, origin: int) -> None:
        rows = torch.nonzero(windows_before(panel, origin)).flatten()
        rows = rows[:: -(-rows.numel() // CHECK_ITEMS)]
        self.network, self.panel = network, panel
        self.batches = [
            panel.batch(part, torch.full_like(part, origin), panel.days - origin, until=panel.days)
            for part in torch.split(rows, CHECK_ROWS)
        ]
        self.first = self.best = self.loss()
        self.weights = copy.deepcopy(network.state_dict())
        self.looks, self.best_at = 0, 0

    def loss(self) -> float:
        """Mean nats of a known day."""
        self.network.eval()
        with torch.no_grad():
            total = sum(float(self.network.loss(batch, None, 1.0).sum()) for batch in self.batches)
        self.network.train()
        return total / max(1.0, sum(float(batch.known.sum()) for batch in self.batches))

    def measures(self) -> dict[str, float]:
        """What the network says of itself on the first of the last windows."""
        self.network.eval()
        with torch.no_grad():
            return self.network.measures(self.batches[0])

    def look(self) -> int:
        """Look now; return how many looks ago the weights were best."""
        self.looks += 1
        loss = self.loss()
        if loss < self.best:
            self.best, self.best_at, self.weights = loss, self.looks, copy.deepcopy(self.network.state_dict())
        return self.looks - self.best_at

    def restore(self) -> None:
        """Give the network its best weights back."""
        self.network.load_state_dict(self.weights)


def _batches(panel: Panel, until: int, steps: int, rows: int, chance: torch.Generator) -> Iterator[Batch]:
    """Batches of windows whose loss counts days before `until`, each origin as likely as any other."""
    ends = windows_before(panel, until).cumsum(0)
    for _ in range(steps):
        drawn = torch.rand(rows, generator=chance, device=panel.device, dtype=torch.float64) * ends[-1]
        drawn = drawn.long().clamp(max=int(ends[-1]) - 1)
        items = torch.searchsorted(ends, drawn, right=True)
        from_last = ends[items] - 1 - drawn
        yield panel.batch(items, until - LEAST_TARGET_DAYS - from_last, HORIZON_DAYS, forks=FORKS, until=until)


def _step(
    network: Network, batch: Batch, optimizer: torch.optim.Optimizer, chance: torch.Generator, rate: float, done: float
) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss: Tensor = network.loss(batch, chance, done).sum() / batch.known.sum().clamp(min=1.0)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), MOST_NORM)
    optimizer.step()


def _cosine(done: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
