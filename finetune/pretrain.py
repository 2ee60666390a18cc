"""Training of the embedded language model, read from top to bottom. The same command on a CPU and on a GPU.

    python -m finetune.pretrain --out runs/embedded --minutes 60            # CPU: d=256, 6 layers
    python -m finetune.pretrain --out runs/embedded --minutes 10 --width 384 --layers 8 --batch 512   # GPU
    python -m finetune.pretrain --out runs/trial --minutes 1 --limit 200    # to see whether everything works

Steps: phrasings -> tokenizer -> routers (cross-fitted for the hints, one on everything to ship) -> language model ->
a folder with `config.json`, `model.safetensors`, `tokenizer.json`, `router.safetensors`, `training.json`.
`--resume` goes on from the last checkpoint in `--out`.
"""

import argparse
import copy
import itertools
import json
import math
import random
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import Qwen3Config, Qwen3ForCausalLM
from transformers.utils import logging

from agent.embedded.decode import TRAINING, digests
from agent.embedded.render import Renderer
from agent.embedded.router import Router
from agent.embedded.vocabulary import PAD
from finetune import router, tokenizer
from finetune.examples import Encoder, Example, catalogue, everything, stream
from finetune.phrasing import FOLDS, Phrasing, notes, phrasings
from parstock.errors import SetupError

HELD_OUT_ONE_IN = 40
"""One phrasing in so many is kept out of training to watch the loss on."""
HELD_OUT_SALT = "997"
"""Makes the choice independent of the routers' folds."""
WATCHED_EXAMPLES, WATCHED_SEED = 256, 7
LONGEST_EXAMPLE = 400
"""Tokens; longer ones are rare and left out."""
SORTED_BATCHES = 16
"""So many batches are drawn at once and sorted by length, which leaves little padding."""
START_RATE = 0.5
"""Share of the full learning rates at which a finished model learns on."""
REPORT_EVERY, SAVE_EVERY = 100, 400
"""Steps between two lines of the log, and between two checkpoints."""
CONVERSATIONS_PER_PHRASING = 8
"""For the tokenizer of a trial; a whole corpus has its fixed number."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line may set."""

    out: Path
    minutes: float = 60
    width: int = 256
    layers: int = 6
    batch: int = 96
    threads: int = 1
    seed: int = 1
    limit: int | None = None
    resume: bool = False
    start: Path | None = None
    compile: bool = False


def arguments(given: Sequence[str] | None = None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the finished model")
    parser.add_argument("--minutes", type=float, default=60, help="time for the language model's training")
    parser.add_argument("--width", type=int, default=256, help="hidden size, a multiple of 64")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--batch", type=int, default=96, help="sequences a step")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; more is slower on shared cores")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, metavar="N", help="train on N phrasings only, for a quick trial")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument(
        "--start", type=Path, metavar="FOLDER", help="begin with the weights of a finished model of the same shape"
    )
    parser.add_argument("--compile", action="store_true", help="twice as fast after some minutes; needs a C++ compiler")
    return Options(**vars(parser.parse_args(given)))


