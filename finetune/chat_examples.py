"""Conversations in OpenAI form, each with the reply that an open-weight model is to learn. Knows no tokenizer.

They are the shop's notes, talk about them, and talk made by the corpus grammar. Prompts and tools are those of the service.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import prompts
from agent import replies
from agent.language import detect
from finetune.cases import to_openai
from finetune.corpus import Conversation, Grammar
from finetune.notes_data import LabelledNote
from finetune.phrasing import Phrasing
from parstock.domain import Json
from tools.catalogue import catalogue
from tools.event_catalogue import event_catalogue

WHOLE_CATALOGUE_SHARE = 0.25
"""Share of examples that are shown all tools, as in service; the others a few beside those they need, which saves time."""
MOST_DISTRACTORS = 6
RENAMED_SHARE = 0.1
"""Share of examples whose tools go by made-up names, so that the model reads what it is shown (Hammer, arXiv:2410.04587)."""
FIRST_DAY, DAYS = date(2024, 1, 1), 1460
"""What an example's today is drawn from."""
_RECORD: Mapping[str, tuple[str, ...]] = {
    "en": ("Please note: {}", "Make a note: {}", "Note for the file: {}", "Write this down - {}", "Log this: {}"),
    "zh": ("记一下：{}", "帮我记个备注：{}", "请记录：{}", "备注一下，{}"),
}
_SEARCH: Mapping[str, tuple[str, ...]] = {
    "en": (
        "What did we write down about {}?",
        "Any notes on {}?",
        "Search the notes for {}.",
        "Did somebody note anything on {}?",
    ),
    "zh": ("关于{}我们记过什么？", "查一下{}的备注", "备注里有没有提到{}？", "有没有人记过{}？"),
}
_NONE: Mapping[str, str] = {"en": "none", "zh": "无"}
"""What a note without effect is answered with."""

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChatExample:
    """A conversation up to the planner's last word, and the reply to learn."""

    source: str
    """Where it comes from: "note", "talk on a note" or "grammar"."""
    lang: str
    messages: tuple[Message, ...]
    reply: Message
    """An assistant message; arguments of its calls are objects."""
    tools: tuple[Mapping[str, Any], ...]


def reading(note: LabelledNote) -> ChatExample | None:
    """The note as `agent.note_reading` puts it to a model, with its events as calls.

    None where it is not known what it means, or an event names what neither the note nor its heading says.
    """
    if note.events is None:
        return None
    calls = [_in_words(event, note) for event in note.events]
    if any(call is None for call in calls):
        return None
    lang = detect(note.text)
    filed = ", ".join(f"{kind} {name}" for kind, name in note.context.items() if name) or "-"
    asked = (
        {"role": "system", "content": prompts.load(f"read_note.{lang}", heading=filed)},
        {"role": "user", "content": note.text},
    )
    reply = _calling([call for call in calls if call is not None]) if calls else {"role": "assistant", "content": _NONE[lang]}
    return ChatExample("note", note.lang, asked, reply, tuple(event_catalogue()))


def talk_on(note: LabelledNote, rng: random.Random, currency: str) -> list[ChatExample]:
    """Two turns of a planner: one has the note recorded, one searches for it."""
    made = []
    lang = "zh" if note.lang == "zh" else "en"
    recorded = rng.choice(_RECORD[lang]).format(note.text)
    made.append(_turn(recorded, "record_note", {"text": note.text}, note.lang, rng, currency))
    about = next(iter(note.context.values()), "") or next(
        (str(event[name]) for event in note.events or () for name in ("item", "supplier", "category") if name in event), ""
    )
    if about and about.lower() in note.text.lower():
        searched = rng.choice(_SEARCH[lang]).format(about)
        made.append(_turn(searched, "search_notes", {"query": about}, note.lang, rng, currency))
    return made


def grammar_examples(phrasings: Sequence[Phrasing], seed: int, currency: str) -> Iterator[ChatExample]:
    """Endless conversations of the corpus grammar: calls, questions back, refusals, small talk, and notes."""
    rng = random.Random(seed)  # noqa: S311
    for conversation in Grammar(phrasings).stream(seed):
        yield _of_grammar(conversation, rng, currency)


def mixed(
    notes: Sequence[LabelledNote], phrasings: Sequence[Phrasing], *, ratio: float, least: int, seed: int, currency: str
) -> list[ChatExample]:
    """The notes' examples with the grammar's among them, in random order.

    Args:
        notes: The shop's.
        phrasings: What the grammar fills.
        ratio: Conversations of the grammar for each of the notes' examples.
        least: Conversations of the grammar at least, so that few notes do not make the model forget the tools.
        seed: Where chance begins.
        currency: The shop's.
    """
    rng = random.Random(seed)  # noqa: S311
    own = [made for note in notes if (made := reading(note)) is not None]
    own += [made for note in notes for made in talk_on(note, rng, currency)]
    count = max(least, round(ratio * len(own)))
    examples = [*own, *itertools.islice(grammar_examples(phrasings, seed, currency), count)]
    rng.shuffle(examples)
    return examples


