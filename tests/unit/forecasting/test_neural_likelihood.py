"""The distribution of demand that the networks give, against scipy and against its own samples."""

import numpy as np
import pytest
import torch
from scipy import stats

from forecasting.neural.likelihood import PARAMETERS, Demand

WINDOWS, DAYS = 6, 4
SCALE = torch.full((WINDOWS,), 2.0)


def distribution(mean: float, shape: float, *, spread: float = 0.0, zero: float = 1e-12) -> Demand:
    """One component of a mean and a shape every day, besides a chance of zero."""
    sizes = (WINDOWS, DAYS)
    weights = torch.tensor([zero, 1 - zero, 0.0]).clamp(min=1e-12).log().expand(*sizes, 3)
    return Demand(
        log_weights=weights,
        log_means=torch.full((*sizes, 2), float(np.log(mean))),
        log_shapes=torch.full((*sizes, 2), float(np.log(shape))),
        spread=torch.full(sizes, spread),
    )


def whole(value: bool) -> torch.Tensor:
    """Whether each window counts units."""
    return torch.full((WINDOWS,), value)


@pytest.mark.parametrize(("mean", "shape"), [(0.1, 0.3), (3.0, 1.7), (250.0, 20.0)])
def test_counts_have_the_negative_binomial_likelihood(mean: float, shape: float) -> None:
    """Whole units have scipy's nbinom probability with n = shape and p = shape / (shape + mean)."""
    demand = torch.tensor(np.random.default_rng(0).poisson(mean, (WINDOWS, DAYS)), dtype=torch.float32)
    found = distribution(mean, shape).log_likelihood(demand, torch.ones_like(demand), whole(True), SCALE)
    expected = stats.nbinom.logpmf(demand.numpy(), shape, shape / (shape + mean)).sum(axis=1)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-4)


def test_zeros_can_be_inflated() -> None:
    """A day without a sale has the chance of zero besides the count's own zero; other days have the rest."""
    demand = torch.tensor([[0.0, 0.0, 2.0, 5.0]]).expand(WINDOWS, DAYS)
    found = distribution(2.0, 1.5, zero=0.3).log_likelihood(demand, torch.ones_like(demand), whole(True), SCALE)
    chance = 0.7 * stats.nbinom.pmf(demand.numpy(), 1.5, 1.5 / 3.5) + 0.3 * (demand.numpy() == 0)
    np.testing.assert_allclose(found.numpy(), np.log(chance).sum(axis=1), rtol=1e-5)


def test_fractions_have_the_gamma_likelihood() -> None:
    """Fractions have the gamma density of demand over the scale, and days without a sale the chance of zero."""
    demand = torch.tensor([[0.0, 0.4, 2.5, 7.0]]).expand(WINDOWS, DAYS)
    found = distribution(3.0, 1.4, zero=0.25).log_likelihood(demand, torch.ones_like(demand), whole(False), SCALE)
    density = stats.gamma.logpdf(demand.numpy()[:, 1:] / 2.0, 1.4, scale=3.0 / 2.0 / 1.4).sum(axis=1)
    np.testing.assert_allclose(found.numpy(), np.log(0.25) + 3 * np.log(0.75) + density, rtol=1e-5)


def test_a_common_level_is_integrated_out() -> None:
    """With a spread the likelihood of the days together is their average over the level."""
    demand = torch.tensor([[3.0, 6.0, 4.0, 7.0]]).expand(WINDOWS, DAYS)
    found = distribution(4.0, 3.0, spread=0.5).log_likelihood(demand, torch.ones_like(demand), whole(True), SCALE)
    z = np.random.default_rng(0).normal(size=(200_000, 1))
    mean = 4.0 * np.exp(0.5 * z - 0.125)
    chance = stats.nbinom.pmf(demand.numpy()[0], 3.0, 3.0 / (3.0 + mean)).prod(axis=1).mean()
    np.testing.assert_allclose(found.numpy(), np.log(chance), atol=0.02)


def test_unknown_days_do_not_count() -> None:
    """Whatever stands on an unknown day changes neither the likelihood nor its gradient."""
    raw = torch.randn(WINDOWS, DAYS, PARAMETERS, generator=torch.Generator().manual_seed(0))
    known = torch.tensor([[1.0, 0.0, 1.0, 0.0]]).expand(WINDOWS, DAYS)
    told = []
    for value in (0.0, 900.0):
        inputs = raw.clone().requires_grad_()
        demand = torch.full((WINDOWS, DAYS), 3.0)
        demand[:, 1::2] = value
        loss = Demand.of(inputs, torch.zeros(WINDOWS, DAYS)).log_likelihood(demand, known, whole(True), SCALE).sum()
        loss.backward()
        assert inputs.grad is not None
        assert not inputs.grad[:, 1::2].any()
        told.append((loss.item(), inputs.grad.clone()))
    assert told[0][0] == told[1][0]
    torch.testing.assert_close(told[0][1], told[1][1])


@pytest.mark.parametrize("counted", [True, False])
def test_samples_have_the_stated_mean_and_move_together(counted: bool) -> None:
    """Samples average to the mean, and days of a path are correlated through the common level."""
    made = distribution(5.0, 4.0, spread=0.6, zero=0.2)
    paths = made.sample(20_000, whole(counted), torch.Generator().manual_seed(1))
    assert paths.shape == (WINDOWS, 20_000, DAYS)
    np.testing.assert_allclose(paths.mean(dim=1).numpy(), made.mean().numpy(), rtol=0.05)
    assert bool((paths == paths.round()).all()) is counted
    assert np.corrcoef(paths[0].numpy().T)[0, 1] > 0.15


def test_extreme_numbers_of_a_network_stay_finite() -> None:
    """A network that shouts gives a finite likelihood and finite gradients, for counts and for fractions."""
    demand = torch.tensor([[0.0, 1.0, 9_000.0, 0.5]]).expand(WINDOWS, DAYS)
    for counted in (True, False):
        for size in (-1e4, 1e4):
            inputs = torch.full((WINDOWS, DAYS, PARAMETERS), size, requires_grad=True)
            made = Demand.of(inputs, torch.zeros(WINDOWS, DAYS))
            made.log_likelihood(
                demand.round() if counted else demand, torch.ones_like(demand), whole(counted), SCALE
            ).sum().backward()
            assert inputs.grad is not None
            assert torch.isfinite(inputs.grad).all()