def train(options: Options) -> None:
    """Everything, from phrasings to the finished folder."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    logging.disable_progress_bar()
    options.out.mkdir(parents=True, exist_ok=True)

    corpus = Corpus.of([*phrasings(), *notes()], options.limit, options.seed)
    words = fitted_tokenizer(options, corpus)
    say(f"{len(corpus.used)} phrasings, {len(corpus.watched)} held out, {words.get_vocab_size()} tokens, {device}, bf16 autocast")
    routers = fitted_routers(options, corpus)
    say("routers trained")

    run = Run.begin(options.width, options.layers, words.get_vocab_size(), device)
    if options.start:
        take_over(run.model, words, options.start)
        run.rates = [[rate * START_RATE for rate in rates] for rates in run.rates]
    if options.compile:
        run.model.model.compile(dynamic=True)
    if options.resume and checkpoint(options).exists():
        run.load(checkpoint(options))
    say(f"{sum(p.numel() for p in run.model.parameters()) / 1e6:.1f} M parameters, from step {run.step}")

    encoder = Encoder(Renderer(words), everything())
    pad = encoder.renderer.id(PAD)
    data = batches(stream(encoder, corpus.used, routers, options.seed + run.step), options.batch, pad, device)
    unseen = stream(encoder, corpus.watched, routers, WATCHED_SEED)
    fit(run, data, collate(list(itertools.islice(unseen, WATCHED_EXAMPLES)), pad, device), options)

    export(run.model, options.out)
    facts = {
        "steps": run.step,
        "tokens": run.tokens,
        "minutes": options.minutes,
        "phrasings": len(corpus.used),
        "seed": options.seed,
        "device": device,
        "sha256": digests(options.out),
    }
    (options.out / TRAINING).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def say(text: str) -> None:
    """Print a line of the log at once."""
    print(text, flush=True)


# Phrasings


@dataclass(frozen=True, slots=True)
class Corpus:
    """Phrasings to train on, and those kept out to watch the loss on."""

    used: list[Phrasing]
    watched: list[Phrasing]

    @classmethod
    def of(cls, everything: Sequence[Phrasing], limit: int | None = None, seed: int = 0) -> "Corpus":
        """Split phrasings by their ids; `limit` is the number to train on, drawn with `seed`."""
        used = [phrasing for phrasing in everything if not held_out(phrasing)]
        if limit is not None:
            used = random.Random(seed).sample(used, min(limit, len(used)))  # noqa: S311
        return cls(used, [phrasing for phrasing in everything if held_out(phrasing)])


def held_out(phrasing: Phrasing) -> bool:
    """Whether a phrasing (with all its turns) is kept for watching."""
    return zlib.crc32(f"{HELD_OUT_SALT}{phrasing.id}".encode()) % HELD_OUT_ONE_IN == 0


# Tokenizer and routers


def fitted_tokenizer(options: Options, corpus: Corpus) -> Tokenizer:
    """The tokenizer, left in the folder; taken from there when training goes on."""
    path = options.out / "tokenizer.json"
    if options.resume and path.exists():
        return Tokenizer.from_file(str(path))
    conversations = min(tokenizer.CONVERSATIONS, CONVERSATIONS_PER_PHRASING * len(corpus.used))
    words = tokenizer.train(corpus.used, everything(), conversations=conversations, seed=options.seed)
    words.save(str(path))
    return words


def fitted_routers(options: Options, corpus: Corpus) -> list[Router]:
    """The cross-fitted routers, and the one to ship left in the folder; taken from there when training goes on."""
    folders = [options.out / f"router{fold}" for fold in range(FOLDS)]
    if not (options.resume and all((folder / "router.safetensors").exists() for folder in folders)):
        tools, talk = list(catalogue().tools), [phrasing for phrasing in corpus.used if not phrasing.note]
        for folder, fitted in zip(folders, router.cross_fitted(talk, tools, seed=options.seed), strict=True):
            folder.mkdir(exist_ok=True)
            fitted.save(folder)
        unseen = [phrasing for phrasing in corpus.watched if not phrasing.note]
        router.train([*talk, *unseen], tools, seed=options.seed).save(options.out)
    return [Router.load(folder) for folder in folders]


# Model


def build(width: int, layers: int, vocabulary: int) -> Qwen3ForCausalLM:
    """A randomly initialised Qwen3 with tied embeddings."""
    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        num_key_value_heads=max(1, width // 128),
        head_dim=64,
        intermediate_size=width * 8 // 3 // 64 * 64,
        max_position_embeddings=2048,
        rope_theta=10_000.0,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
    )
    model = Qwen3ForCausalLM(config)
    if not torch.cuda.is_available():  # the CPU's fused attention has a backward pass that takes a third of a step
        model.set_attn_implementation("eager")
    return model


def take_over(model: Qwen3ForCausalLM, words: Tokenizer, folder: Path) -> None:
    """Begin with the weights of a finished model; of its word embeddings, those of the tokens that both know.

    Raises:
        SetupError: It is of another width or depth.
    """
    old = Qwen3ForCausalLM.from_pretrained(str(folder), dtype=torch.float32, use_safetensors=True, local_files_only=True)
    shape = (model.config.hidden_size, model.config.num_hidden_layers)
    if shape != (old.config.hidden_size, old.config.num_hidden_layers):
        raise SetupError(f"the model in {str(folder)!r} has another shape; expected width {shape[0]} and {shape[1]} layers")
    known = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    shared = [(number, known[token]) for token, number in words.get_vocab().items() if token in known]
    into, out_of = (torch.tensor(numbers) for numbers in zip(*shared, strict=True))
    embeddings = model.get_input_embeddings().weight.detach().clone()
    embeddings[into] = old.get_input_embeddings().weight.detach()[out_of]
    model.load_state_dict({**old.state_dict(), "model.embed_tokens.weight": embeddings, "lm_head.weight": embeddings})


def export(model: Qwen3ForCausalLM, folder: Path) -> None:
    """Write the model in half precision (bf16) as safetensors."""
    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)


# Data


@dataclass(frozen=True, slots=True)
class Batch:
    """Right-padded sequences."""

    ids: torch.Tensor
    """[B, T] token ids."""
    weights: torch.Tensor
    """[B, T] loss weights, 0 where a token does not count."""


def batches(examples: Iterator[Example], size: int, pad: int, device: str) -> Iterator[Batch]:
    """Endless batches of similar length: some are drawn, sorted by length, cut, and given in random order."""
    while True:
        drawn = [e for e in itertools.islice(examples, size * SORTED_BATCHES) if len(e.ids) <= LONGEST_EXAMPLE]
        drawn.sort(key=lambda e: len(e.ids))
        chunks = [drawn[i : i + size] for i in range(0, len(drawn), size)]
        for i in torch.randperm(len(chunks)).tolist():
            yield collate(chunks[i], pad, device)


def collate(chunk: Sequence[Example], pad: int, device: str) -> Batch:
    """Pad examples to the longest of them."""
    longest = max(len(e.ids) for e in chunk)
    ids = torch.full((len(chunk), longest), pad)
    weights = torch.zeros(len(chunk), longest)
    for row, example in enumerate(chunk):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        weights[row, : len(example.ids)] = torch.tensor(example.weights)
    return Batch(ids.to(device), weights.to(device))


# Loss, optimisers, learning rate


def loss_of(model: Qwen3ForCausalLM, batch: Batch) -> torch.Tensor:
    """Weighted next-token cross entropy; the head is applied only where a token counts."""
    targets, weights = batch.ids[:, 1:], batch.weights[:, 1:]
    counted = weights > 0
    with torch.autocast(batch.ids.device.type, dtype=torch.bfloat16):
        hidden = model.model(input_ids=batch.ids[:, :-1], use_cache=False).last_hidden_state
        logits = hidden[counted] @ model.lm_head.weight.T
    losses = functional.cross_entropy(logits.float(), targets[counted], reduction="none")
    return (losses * weights[counted]).sum() / weights.sum()


def optimisers(model: Qwen3ForCausalLM) -> list[torch.optim.Optimizer]:
    """Muon for the hidden matrices, AdamW for embeddings and norms."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name and "lm_head" not in name]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=0.02, momentum=0.95, weight_decay=0.05),
        torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.01),
    ]


