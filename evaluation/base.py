"""What a suite is, and how one is run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from parstock.domain import Json
from parstock.errors import InputError
from parstock.registry import Registry
from parstock.settings import Settings

Progress: TypeAlias = Callable[[float, str], None]
"""Told the share done (0-1) and what is being done."""
Report: TypeAlias = dict[str, Json]
"""`suite`, `n`, and of the `model`, or of each of `models` by its name: the metrics' means, their `intervals`, and whatever else
a suite has to say."""
COSTS = ("latency_ms", "seconds", "cpu_seconds", "series_per_second", "peak_mib")
"""Keys of a report that tell what a model cost: all else is the same when it is measured again."""


class Form(BaseModel):
    """The options that only one suite knows: a subclass has a field for each, with its description."""

    model_config = ConfigDict(frozen=True, extra="forbid")


F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class Options:
    """What a suite may be given on the command line."""

    settings: Settings
    cases: Path | None = None
    """File of cases, where the suite takes one."""
    model: str | None = None
    """Chat model under test; the settings' model by default."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Options that only the suite knows, by their names without the dashes."""

    @property
    def tested(self) -> Settings:
        """The settings with the model under test."""
        return self.settings.model_copy(update={"model": self.model}) if self.model else self.settings

    def read(self, form: type[F]) -> F:
        """The options that only the suite knows, in its own form.

        Raises:
            InputError: One is unknown, missing or has a wrong value; the message lists what the suite takes.
        """
        try:
            return form.model_validate({name.replace("-", "_"): value for name, value in self.given.items()})
        except ValidationError as error:
            problem = max(error.errors(include_url=False), key=lambda found: found["type"] == "extra_forbidden")
            name, takes = str(problem["loc"][0]), ", ".join(_usage(form)) or "none of its own"
            what = {"extra_forbidden": "is not known", "missing": "is missing"}.get(
                problem["type"], f"is {problem['input']!r}: {problem['msg']}"
            )
            message = f"--{name.replace('_', '-')} {what}; options of this suite: {takes}"
            raise InputError(message, field=name) from error


def _usage(form: type[Form]) -> list[str]:
    """Each option with what it is."""
    return [
        f"--{name.replace('_', '-')} ({'' if field.is_required() else 'optional: '}{field.description})"
        for name, field in form.model_fields.items()
    ]


def options_of(arguments: Sequence[str]) -> dict[str, str]:
    """Name -> value of `--name value` or `--name=value`, in any number.

    Raises:
        InputError: An argument is no option, or an option has no value.

    >>> options_of(["--seed", "3", "--models=ets,auto"])
    {'seed': '3', 'models': 'ets,auto'}
    """
    found, left = {}, list(arguments)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if not name.startswith("--") or len(name) == 2:
            raise InputError(f"{name!r} is neither a suite nor an option; options are given as --name VALUE", field="suite")
        if not equals and not left:
            raise InputError(f"{name} has no value; options of a suite are given as --name VALUE", field=name.strip("-"))
        found[name[2:]] = value if equals else left.pop(0)
    return found


class Suite(Protocol):
    """A set of measurements that gives one report. A file in `suites/` registers a class that satisfies this."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Measure.

        Raises:
            InputError: The cases cannot be read; the message names the file and the line.
            SetupError: The model under test cannot be opened.
        """
        ...

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write tiny files into the empty `folder`; return the options that run the suite on them, `cases` among them.

        The conformance suite uses it.
        """
        ...


suites: Registry[type[Suite]] = Registry("suite", "evaluation.suites")
"""Every suite, by its name on the command line."""


def rows_of(report: Report) -> list[Report]:
    """The report's own table, else the figures of each of its models, one row a model; none where it is about one."""
    if isinstance(own := report.get("table"), list):
        return [row for row in own if isinstance(row, dict)]
    models = report.get("models")
    rows: list[Report] = []
    for name, figures in models.items() if isinstance(models, dict) else ():
        row: Report = {"model": name}
        rows.append(
            row | {key: v for key, v in figures.items() if not isinstance(v, (dict, list))} if isinstance(figures, dict) else row
        )
    return rows


def run_suite(name: str, options: Options, progress: Progress | None = None) -> Report:
    """Run the suite called `name`.

    Raises:
        InputError: There is no such suite, or its cases cannot be read.
    """
    return suites.get(name)().run(options, progress)
