"""Greedy decoding under the grammar, the router's opinion weighed in at the first token. CPU, one conversation at a time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from agent.embedded.grammar import Grammar, Reply, Saying
from agent.embedded.render import Prompt, Renderer, Utterance
from agent.embedded.router import Router
from agent.embedded.vocabulary import ASK, DECLINE, TALK, Catalogue, tool_token
from parstock.errors import SetupError

if TYPE_CHECKING:
    import torch

WEIGHTS = Path(__file__).parent / "weights"
ROUTER_WEIGHT = 0.5
"""Share of the router's log-odds in the choice of the first token; set on the phrasings held out of training."""
_KINDS = {"clarify": ASK, "decline": DECLINE, "talk": TALK}
MAX_TOKENS = 260


@dataclass(frozen=True, slots=True)
class Said:
    """A reply with the certainty of its first choice."""

    reply: Reply
    certainty: float
    """Probability of the chosen tool or kind among all, 0-1."""


class EmbeddedModel:
    """The shipped language model with its router and grammar.

    Args:
        folder: Model folder; the shipped one by default.

    Raises:
        SetupError: A file is missing or damaged; the message names it.
    """

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self.folder = folder
        for name in ("tokenizer.json", "router.safetensors", "config.json", "model.safetensors"):
            if not (folder / name).is_file():
                raise SetupError(f"the model folder {str(folder)!r} has no {name}; expected a folder made by finetune.pretrain")
        self._lock = Lock()

    @cached_property
    def renderer(self) -> Renderer:
        """The prompt builder."""
        from tokenizers import Tokenizer

        try:
            return Renderer(Tokenizer.from_file(str(self.folder / "tokenizer.json")))
        except Exception as error:
            raise SetupError(f"{self.folder / 'tokenizer.json'} cannot be read: {error}") from error

    @cached_property
    def router(self) -> Router:
        """The n-gram router."""
        try:
            return Router.load(self.folder)
        except Exception as error:
            raise SetupError(f"{self.folder / 'router.safetensors'} cannot be read: {error}") from error

    @cached_property
    def network(self) -> "torch.nn.Module":
        """The language model, loaded on first use."""
        import torch
        from transformers import AutoModelForCausalLM

        try:
            network = AutoModelForCausalLM.from_pretrained(str(self.folder), dtype=torch.float32, use_safetensors=True, local_files_only=True)
        except Exception as error:
            raise SetupError(f"{self.folder / 'model.safetensors'} cannot be loaded: {error}") from error
        return network.eval()  # type: ignore[no-any-return]

    def grammar(self, catalogue: Catalogue) -> Grammar:
        """The grammar of a set of tools."""
        return Grammar(self.renderer, catalogue)

    def say(self, utterances: Sequence[Utterance], grammar: Grammar) -> Said:
        """The model's reply to the last utterance."""
        scores = self.router.scores(utterances)
        hints = [_KINDS.get(label, tool_token(label)) for label in self.router.shortlist(scores)]
        prompt = self.renderer.prompt(utterances, hints)
        with self._lock:
            return self._decode(prompt, grammar, scores)

    def _decode(self, prompt: Prompt, grammar: Grammar, scores: "np.ndarray") -> Said:
        import torch

        saying = Saying(grammar, prompt)
        ids, past, certainty = torch.tensor([prompt.ids]), None, 1.0
        with torch.inference_mode():
            for _ in range(MAX_TOKENS):
                out = self.network(input_ids=ids, past_key_values=past, use_cache=True)
                past = out.past_key_values
                allowed = saying.allowed()
                logits = torch.log_softmax(out.logits[0, -1, allowed].float(), dim=-1)
                if not saying.kind:
                    logits = torch.log_softmax(logits + ROUTER_WEIGHT * self._opinion(allowed, scores), dim=-1)
                    certainty = math.exp(logits.max().item())
                token = allowed[int(logits.argmax())]
                saying.say(token)
                if saying.done:
                    break
                ids = torch.tensor([[token]])
        return Said(saying.reply(), certainty)

    def _opinion(self, allowed: list[int], scores: "np.ndarray") -> "torch.Tensor":
        import torch

        by_token = {self.renderer.id(_KINDS.get(label, tool_token(label))): score for label, score in zip(self.router.labels, scores, strict=True)}
        return torch.tensor([float(by_token.get(token, -20.0)) for token in allowed])