def rate(done: float) -> float:
    """Learning-rate factor at a share `done` of the time: warm-up 2 %, flat, linear decay over the last half."""
    return min(1.0, done / 0.02) if done < 0.5 else max(0.0, (1 - done) / 0.5)


# Training


@dataclass(slots=True)
class Run:
    """A model in training and how far it has come."""

    model: Qwen3ForCausalLM
    steppers: list[torch.optim.Optimizer]
    rates: list[list[float]] = field(init=False)
    """Full learning rate of every parameter group of every optimiser."""
    seconds: float = 0.0
    """Time spent."""
    step: int = 0
    tokens: int = 0
    """Tokens seen, padding included."""
    loss: float = math.nan
    """Moving average over some fifty steps."""

    def __post_init__(self) -> None:
        self.rates = [[group["lr"] for group in stepper.param_groups] for stepper in self.steppers]

    @classmethod
    def begin(cls, width: int, layers: int, vocabulary: int, device: str) -> "Run":
        """A run at its beginning."""
        model = build(width, layers, vocabulary).to(device)
        return cls(model, optimisers(model))

    def learn(self, batch: Batch, factor: float) -> None:
        """One step at a share `factor` of the full learning rates."""
        for stepper, rates in zip(self.steppers, self.rates, strict=True):
            for group, full in zip(stepper.param_groups, rates, strict=True):
                group["lr"] = full * factor
        loss = loss_of(self.model, batch)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for stepper in self.steppers:
            stepper.step()
            stepper.zero_grad()
        self.step, self.tokens = self.step + 1, self.tokens + batch.ids.numel()
        self.loss = loss.item() if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * loss.item()

    def save(self, path: Path) -> None:
        """Replace the checkpoint in one move; it is read by this script alone and never shipped."""
        state = {"model": self.model.state_dict(), "steppers": [stepper.state_dict() for stepper in self.steppers]}
        temporary = path.with_suffix(".tmp")
        torch.save({**state, "elapsed": self.seconds, "step": self.step, "tokens": self.tokens}, temporary)
        temporary.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        found = torch.load(path, weights_only=True)
        self.model.load_state_dict(found["model"])
        for stepper, state in zip(self.steppers, found["steppers"], strict=True):
            stepper.load_state_dict(state)
        self.seconds, self.step, self.tokens = found["elapsed"], found["step"], found.get("tokens", 0)


def checkpoint(options: Options) -> Path:
    """File that a run is saved in."""
    return options.out / "checkpoint.pt"


def fit(run: Run, data: Iterator[Batch], watched: Batch, options: Options) -> None:
    """Learn until the time is up, saying and saving now and then how far it has come."""
    allowed = options.minutes * 60
    began = time.monotonic() - run.seconds
    while run.seconds < allowed:
        run.learn(next(data), rate(run.seconds / allowed))
        run.seconds = time.monotonic() - began
        if run.step % REPORT_EVERY == 0:
            with torch.no_grad():
                unseen = loss_of(run.model, watched).item()
            done = f"step {run.step} {run.seconds / 60:.1f} min {run.tokens / 1e6:.2f} M tokens"
            say(f"{done} loss {run.loss:.3f} held-out {unseen:.3f}")
        if run.step % SAVE_EVERY == 0:
            run.save(checkpoint(options))
            export(run.model, options.out)


if __name__ == "__main__":
    train(arguments())
