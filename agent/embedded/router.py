"""The n-gram router: a linear model over hashed character and word n-grams that ranks tools and reply kinds.

It is the baseline that the language model has to beat, and its three likeliest tools are the hint in the model's prompt.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.embedded.render import Utterance
from agent.embedded.spots import spot

BUCKETS = 1 << 16
PREVIOUS_WEIGHT, ASSISTANT_WEIGHT = 0.5, 0.4
"""Of the planner's words before the last ones, and of the message just before them."""
ASSISTANT_CHARACTERS = 120
_CODE = re.compile(r"\b(?=[\w.\-/]*\d)(?=[\w.\-/]*[A-Za-z])[\w.\-/]{4,}\b")
_WORD = re.compile(r"[a-z_']+|[0-9]+|[\u3400-\u9fff]|[^\s\w]")


def _plain(utterance: Utterance) -> str:
    """Text with values, codes and linked names replaced by their type; of two that overlap, the one that begins later."""
    text = utterance.text
    cuts = [(s.start, s.end, f" _{s.kind}_ ") for s in spot(text)]
    cuts += [(m.start, m.end, f" _{m.kind}_ ") for m in utterance.marks]
    end = len(text) + 1
    for start, stop, word in sorted(cuts, reverse=True):
        if stop <= end:
            text = text[:start] + word + text[stop:]
            end = start
    return _CODE.sub(" _code_ ", text).lower()


def _grams(text: str, prefix: str) -> list[str]:
    """Words, pairs and triples of words, and three to five characters of words; `prefix` says whose words they are."""
    words = _WORD.findall(text)
    grams = [f"{prefix}w{word}" for word in words]
    grams += [f"{prefix}b{a} {b}" for a, b in zip(["^", *words], [*words, "$"], strict=True)]
    grams += [f"{prefix}t{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False)]
    for word in words:
        if len(word) > 3 and word[0] != "_":
            padded = f"<{word}>"
            grams += [f"{prefix}c{padded[i : i + n]}" for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
    return grams


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """Hashed n-grams of one conversation's end: bucket numbers and L2-normalised weights."""

    buckets: NDArray[np.int64]
    weights: NDArray[np.float32]


def features(utterances: Sequence[Utterance]) -> Features:
    """N-grams of the planner's last words at full weight, of the words before them at less."""
    user = [u for u in utterances if u.role == "user"]
    grams = [(gram, 1.0) for gram in _grams(_plain(user[-1]), "")]
    if len(utterances) > 1:
        grams += [(gram, PREVIOUS_WEIGHT) for u in user[-2:-1] for gram in _grams(_plain(u), "p")]
        before = _plain(utterances[-2])[:ASSISTANT_CHARACTERS]
        grams += [(gram, ASSISTANT_WEIGHT) for gram in _grams(before, "a")]
    grams.append((f"turns{min(len(user), 3)}", 1.0))
    sums: dict[int, float] = {}
    for gram, weight in grams:
        bucket = zlib.crc32(gram.encode()) % BUCKETS
        sums[bucket] = sums.get(bucket, 0.0) + weight
    buckets = np.fromiter(sums, dtype=np.int64)
    weights: NDArray[np.float32] = np.log1p(np.fromiter(sums.values(), dtype=np.float32))
    return Features(buckets, np.divide(weights, np.linalg.norm(weights), dtype=np.float32))


@dataclass(frozen=True, eq=False, slots=True)
class Router:
    """A linear classifier over `features`."""

    labels: tuple[str, ...]
    """Tool names, then "clarify", "decline", "talk"."""
    weights: NDArray[np.float32]
    """[BUCKETS, labels]"""
    bias: NDArray[np.float32]
    """[labels]"""

    def scores(self, utterances: Sequence[Utterance]) -> NDArray[np.float32]:
        """[labels] log-probabilities."""
        found = features(utterances)
        logits = found.weights @ self.weights[found.buckets] + self.bias
        shifted = logits - logits.max()
        return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float32)

    def shortlist(self, scores: NDArray[np.float32], size: int = 3) -> tuple[str, ...]:
        """The likeliest labels, best first."""
        return tuple(self.labels[i] for i in np.argsort(-scores)[:size])

    @classmethod
    def load(cls, folder: Path) -> "Router":
        """Read `router.safetensors` of a model folder."""
        from safetensors import safe_open

        with safe_open(folder / "router.safetensors", framework="numpy") as file:
            labels = tuple(file.metadata()["labels"].split(","))
            return cls(labels, file.get_tensor("weights").astype(np.float32), file.get_tensor("bias").astype(np.float32))

    def save(self, folder: Path) -> None:
        """Write `router.safetensors` (half precision)."""
        from safetensors.numpy import save_file

        tensors = {"weights": self.weights.astype(np.float16), "bias": self.bias.astype(np.float16)}
        save_file(tensors, folder / "router.safetensors", metadata={"labels": ",".join(self.labels)})
