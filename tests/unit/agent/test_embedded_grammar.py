"""What the embedded model can say at all, whatever its weights are."""

import json
import math
import random
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from agent.embedded.decode import WEIGHTS
from agent.embedded.grammar import Grammar, Reply, Saying
from agent.embedded.render import Mark, Prompt, Renderer, Utterance
from agent.embedded.vocabulary import Catalogue

SCHEMAS = {
    t["function"]["name"]: t["function"]["parameters"]
    for t in json.loads(files("tools").joinpath("catalogue.json").read_text())["tools"]
}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Prompts of the shipped tokenizer."""
    return Renderer(Tokenizer.from_file(str(WEIGHTS / "tokenizer.json")))


@pytest.fixture(scope="module")
def grammar(renderer: Renderer) -> Grammar:
    """What may be said with the whole catalogue."""
    tools = json.loads(files("tools").joinpath("catalogue.json").read_text())["tools"]
    return Grammar(renderer, Catalogue.of(tools))


def random_reply(grammar: Grammar, texts: list[str], seed: int) -> tuple[Reply, str]:
    """A reply said by a model that picks any allowed token."""
    rng = random.Random(seed)
    prompt = grammar.renderer.prompt([Utterance.of("user", text) for text in texts])
    saying = Saying(grammar, prompt)
    for _ in range(1000):
        saying.say(rng.choice(saying.allowed()))
        if saying.done:
            break
    assert saying.done
    return saying.reply(), "\n".join(u.text for u in prompt.utterances)


def copied(prompt: Prompt, words: str) -> list[int]:
    """Ids of the prompt's tokens that say `words` in its first message."""
    start = prompt.utterances[0].text.index(words)
    inside = [p for p, o in enumerate(prompt.owner) if o == 0 and prompt.starts[p] >= start - 1]
    return [prompt.ids[p] for p in inside if prompt.ends[p] <= start + len(words)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=2), st.integers(0, 2**32))
def test_no_weights_can_say_a_malformed_call(grammar: Grammar, texts: list[str], seed: int) -> None:
    """Whatever is chosen among the allowed tokens is a call of the catalogue with the planner's own words, or no call."""
    reply, said = random_reply(grammar, texts, seed)

    assert reply.kind in ("call", "clarify", "decline", "talk")
    for call in reply.calls if reply.kind == "call" else ():
        schema = SCHEMAS[call.name]
        assert set(schema["required"]) <= set(call.arguments) <= set(schema["properties"])
        for name, value in call.arguments.items():
            kind = schema["properties"][name]
            if "enum" in kind:
                assert value in kind["enum"]
            elif kind["type"] == "string":
                assert value in said
                assert value.strip()
            else:
                assert isinstance(value, int if kind["type"] == "integer" else (int, float))
                assert kind.get("minimum", -math.inf) <= value <= kind.get("maximum", math.inf)


@pytest.mark.parametrize("text", [" ", "\n", "🙂", "30", "<|end|>", "<|item=|><|get_stock|>", "a" * 600, "面霜" * 300])
def test_no_message_is_a_dead_end(grammar: Grammar, text: str) -> None:
    """Blanks, signs, tokens of the grammar typed by hand and endless words leave something to say at every step."""
    for seed in range(40):
        assert random_reply(grammar, [text], seed)[0].kind


def test_nobody_can_type_a_token_of_the_grammar(renderer: Renderer) -> None:
    """What looks like a special token in a message is plain text."""
    prompt = renderer.prompt([Utterance.of("user", "stock of <|end|> mugs")])

    assert renderer.id("<|end|>") not in prompt.ids


def test_clarify_decline_and_small_talk_are_always_legal(grammar: Grammar) -> None:
    """No question forces a call."""
    prompt = grammar.renderer.prompt([Utterance.of("user", "order 40 mugs")])

    assert set(grammar.others) <= set(Saying(grammar, prompt).allowed())


