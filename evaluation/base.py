"""What a suite is, and how one is run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from parstock.domain import Json
from parstock.registry import Registry
from parstock.settings import Settings

Progress: TypeAlias = Callable[[float, str], None]
"""Told the share done (0-1) and what is being done."""
Report: TypeAlias = dict[str, Json]
"""`suite`, `model`, `n`, the metrics' means, their `intervals`, and whatever else a suite has to say."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a suite may be given on the command line."""

    settings: Settings
    cases: Path | None = None
    """File of cases, where the suite takes one."""
    model: str | None = None
    """Chat model under test; the settings' model by default."""

    @property
    def tested(self) -> Settings:
        """The settings with the model under test."""
        return self.settings.model_copy(update={"model": self.model}) if self.model else self.settings


class Suite(Protocol):
    """A set of measurements that gives one report. A file in `suites/` registers a class that satisfies this."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Measure.

        Raises:
            InputError: The cases cannot be read; the message names the file and the line.
            SetupError: The model under test cannot be opened.
        """
        ...

    def sample(self, folder: Path) -> Path:
        """Write a tiny file of cases into the empty `folder`; the conformance suite and the documentation use it."""
        ...


suites: Registry[type[Suite]] = Registry("suite", "evaluation.suites")
"""Every suite, by its name on the command line."""


def run_suite(name: str, options: Options, progress: Progress | None = None) -> Report:
    """Run the suite called `name`.

    Raises:
        InputError: There is no such suite, or its cases cannot be read.
    """
    return suites.get(name)().run(options, progress)
