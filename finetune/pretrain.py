"""Training of the embedded language model, read from top to bottom. The same command on a CPU and on a GPU.

    python -m finetune.pretrain --out runs/embedded --minutes 60            # CPU: d=256, 6 layers
    python -m finetune.pretrain --out runs/embedded --minutes 10 --width 384 --layers 8 --batch 512   # GPU

Steps: phrasings -> tokenizer -> routers (cross-fitted for the hints, one on everything to ship) -> language model ->
a folder with `config.json`, `model.safetensors`, `tokenizer.json`, `router.safetensors`, `training.json`.
`--resume` goes on from the last checkpoint in `--out`.
"""

import argparse
import itertools
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn import functional
from transformers import Qwen3Config, Qwen3ForCausalLM

from agent.embedded.render import Renderer
from agent.embedded.router import Router
from agent.embedded.vocabulary import PAD
from finetune import router, tokenizer
from finetune.corpus import Phrasing, phrasings
from finetune.examples import Encoder, Example, catalogue, stream

HELD_OUT_FOLD, HELD_OUT_SHARE = 997, 40
"""One phrasing in forty is kept out of training to watch the loss on."""


def arguments() -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the finished model")
    parser.add_argument("--minutes", type=float, default=60, help="time for the language model's training")
    parser.add_argument("--width", type=int, default=256, help="hidden size, a multiple of 64")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--batch", type=int, default=96, help="sequences a step")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; more is slower on shared cores")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    return parser.parse_args()


def held_out(phrasing: Phrasing) -> bool:
    """Whether a phrasing is kept for watching."""
    return hash_of(phrasing.id) % HELD_OUT_SHARE == 0


def hash_of(text: str) -> int:
    """A stable number for a string."""
    import zlib

    return zlib.crc32(f"{HELD_OUT_FOLD}{text}".encode())


def fitted_routers(options: argparse.Namespace, used: list[Phrasing], everything: list[Phrasing], names: list[str]) -> list[Router]:
    """The cross-fitted routers, and the one to ship beside the model; taken from the folder when training goes on."""
    folders = [options.out / f"router{fold}" for fold in range(router.FOLDS)]
    if not (options.resume and all((folder / "router.safetensors").exists() for folder in folders)):
        for folder, fitted in zip(folders, router.cross_fitted(used, names, seed=options.seed), strict=True):
            folder.mkdir(exist_ok=True)
            fitted.save(folder)
        router.train(everything, names, seed=options.seed).save(options.out)
    return [Router.load(folder) for folder in folders]


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
    return Qwen3ForCausalLM(config)


def batches(examples: Iterator[Example], size: int, pad: int, device: str) -> Iterator[dict[str, torch.Tensor]]:
    """Batches of similar length: sixteen batches are drawn, sorted by length, and cut."""
    while True:
        drawn = sorted((e for e in itertools.islice(examples, size * 16) if len(e.ids) <= 400), key=lambda e: len(e.ids))
        chunks = [drawn[i : i + size] for i in range(0, len(drawn), size)]
        for chunk in (chunks[i] for i in torch.randperm(len(chunks)).tolist()):
            yield collate(chunk, pad, device)


def collate(chunk: list[Example], pad: int, device: str) -> dict[str, torch.Tensor]:
    """Right-padded ids [B, T] and loss weights [B, T]."""
    longest = max(len(e.ids) for e in chunk)
    ids = torch.full((len(chunk), longest), pad)
    weights = torch.zeros(len(chunk), longest)
    for row, example in enumerate(chunk):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        weights[row, : len(example.ids)] = torch.tensor(example.weights)
    return {"ids": ids.to(device), "weights": weights.to(device)}