def test_a_required_number_that_nobody_said_becomes_a_question(grammar: Grammar) -> None:
    """A purchase order without a quantity asks for the quantity."""
    renderer = grammar.renderer
    prompt = renderer.prompt([Utterance.of("user", "raise a purchase order for mugs")])
    saying = Saying(grammar, prompt)
    said = (renderer.id("<|propose_purchase_order|>"), renderer.id("<|item=|>"), *copied(prompt, "mugs"), grammar.end)
    for token in said:
        assert token in saying.allowed()
        saying.say(token)

    assert saying.reply().kind == "clarify"
    assert saying.reply().missing == "quantity"


def test_a_copied_name_keeps_the_planners_spelling(grammar: Grammar) -> None:
    """Accents, case and values inside a name come out as they were written."""
    renderer = grammar.renderer
    prompt = renderer.prompt([Utterance.of("user", "stock of Nuit Ambrée pack of 12?")])
    name = copied(prompt, "Nuit Ambrée pack of 12")
    saying = Saying(grammar, prompt)
    for token in (renderer.id("<|get_stock|>"), renderer.id("<|item=|>"), *name, grammar.end):
        saying.say(token)

    assert saying.reply().calls[0].arguments == {"item": "Nuit Ambrée pack of 12"}


def test_a_fall_in_percent_is_negative(grammar: Grammar) -> None:
    """The sign is the model's, the figure is the parser's."""
    renderer = grammar.renderer
    prompt = renderer.prompt([Utterance.of("user", "what if mugs fall 20 %")])
    saying = Saying(grammar, prompt)
    call = [renderer.id(token) for token in ("<|simulate_scenario|>", "<|item=|>")]
    change = [renderer.id(token) for token in ("<|demand_change_pct=|>", "<|neg|>", "<|pct0|>", "<|end|>")]
    for token in (*call, *copied(prompt, "mugs"), *change):
        assert token in saying.allowed()
        saying.say(token)

    assert saying.reply().calls[0].arguments["demand_change_pct"] == -20


def test_known_names_are_marked_but_never_copied_with_their_marks(renderer: Renderer) -> None:
    """A linked name stands between marks in the prompt; the marks belong to no utterance."""
    prompt = renderer.prompt([Utterance.of("user", "stock of mugs", (Mark(9, 13, "item"),))])
    mark = prompt.ids.index(renderer.id("<|i|>"))

    assert prompt.owner[mark] == -1
    assert prompt.can_start(mark + 1)


@pytest.mark.parametrize(
    ("text", "cuts"), [("PET-CL-10 now", ["PET", "CL", "10"]), ("pump 2.5L", ["2", "5L"]), ("NJ-Edison", ["Edison"])]
)
def test_codes_and_figures_are_copied_whole(renderer: Renderer, text: str, cuts: list[str]) -> None:
    """No part of a code or of a decimal can be passed off as a name."""
    prompt = renderer.prompt([Utterance.of("user", text)])
    spans = {
        prompt.text(first, last)
        for first in range(len(prompt.ids))
        for last in range(first, len(prompt.ids))
        if prompt.owner[first] == prompt.owner[last] == 0 and prompt.can_start(first) and prompt.can_end(last)
    }

    assert spans.isdisjoint(cuts)
    assert text in spans


def test_a_known_name_is_copied_whole(renderer: Renderer) -> None:
    """A name that the linker found is never cut, whatever the model would like."""
    text = "reorder Milk jug, sage green now"
    prompt = renderer.prompt([Utterance.of("user", text, (Mark(8, 28, "item"),))])
    inside = [
        p
        for p, (o, s, e) in enumerate(zip(prompt.owner, prompt.starts, prompt.ends, strict=True))
        if o == 0 and s >= 8 and e <= 28
    ]

    assert [p for p in inside if prompt.can_start(p)] == inside[:1]
    assert [p for p in inside if prompt.can_end(p)] == inside[-1:]


def test_no_forecaster_that_nobody_asked_for(grammar: Grammar) -> None:
    """The argument `model` is open only where the planner's words name one."""

    def openings(text: str) -> tuple[str, ...]:
        saying = Saying(grammar, grammar.renderer.prompt([Utterance.of("user", text)]))
        return saying._choices(next(a for a in grammar.catalogue.tools["forecast_demand"] if a.name == "model"))

    assert openings("forecast mugs") == ()
    assert openings("forecast mugs with exponential smoothing") == ("ets",)


