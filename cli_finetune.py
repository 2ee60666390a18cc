"""The `parstock finetune` commands: any model fine-tuned on notes, the corpus, the embedded model from nothing."""

import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_shop import AsJson, Home, open_shop, settings_of
from parstock.errors import InputError
from parstock.terminal import progress, say, table

if TYPE_CHECKING:
    from finetune.notes_data import Split
    from parstock.settings import Settings
    from parstock.terminal import Tell

HELD_OUT, REPORT = "held-out.jsonl", "report.json"
"""The notes kept for the test, and the suites' reports before and after: left beside the model."""
QUICK_PARAMETERS = 300_000_000
"""Models up to this size are run through the suites on a CPU too."""
DEFAULT_CASES = 40
LEAST_TALK = 400
"""Made conversations at least, so that few notes do not make a model forget its tools."""
UNMEASURED = (
    "Nothing was measured: what the latest notes mean is not known. Confirm their events (`parstock events list` shows them), "
    "or give --notes FILE."
)
_SHOWN = (
    *(("notes", key) for key in ("event_f1", "field_accuracy", "exact", "harm")),
    *(("tool-calls", key) for key in ("tool", "exact", "wrong_call")),
)
"""What the table shows of each suite's report."""

Seed = Annotated[int, typer.Option(help="The same seed gives the same run.")]

finetune = typer.Typer(no_args_is_help=True)


@finetune.callback()
def about() -> None:
    """Training: an open-weight model on your notes, or the embedded model from nothing. Needs no network."""