def grammar_cases(phrasings: Sequence[Phrasing], count: int, seed: int) -> list[dict[str, Json]]:
    """So many conversations of the grammar as evaluation cases; notes are none."""
    talk = [phrasing for phrasing in phrasings if not phrasing.note]
    return [to_openai(conversation) for conversation in itertools.islice(Grammar(talk).stream(seed), count)]


def _of_grammar(conversation: Conversation, rng: random.Random, currency: str) -> ChatExample:
    case = cast(dict[str, Any], to_openai(conversation))
    if conversation.is_note:
        told = case["messages"][-1]["content"]
        events = tuple({"type": call["name"], **call["arguments"]} for call in case["expect"]["calls"])
        read = reading(LabelledNote(conversation.source, conversation.lang, told, events, {}))
        if read is None:
            raise AssertionError(f"the grammar's events stand in its notes: {told!r}")
        return ChatExample("grammar", read.lang, read.messages, read.reply, read.tools)
    needed, reply = _reply(conversation, case, rng)
    tools = _shown(needed, rng)
    messages = (_system(case["messages"][-1]["content"], rng, currency), *case["messages"])
    made = ChatExample("grammar", conversation.lang, messages, reply, tools)
    return _renamed(made, rng) if rng.random() < RENAMED_SHARE else made


def _reply(conversation: Conversation, case: Mapping[str, Any], rng: random.Random) -> tuple[set[str], Message]:
    """The tools that the right reply needs, and the reply."""
    text = case["messages"][-1]["content"]
    if conversation.calls:
        calls = [(call["name"], call["arguments"]) for call in case["expect"]["calls"]]
        return {name for name, _ in calls}, _calling(calls)
    if conversation.behaviour == "clarify":
        return set(), _calling([(replies.ASK_USER, {"missing": conversation.missing})])
    if conversation.behaviour == "refuse":
        return set(), _calling([(replies.DECLINE, {"reason": "out_of_scope"})])
    return set(), {"role": "assistant", "content": replies.small_talk(text, detect(text))}


def _turn(text: str, tool: str, arguments: Mapping[str, Json], lang: str, rng: random.Random, currency: str) -> ChatExample:
    asked = (_system(text, rng, currency), {"role": "user", "content": text})
    return ChatExample("talk on a note", lang, asked, _calling([(tool, arguments)]), _shown({tool}, rng))


def _system(text: str, rng: random.Random, currency: str) -> Message:
    """The instructions that the agent gives, on some day."""
    lang = detect(text)
    today = (FIRST_DAY + timedelta(days=rng.randrange(DAYS))).isoformat()
    rules = prompts.load(f"explain.{lang}")
    return {"role": "system", "content": prompts.load(f"system.{lang}", as_of=today, currency=currency, explain=rules)}


def _shown(needed: set[str], rng: random.Random) -> tuple[Mapping[str, Any], ...]:
    """The tools of one example: all in their order, or those needed and a few others in any order; ways not to call always."""
    every = list(catalogue())
    if rng.random() >= WHOLE_CATALOGUE_SHARE:
        right = [spec for spec in every if cast(Any, spec)["function"]["name"] in needed]
        others = [spec for spec in every if spec not in right]
        every = [*right, *rng.sample(others, rng.randint(0, MOST_DISTRACTORS))]
        rng.shuffle(every)
    return (*every, *replies.PSEUDO_TOOLS)


def _renamed(example: ChatExample, rng: random.Random) -> ChatExample:
    """The same with other names for the tools, in what is shown and in what is called; ways not to call keep theirs."""
    kept = {replies.ASK_USER, replies.DECLINE}
    numbers = rng.sample(range(100, 1000), len(example.tools))
    names = {spec["function"]["name"]: f"tool_{number}" for spec, number in zip(example.tools, numbers, strict=True)}
    names |= {name: name for name in kept}
    tools = tuple({**spec, "function": {**spec["function"], "name": names[spec["function"]["name"]]}} for spec in example.tools)
    calls = example.reply.get("tool_calls", ())
    if not calls:
        return ChatExample(example.source, example.lang, example.messages, example.reply, tools)
    said = [(names[call["function"]["name"]], call["function"]["arguments"]) for call in calls]
    return ChatExample(example.source, example.lang, example.messages, _calling(said), tools)


def _calling(calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Message:
    made = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": dict(arguments)}}
        for number, (name, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": "", "tool_calls": made}


def _in_words(event: Mapping[str, str | float], note: LabelledNote) -> tuple[str, dict[str, str | float]] | None:
    """An event as a call, without what the note's heading says already; None where something is said by neither."""
    said: dict[str, str | float] = {}
    for name, value in event.items():
        if name == "type":
            continue
        if not isinstance(value, str) or value.lower() in note.text.lower():
            said[name] = value
        elif note.context.get(name, "").lower() != value.lower():
            return None
    return str(event["type"]), said
