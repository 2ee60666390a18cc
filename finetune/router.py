"""Training of the n-gram router, and its cross-fitted rankings for the language model's prompts.

The language model must learn how far to trust the router on phrasings that the router has not seen; so each phrasing's
hints come from a router trained on the other folds.
"""

import random
import zlib
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from agent.embedded.router import BUCKETS, Features, Router, features
from finetune.corpus import Conversation, Grammar, Phrasing

KINDS = {"clarify": "clarify", "refuse": "decline", "answer": "talk"}
FOLDS = 5


def fold_of(phrasing_id: str) -> int:
    """Which fold a phrasing (with all its turns) belongs to."""
    return zlib.crc32(phrasing_id.encode()) % FOLDS


def targets(conversation: Conversation) -> set[str]:
    """Labels of a conversation: the tools of its calls, or the kind of reply."""
    return {call.name for call in conversation.calls} or {KINDS[conversation.behaviour]}


def train(phrasings: Sequence[Phrasing], tools: Sequence[str], *, copies: int = 6, epochs: int = 6, seed: int = 0) -> Router:
    """Fit a multinomial router (soft targets for several calls) on `copies` fillings of every phrasing."""
    labels = (*tools, *KINDS.values())
    number = {label: i for i, label in enumerate(labels)}
    rng = random.Random(seed)  # noqa: S311
    grammar = Grammar(phrasings)
    rows: list[Features] = []
    wanted: list[np.ndarray] = []
    for phrasing in phrasings:
        for _ in range(copies):
            conversation = grammar.fill(phrasing, rng)
            if conversation is None:
                continue
            names = targets(conversation)
            row = np.zeros(len(labels), np.float32)
            row[[number[name] for name in names]] = 1 / len(names)
            rows.append(features(conversation.utterances))
            wanted.append(row)
    return _fit(rows, np.stack(wanted), labels, epochs=epochs, seed=seed)


def _fit(rows: Sequence[Features], wanted: np.ndarray, labels: tuple[str, ...], *, epochs: int, seed: int) -> Router:
    torch.manual_seed(seed)
    table = torch.nn.EmbeddingBag(BUCKETS, len(labels), mode="sum")
    torch.nn.init.zeros_(table.weight)
    bias = torch.nn.Parameter(torch.zeros(len(labels)))
    steps = epochs * (len(rows) // 64 + 1)
    optimiser = torch.optim.AdamW([table.weight, bias], lr=0.06, weight_decay=0.01, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.02, steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).split(64):
            chosen = [rows[i] for i in batch.tolist()]
            offsets = torch.tensor(np.cumsum([0] + [len(r.buckets) for r in chosen[:-1]]))
            buckets = torch.from_numpy(np.concatenate([r.buckets for r in chosen]))
            weights = torch.from_numpy(np.concatenate([r.weights for r in chosen]))
            logits = table(buckets, offsets, per_sample_weights=weights) + bias
            loss = functional.cross_entropy(logits, torch.from_numpy(wanted[batch.numpy()]), label_smoothing=0.02)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return Router(labels, table.weight.detach().numpy().copy(), bias.detach().numpy().copy())


def cross_fitted(phrasings: Sequence[Phrasing], tools: Sequence[str], *, seed: int = 0, copies: int = 3) -> tuple[Router, ...]:
    """One router a fold, each trained without that fold's phrasings."""
    return tuple(
        train([p for p in phrasings if fold_of(p.id) != fold], tools, copies=copies, seed=seed + fold) for fold in range(FOLDS)
    )
