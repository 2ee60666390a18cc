"""Training: the loss falls, the same seed gives the same network, and the autoencoder's latent is used."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import torch

from forecasting.covariates import Covariates
from forecasting.history import History
from forecasting.neural.budget import Budget, Report
from forecasting.neural.features import Vocabulary, features
from forecasting.neural.networks import LstmNetwork, Network
from forecasting.neural.training import train, windows_before
from forecasting.neural.vae import VaeLstmNetwork
from forecasting.neural.windows import Panel, Sizes
from parstock.domain import DemandPanel

BUDGET = Budget(rows=8, most_steps=25, checks=5)


def shop() -> tuple[Panel, Sizes]:
    """Items with a strong week and a level that wanders, as a network sees them."""
    rng = np.random.default_rng(0)
    level = np.exp(rng.normal(1.5, 1.0, (40, 1)) + 0.1 * rng.normal(size=(40, 150)).cumsum(axis=1))
    week = np.tile([0.3, 0.6, 1.0, 1.0, 1.4, 2.0, 0.7], 22)[:150]
    panel = DemandPanel(tuple(f"i{row}" for row in range(40)), date(2024, 1, 1), rng.poisson(level * week).astype(float))
    history = History.of(panel)
    covariates = Covariates.of_history(history, 28)
    words = Vocabulary.of(history, covariates)
    return Panel(features(history, covariates, words, 14), torch.device("cpu")), Sizes.of(words)


def trained(kind: type[LstmNetwork] | type[VaeLstmNetwork], budget: Budget = BUDGET) -> tuple[Network, Panel, Report]:
    """A network after a few steps."""
    panel, sizes = shop()
    torch.manual_seed(0)
    network = kind(sizes)
    return network, panel, train(network, panel, budget, None)


@pytest.mark.parametrize("kind", [LstmNetwork, VaeLstmNetwork])
def test_training_lowers_the_loss_of_the_last_windows(kind: type[LstmNetwork] | type[VaeLstmNetwork]) -> None:
    """The weights kept forecast days that were held out better than the ones begun with."""
    _, _, report = trained(kind)
    assert report.kept_loss < report.first_loss - 0.01
    assert report.items == 40
    assert report.steps <= 30


def test_the_same_seed_gives_the_same_weights() -> None:
    """Training twice from one seed gives equal weights; another seed gives others."""
    first, again, other = (trained(LstmNetwork, budget)[0].state_dict() for budget in (BUDGET, BUDGET, replace(BUDGET, seed=1)))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_training_stops_when_nothing_gets_better() -> None:
    """With a learning rate of nothing the loss never falls, and training stops after the checks that it is given."""
    assert trained(LstmNetwork, replace(BUDGET, most_steps=40, checks=20, patience=2, rate=0.0))[2].steps == 4


def test_windows_are_counted_from_the_first_origin() -> None:
    """Each item starts windows from its first origin to a week before the end."""
    panel, _ = shop()
    panel.first_origin[:] = 100
    panel.first_origin[0] = 151
    assert windows_before(panel, 122).tolist() == [0] + [16] * 39


def test_the_latent_is_used_and_moves_the_days_of_a_path_together() -> None:
    """The divergence from the prior is above zero, and paths of one item differ in their totals as days alone would not."""
    network, panel, report = trained(VaeLstmNetwork, replace(BUDGET, most_steps=120))
    assert report.measures["divergence"] > 0.1
    rows = torch.arange(panel.items)
    batch = panel.batch(rows, torch.full_like(rows, panel.days), 28)
    with torch.no_grad():
        paths = network.sample(batch, 200, torch.Generator().manual_seed(0))
    total, alone = paths.sum(dim=2).var(dim=1), paths.var(dim=1).sum(dim=1)
    assert (total / alone).mean() > 1.05
