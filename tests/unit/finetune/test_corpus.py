"""From phrasings to exact training examples."""

import itertools
import json
import os
import random
import re
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from agent.embedded.decode import WEIGHTS
from agent.embedded.grammar import Grammar as Automaton
from agent.embedded.grammar import Saying
from agent.embedded.render import Renderer
from agent.embedded.spots import normalise
from finetune.cases import to_openai
from finetune.corpus import Grammar
from finetune.examples import Encoder, Unsayable, catalogue
from finetune.phrasing import notes, phrasings


def test_the_corpus_is_the_same_for_the_same_seed() -> None:
    """Conversations are deterministic."""
    first, second = (list(itertools.islice(Grammar(phrasings()).stream(5), 200)) for _ in range(2))

    assert first == second


def test_every_tool_and_reply_is_covered_in_both_languages() -> None:
    """No tool of the catalogue and no way of not calling is left without phrasings."""
    seen = set()
    for phrasing in phrasings():
        names = {call["name"] for call in phrasing.last.get("calls", ())} or {phrasing.last["behaviour"]}
        seen |= {(phrasing.lang, name) for name in names}

    assert {(lang, name) for lang in ("en", "zh") for name in (*catalogue().tools, "clarify", "refuse", "answer")} <= seen


def test_what_is_trained_can_be_said_and_means_what_the_phrasing_says() -> None:
    """Every example passes through the grammar and comes out as the call it was made from."""
    renderer = Renderer(Tokenizer.from_file(str(WEIGHTS / "tokenizer.json")))
    tools = catalogue()
    encoder, automaton = Encoder(renderer, tools), Automaton(renderer, tools)
    rng = random.Random(3)
    filler = Grammar(phrasings())
    chosen = rng.sample(phrasings(), 600)
    unsayable = 0
    for phrasing in chosen:
        conversation = filler.fill(phrasing, rng)
        if conversation is None:
            continue
        try:
            example = encoder.example(conversation)
        except Unsayable:
            unsayable += 1
            continue
        prompt = renderer.prompt(conversation.utterances)
        saying = Saying(automaton, prompt)
        answer = example.ids[len(prompt.ids) :]
        if not all(token in saying.allowed() and saying.say(token) is None for token in answer):
            unsayable += 1  # a forecaster named in a misspelt word, a carried number beside a new one
            continue
        wanted = to_openai(conversation)["expect"]
        if wanted["behaviour"] == "call":
            assert [c.name for c in saying.reply().calls] == [c["name"] for c in wanted["calls"]]
            for got, want in zip(saying.reply().calls, wanted["calls"], strict=True):
                assert {k: _folded(v) for k, v in got.arguments.items()} == {k: _folded(v) for k, v in want["arguments"].items()}

    assert unsayable <= 0.02 * len(chosen)


def test_no_line_of_the_development_set_is_in_the_corpus() -> None:
    """What the model is measured with was not trained on, not even nearly."""
    shared = os.environ.get("PARSTOCK_SHARED")
    if not shared or not (Path(shared) / "language" / "dev-utterances.jsonl").exists():
        pytest.skip("PARSTOCK_SHARED names no folder with language/dev-utterances.jsonl")
    cases = [json.loads(line) for line in (Path(shared) / "language" / "dev-utterances.jsonl").read_text().splitlines()]
    corpus = {_plain(turn["text"]) for phrasing in phrasings() for turn in phrasing.turns}

    assert {_plain(case["messages"][-1]["content"]) for case in cases} & corpus == set()
    jotted = (Path(shared) / "language" / "dev-notes.jsonl").read_text().splitlines()
    known = {_plain(note.last["text"]) for note in notes()}
    assert {_plain(json.loads(line)["note"]) for line in jotted} & known == set()


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _plain(text: str) -> str:
    """Words alone, without case and punctuation."""
    return " ".join(re.findall(r"\w+", normalise(text).casefold()))
