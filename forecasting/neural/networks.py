"""What every network here can do, the encoder they share, and the LSTM with its direct decoder. Trains nothing."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from forecasting.neural.likelihood import PARAMETERS, Demand
from forecasting.neural.windows import FORK_DAYS, Batch, Sizes

HIDDEN, WIDTH = 64, 64
GROUP_WIDTH = 8
UNKNOWN_SHARE = 0.1
"""Share of training rows whose group is hidden, so that a group never seen has a meaning too."""


class Network(nn.Module, ABC):
    """A network that learns from windows and draws their futures."""

    kind: ClassVar[str]

    @abstractmethod
    def loss(self, batch: Batch, chance: torch.Generator | None, done: float) -> Tensor:
        """[W] nats of each window; with `chance` as in training, of which the share `done` is over, else as it is judged."""

    @abstractmethod
    def sample(self, batch: Batch, paths: int, chance: torch.Generator) -> Tensor:
        """[W, S, H] units a day along S paths of each window."""

    @abstractmethod
    def mean(self, batch: Batch) -> Tensor:
        """[W, H] expected units a day."""

    def measures(self, batch: Batch) -> dict[str, float]:
        """What else there is to say of the network on these windows."""
        del batch
        return {}


class Encoder(nn.Module):
    """Reads the days before each origin: an LSTM, then what is known of origin and group, to [B, F, WIDTH]."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.groups = nn.Embedding(sizes.groups, GROUP_WIDTH)
        self.lstm = nn.LSTM(sizes.daily, HIDDEN, batch_first=True)
        self.context = nn.Linear(HIDDEN + sizes.origin + GROUP_WIDTH, WIDTH)

    def forward(self, batch: Batch, chance: torch.Generator | None) -> Tensor:
        """Encode a batch; with a source of chance, as in training."""
        forks = batch.origin.shape[1]
        states, _ = self.lstm(batch.days)
        first = states.shape[1] - 1 - FORK_DAYS * (forks - 1)
        group = batch.group
        if chance is not None:
            hidden = torch.rand(group.shape, generator=chance, device=group.device) < UNKNOWN_SHARE
            group = group.masked_fill(hidden, 0)
        told = self.groups(group)[:, None].expand(-1, forks, -1)
        context: Tensor = self.context(torch.cat([states[:, first::FORK_DAYS], batch.origin, told], dim=-1))
        return context


def quiet_head(width: int) -> nn.Linear:
    """A last layer that begins near zero, where the likelihood's own starting point is."""
    head = nn.Linear(width, PARAMETERS)
    with torch.no_grad():
        head.weight.mul_(0.1)
        head.bias.zero_()
    return head


class LstmNetwork(Network):
    """LSTM encoder, and a decoder that gives every day of the horizon its distribution directly.

    Decoding all days at once from one reading with forked origins is that of Wen et al. 2017, "A multi-horizon quantile
    recurrent forecaster"; scaling and count likelihood are DeepAR's (Salinas et al. 2020, Int. J. Forecasting 36).
    """

    kind = "lstm"

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.encoder = Encoder(sizes)
        self.target = nn.Linear(sizes.target, WIDTH)
        self.body = nn.Linear(WIDTH, WIDTH)
        self.head = quiet_head(WIDTH)

    def distribution(self, batch: Batch, chance: torch.Generator | None = None) -> Demand:
        """Distribution of the [W, H] days ahead."""
        context = self.encoder(batch, chance)
        inner = nn.functional.silu(context[:, :, None] + self.target(batch.target))
        inner = inner + nn.functional.silu(self.body(inner))
        return Demand.of(self.head(inner).flatten(0, 1), batch.log_usual)

    def loss(self, batch: Batch, chance: torch.Generator | None, done: float) -> Tensor:
        """Negative log likelihood."""
        del done
        return -self.distribution(batch, chance).log_likelihood(batch.demand, batch.known, batch.counts, batch.scale)

    def sample(self, batch: Batch, paths: int, chance: torch.Generator) -> Tensor:
        """Draw paths that each keep one level."""
        return self.distribution(batch).sample(paths, batch.counts, chance)

    def mean(self, batch: Batch) -> Tensor:
        """The distribution's own mean."""
        return self.distribution(batch).mean()
