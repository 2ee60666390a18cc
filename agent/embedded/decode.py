"""Greedy decoding under the grammar, the router's opinion weighed in at the first token. CPU, one conversation at a time."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from agent.embedded.grammar import Grammar, Reply, Saying
from agent.embedded.render import Prompt, Renderer, Utterance
from agent.embedded.router import Router
from agent.embedded.vocabulary import Catalogue, label_token
from parstock.errors import SetupError

if TYPE_CHECKING:
    import torch

WEIGHTS = Path(__file__).parent / "weights"
"""The shipped model folder."""
FILES = ("config.json", "model.safetensors", "router.safetensors", "tokenizer.json")
ROUTER_WEIGHT = 0.5
"""Share of the router's log-odds in the choice of the first token; set on the phrasings held out of training."""
UNKNOWN_LOG_ODDS = -20.0
"""The router's opinion of a first token that it has no label for."""
MAX_TOKENS = 260


@dataclass(frozen=True, slots=True)
class Said:
    """A reply with the certainty of its first choice."""

    reply: Reply
    certainty: float
    """Probability of the chosen tool or kind among all, 0-1."""


class EmbeddedModel:
    """The shipped language model with its router and grammar; files are read on first use.

    Args:
        folder: Model folder; the shipped one by default.

    Raises:
        SetupError: The folder or a file is missing or, once it is used, damaged; the message names it.
    """

    def __init__(self, folder: Path = WEIGHTS) -> None:
        if not folder.is_dir():
            raise SetupError(f"there is no model folder {str(folder)!r}; expected one made by finetune.pretrain")
        for name in FILES:
            if not (folder / name).is_file():
                raise SetupError(f"the model folder {str(folder)!r} has no {name}; expected a folder made by finetune.pretrain")
        self.folder = folder
        self._lock = Lock()

    @cached_property
    def renderer(self) -> Renderer:
        """The prompt builder."""
        from tokenizers import Tokenizer

        path = self.folder / "tokenizer.json"
        with _reading(path):
            return Renderer(Tokenizer.from_file(str(path)))

    @cached_property
    def router(self) -> Router:
        """The n-gram router."""
        with _reading(self.folder / "router.safetensors"):
            return Router.load(self.folder)

    @cached_property
    def network(self) -> "torch.nn.Module":
        """The language model."""
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM
        from transformers.utils import logging

        logging.disable_progress_bar()
        folder = str(self.folder)
        with _reading(self.folder / "config.json"):
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
        with _reading(self.folder / "model.safetensors"):
            network, report = AutoModelForCausalLM.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
            if report["missing_keys"]:
                raise ValueError(f"it lacks {', '.join(sorted(report['missing_keys']))}")
        return cast(torch.nn.Module, network.eval())

    def grammar(self, catalogue: Catalogue) -> Grammar:
        """The grammar of a set of tools."""
        return Grammar(self.renderer, catalogue)

    def say(self, utterances: Sequence[Utterance], grammar: Grammar) -> Said:
        """The model's reply to the last utterance."""
        scores = self.router.scores(utterances)
        hints = [label_token(label) for label in self.router.shortlist(scores)]
        prompt = self.renderer.prompt(utterances, hints)
        with self._lock:
            return self._decode(prompt, grammar, scores)

    def _decode(self, prompt: Prompt, grammar: Grammar, scores: NDArray[np.float32]) -> Said:
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

    def _opinion(self, allowed: Sequence[int], scores: NDArray[np.float32]) -> "torch.Tensor":
        """The router's log-odds of the allowed first tokens [allowed]."""
        import torch

        odds = {self.renderer.id(label_token(label)): float(s) for label, s in zip(self.router.labels, scores, strict=True)}
        return torch.tensor([odds.get(token, UNKNOWN_LOG_ODDS) for token in allowed])


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say in one line which file was being read when something went wrong.

    Raises:
        SetupError: Anything was raised inside; parsers of damaged files raise whatever they like.
    """
    try:
        yield
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        raise SetupError(f"{str(path)!r} cannot be read ({why}); expected a file made by finetune.pretrain") from error
