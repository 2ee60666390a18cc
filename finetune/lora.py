"""Low-rank adaptation (LoRA, arXiv:2106.09685) of any open-weight causal model on chat examples, read from top to bottom.

All linear layers of the model get an adapter, the model itself stays as it is (on all layers LoRA equals full fine-tuning, on
attention alone it does not: arXiv:2305.14314). Only the tokens of a reply count in the loss. What comes out is a folder with
`adapter_config.json`, `adapter_model.safetensors`, the tokenizer and `finetune.json`, which `--model FOLDER` serves.
"""

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from agent.models._adapter import unaged
from agent.models.local import load_model
from finetune.chat_examples import ChatExample
from finetune.render import Rendered, Rendering, render_all
from parstock.domain import Json
from parstock.errors import InputError, SetupError

if TYPE_CHECKING:
    import torch

Progress: TypeAlias = Callable[[float, str], None]
"""Told the share done (0-1) and what is being done."""
RECORD = "finetune.json"
"""What was done, left in the adapter's folder."""
DROPOUT, WARM_UP, CLIP = 0.05, 0.03, 1.0
GPU_TOKENS, CPU_TOKENS = 16_384, 4_096
"""Tokens, padding included, that go through the model at once."""
LOSS_STEPS = 50
"""Steps over which the loss of training is averaged in the log."""


@dataclass(frozen=True, slots=True)
class Options:
    """What may be set."""

    base: str
    """Folder or hub id of the model."""
    out: Path
    epochs: float = 2.0
    rank: int = 32
    """Of the adapter; its scale is twice that."""
    rate: float = 2e-4
    """Learning rate, about ten times that of full fine-tuning."""
    batch: int = 16
    """Examples a step; LoRA learns worse with large batches."""
    most_tokens: int = 8192
    """Longer examples are left out."""
    most_steps: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Held:
    """How a model does on examples that it has not learnt from."""

    loss: float
    """Mean cross entropy of a reply's token, in nats."""
    exact: float
    """Share of replies that the model, choosing the likeliest token each time, writes to the letter."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a run."""

    record: dict[str, Json]
    """As `RECORD` holds it."""
    before: Held | None
    """None where nothing was held out."""
    after: Held | None