def loss_of(model: Qwen3ForCausalLM, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Weighted next-token cross entropy; the head is applied only where a token counts."""
    ids, weights = batch["ids"], batch["weights"]
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        counted = weights[:, 1:] > 0
        logits = hidden[counted] @ model.lm_head.weight.T
    losses = functional.cross_entropy(logits.float(), ids[:, 1:][counted], reduction="none")
    return (losses * weights[:, 1:][counted]).sum() / weights[:, 1:].sum()


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


def train(options: argparse.Namespace) -> None:
    """Everything, from phrasings to the finished folder."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    tools = catalogue()
    everything = list(phrasings())
    used = [p for p in everything if not held_out(p)]
    watched = [p for p in everything if held_out(p)]
    words = tokenizer.train(used, tools, seed=options.seed)
    words.save(str(options.out / "tokenizer.json"))
    renderer = Renderer(words)
    print(f"{len(used)} phrasings, {len(watched)} held out, {words.get_vocab_size()} tokens, {device} with bf16 autocast", flush=True)

    routers = fitted_routers(options, used, everything, list(tools.tools))
    print("routers trained", flush=True)

    model = build(options.width, options.layers, words.get_vocab_size()).to(device)
    steppers = optimisers(model)
    state = Checkpoint(options.out / "checkpoint.pt")
    elapsed, step = state.load(model, steppers) if options.resume and state.path.exists() else (0.0, 0)
    encoder, pad = Encoder(renderer, tools), renderer.id(PAD)
    data = batches(stream(encoder, used, routers, options.seed + step), options.batch, pad, device)
    watch = [collate(list(itertools.islice(stream(encoder, watched, routers, 7), 256)), pad, device)]
    base = [[group["lr"] for group in s.param_groups] for s in steppers] if not elapsed else state.rates
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters", flush=True)

    began, tokens, running = time.monotonic() - elapsed, 0, math.nan
    while (elapsed := time.monotonic() - began) < options.minutes * 60:
        factor = rate(elapsed / (options.minutes * 60))
        for stepper, rates in zip(steppers, base, strict=True):
            for group, lr in zip(stepper.param_groups, rates, strict=True):
                group["lr"] = lr * factor
        batch = next(data)
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad()
        step, tokens = step + 1, tokens + batch["ids"].numel()
        running = loss.item() if math.isnan(running) else 0.98 * running + 0.02 * loss.item()
        if step % 200 == 0:
            with torch.no_grad():
                unseen = loss_of(model, watch[0]).item()
            print(f"step {step} {elapsed / 60:.1f} min {tokens / 1e6:.2f} M tokens loss {running:.3f} held-out {unseen:.3f}", flush=True)
        if step % 1000 == 0:
            state.save(model, steppers, base, elapsed, step)
            export(model, options.out)
    export(model, options.out)
    facts = {"steps": step, "tokens": tokens, "minutes": options.minutes, "phrasings": len(used), "seed": options.seed, "device": device}
    (options.out / "training.json").write_text(json.dumps(facts, indent=1))


class Checkpoint:
    """Weights, optimiser state and clock, for `--resume`; written by this script alone and never shipped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rates: list[list[float]] = []

    def save(self, model: Qwen3ForCausalLM, steppers: list[torch.optim.Optimizer], rates: list[list[float]], elapsed: float, step: int) -> None:
        """Replace the checkpoint in one move."""
        temporary = self.path.with_suffix(".tmp")
        torch.save({"model": model.state_dict(), "steppers": [s.state_dict() for s in steppers], "rates": rates, "elapsed": elapsed, "step": step}, temporary)  # fmt: skip
        temporary.replace(self.path)

    def load(self, model: Qwen3ForCausalLM, steppers: list[torch.optim.Optimizer]) -> tuple[float, int]:
        """Restore; returns seconds trained and steps done."""
        found = torch.load(self.path, weights_only=True)
        model.load_state_dict(found["model"])
        for stepper, saved in zip(steppers, found["steppers"], strict=True):
            stepper.load_state_dict(saved)
        self.rates = found["rates"]
        return found["elapsed"], found["step"]


def export(model: Qwen3ForCausalLM, folder: Path) -> None:
    """Write the model in half precision (bf16) as safetensors."""
    import copy

    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)


if __name__ == "__main__":
    train(arguments())
