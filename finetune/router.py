"""Training of the n-gram router, and its cross-fitted rankings for the language model's prompts.

The language model must learn how far to trust the router on phrasings that the router has not seen; so each phrasing's
hints come from a router trained on the other folds.
"""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from agent.embedded.router import BUCKETS, Features, Router, features
from finetune.corpus import Conversation, Grammar
from finetune.phrasing import FOLDS, Phrasing, fold_of

KINDS: Mapping[str, str] = {"clarify": "clarify", "refuse": "decline", "answer": "talk"}
"""Behaviour of a conversation -> the router's label."""
BATCH = 64
LABEL_SMOOTHING = 0.02


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
    wanted: list[NDArray[np.float32]] = []
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


def _fit(rows: Sequence[Features], wanted: NDArray[np.float32], labels: tuple[str, ...], *, epochs: int, seed: int) -> Router:
    """Fit the linear layer to `rows` and the label shares that are wanted of them [rows, labels]."""
    torch.manual_seed(seed)
    table = torch.nn.EmbeddingBag(BUCKETS, len(labels), mode="sum")
    torch.nn.init.zeros_(table.weight)
    bias = torch.nn.Parameter(torch.zeros(len(labels)))
    steps = epochs * (len(rows) // BATCH + 1)
    optimiser = torch.optim.AdamW([table.weight, bias], lr=0.06, weight_decay=0.01, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.02, steps)
    for _ in range(epochs):
        order = torch.randperm(len(rows)).numpy()
        for chosen in np.split(order, range(BATCH, len(order), BATCH)):
            batch = [rows[i] for i in chosen]
            offsets = torch.tensor(np.cumsum([0] + [len(row.buckets) for row in batch[:-1]]))
            buckets = torch.from_numpy(np.concatenate([row.buckets for row in batch]))
            weights = torch.from_numpy(np.concatenate([row.weights for row in batch]))
            logits = table(buckets, offsets, per_sample_weights=weights) + bias
            loss = functional.cross_entropy(logits, torch.from_numpy(wanted[chosen]), label_smoothing=LABEL_SMOOTHING)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    return Router(labels, table.weight.detach().numpy().copy(), bias.detach().numpy().copy())


def cross_fitted(phrasings: Sequence[Phrasing], tools: Sequence[str], *, copies: int = 3, seed: int = 0) -> tuple[Router, ...]:
    """One router a fold, each trained without that fold's phrasings."""
    return tuple(
        train([p for p in phrasings if fold_of(p.id) != fold], tools, copies=copies, seed=seed + fold) for fold in range(FOLDS)
    )