def fine_tune(
    options: Options, train: Sequence[ChatExample], held_out: Sequence[ChatExample], progress: Progress | None = None
) -> Trained:
    """Learn from `train`, measure on `held_out` before and after, and leave the adapter in `options.out`.

    Raises:
        InputError: An option is out of bounds, or no example is left to learn from.
        SetupError: peft is missing, or the model cannot be loaded or adapted.
    """
    _check(options)
    tell = progress or (lambda share, what: None)
    import torch

    tell(0.0, "loading the model")
    loaded = load_model(options.base)
    tokenizer, device = loaded.tokenizer, loaded.network.device
    learnt = render_all(tokenizer, train, options.most_tokens)
    watched = render_all(tokenizer, held_out, options.most_tokens)
    if not learnt.sequences:
        why = f"{learnt.too_long} are longer than {options.most_tokens} tokens, {learnt.unrenderable} cannot be written"
        detail = f" ({learnt.reason})" if learnt.reason else ""
        raise InputError(f"no example is left to learn from: of {len(train)}, {why}{detail}", field="notes")

    torch.manual_seed(options.seed)
    model = adapted(loaded.network, options)
    trainable = [weights for weights in model.parameters() if weights.requires_grad]
    steps = _steps(options, len(learnt.sequences))
    before = held(model, watched.sequences, lambda share: tell(0.05 * share, "measuring before"))
    began, tokens, losses = time.monotonic(), 0, []
    optimiser = torch.optim.AdamW(trainable, lr=options.rate, weight_decay=0.0)
    model.train()
    for step, batch in enumerate(_batches(learnt.sequences, options.batch, steps, options.seed)):
        for group in optimiser.param_groups:
            group["lr"] = options.rate * factor(step / steps)
        losses.append(_learn(model, batch, device))
        torch.nn.utils.clip_grad_norm_(trainable, CLIP)
        optimiser.step()
        optimiser.zero_grad()
        tokens += sum(len(one.ids) for one in batch)
        recent = losses[-LOSS_STEPS:]
        tell(0.05 + 0.9 * (step + 1) / steps, f"step {step + 1} of {steps}, loss {sum(recent) / len(recent):.3f}")
    seconds = time.monotonic() - began
    after = held(model, watched.sequences, lambda share: tell(0.95 + 0.05 * share, "measuring after"))

    options.out.mkdir(parents=True, exist_ok=True)
    model.peft_config["default"].base_model_name_or_path = loaded.name
    model.save_pretrained(str(options.out), safe_serialization=True)
    tokenizer.save_pretrained(str(options.out))
    weights = {"parameters": sum(w.numel() for w in model.parameters()), "trainable": sum(w.numel() for w in trainable)}
    run = {"steps": steps, "tokens": tokens, "seconds": round(seconds, 1), "first_loss": losses[0], "last_loss": losses[-1]}
    record: dict[str, Json] = {
        **_settings(options, loaded.name, device),
        **weights,
        **_counts(learnt, watched),
        **run,
        "before": asdict(before) if before else None,
        "after": asdict(after) if after else None,
    }
    (options.out / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    tell(1.0, "done")
    return Trained(record, before, after)


def adapted(network: Any, options: Options) -> Any:
    """Return the model with a fresh adapter, which changes nothing yet.

    Raises:
        SetupError: peft is not installed, or knows no linear layer in the model.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise SetupError("fine-tuning needs peft: pip install 'parstock[finetune]'") from error
    config = LoraConfig(
        r=options.rank,
        lora_alpha=2 * options.rank,
        lora_dropout=DROPOUT,
        target_modules="all-linear",
        bias="none",
        task_type="CAUSAL_LM",
    )
    if network.device.type == "cuda":  # activations are made again on the way back: a third slower, a fraction of the memory
        with unaged():
            network.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            network.enable_input_require_grads()
    try:
        with unaged():
            return get_peft_model(network, config)
    except ValueError as error:
        raise SetupError(f"the model {options.base!r} cannot be adapted: {error}") from error


def held(model: Any, sequences: Sequence[Rendered], tell: Callable[[float], None] = lambda share: None) -> Held | None:
    """Measure the model on sequences; None where there are none."""
    import torch

    if not sequences:
        return None
    model.eval()
    loss, tokens, exact, done = 0.0, 0, 0, 0
    with torch.inference_mode():
        for part in _parts(sequences, model.device):
            losses, right = _judged(model, part, model.device)
            loss, tokens = loss + float(losses.sum()), tokens + sum(len(one.reply) for one in part)
            exact, done = exact + int(right.sum()), done + len(part)
            tell(done / len(sequences))
    return Held(loss / tokens, exact / len(sequences))


def factor(done: float) -> float:
    """Share of the full learning rate at a share `done` of the steps: a short warm-up, then half a cosine down to 0.

    >>> [round(factor(done), 2) for done in (0.0, 0.015, 0.03, 0.515, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if done < WARM_UP:
        return done / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))


def _check(options: Options) -> None:
    for name, least in (("epochs", 0.0), ("rank", 0), ("rate", 0.0), ("batch", 0), ("most_tokens", 0)):
        value = getattr(options, name)
        if not value > least:
            raise InputError(f"{name} is {value!r}; it must be above {least:g}", field=name)
    if options.most_steps is not None and options.most_steps < 1:
        raise InputError(f"most_steps is {options.most_steps!r}; it must be at least 1", field="most_steps")


def _steps(options: Options, examples: int) -> int:
    steps = max(1, round(options.epochs * examples / options.batch))
    return steps if options.most_steps is None else min(steps, options.most_steps)


def _batches(sequences: Sequence[Rendered], size: int, steps: int, seed: int) -> Iterator[list[Rendered]]:
    """So many batches, all sequences in turn in a new random order each round."""
    rng = random.Random(seed)  # noqa: S311
    pool: list[Rendered] = []
    for _ in range(steps):
        while len(pool) < min(size, len(sequences)):
            pool += rng.sample(sequences, len(sequences))
        yield pool[:size]
        del pool[:size]


def _parts(sequences: Sequence[Rendered], device: "torch.device") -> Iterator[list[Rendered]]:
    """Sequences of similar length that go through the model at once, the longest first."""
    room = GPU_TOKENS if device.type == "cuda" else CPU_TOKENS
    left = sorted(sequences, key=lambda one: -len(one.ids))
    while left:
        count = max(1, room // len(left[0].ids))
        yield left[:count]
        del left[:count]


def _learn(model: Any, batch: Sequence[Rendered], device: "torch.device") -> float:
    """Add up the gradients of one step; return the mean loss of a reply's token."""
    import torch

    counted = sum(len(one.reply) for one in batch)
    total = 0.0
    for part in _parts(batch, device):
        loss = _judged(model, part, device)[0].sum() / counted
        torch.autograd.backward(loss)
        total += loss.item()
    return total


def _judged(model: Any, part: Sequence[Rendered], device: "torch.device") -> "tuple[torch.Tensor, torch.Tensor]":
    """Return the loss of each sequence's reply, summed over its tokens, and whether each of them was the likeliest [B].

    Sequences are padded on the left, so that all replies end together and the model need write only their tokens.
    """
    import torch
    from torch.nn import functional

    longest, replies = max(len(one.ids) for one in part), max(len(one.reply) for one in part)
    ids = torch.zeros(len(part), longest, dtype=torch.long)
    seen = torch.zeros_like(ids)
    targets = torch.full((len(part), replies), -100)
    for row, one in enumerate(part):
        ids[row, longest - len(one.ids) :] = torch.tensor(one.ids)
        seen[row, longest - len(one.ids) :] = 1
        targets[row, replies - len(one.reply) :] = torch.tensor(one.reply)
    positions = (seen.cumsum(1) - 1).clamp(min=0)
    out = model(
        input_ids=ids.to(device),
        attention_mask=seen.to(device),
        position_ids=positions.to(device),
        use_cache=False,
        logits_to_keep=replies + 1,
    )
    logits, wanted = out.logits[:, :-1].float(), targets.to(device)
    losses = functional.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=-100, reduction="none")
    right = (logits.argmax(-1) == wanted) | (wanted == -100)
    return losses.sum(1), right.all(1)


def _settings(options: Options, base: str, device: "torch.device") -> dict[str, Json]:
    return {**asdict(options), "base": base, "out": str(options.out), "device": str(device)}


def _counts(learnt: Rendering, watched: Rendering) -> dict[str, Json]:
    return {
        "train": len(learnt.sequences),
        "held_out": len(watched.sequences),
        "left_out": {"train": _left_out(learnt), "held_out": _left_out(watched)},
    }


def _left_out(rendering: Rendering) -> dict[str, Json]:
    return {"too_long": rendering.too_long, "unrenderable": rendering.unrenderable}
