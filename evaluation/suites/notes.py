"""The suite `notes`: which planning events a chat model reads out of inventory notes, by their words alone, without a shop."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.cases import read_lines
from evaluation.intervals import ratio_interval
from evaluation.notes import RATIOS, EventSaid, NoteCase, NoteScore, events_of, score
from parstock.domain import Json
from parstock.errors import InputError, ToolFailed
from tools.note_reader import NoteReading

if TYPE_CHECKING:
    from tools.note_reader import NoteReader

SAMPLE: tuple[Mapping[str, Json], ...] = (
    {
        "id": "s1",
        "lang": "en",
        "note": "Oak trays are on the radio next week, reckon 40 % more till 3 May.",
        "events": [{"type": "demand_change", "item": "Oak trays", "pct": 40, "start": "next week", "end": "3 May"}],
    },
    {"id": "s2", "lang": "zh", "note": "给李姐打了电话，没人接。", "context": {"supplier": "宁波华灯"}, "events": []},
)
"""Two cases in the form that the suite reads."""
WAKING = "Rang the supplier, no answer."
"""Read first and not counted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One note with what was read out of it."""

    case: NoteCase
    reading: NoteReading
    said: tuple[EventSaid, ...]
    score: NoteScore
    milliseconds: float
    error: str
    """Why the note could not be read, "" where it could."""


@suites.register("notes")
class Notes:
    """Scores the reading of notes on a file of cases."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Read each note, with what it is filed under, and compare the events with those of the case."""
        options.read(Form)
        if options.cases is None:
            raise InputError("this suite needs --cases FILE.jsonl, one JSON object a line", field="cases")
        cases = read_lines(options.cases, NoteCase)
        reader = _reader(options)
        _timed(reader, NoteCase(note=WAKING, events=()))  # loading the model is nobody's waiting time
        outcomes = []
        for number, case in enumerate(cases, 1):
            outcomes.append(_timed(reader, case))
            if progress:
                progress(number / len(cases), options.tested.model)
        return {"suite": "notes", "model": options.tested.model, **summary(outcomes)}

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write `SAMPLE` as a file of cases."""
        path = folder / "notes.jsonl"
        path.write_text("".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in SAMPLE), encoding="utf-8")
        return {"cases": str(path)}


def _reader(options: Options) -> "NoteReader":
    from agent.models import open_model
    from agent.note_reading import ModelNoteReader

    return ModelNoteReader(open_model(options.tested))


def _timed(reader: "NoteReader", case: NoteCase) -> Outcome:
    """Read one note; one that the model fails on means nothing, and the report says so.

    Raises:
        SetupError: The model cannot read notes at all.
    """
    began, error = time.perf_counter(), ""
    try:
        reading = reader.read(case.note, item=case.context.item, supplier=case.context.supplier)
    except ToolFailed as failed:
        reading, error = NoteReading(), str(failed)
    milliseconds = 1000 * (time.perf_counter() - began)
    said = events_of(reading)
    return Outcome(case, reading, said, score(case, said), milliseconds, error)


def summary(outcomes: Sequence[Outcome]) -> Report:
    """The report on one model."""
    waiting = [outcome.milliseconds for outcome in outcomes]
    return {
        **_figures([outcome.score for outcome in outcomes]),
        "unread": sum(bool(outcome.error) for outcome in outcomes),
        "by_lang": _groups(outcomes, lambda outcome: outcome.case.lang),
        "by_effect": _groups(outcomes, lambda outcome: "events" if outcome.case.events else "no event"),
        "by_type": _by_type(outcomes),
        "latency_ms": {"p50": round(float(np.median(waiting)), 1), "p95": round(float(np.quantile(waiting, 0.95)), 1)},
        "failures": [_failure(outcome) for outcome in outcomes if not outcome.score.exact],
    }


def _failure(outcome: Outcome) -> Report:
    found: Report = {
        "id": outcome.case.id,
        "note": outcome.case.note,
        "expected": [event.model_dump(exclude_none=True) for event in outcome.case.events],
        "got": [event.model_dump(exclude_none=True) for event in outcome.said],
        "unclear": [{"type": u.type, "why": u.why, "field": u.field, "said": u.said} for u in outcome.reading.unclear],
    }
    return found | {"error": outcome.error} if outcome.error else found


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> Report:
    """The figures of each group, by name."""
    groups: dict[str, list[NoteScore]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome.score)
    return {name: _figures(group) for name, group in sorted(groups.items())}


def _figures(scores: Sequence[NoteScore]) -> Report:
    """How many notes there are, each metric, None where nothing is there to be right or wrong, and its interval."""
    found: Report = {"n": len(scores)}
    intervals: Report = {}
    for name, (above, below) in RATIOS.items():
        ups, downs = [above(s) for s in scores], [below(s) for s in scores]
        found[name] = round(sum(ups) / sum(downs), 4) if sum(downs) else None
        if sum(downs):
            intervals[name] = list(ratio_interval(ups, downs))
    return {**found, "intervals": intervals}


def _by_type(outcomes: Sequence[Outcome]) -> Report:
    """F1 of the events of each type, with how many the notes mean."""
    types = sorted({event.type for outcome in outcomes for event in (*outcome.case.events, *outcome.said)})
    found: Report = {}
    for name in types:
        scores = [
            score(
                outcome.case.model_copy(update={"events": tuple(e for e in outcome.case.events if e.type == name)}),
                [event for event in outcome.said if event.type == name],
            )
            for outcome in outcomes
        ]
        above, below = RATIOS["event_f1"]
        f1 = sum(map(above, scores)) / sum(map(below, scores))
        found[name] = {"events": sum(s.right for s in scores), "event_f1": round(f1, 4)}
    return found
