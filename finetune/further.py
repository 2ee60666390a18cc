"""Further training of the embedded model on a shop's notes: its names, its wording. Goes on as `finetune.pretrain` does.

Half of what it sees are the shop's notes, the other half the corpus that it was trained on, so that it unlearns nothing. The
words of the tokenizer and the router stay. What comes out is a model folder that `--model embedded:FOLDER` serves.
"""

import itertools
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from agent.embedded.decode import FILES, TRAINING, WEIGHTS, EmbeddedModel, digests
from agent.embedded.vocabulary import PAD
from finetune.examples import Encoder, Example, everything, stream
from finetune.notes_data import LabelledNote
from finetune.phrasing import FOLDS, Phrasing, notes, phrasings
from parstock.domain import Json
from parstock.errors import InputError, SetupError

if TYPE_CHECKING:
    from transformers import Qwen3ForCausalLM

    from finetune import pretrain

Progress: TypeAlias = Callable[[float, str], None]
"""Told the share done (0-1) and what is being done."""
RATE = 0.1
"""Share of the learning rates of training from nothing."""
NOTES_SHARE = 0.5
HELD_EXAMPLES = 64


@dataclass(frozen=True, slots=True)
class Options:
    """What may be set."""

    out: Path
    base: Path = WEIGHTS
    """A model folder that `finetune.pretrain` made."""
    epochs: float = 2.0
    """How often each note is seen, with its names and days filled anew each time."""
    batch: int = 32
    most_steps: int | None = None
    seed: int = 1


def go_on(
    options: Options, train: Sequence[LabelledNote], held_out: Sequence[LabelledNote], progress: Progress | None = None
) -> dict[str, Json]:
    """Learn from notes whose meaning is known, and leave the model in `options.out`; returns the record of what was done.

    Raises:
        InputError: No note is left to learn from, or the output folder is the base's.
        SetupError: The base folder is damaged, or was made for another catalogue.
    """
    import torch

    from finetune import pretrain

    if options.out.resolve() == options.base.resolve():
        raise InputError(f"out is {str(options.out)!r}, the model itself; name another folder", field="out")
    tell = progress or (lambda share, what: None)
    base = EmbeddedModel(options.base)
    learnt, watched = as_phrasings(train), as_phrasings(held_out)
    if not learnt:
        raise InputError(f"none of {len(train)} notes has a known meaning in its own words", field="notes")
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    run = _begin(base, device)
    encoder, pad = Encoder(base.renderer, everything()), base.renderer.id(PAD)
    routers = [base.router] * FOLDS
    steps = max(1, round(options.epochs * len(learnt) / (options.batch * NOTES_SHARE)))
    steps = min(steps, options.most_steps or steps)
    own = stream(encoder, learnt, routers, options.seed)
    general = stream(encoder, [*phrasings(), *notes()], routers, options.seed + 1)
    data = pretrain.batches(_between(own, general, options.seed), options.batch, pad, device)
    unseen = list(itertools.islice(stream(encoder, watched, routers, pretrain.WATCHED_SEED), HELD_EXAMPLES)) if watched else []
    measured = pretrain.collate(unseen, pad, device) if unseen else None

    def held() -> float | None:
        if measured is None:
            return None
        with torch.no_grad():
            return round(pretrain.loss_of(run.model, measured).item(), 4)

    before, began = held(), time.monotonic()
    for step in range(steps):
        run.learn(next(data), RATE * pretrain.rate((step + 1) / (steps + 1)))
        tell((step + 1) / steps, f"step {step + 1} of {steps}, loss {run.loss:.3f}")
    record: dict[str, Json] = {
        "base": str(options.base.resolve()),
        "steps": run.step,
        "tokens": run.tokens,
        "seconds": round(time.monotonic() - began, 1),
        "train": len({phrasing.id for phrasing in learnt}),
        "held_out": len({phrasing.id for phrasing in watched}),
        "seed": options.seed,
        "device": device,
        "before": {"loss": before},
        "after": {"loss": held()},
    }
    _leave(run.model, options, record)
    return record


def as_phrasings(labelled: Sequence[LabelledNote]) -> list[Phrasing]:
    """Notes whose meaning is known, each as it stands and with its names and days made placeholders, as the corpus has them."""
    lines = [json.dumps(note.as_case(), ensure_ascii=False) for note in labelled if note.events is not None]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "shop.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return list(notes(Path(folder)))


def _begin(base: EmbeddedModel, device: str) -> "pretrain.Run":
    """The base model in training."""
    import torch
    from transformers import Qwen3ForCausalLM

    from finetune import pretrain

    model = base.network
    if not isinstance(model, Qwen3ForCausalLM):
        raise SetupError(f"the model in {str(base.folder)!r} is no Qwen3; expected a folder made by finetune.pretrain")
    if not torch.cuda.is_available():  # as finetune.pretrain.build does
        model.set_attn_implementation("eager")
    model.to(device).train()
    return pretrain.Run(model, pretrain.optimisers(model))


def _between(own: Iterator[Example], general: Iterator[Example], seed: int) -> Iterator[Example]:
    """Examples of both, endless."""
    rng = random.Random(seed)  # noqa: S311
    while True:
        yield next(own) if rng.random() < NOTES_SHARE else next(general)


def _leave(model: "Qwen3ForCausalLM", options: Options, record: dict[str, Json]) -> None:
    """Write the model folder."""
    from finetune import pretrain

    options.out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if name not in ("config.json", "model.safetensors"):
            shutil.copyfile(options.base / name, options.out / name)
    model.eval()
    pretrain.export(model, options.out)
    (options.out / TRAINING).write_text(json.dumps({**record, "sha256": digests(options.out)}, indent=1), encoding="utf-8")
