"""Beam search under the grammar, the router's opinion weighed in at the first token. CPU, one conversation at a time."""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    from transformers import Cache

WEIGHTS = Path(__file__).parent / "weights"
"""The shipped model folder."""
TRAINING = "training.json"
"""How the model was made, with the checksums of its files."""
FILES = ("config.json", "model.safetensors", "router.safetensors", "tokenizer.json")
ROUTER_WEIGHT = 0.5
"""Share of the router's log-odds in the choice of the first token; set on the phrasings held out of training."""
UNKNOWN_LOG_ODDS = -20.0
"""The router's opinion of a first token that it has no label for."""
BEAMS = 4
"""Replies that are followed at once; following one alone picks the wrong tool in two more cases of a hundred."""
MAX_TOKENS = 260


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

    def say(self, utterances: Sequence[Utterance], grammar: Grammar) -> Reply:
        """The model's reply to the last utterance, or the events that a note means.

        The router has learnt from talk alone and is not asked about a note.
        """
        scores = None if utterances[-1].role == "note" else self.router.scores(utterances)
        hints = () if scores is None else self.router.shortlist(scores)
        prompt = self.renderer.prompt(utterances, [label_token(label) for label in hints])
        with self._lock:
            return self._decode(prompt, grammar, scores)

    def _decode(self, prompt: Prompt, grammar: Grammar, scores: NDArray[np.float32] | None) -> Reply:
        """The likeliest reply among the `BEAMS` that are followed at once.

        The probability of a token is taken among those that the grammar allows; the first token's is mixed with the router's
        where there are `scores`.
        """
        import torch

        with torch.inference_mode():
            out = self.network(input_ids=torch.tensor([prompt.ids]), use_cache=True)
            begun = Saying(grammar, prompt)
            allowed = begun.allowed()
            first = torch.log_softmax(out.logits[0, -1, allowed].float(), dim=-1)
            if scores is not None:
                first = torch.log_softmax(first + ROUTER_WEIGHT * self._opinion(allowed, scores), dim=-1)
            best = self._follow(_likeliest([_Beam(begun, 0.0)], [allowed], [first]), out.past_key_values)
        return replace(best.saying.reply(), confidence=math.exp(best.score))

    def _follow(self, beams: list["_Beam"], past: "Cache") -> "_Beam":
        """Say on until no unfinished reply is likelier than the best finished one."""
        import torch

        finished = [beam for beam in beams if beam.saying.done]
        bar = max((beam.score for beam in finished), default=-math.inf)
        beams = [beam for beam in beams if not beam.saying.done and beam.score > bar]
        rows = torch.arange(1).expand(len(beams))
        past.batch_select_indices(rows)
        for _ in range(MAX_TOKENS if beams else 0):
            ids = torch.tensor([[beam.token] for beam in beams])
            logits = self.network(input_ids=ids, past_key_values=past, use_cache=True).logits[:, -1].float()
            choices = [beam.saying.allowed() for beam in beams]
            steps = [torch.log_softmax(logits[row, allowed], dim=-1) for row, allowed in enumerate(choices)]
            grown = _likeliest(beams, choices, steps)
            finished += [beam for beam in grown if beam.saying.done]
            bar = max((beam.score for beam in finished), default=-math.inf)
            beams = [beam for beam in grown if not beam.saying.done and beam.score > bar]
            if not beams:
                break
            past.batch_select_indices(torch.tensor([beam.parent for beam in beams]))
        return max(finished or beams, key=lambda beam: beam.score)

    def _opinion(self, allowed: Sequence[int], scores: NDArray[np.float32]) -> "torch.Tensor":
        """The router's log-odds of the allowed first tokens [allowed]."""
        import torch

        odds = {self.renderer.id(label_token(label)): float(s) for label, s in zip(self.router.labels, scores, strict=True)}
        return torch.tensor([odds.get(token, UNKNOWN_LOG_ODDS) for token in allowed])


@dataclass(frozen=True, slots=True)
class _Beam:
    """One reply being followed."""

    saying: Saying
    score: float
    """Log-probability so far."""
    token: int = -1
    """The last token said."""
    parent: int = 0
    """Row of the beam that it goes on from."""


def _likeliest(beams: Sequence[_Beam], choices: Sequence[Sequence[int]], steps: Sequence["torch.Tensor"]) -> list[_Beam]:
    """The `BEAMS` likeliest ways to say one token more.

    Args:
        beams: Replies so far.
        choices: What each may say next.
        steps: Log-probabilities of that.
    """
    ways = []
    for row, (beam, allowed, step) in enumerate(zip(beams, choices, steps, strict=True)):
        best = step.topk(min(BEAMS, len(allowed)))
        ways += [
            (beam.score + gain, row, allowed[i]) for gain, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]
    grown = []
    for score, row, token in sorted(ways, reverse=True)[:BEAMS]:
        saying = beams[row].saying.fork()
        saying.say(token)
        grown.append(_Beam(saying, score, token, row))
    return grown


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say in one line which file was being read when something went wrong.

    Raises:
        SetupError: Anything was raised inside; parsers of damaged files raise whatever they like.
    """
    try:
        _check(path)
        yield
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        raise SetupError(f"{str(path)!r} cannot be read ({why}); expected a file made by finetune.pretrain") from error


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of a model folder's files; `finetune.pretrain` leaves them in `training.json`."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


def _check(path: Path) -> None:
    """Compare a file with what was written; a flipped bit in the weights would otherwise only make the model odd.

    Raises:
        ValueError: The file has changed.
    """
    record = path.parent / TRAINING
    written = json.loads(record.read_text(encoding="utf-8")).get("sha256", {}) if record.is_file() else {}
    if path.name in written and hashlib.sha256(path.read_bytes()).hexdigest() != written[path.name]:
        raise ValueError(f"it has changed since training: its checksum is not the one in {TRAINING}")
