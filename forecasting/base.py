"""What every forecaster is, the registry of them, and the frame the panel models share. Knows no model by name."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from forecasting.history import MIN_KNOWN_DAYS, RECENT_DAYS, History
from parstock.domain import DemandPanel, Driver, Floats, Forecast
from parstock.errors import InputError, NotFitted
from parstock.registry import Registry

VERSION = "3"
"""Of all models together: counted up whenever the same demand gets other numbers, so that no kept forecast outlives its model."""
Paths: TypeAlias = NDArray[np.float32]
"""[N, S, H] equally likely futures, units a day."""
Progress: TypeAlias = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is being done."""


class Forecaster(Protocol):
    """Anything that learns from a panel and samples joint futures of all its items."""

    name: str

    def fit(self, panel: DemandPanel) -> Self:
        """Learn from the panel; return itself."""
        ...

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Sample the days after the panel's end.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        ...


@runtime_checkable
class Conditional(Protocol):
    """A forecaster that can take in another history without learning anew, as a model trained on many items can."""

    def condition(self, panel: DemandPanel) -> Self:
        """Forecast from the end of this panel from now on, with what `fit` learned; return itself.

        The panel has the same items in the same order, or some of them.

        Raises:
            NotFitted: `fit` was not called.
        """
        ...


@runtime_checkable
class Follows(Protocol):
    """A forecaster that changes what another one says."""

    base: ClassVar[str]
    """Name of the other one."""

    def follow(self, forecaster: Forecaster, panel: DemandPanel) -> Self:
        """Take the other one, fitted on this panel, instead of fitting one; return itself."""
        ...


@runtime_checkable
class Samples(Protocol):
    """A forecaster that can leave out what a replay does not ask for."""

    def sample(self, horizon_days: int, *, paths: int, seed: int) -> Forecast:
        """What `predict` returns, without the effects of drivers."""
        ...


forecasters: Registry[Callable[[], Forecaster]] = Registry("forecaster", "forecasting.models")


def fitted(name: str, panel: DemandPanel, others: Mapping[str, Forecaster]) -> Forecaster:
    """A forecaster that has learned from a panel; what it follows is taken from `others` fitted on the same panel."""
    model = forecasters.get(name)()
    if isinstance(model, Follows) and model.base in others:
        return model.follow(others[model.base], panel)
    return model.fit(panel)


class PanelForecaster(ABC):
    """The frame of a forecaster that fits all items at once.

    A model says how to learn from the usable rows and how to sample them; the frame leaves out items that
    cannot be forecast (their paths are zeros), keeps closed weekdays at zero and everything non-negative, and rounds
    the futures of items that sell in whole units.
    """

    name: ClassVar[str]

    def __init__(self) -> None:
        self._history: History | None = None

    def fit(self, panel: DemandPanel) -> Self:
        """Learn from the panel; return itself."""
        self._history = History.of(panel)
        usable = self._history.usable()
        if usable.items:
            self._learn(usable)
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Sample `paths` futures of `horizon_days` days.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        made, history = self.sample(horizon_days, paths=paths, seed=seed), self._history
        assert history is not None
        rows = np.flatnonzero([status == "ok" for status in history.status])
        return replace(made, effects=_of_all_rows(self._effects(horizon_days), rows, history) if rows.size else {})

    def sample(self, horizon_days: int, *, paths: int, seed: int) -> Forecast:
        """What `predict` returns, without the effects of drivers.

        Raises:
            NotFitted: `fit` was not called.
            InputError: `horizon_days` or `paths` is not positive.
        """
        history = self._history
        if history is None:
            raise NotFitted(f"forecaster {self.name!r} cannot predict before fit(panel)")
        check_sizes(horizon_days, paths)
        rows = np.flatnonzero([status == "ok" for status in history.status])
        sampled = np.zeros((len(history.items), paths, horizon_days), dtype=np.float32)
        if rows.size:
            futures = self._sample(horizon_days, paths, np.random.default_rng(seed))
            weekdays = (history.end.weekday() + np.arange(horizon_days)) % 7
            shut = history.closed[rows][:, weekdays] | history.shut_ahead(horizon_days)
            for row, (closed, whole) in enumerate(zip(shut, history.whole[rows].tolist(), strict=True)):
                own = futures[row]
                own[:, closed] = 0.0
                if whole:
                    np.rint(own, out=own)
                np.maximum(own, 0.0, out=sampled[rows[row]])
        return Forecast(
            items=history.items,
            start=history.end,
            paths=sampled,
            models=tuple([self.name] * len(history.items)),
            status=history.status,
            reasons=self._all_reasons(history),
        )

    @abstractmethod
    def _learn(self, history: History) -> None:
        """Fit on n usable rows."""

    @abstractmethod
    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        """Sample the n usable rows: [n, S, H]; may be negative."""

    def _effects(self, horizon_days: int) -> Mapping[Driver, Floats]:
        """What each driver adds to the mean of the n usable rows: [n, H] units a day. Called after `_sample`."""
        return {}

    def _reasons(self, count: int) -> list[str]:
        """One sentence for each of the n usable rows."""
        return [f"{self.name} was asked for by name"] * count

    def _all_reasons(self, history: History) -> tuple[str, ...]:
        stated = iter(self._reasons(sum(status == "ok" for status in history.status)))
        return tuple(next(stated) if why is None else why for why in refusals(history))


def _of_all_rows(effects: Mapping[Driver, Floats], rows: NDArray[np.intp], history: History) -> dict[Driver, Floats]:
    """Effects on the usable rows as effects on all: [N, H] each, none on the others and on days that are shut."""
    spread: dict[Driver, Floats] = {}
    for driver, units in effects.items():
        weekdays = (history.end.weekday() + np.arange(units.shape[1])) % 7
        shut = history.closed[rows][:, weekdays] | history.shut_ahead(units.shape[1])
        spread[driver] = np.zeros((len(history.items), units.shape[1]))
        spread[driver][rows] = np.where(shut, 0.0, units)
    return spread


def refusals(history: History) -> list[str | None]:
    """Say of each item why it is not forecast; None where it is."""
    recently = history.end - timedelta(days=RECENT_DAYS)
    return [
        None
        if status == "ok"
        else f"only {known:.0f} days of demand are known, {MIN_KNOWN_DAYS} are needed"
        if status == "insufficient_data"
        else f"no sale on a day in stock is recorded since {recently.isoformat()} ({RECENT_DAYS} days)"
        for status, known in zip(history.status, history.known_days.tolist(), strict=True)
    ]


def check_sizes(horizon_days: int, paths: int) -> None:
    """Refuse a horizon or a number of paths that is not positive."""
    for field, value in (("horizon_days", horizon_days), ("paths", paths)):
        if value < 1:
            raise InputError(f"{field} is {value!r}; it must be 1 or more", field=field)
