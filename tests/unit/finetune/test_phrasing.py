"""What the writers wrote, as phrasings to fill."""

import itertools
import json
import random
from pathlib import Path

import pytest

from agent.embedded.grammar import Grammar as Automaton
from agent.embedded.grammar import Saying
from agent.embedded.render import Renderer, Utterance
from finetune import tokenizer
from finetune.corpus import Grammar
from finetune.examples import Encoder, Unsayable, everything
from finetune.phrasing import Meant, Phrasing, Turn, notes, phrasings, slotted
from tools.event_catalogue import event_catalogue


def whole(text: str, *calls: Meant) -> Turn:
    """A turn without placeholders."""
    return Turn(text=text, calls=list(calls))


def test_names_become_places_in_every_turn_and_call() -> None:
    """A name that any call copies is a placeholder wherever it is said, the longer of two names first."""
    turns = [
        Turn(text="Stock of tea towels?", calls=[Meant(name="get_stock", args={"item": "tea towels"})], bot="Tea towels: 12."),
        whole("and red tea towels in Cork", Meant(name="get_stock", args={"item": "red tea towels", "warehouse": "Cork"})),
    ]

    first, second = slotted(turns)

    assert (first["text"], first["bot"]) == ("Stock of {item}?", "{item}: 12.")
    assert second["text"] == "and {item2} in {warehouse}"
    assert second["calls"] == [Meant(name="get_stock", args={"item": "{item2}", "warehouse": "{warehouse}"})]


def test_part_of_a_word_is_no_name() -> None:
    """A name is not cut out of a longer word."""
    [turn] = slotted([whole("fans and fanshawe fans", Meant(name="get_stock", args={"item": "fan"}))])

    assert turn["text"] == "fans and fanshawe fans"


def test_a_note_is_read_as_it_stands_and_with_places(tmp_path: Path) -> None:
    """One line gives the note itself and one whose names and days can be others; what the heading says is not said."""
    line = {
        "lang": "en",
        "note": "Arlo Mills shut from 3 May until 9 May",
        "context": {"item": "rope"},
        "events": [
            {"type": "supply_hold", "supplier": "Arlo Mills", "start": "3 May", "end": "9 May"},
            {"type": "order_hold", "item": "rope", "start": "3 May"},
        ],
    }
    (tmp_path / "one.jsonl").write_text(json.dumps(line), encoding="utf-8")

    plain, places = notes(tmp_path)

    assert (plain.as_typed, places.as_typed) == (True, False)
    assert places.last["text"] == "{supplier} shut from {date} until {date2}"
    assert places.last["calls"] == [
        Meant(name="supply_hold", args={"supplier": "{supplier}", "start": "{date}", "end": "{date2}"}),
        Meant(name="order_hold", args={"start": "{date}"}),
    ]


def test_words_as_typed_are_not_distorted() -> None:
    """A line with names in it is given as its writer typed it, so that the names can still be found."""
    text = "how many folding camp stools do we have in the Tilburg annex right now"
    phrasing = Phrasing("x:1", "en", (whole(text, Meant(name="get_stock", args={"item": "folding camp stools"})),), as_typed=True)
    rng = random.Random(4)

    said = {Grammar([phrasing]).fill(phrasing, rng).utterances[-1].text for _ in range(60)}  # type: ignore[union-attr]

    assert all(text in words or text in words[:1].lower() + words[1:] or text[1:] in words for words in said)


def test_every_kind_of_event_and_none_is_noted_in_both_languages() -> None:
    """The notes hold each type of planning event, and notes without effect, in English and in Chinese."""
    seen = set()
    for note in notes():
        seen |= {(note.lang, call["name"]) for call in note.last.get("calls", ())} or {(note.lang, "nothing")}

    names = {spec["function"]["name"] for spec in event_catalogue()} | {"nothing"}
    assert seen == {(lang, name) for lang in ("en", "zh") for name in names}


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """Writes examples with a tokenizer fitted on the notes."""
    return Encoder(Renderer(tokenizer.train(notes(), everything(), conversations=600)), everything())


def test_notes_can_be_said_and_mean_their_events(encoder: Encoder) -> None:
    """At least 95 of 100 notes can be written as examples, and reading those with the grammar gives their events back."""
    events = Automaton(encoder.renderer, everything())
    rng = random.Random(5)
    chosen = rng.sample(notes(), 300)
    unsayable = 0
    for phrasing in chosen:
        conversation = Grammar(chosen).fill(phrasing, rng)
        try:
            example = encoder.example(conversation) if conversation else None
        except Unsayable:
            example = None
        if conversation is None or example is None:
            unsayable += 1
            continue
        prompt = encoder.renderer.prompt(conversation.utterances)
        saying = Saying(events, prompt)
        for token in example.ids[len(prompt.ids) :]:
            unsayable += token not in saying.allowed()
            saying.say(token)
        assert {call.name for call in saying.reply().calls} == {gold.name for gold in conversation.calls}

    assert unsayable <= 15


def test_a_note_may_mean_nothing_but_is_never_answered(encoder: Encoder) -> None:
    """Of a note the model can say events or that there are none: it cannot ask, decline or chat."""
    grammar = Automaton(encoder.renderer, everything())

    start = Saying(grammar, encoder.renderer.prompt([Utterance.of("note", "called Anna, she will ring back")])).allowed()

    assert grammar.end in start
    assert not set(start) & set(grammar.others)


def test_no_case_of_the_projects_own_is_trained_on() -> None:
    """The cases that the model is measured with are in no phrasing and no note."""
    cases = Path(__file__).parents[3] / "evaluation" / "cases"
    asked = [json.loads(line)["messages"][-1]["content"] for line in (cases / "tool-calls.jsonl").read_text().splitlines()]
    noted = [json.loads(line)["note"] for line in (cases / "notes.jsonl").read_text().splitlines()]
    known = {turn["text"] for phrasing in itertools.chain(phrasings(), notes()) for turn in phrasing.turns}

    assert len(asked) + len(noted) > 250
    assert not known & {text for text in (*asked, *noted) if len(text) > 25}
