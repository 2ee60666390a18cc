"""The suite `all`: every suite of the language side in one report, for the baseline, the embedded model and any other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from evaluation.arms import ROUTER
from evaluation.base import Form, Options, Progress, Report, run_suite, suites
from evaluation.cases import SHIPPED, read_cases, read_lines
from evaluation.notes import NoteCase
from parstock.domain import Json
from parstock.errors import InputError, ParstockError

EMBEDDED = "embedded"
CHOSEN = "model"
"""Name among the arms of the model that is chosen by --model or the settings."""
LANGUAGES = ("en", "zh")

Given: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """How a suite takes part."""

    figures: tuple[str, ...]
    """What the table shows of it."""
    quick: Given
    """Options of a quick run."""
    baseline: bool = True
    """Whether the router can be measured by it."""
    asks_model: bool = True


PARTS: Mapping[str, Part] = {
    "tool-calls": Part(("behaviour", "tool", "exact", "wrong_call"), {}),
    "dialogues": Part(("tool", "resolved", "whole_resolved"), {"n": "10"}),
    "stability": Part(("repeats_identical", "same_calls", "identical"), {"n": "8", "repeats": "2"}),
    "explanations": Part(
        ("numbers_traced", "facts_recalled", "polarity_errors", "fallback", "metamorphic"), {"n": "40"}, baseline=False
    ),
    "retrieval": Part(("recall_at_5", "clause_accuracy"), {"n": "50"}, asks_model=False),
    "notes": Part(("event_f1", "field_accuracy", "exact", "harm"), {}, baseline=False),
}
"""The suites, in the order in which they are run."""


class AllForm(Form):
    """What the suite is given."""

    notes: Annotated[Path | None, Field(description="FILE: cases of the suite notes, which is left out without")] = None
    data: Annotated[Path | None, Field(description="DIR: more documents for the suite retrieval")] = None
    suites: Annotated[str, Field(description=f"of {', '.join(PARTS)}; separated by commas, all by default")] = ",".join(PARTS)
    arms: Annotated[
        str, Field(description=f"of {ROUTER}, {EMBEDDED}, {CHOSEN} (that of --model); separated by commas, all by default")
    ] = f"{ROUTER},{EMBEDDED},{CHOSEN}"
    size: Annotated[Literal["full", "quick"], Field(description="full (default) or quick")] = "full"


@dataclass(frozen=True, slots=True)
class Job:
    """One suite on one chat model."""

    suite: str
    model: str | None
    options: Options


@suites.register("all")
class All:
    """Runs the suites one after the other; one that fails is told in the report, and the others go on."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Run all and put the figures side by side."""
        form = options.read(AllForm)
        _check(options, form)
        jobs = list(_jobs(options, form))
        reports: dict[str, dict[str, Report]] = {}
        errors: list[ParstockError] = []
        told: list[Json] = []
        for number, job in enumerate(jobs):
            try:
                found = run_suite(job.suite, job.options, _within(progress, number, len(jobs), job))
            except InputError:
                raise
            except ParstockError as error:
                errors.append(error)
                told.append({"suite": job.suite, "model": job.model, "error": str(error)})
                continue
            reports.setdefault(job.suite, {}).update(_by_model(found, job))
        if progress is not None:
            progress(1.0, "done")
        if not reports:
            raise errors[0]
        return {
            "suite": "all",
            "size": form.size,
            "n": sum(int(str(next(iter(found.values()))["n"])) for found in reports.values()),
            "models": _models(reports),
            "table": [
                row for suite, found in reports.items() for model, report in found.items() for row in _rows(suite, model, report)
            ],
            "errors": told,
            "suites": {suite: {**found} for suite, found in reports.items()},
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write the cases of the suite that is quickest."""
        return {**suites.get("tool-calls")().sample(folder), "suites": "tool-calls", "arms": CHOSEN}


def _check(options: Options, form: AllForm) -> None:
    """Refuse at once what would be refused after an hour.

    Raises:
        InputError: A suite or an arm is unknown, or a file or folder cannot be read.
    """
    for field, text, known in (("suites", form.suites, tuple(PARTS)), ("arms", form.arms, (ROUTER, EMBEDDED, CHOSEN))):
        if unknown := [part for part in _parts(text) if part not in known]:
            raise InputError(f"--{field} names {unknown[0]!r}; known: {', '.join(known)}", field=field, choices=known)
        if not _parts(text):
            raise InputError(f"--{field} is {text!r}, which names nothing; known: {', '.join(known)}", field=field, choices=known)
    if form.data is not None and not form.data.is_dir():
        raise InputError(f"data is {str(form.data)!r}, which is no folder", field="data")
    read_cases(options.cases or SHIPPED / "tool-calls.jsonl")
    if form.notes is not None:
        try:
            read_lines(form.notes, NoteCase)
        except InputError as error:
            raise InputError(str(error), field="notes") from error


def _jobs(options: Options, form: AllForm) -> Iterator[Job]:
    """What is to be run, one chat model after the other, and last what asks none."""
    chosen = options.tested.model
    replaced = chosen.partition(":")[0] == EMBEDDED  # a folder of its kind stands in for the shipped model
    named = {ROUTER: ROUTER, EMBEDDED: chosen if replaced else EMBEDDED, CHOSEN: chosen}
    wanted = [name for name in _parts(form.suites) if name != "notes" or form.notes is not None]
    for arm in dict.fromkeys(named[name] for name in _parts(form.arms)):
        for suite in wanted:
            if PARTS[suite].asks_model and (arm != ROUTER or PARTS[suite].baseline):
                yield Job(suite, arm, _options(suite, options, form, arm))
    for suite in wanted:
        if not PARTS[suite].asks_model:
            yield Job(suite, None, _options(suite, options, form, None))


def _options(suite: str, options: Options, form: AllForm, model: str | None) -> Options:
    given = dict(PARTS[suite].quick) if form.size == "quick" else {}
    if suite == "retrieval" and form.data is not None:
        given["data"] = str(form.data)
    cases = {"tool-calls": options.cases or SHIPPED / "tool-calls.jsonl", "notes": form.notes}.get(suite)
    return replace(options, cases=cases, model=model, given=given)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _within(progress: Progress | None, number: int, count: int, job: Job) -> Progress | None:
    """Tells the share of all jobs while one of them is under way."""
    if progress is None:
        return None
    tell: Callable[[float, str], None] = progress
    return lambda share, what: tell(min((number + share) / count, 1 - 1e-9), f"{job.suite}: {what}")


def _by_model(report: Report, job: Job) -> dict[str, Report]:
    """A suite's report for each of its models, with what concerns all of them beside each."""
    models = report.get("models")
    if not isinstance(models, dict):
        return {job.model or "": report}
    shared = {key: value for key, value in report.items() if key != "models"}
    return {name: {**shared, **figures} for name, figures in models.items() if isinstance(figures, dict)}


def _models(reports: Mapping[str, Mapping[str, Report]]) -> Report:
    """Each model's figures of all suites, as `suite.figure`."""
    models: dict[str, Report] = {}
    for suite, found in reports.items():
        for model, report in found.items():
            figures = models.setdefault(model, {"intervals": {}})
            bounds, intervals = report.get("intervals"), figures["intervals"]
            assert isinstance(bounds, dict)
            assert isinstance(intervals, dict)
            for name in PARTS[suite].figures:
                if name in bounds:
                    figures[f"{suite}.{name}"] = report[name]
                    intervals[f"{suite}.{name}"] = bounds[name]
    return {**models}


def _rows(suite: str, model: str, report: Report) -> Iterator[Report]:
    """The rows of the table for one suite on one model."""
    bounds, by_lang = report.get("intervals"), report.get("by_lang")
    for figure in PARTS[suite].figures:
        if not isinstance(bounds, dict) or figure not in bounds:
            continue
        low, high = _pair(bounds[figure])
        row: Report = {"suite": suite, "model": model, "n": report["n"], "figure": figure, "value": report[figure]}
        row["interval"] = f"{low:.3f} - {high:.3f}"
        for lang in LANGUAGES:
            of_lang = by_lang.get(lang) if isinstance(by_lang, dict) else None
            row[lang] = of_lang.get(figure) if isinstance(of_lang, dict) else None
        yield row


def _pair(bounds: Json) -> tuple[float, float]:
    assert isinstance(bounds, list)
    low, high = (float(str(bound)) for bound in bounds)
    return low, high
