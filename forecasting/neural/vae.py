"""The variational autoencoder: an LSTM reads a whole horizon into a latent, another turns the latent into a horizon."""

import torch
from torch import Tensor, nn

from forecasting.neural.likelihood import Demand
from forecasting.neural.networks import WIDTH, Encoder, Network, quiet_head
from forecasting.neural.windows import Batch, Sizes

LATENT = 4
NARROW, HIDDEN = 24, 32
"""Widths of what the recurrent decoder reads and remembers: it runs once for every path."""
WARM_UP = 0.3
"""Share of training over which the divergence comes to count fully (Bowman et al. 2016)."""
FREE_NATS = 0.1
"""Divergence of each latent number that costs nothing in training, so that none falls silent (Kingma et al. 2016)."""
MEAN_DRAWS = 16


class VaeLstmNetwork(Network):
    """Conditional VAE of horizons: p(y | past) = integral of p(y | z, past) N(z; 0, I) dz.

    The recognition LSTM sees the horizon itself and is used in training alone; a path is one z and the decoder LSTM's
    days given it, which are independent, so all that moves the days of a path together is in z. Source: Kingma and
    Welling 2014, "Auto-encoding variational Bayes"; conditional on the past as in Sohn et al. 2015; the loss is the
    negative evidence lower bound.
    """

    kind = "vae_lstm"

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.encoder = Encoder(sizes)
        self.target = nn.Linear(sizes.target, WIDTH)
        self.narrow = nn.Linear(WIDTH, NARROW)
        self.recognition = nn.LSTM(NARROW + 2, HIDDEN, batch_first=True)
        self.posterior = nn.Linear(HIDDEN, 2 * LATENT)
        self.decoder = nn.LSTM(NARROW + LATENT, HIDDEN, batch_first=True)
        self.skip = nn.Linear(NARROW, HIDDEN)
        self.head = quiet_head(HIDDEN)

    def _told(self, batch: Batch, chance: torch.Generator | None) -> Tensor:
        """[W, H, NARROW] what is known of each day ahead."""
        context = self.encoder(batch, chance)
        inner = nn.functional.silu(context[:, :, None] + self.target(batch.target))
        told: Tensor = nn.functional.silu(self.narrow(inner)).flatten(0, 1)
        return told

    def _recognize(self, told: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """[W, LATENT] mean and log variance of the latent given the horizon."""
        seen = torch.stack([torch.log1p(batch.demand / batch.scale[:, None]) * batch.known, batch.known], dim=-1)
        states, _ = self.recognition(torch.cat([told, seen], dim=-1))
        mean, log_variance = self.posterior(states[:, -1]).chunk(2, dim=-1)
        return mean, log_variance.clamp(-8, 4)

    def _decode(self, told: Tensor, latent: Tensor, log_usual: Tensor) -> Demand:
        """Distribution of the horizon given [W, LATENT]."""
        days = latent[:, None].expand(-1, told.shape[1], -1)
        states, _ = self.decoder(torch.cat([told, days], dim=-1))
        return Demand.of(self.head(states + self.skip(told)), log_usual).without_spread()

    def loss(self, batch: Batch, chance: torch.Generator | None, done: float) -> Tensor:
        """Negative evidence lower bound; in training with warm-up and free nats."""
        told = self._told(batch, chance)
        mean, log_variance = self._recognize(told, batch)
        noise = torch.randn(mean.shape, generator=chance or _fixed(mean.device), device=mean.device)
        made = self._decode(told, mean + noise * (0.5 * log_variance).exp(), batch.log_usual)
        likelihood = made.log_likelihood(batch.demand, batch.known, batch.counts, batch.scale)
        divergence = _divergence(mean, log_variance)
        if chance is None:
            return divergence.sum(dim=-1) - likelihood
        free = divergence.mean(dim=0).clamp(min=FREE_NATS).sum()
        return min(1.0, done / WARM_UP) * free - likelihood

    def sample(self, batch: Batch, paths: int, chance: torch.Generator) -> Tensor:
        """Draw a latent for every path and decode it."""
        told = self._told(batch, None)
        windows, days = batch.log_usual.shape
        latent = torch.randn((windows * paths, LATENT), generator=chance, device=told.device)
        made = self._decode(told.repeat_interleave(paths, 0), latent, batch.log_usual.repeat_interleave(paths, 0))
        drawn = made.sample(1, batch.counts.repeat_interleave(paths), chance)
        return drawn.reshape(windows, paths, days)

    def mean(self, batch: Batch) -> Tensor:
        """Mean over a few latents, the same ones every time."""
        told = self._told(batch, None)
        latent = torch.randn((MEAN_DRAWS, LATENT), generator=_fixed(told.device), device=told.device)
        means = [self._decode(told, one.expand(told.shape[0], -1), batch.log_usual).mean() for one in latent]
        return torch.stack(means).mean(dim=0)

    def measures(self, batch: Batch) -> dict[str, float]:
        """Divergence of the latent from its prior: how much a horizon tells it, nats a window."""
        mean, log_variance = self._recognize(self._told(batch, None), batch)
        return {"divergence": float(_divergence(mean, log_variance).sum(dim=-1).mean())}


def _divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) of each latent number, nats."""
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)


def _fixed(device: torch.device) -> torch.Generator:
    """The same chance every time."""
    return torch.Generator(device).manual_seed(0)
