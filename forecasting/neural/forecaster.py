"""The frame of the neural forecasters: learn once from a panel, then forecast any. Loads torch when it is first needed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from forecasting.base import Forecaster, PanelForecaster, Paths, Progress, forecasters
from forecasting.covariates import Covariates
from forecasting.history import MIN_KNOWN_DAYS, History
from forecasting.neural.budget import Budget, Report
from parstock.domain import DemandPanel, Driver, Floats, Forecast
from parstock.errors import InputError, NotFitted

if TYPE_CHECKING:
    import torch

    from forecasting.neural.checkpoint import Learned
    from forecasting.neural.features import Vocabulary
    from forecasting.neural.windows import Panel

FALLBACK = "croston"
"""Forecaster of panels that a network cannot learn from: it asks least of a history."""
CELLS_AT_ONCE = 1_000_000
"""Items x paths x days drawn together."""
ITEMS_AT_ONCE = 1024
"""Items whose means are computed together."""


@dataclass(frozen=True, eq=False, slots=True)
class _View:
    """The usable rows as a network sees them, with so many days ahead."""

    horizon_days: int
    panel: "Panel"
    covariates: Covariates


class NeuralForecaster(PanelForecaster):
    """A network trained on all items of a panel together; `condition` forecasts others without training.

    Where a panel has too few windows to learn from, `FALLBACK` forecasts it, and models and reasons say so.

    Args:
        budget: How long to learn.
        device: "cpu", "cuda" or another of torch's names; "auto" is a GPU where there is one.
    """

    name: ClassVar[str]

    def __init__(self, *, budget: Budget | None = None, device: str = "auto") -> None:
        super().__init__()
        self.progress: Progress | None = None
        self._budget = budget or Budget()
        self._device = device
        self._learned: Learned | None = None
        self._fallback: Forecaster | None = None
        self._windows = 0
        self._usable: History | None = None
        self._view: _View | None = None

    @property
    def report(self) -> Report | None:
        """What training did; None where nothing was trained."""
        return None if self._learned is None else self._learned.report

    def fit(self, panel: DemandPanel) -> Self:
        """Train on the panel; return itself."""
        self._learned, self._fallback, self._usable, self._view = None, None, None, None
        return super().fit(panel)

    def condition(self, panel: DemandPanel) -> Self:
        """Forecast from the end of this panel, whichever items it has, with what was learned; return itself.

        Raises:
            NotFitted: Nothing was fitted or loaded.
        """
        if self._history is None and self._learned is None:
            raise NotFitted(f"forecaster {self.name!r} cannot condition before fit(panel) or load(path)")
        self._history, self._fallback, self._view = History.of(panel), None, None
        self._usable = self._history.usable()
        if self._learned is None and self._usable.items:
            self._fallback = forecasters.get(FALLBACK)().fit(self._usable.panel)
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Sample `paths` futures of `horizon_days` days.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        made = super().predict(horizon_days, paths=paths, seed=seed)
        return made if self._fallback is None else replace(made, models=(FALLBACK,) * len(made.items))

    def save(self, path: Path | str) -> None:
        """Write what was learned to a safetensors file.

        Raises:
            NotFitted: No network was trained.
            SetupError: The file cannot be written.
        """
        if self._learned is None:
            raise NotFitted(f"forecaster {self.name!r} has no trained network to save; fit(panel) with more demand first")
        from forecasting.neural import checkpoint

        checkpoint.save(self._learned, Path(path))

    @classmethod
    def load(cls, path: Path | str, *, device: str = "auto") -> Self:
        """Read what `save` wrote; `condition` it on a panel to forecast.

        Raises:
            SetupError: There is no such file, it is damaged, or it belongs to another kind of model.
            InputError: The device is not known or not there.
        """
        from forecasting.neural import checkpoint

        loaded = cls(device=device)
        loaded._learned = checkpoint.load(Path(path), cls.name, _device(device))
        return loaded

    def _learn(self, history: History) -> None:
        self._usable = history
        self._windows = _most_windows(history)
        if self._windows >= self._budget.least_windows:
            self._learned = self._train(history)
        if self._learned is None:
            self._fallback = forecasters.get(FALLBACK)().fit(history.panel)

    def _train(self, history: History) -> "Learned | None":
        """Train a network; None where too few windows are ready."""
        import torch

        from forecasting.neural.checkpoint import NETWORKS, Learned
        from forecasting.neural.features import Vocabulary
        from forecasting.neural.training import HORIZON_DAYS, check_days, train, windows_before
        from forecasting.neural.windows import Sizes

        covariates = Covariates.of_history(history, HORIZON_DAYS)
        words = Vocabulary.of(history, covariates)
        panel = self._told(history, covariates, words)
        self._windows = int(windows_before(panel, panel.days - check_days(panel.days)).sum())
        if self._windows < self._budget.least_windows:
            return None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._budget.seed)
            network = NETWORKS[self.name](Sizes.of(words))
        network.to(panel.device)
        report = train(network, panel, self._budget, self.progress)
        return Learned(network.eval(), words, report)

    def _told(self, history: History, covariates: Covariates, words: "Vocabulary") -> "Panel":
        from forecasting.neural.features import features
        from forecasting.neural.windows import Panel

        return Panel(features(history, covariates, words, MIN_KNOWN_DAYS), _device(self._device))

    def _seen(self, horizon_days: int, learned: "Learned") -> _View:
        """The usable rows with so many days ahead, made once."""
        if self._view is None or self._view.horizon_days != horizon_days:
            assert self._usable is not None
            covariates = Covariates.of_history(self._usable, horizon_days)
            self._view = _View(horizon_days, self._told(self._usable, covariates, learned.words), covariates)
        return self._view

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        if self._fallback is not None:
            return self._fallback.predict(horizon_days, paths=paths, seed=int(rng.integers(2**31))).paths
        assert self._learned is not None
        import torch

        network, panel = self._learned.network, self._seen(horizon_days, self._learned).panel
        chance = torch.Generator(panel.device).manual_seed(int(rng.integers(2**62)))
        futures = np.empty((panel.items, paths, horizon_days), dtype=np.float32)
        at_once = max(1, CELLS_AT_ONCE // (paths * horizon_days))
        with torch.no_grad():
            for rows in torch.split(torch.arange(panel.items, device=panel.device), at_once):
                batch = panel.batch(rows, torch.full_like(rows, panel.days), horizon_days)
                futures[rows.cpu().numpy()] = network.sample(batch, paths, chance).cpu().numpy()
        return futures

    def _effects(self, horizon_days: int) -> Mapping[Driver, Floats]:
        if self._learned is None or self._fallback is not None:
            return {}
        from forecasting.neural.features import own_days, shared_days

        view, words = self._seen(horizon_days, self._learned), self._learned.words
        usual = self._mean(view.panel, horizon_days)
        effects: dict[Driver, Floats] = {}
        for driver in view.covariates.drivers:
            without = view.covariates.without(driver)
            panel = view.panel.with_days(shared_days(without, words), own_days(without, words, view.panel.items))
            units = usual - self._mean(panel, horizon_days)
            if units.any():
                effects[driver] = units
        return effects

    def _mean(self, panel: "Panel", horizon_days: int) -> Floats:
        """[n, H] expected units a day."""
        import torch

        assert self._learned is not None
        with torch.no_grad():
            parts = [
                self._learned.network.mean(panel.batch(rows, torch.full_like(rows, panel.days), horizon_days)).cpu().numpy()
                for rows in torch.split(torch.arange(panel.items, device=panel.device), ITEMS_AT_ONCE)
            ]
        return np.concatenate(parts).astype(np.float64)

    def _reasons(self, count: int) -> list[str]:
        report = self.report
        if self._fallback is not None or report is None:
            why = f"{self._windows:,} forecasts could be practised on, {self._budget.least_windows:,} are needed"
            return [f"{FALLBACK}: too little demand is known to train {self.name} ({why})"] * count
        learned = f"learned from {report.items:,} items in {report.steps:,} steps"
        return [f"{self.name} was asked for by name; one network for all items, {learned}"] * count


def _most_windows(history: History) -> int:
    """More windows than there can be: known days, each an origin."""
    return int(history.known_days.sum())


def _device(name: str) -> "torch.device":
    """The device of a name."""
    import torch

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"device {name!r} is not to be had: {error}; give 'auto', 'cpu' or 'cuda'", field="device") from error
    return device