@finetune.command(epilog="Example: parstock finetune notes --base Qwen/Qwen3-8B --out runs/shop-8b --notes notes.jsonl")
def notes(
    base: Annotated[str, typer.Option(metavar="MODEL", help="A folder, a hub id, or embedded[:FOLDER].")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the adapter; `--model DIR` serves it.")],
    file: Annotated[
        Path | None, typer.Option("--notes", metavar="FILE", help="Notes with events, JSONL; by default the shop's records.")
    ] = None,
    epochs: Annotated[float, typer.Option(help="How often each note is seen.")] = 2.0,
    rank: Annotated[int, typer.Option(min=1, help="Rank of the LoRA adapter.")] = 32,
    batch: Annotated[int, typer.Option(min=1, help="Conversations a step.")] = 16,
    max_steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longer conversations are left out.")] = 8192,
    talk: Annotated[float, typer.Option(min=0, help=f"Made conversations for each of the notes'; at least {LEAST_TALK}.")] = 1.0,
    test_share: Annotated[float, typer.Option(help="Share of the notes, the latest, kept for the test.")] = 0.2,
    cases: Annotated[
        int | None, typer.Option(min=0, help=f"Tool-call cases before and after; {DEFAULT_CASES} where the model is quick.")
    ] = None,
    seed: Seed = 1,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a model on inventory notes and measure it before and after.

    Personal data is taken out of the notes first, the latest notes are kept for the test, and conversations that call tools are
    mixed in. The embedded model is trained as a whole; any other gets a LoRA adapter, which needs the extra `finetune`.
    """
    _check_out(base, out)
    settings = settings_of(home)
    parted = _parted(settings, file, test_share)
    kind, _, folder = base.partition(":")
    if kind == "embedded":
        record = _further(folder, out, parted, epochs, batch, max_steps, seed)
        spec = f"embedded:{out}"
    else:
        from finetune.lora import Options

        options = Options(base, out, epochs, rank, batch=batch, most_tokens=max_tokens, most_steps=max_steps, seed=seed)
        record = _adapt(options, parted, talk, settings.currency)
        spec = f"local:{out}"
    count = _count(cases, record)
    held_out = out / HELD_OUT
    held_out.write_text("".join(f"{json.dumps(n.as_case(), ensure_ascii=False)}\n" for n in parted.test), encoding="utf-8")
    reports = _measured(settings, base, spec, held_out if parted.test else None, count, seed) if count else {}
    (out / REPORT).write_text(json.dumps(reports, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    rows = _rows(record, reports)
    shown: list[object] = [table("", ("measure", "before", "after"), rows)] if rows else [UNMEASURED]
    told = {"model": spec, "training": record, "measures": rows, "report": str(out / REPORT)}
    say(told, as_json, *shown, f"Serve it with --model {spec}; the suites' reports are in {out / REPORT}.")


@finetune.command(epilog="Example: parstock finetune corpus --out corpus.jsonl --count 20000")
def corpus(
    out: Annotated[Path, typer.Option(metavar="FILE", help="JSONL: messages and tools in OpenAI form, with the reply.")],
    count: Annotated[int, typer.Option(min=1, help="Conversations.")] = 10_000,
    seed: Seed = 1,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write conversations with their right replies, for a trainer of your own."""
    import itertools

    from finetune.chat_examples import grammar_examples

    if not out.parent.is_dir():
        raise InputError(f"out is {str(out)!r}, but there is no folder {str(out.parent)!r}", field="out")
    made = grammar_examples(_used(), seed, settings_of(home).currency)
    with progress() as tell, out.open("w", encoding="utf-8") as file:
        for number, example in enumerate(itertools.islice(made, count), 1):
            line = {"messages": [*example.messages, example.reply], "tools": list(example.tools), "lang": example.lang}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            tell("conversations", number / count)
    say({"out": str(out), "conversations": count}, as_json, f"{count:,} conversations in {out}.")


@finetune.command(epilog="Example: parstock finetune pretrain --out runs/embedded --minutes 60")
def pretrain(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for checkpoints and the finished model.")],
    minutes: Annotated[float, typer.Option(min=0, help="Time for the language model's training.")] = 60.0,
    limit: Annotated[int | None, typer.Option(min=1, help="Train on so many phrasings only, for a trial.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in the folder.")] = False,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Train the embedded model from nothing; `python -m finetune.pretrain --help` has more options."""
    from agent.embedded.decode import TRAINING
    from finetune.pretrain import Options, train

    with redirect_stdout(sys.stderr):
        train(Options(out, minutes=minutes, limit=limit, resume=resume, seed=seed))
    record = json.loads((out / TRAINING).read_text(encoding="utf-8"))
    say({"out": str(out), **record}, as_json, f"{record['steps']:,} steps; serve it with --model embedded:{out}.")


def _check_out(base: str, out: Path) -> None:
    """Refuse a folder in which something else would be overwritten."""
    if out.exists() and not out.is_dir():
        raise InputError(f"out is {str(out)!r}, a file; name a folder", field="out")
    if out.resolve() == Path(base.partition(":")[2] or base).expanduser().resolve() or (out / "config.json").is_file():
        raise InputError(f"out is {str(out)!r}, which holds a model already; name another folder", field="out")


def _parted(settings: "Settings", file: Path | None, test_share: float) -> "Split":
    """The notes without personal data, in two parts."""
    from finetune.notes_data import read_notes, recorded_notes, scrubbed, split, things

    if file is not None:
        return split(scrubbed(read_notes(file)), test_share)
    with open_shop(settings) as context:
        found = recorded_notes(context)
        names = things(context)
    if not found.notes:
        message = (
            f"the shop in {settings.home} has no note to learn from; import some (parstock import notes) or give --notes FILE"
        )
        raise InputError(message, field="notes")
    return split(scrubbed(found.notes, names), test_share)


def _used() -> list[Any]:
    """The phrasings that nothing is measured on."""
    from finetune.phrasing import notes as noted
    from finetune.phrasing import phrasings
    from finetune.pretrain import Corpus

    return Corpus.of([*phrasings(), *noted()]).used


def _adapt(options: Any, parted: "Split", talk: float, currency: str) -> dict[str, Any]:
    """Train a LoRA adapter."""
    from finetune.chat_examples import mixed, reading
    from finetune.lora import fine_tune

    train = mixed(parted.train, _used(), ratio=talk, least=LEAST_TALK, seed=options.seed, currency=currency)
    held_out = [made for note in parted.test if (made := reading(note)) is not None]
    with progress() as tell:
        return dict(fine_tune(options, train, held_out, lambda share, what: tell(what, share)).record)


def _further(
    folder: str, out: Path, parted: "Split", epochs: float, batch: int, max_steps: int | None, seed: int
) -> dict[str, Any]:
    """Train the embedded model further."""
    from agent.embedded.decode import WEIGHTS
    from finetune.further import Options, go_on

    start = Path(folder).expanduser() if folder else WEIGHTS
    options = Options(out, start, epochs=epochs, batch=2 * batch, most_steps=max_steps, seed=seed)
    with progress() as tell:
        return dict(go_on(options, parted.train, parted.test, lambda share, what: tell(what, share)))


def _count(asked: int | None, record: dict[str, Any]) -> int:
    """How many cases of tool calls the model is run on; none where that would take hours."""
    if asked is not None:
        return asked
    quick = record["device"] != "cpu" or record.get("parameters", 0) <= QUICK_PARAMETERS
    return DEFAULT_CASES if quick else 0


def _measured(settings: "Settings", base: str, spec: str, held_out: Path | None, count: int, seed: int) -> dict[str, Any]:
    """The reports of both suites, before and after."""
    from evaluation.base import Options, run_suite
    from finetune.chat_examples import grammar_cases
    from finetune.phrasing import phrasings
    from finetune.pretrain import held_out as never_learnt

    reports: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, progress() as tell:
        talk = Path(folder) / "talk.jsonl"
        made = grammar_cases([phrasing for phrasing in phrasings() if never_learnt(phrasing)], count, seed)
        talk.write_text("".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in made), encoding="utf-8")
        for suite, path in (("notes", held_out), ("tool-calls", talk)):
            for when, model in (("before", base), ("after", spec)) if path else ():
                shown = partial(_show, tell, f"{suite} {when}")
                reports.setdefault(suite, {})[when] = run_suite(suite, Options(settings, path, model), shown)
    return reports


def _show(tell: "Tell", what: str, share: float, _: str) -> None:
    """Draw a suite's progress under a name of ours."""
    tell(what, share)


def _rows(record: dict[str, Any], reports: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The measures before and after, one a row."""
    before, after = record.get("before") or {}, record.get("after") or {}
    rows = [
        {"measure": f"held-out notes: {name}", "before": round(before[name], 4), "after": round(after[name], 4)}
        for name in before
        if before[name] is not None
    ]
    for suite, key in _SHOWN:
        both = reports.get(suite, {})
        if all(key in both.get(when, {}) for when in ("before", "after")):
            rows.append({"measure": f"{suite}: {key}", "before": both["before"][key], "after": both["after"][key]})
    return rows
