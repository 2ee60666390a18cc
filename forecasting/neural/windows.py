"""Batches of training windows and forecast windows, gathered from a panel's features on the device. Knows no network."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from forecasting.neural.features import DAILY, ORIGIN, WEEKDAY_PRIOR_WEEKS, Array32, Features, Vocabulary

CONTEXT_DAYS = 98
"""Days that the encoder reads before the last origin of a batch row."""
FORKS, FORK_DAYS = 8, 6
"""Origins in a row and days between them: one reading serves them all (forking sequences, Wen et al. 2017)."""
TARGET_OWN = 4
"""Numbers of a day ahead besides the covariates: how far ahead (two), the weekday's mean, the last same weekday."""
LEAST_RATIO = 0.05
"""Added to demand over scale before a logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Widths of what a network is fed."""

    daily: int
    origin: int
    target: int
    groups: int

    @classmethod
    def of(cls, words: Vocabulary) -> "Sizes":
        """Sizes of panels told in these words."""
        covariates = words.shared + words.own
        return cls(DAILY + covariates, ORIGIN, TARGET_OWN + covariates, len(words.groups) + 1)


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """B rows of C days read by the encoder, F origins in each, H days ahead of every origin; W = B F windows."""

    days: Tensor
    """[B, C, daily]."""
    origin: Tensor
    """[B, F, origin]."""
    group: Tensor
    """[B]."""
    target: Tensor
    """[B, F, H, target]."""
    log_usual: Tensor
    """[W, H] log of the weekday's usual demand, units a day."""
    scale: Tensor
    """[W]."""
    counts: Tensor
    """[W]."""
    demand: Tensor
    """[W, H]; zeros in a forecast."""
    known: Tensor
    """[W, H] 1 where the loss counts the day; zeros in a forecast."""


class Panel:
    """A panel's features as tensors on a device, from which batches are gathered."""

    def __init__(self, found: Features, device: torch.device) -> None:
        def move(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(values)).to(device)

        self.device = device
        self.items, self.days = found.demand.shape
        self.demand, self.known = move(found.demand), move(found.known)
        self.daily, self.origin = move(found.daily), move(found.origin)
        self.scale, self.counts, self.group = move(found.scale), move(found.counts), move(found.group)
        self.weekday_total, self.weekday_count = move(found.weekday_total), move(found.weekday_count)
        self.shared, self.own = move(found.shared), move(found.own)
        self.first_origin = move(found.first_origin)

    def with_days(self, shared: Array32, own: Array32) -> "Panel":
        """The same history with other covariates, of as many days."""
        other = object.__new__(Panel)
        other.__dict__.update(self.__dict__)
        other.shared = torch.from_numpy(shared).to(self.device)
        other.own = torch.from_numpy(own).to(self.device)
        return other

    def batch(self, rows: Tensor, ends: Tensor, horizon_days: int, *, forks: int = 1, until: int | None = None) -> Batch:
        """Gather windows.

        Args:
            rows: [B] items.
            ends: [B] last origin of each row; earlier ones are `FORK_DAYS` apart.
            horizon_days: Days H ahead of each origin.
            forks: Origins F in a row.
            until: Demand of days from this one on is not in the loss; None: no day is in it, as in a forecast.
        """
        origins = ends[:, None] - FORK_DAYS * torch.arange(forks - 1, -1, -1, device=self.device)
        ready = origins >= self.first_origin[rows, None]
        origins = origins.clamp(min=0)
        target_days = origins[:, :, None] + torch.arange(horizon_days, device=self.device)
        scale = self.scale[rows[:, None], origins]
        target, log_usual = self._target(rows, origins, target_days, scale)
        demand, known = torch.zeros_like(log_usual), torch.zeros_like(log_usual)
        if until is not None:
            inside = target_days.clamp(max=self.days - 1)
            demand = self.demand[rows[:, None, None], inside]
            known = self.known[rows[:, None, None], inside] * (target_days < until) * ready[..., None]
        return Batch(
            days=self._read(rows, ends),
            origin=self.origin[rows[:, None], origins],
            group=self.group[rows],
            target=target,
            log_usual=log_usual.flatten(0, 1),
            scale=scale.flatten(),
            counts=self.counts[rows].repeat_interleave(forks),
            demand=demand.flatten(0, 1),
            known=known.flatten(0, 1),
        )

    def _read(self, rows: Tensor, ends: Tensor) -> Tensor:
        """[B, C, daily] the `CONTEXT_DAYS` days before each end; zeros before the panel's start."""
        days = ends[:, None] + torch.arange(-CONTEXT_DAYS, 0, device=self.device)
        exists = (days >= 0)[..., None]
        days = days.clamp(min=0)
        parts = (self.daily[rows[:, None], days], self.shared[days], self.own[rows[:, None], days])
        return torch.cat(parts, dim=-1) * exists

    def _target(self, rows: Tensor, origins: Tensor, days: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        """What is told of each day ahead, and the log of its weekday's usual demand in units."""
        ahead = torch.arange(days.shape[-1], device=self.device)
        past = (days - 7 * (ahead // 7 + 1)).clamp(min=0)
        item = rows[:, None, None]
        unit = scale[..., None]
        count = self.weekday_count[item, past]
        usual = (self.weekday_total[item, past] / unit + WEEKDAY_PRIOR_WEEKS) / (count + WEEKDAY_PRIOR_WEEKS)
        usual = usual.clamp(min=LEAST_RATIO)
        last = torch.log1p(self.demand[item, past] / unit)
        far = torch.stack([(ahead / 28).clamp(max=1.0), torch.log1p(ahead.clamp(max=27)) / 3], dim=-1)
        own = torch.stack([usual.log(), last], dim=-1)
        parts = (far.expand(*days.shape, 2), own, self.shared[days], self.own[item, days])
        return torch.cat(parts, dim=-1), usual.log() + unit.log()