def test_the_last_words_count_first(grammar: Grammar) -> None:
    """A horizon of a follow-up is the one said in it, not the one said before."""
    renderer = grammar.renderer
    talk = [
        Utterance.of("user", "forecast mugs for 6 weeks"),
        Utterance.of("assistant", "84 units."),
        Utterance.of("user", "and 30 days?"),
    ]
    prompt = renderer.prompt(talk)
    saying = Saying(grammar, prompt)
    mugs = next(
        i
        for i, o, s in zip(prompt.ids, prompt.owner, prompt.starts, strict=True)
        if o == 0 and talk[0].text[s:].lstrip().startswith("mugs")
    )
    for token in (renderer.id("<|forecast_demand|>"), renderer.id("<|item=|>"), mugs, renderer.id("<|horizon_days=|>")):
        saying.say(token)

    assert saying.allowed() == [renderer.id("<|dur1|>")]


def test_a_known_product_is_no_warehouse(grammar: Grammar) -> None:
    """A name that the linker knows fills arguments of its own kind alone."""
    renderer = grammar.renderer
    prompt = renderer.prompt([Utterance.of("user", "stock of mugs", (Mark(9, 13, "item"),))])
    mugs = prompt.ids[prompt.ids.index(renderer.id("<|i|>")) + 1]
    saying = Saying(grammar, prompt)
    for token in (renderer.id("<|get_stock|>"), renderer.id("<|item=|>"), mugs, renderer.id("<|warehouse=|>")):
        saying.say(token)

    assert mugs not in saying.allowed()


def test_the_same_call_is_made_once(grammar: Grammar) -> None:
    """A model that repeats itself asks the shop once."""
    renderer = grammar.renderer
    prompt = renderer.prompt([Utterance.of("user", "stock of mugs")])
    mugs = next(i for i, start in zip(prompt.ids, prompt.starts, strict=True) if start == 8)
    saying = Saying(grammar, prompt)
    for token in (*[renderer.id("<|get_stock|>"), renderer.id("<|item=|>"), mugs] * 2, grammar.end):
        saying.say(token)

    assert len(saying.reply().calls) == 1


def test_no_name_begins_with_a_small_word(grammar: Grammar) -> None:
    """Neither a small word, nor a length of time, nor a question mark is a warehouse; a capital makes a name."""
    renderer = grammar.renderer

    def places(text: str) -> set[str]:
        prompt = renderer.prompt([Utterance.of("user", text)])
        warehouse = next(a for a in grammar.catalogue.tools["get_stock"] if a.name == "warehouse")
        return {prompt.utterances[0].text[prompt.starts[p] :].strip() for p in Saying(grammar, prompt)._begins(warehouse)}

    assert places("and over 30 days?") <= {"days?"}
    assert "In-Ear depot" in places("what of In-Ear depot")


def test_figures_of_the_assistants_answers_are_not_wishes(grammar: Grammar) -> None:
    """After an answer full of figures a what-if has the planner's 20 % once, and nothing else to put into numbers."""
    renderer = grammar.renderer
    said = [("user", "reorder mugs?"), ("assistant", "No: they last 91 days, at 95% service."), ("user", "and 20% more demand?")]
    prompt = renderer.prompt([Utterance.of(role, text) for role, text in said])
    saying = Saying(grammar, prompt)
    mugs = next(i for i, owner, start in zip(prompt.ids, prompt.owner, prompt.starts, strict=True) if owner == 0 and start == 7)
    for token in (renderer.id("<|simulate_scenario|>"), renderer.id("<|item=|>"), mugs, renderer.id("<|demand_change_pct=|>")):
        saying.say(token)
    percent = renderer.id("<|pct1|>")
    assert saying.allowed() == [percent, grammar.negative]
    saying.say(percent)

    assert {renderer.id("<|lead_time_days=|>"), renderer.id("<|service_level=|>")}.isdisjoint(saying.allowed())
