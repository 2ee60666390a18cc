"""The neural forecasters as forecasters: honest fallback, other items, covariates, checkpoints."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from forecasting.base import Conditional, forecasters
from forecasting.models.lstm import Lstm
from forecasting.models.vae_lstm import VaeLstm
from forecasting.neural.budget import Budget
from parstock.domain import DemandPanel, Floats, KnownAhead
from parstock.errors import InputError, NotFitted, SetupError

START, DAYS = date(2024, 1, 1), 150
QUICK = Budget(rows=16, most_steps=60, checks=4, least_windows=1000)


def panel(items: int = 40, seed: int = 0) -> DemandPanel:
    """Items that sell three times as much on promotion, closed on Sundays; one of them by weight."""
    rng = np.random.default_rng(seed)
    promotion = rng.random((items, DAYS + 28)) < 0.15
    rate = rng.lognormal(1.5, 1.0, (items, 1)) * np.where(promotion, 3.0, 1.0)
    rate[:, np.arange(DAYS + 28) % 7 == 6] = 0.0
    demand: Floats = rng.poisson(rate).astype(float)[:, :DAYS]
    demand[0] *= 0.37
    return DemandPanel(
        items=tuple(f"i{row}" for row in range(items)),
        start=START,
        demand=demand,
        promotion=promotion[:, :DAYS],
        ahead=KnownAhead(promotion=promotion[:, DAYS:]),
        groups=tuple("ab"[row % 2] for row in range(items)),
    )


@pytest.fixture(scope="module", params=["lstm", "vae_lstm"])
def fitted(request: pytest.FixtureRequest) -> Lstm | VaeLstm:
    """Each network, trained a little; tests condition it as they like."""
    made = {"lstm": Lstm, "vae_lstm": VaeLstm}[request.param](budget=QUICK, device="cpu")
    return made.fit(panel())


def test_a_trained_network_forecasts(fitted: Lstm | VaeLstm) -> None:
    """Paths are finite, whole where demand is, zero on closed weekdays, and near the level of each item."""
    made = fitted.condition(panel()).predict(28, paths=100)
    assert made.models == (fitted.name,) * 40
    assert np.isfinite(made.paths).all()
    assert (made.paths[1:] == np.rint(made.paths[1:])).all()
    assert (made.paths[0] != np.rint(made.paths[0])).any()
    weekdays = (made.start.weekday() + np.arange(28)) % 7
    assert not made.paths[:, :, weekdays == 6].any()
    level = made.mean().mean(axis=1) / panel().demand.mean(axis=1)
    assert 0.7 < np.median(level) < 1.3
    assert "learned from 40 items" in made.reasons[0]


def test_promotions_ahead_are_an_effect(fitted: Lstm | VaeLstm) -> None:
    """Days of a planned promotion are forecast higher, and the effect says by how much; other days owe it little."""
    made = fitted.condition(panel()).predict(14, paths=50)
    ahead = panel().ahead
    assert ahead is not None
    assert ahead.promotion is not None
    open_days = (made.start.weekday() + np.arange(14)) % 7 != 6
    promoted = ahead.promotion[:, :14] & open_days
    effect = made.effects["promotion"]
    assert effect[promoted].mean() > 0.3 * made.mean()[promoted].mean()
    assert np.abs(effect[~promoted]).mean() < 0.05 * effect[promoted].mean()


def test_other_items_are_forecast_without_training(fitted: Lstm | VaeLstm) -> None:
    """A panel of other items, of a group never seen and without promotions, is forecast by the same weights."""
    assert isinstance(fitted, Conditional)
    other = panel(3, seed=5)
    bare = DemandPanel(("x", "y", "z"), other.start, other.demand, groups=("new",) * 3)
    made = fitted.condition(bare).predict(40, paths=100)
    assert made.items == ("x", "y", "z")
    assert made.models == (fitted.name,) * 3
    np.testing.assert_allclose(made.mean().mean(axis=1), other.demand[:, -60:].mean(axis=1), rtol=0.8)


def test_an_item_is_forecast_alike_in_any_company(fitted: Lstm | VaeLstm) -> None:
    """What is expected of an item does not depend on which others are asked for."""
    whole = fitted.condition(panel()).predict(28, paths=400).mean()
    alone = fitted.condition(panel().rows([7])).predict(28, paths=400).mean()
    np.testing.assert_allclose(alone[0].sum(), whole[7].sum(), rtol=0.1)


def test_strange_histories_are_forecast_too(fitted: Lstm | VaeLstm) -> None:
    """Histories unlike any in training - huge, tiny, constant, spiked, hardly sold - give finite paths that are not negative."""
    rng = np.random.default_rng(3)
    rows = {
        "huge": np.full(DAYS, 2.0**63) * (1 + np.arange(DAYS) % 3),
        "many": rng.poisson(5e5, DAYS).astype(float),
        "tiny": rng.gamma(2.0, 1e-5, DAYS),
        "constant": np.full(DAYS, 3.0),
        "spike": np.where(np.arange(DAYS) == 90, 5e6, 5.0),
        "once": np.r_[np.zeros(DAYS - 1), 7.0],
        "launched": np.r_[np.full(DAYS - 15, np.nan), rng.poisson(4.0, 15)],
        "gaps": np.where(rng.random(DAYS) < 0.7, np.nan, 4.0),
    }
    made = fitted.condition(DemandPanel(tuple(rows), START, np.stack(list(rows.values())))).predict(35, paths=50)
    assert np.isfinite(made.paths).all()
    assert (made.paths >= 0).all()
    mean = dict(zip(made.items, made.mean().mean(axis=1).tolist(), strict=True))
    for name, level in (("huge", 2e12), ("many", 5e5), ("tiny", 2e-5), ("constant", 3.0), ("launched", 4.0)):
        assert level / 5 < mean[name] < level * 5, name


def test_fitting_is_repeatable() -> None:
    """Two forecasters fitted on one panel give the same paths."""
    budget = replace(QUICK, most_steps=5)
    first, again = (Lstm(budget=budget, device="cpu").fit(panel()).predict(7, paths=10).paths for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_progress_is_told() -> None:
    """Training says how far it is, from little to much."""
    told: list[float] = []
    forecaster = Lstm(budget=replace(QUICK, most_steps=8), device="cpu")
    forecaster.progress = lambda done, _: told.append(done)
    forecaster.fit(panel())
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1


@pytest.mark.parametrize("name", ["lstm", "vae_lstm"])
def test_too_little_demand_is_left_to_a_simpler_model_and_said_so(name: str) -> None:
    """A panel that a network cannot learn from is forecast by the fallback, under its name, with the reason."""
    few = panel(3)
    forecaster = forecasters.get(name)().fit(few)
    made = forecaster.predict(14, paths=20)
    assert made.models == ("croston",) * 3
    assert "too little demand is known to train" in made.reasons[0]
    assert isinstance(forecaster, Conditional)
    again = forecaster.condition(few.rows([1])).predict(14, paths=20)
    assert (again.items, again.models) == (("i1",), ("croston",))


def test_a_checkpoint_gives_the_same_paths(fitted: Lstm | VaeLstm, tmp_path: Path) -> None:
    """What was saved and loaded forecasts as the trained network does, to the unit."""
    before = fitted.condition(panel()).predict(28, paths=30, seed=2)
    fitted.save(tmp_path / "new" / "network.safetensors")
    loaded = type(fitted).load(tmp_path / "new" / "network.safetensors", device="cpu")
    assert loaded.report == fitted.report
    after = loaded.condition(panel()).predict(28, paths=30, seed=2)
    np.testing.assert_array_equal(before.paths, after.paths)


def test_a_checkpoint_of_another_model_is_refused(fitted: Lstm | VaeLstm, tmp_path: Path) -> None:
    """A file of the other network, or of no network at all, is named as what it is."""
    path, other = tmp_path / "a.safetensors", VaeLstm if isinstance(fitted, Lstm) else Lstm
    fitted.save(path)
    with pytest.raises(SetupError, match=f"checkpoint of {fitted.name!r}; {other.name!r} needs one of its own"):
        other.load(path)
    save_file({"w": np.zeros(3, dtype=np.float32)}, path)
    with pytest.raises(SetupError, match="no checkpoint of a Parstock forecaster"):
        Lstm.load(path)
    with pytest.raises(SetupError, match="there is no checkpoint"):
        Lstm.load(tmp_path / "missing")


def test_a_damaged_checkpoint_is_refused(fitted: Lstm | VaeLstm, tmp_path: Path) -> None:
    """A truncated file and one with a flipped bit are both refused, and so is one that was never a checkpoint."""
    path = tmp_path / "a.safetensors"
    fitted.save(path)
    good = path.read_bytes()
    assert len(load_file(path)) > 5
    for bad in (good[: len(good) // 2], good[:-3] + bytes([good[-3] ^ 64]) + good[-2:], b"nonsense", b""):
        path.write_bytes(bad)
        with pytest.raises(SetupError, match="damaged"):
            type(fitted).load(path)


def test_what_was_not_learned_cannot_be_used(tmp_path: Path) -> None:
    """Conditioning, saving and predicting without a fit are refused; so is a loaded network without a panel."""
    with pytest.raises(NotFitted, match=r"load\(path\)"):
        Lstm().condition(panel(2))
    with pytest.raises(NotFitted, match="no trained network"):
        Lstm().fit(panel(2)).save(tmp_path / "a")
    with pytest.raises(NotFitted, match="fit"):
        Lstm().predict(7)


def test_an_unknown_device_is_refused() -> None:
    """A device that torch does not have is the caller's error, with the field's name."""
    with pytest.raises(InputError, match="device 'moon' is not to be had"):
        Lstm(budget=QUICK, device="moon").fit(panel())
