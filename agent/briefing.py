"""What the model is told of a tool's result: its facts and passages, short and numbered. Knows nothing about prompts."""

import json
from collections.abc import Iterable
from dataclasses import replace

from agent.explain import sentence_of
from parstock.domain import Json, Language
from parstock.results import Fact, ToolResult

MOST_FACTS = 80
"""Facts beyond this many are left out unless they are required, so that a long list fits into the model's context."""
MOST_PASSAGE_CHARACTERS = 600


def numbered(result: ToolResult, call_id: str) -> tuple[Fact, ...]:
    """Return the facts of a result under ids that are unique in the turn, such as "c1.f3"."""
    return tuple(replace(fact, id=f"{call_id}.{fact.id}") for fact in result.facts)


def of_result(result: ToolResult, call_id: str, lang: Language) -> str:
    """Return a result as the JSON text that the model reads; a sentence that several facts share is told once."""
    facts = [fact for i, fact in enumerate(_told_once(numbered(result, call_id), lang)) if i < MOST_FACTS or fact.required]
    told: dict[str, Json] = {"facts": [_fact(fact, lang) for fact in facts]}
    if result.citations:
        told["passages"] = [{"id": c.id, "title": c.title, "text": c.text[:MOST_PASSAGE_CHARACTERS]} for c in result.citations]
    return json.dumps(told, ensure_ascii=False)


def _told_once(facts: Iterable[Fact], lang: Language) -> list[Fact]:
    """The first fact of each sentence; facts that share one name the required one first."""
    return list({sentence_of(fact, lang): fact for fact in reversed(tuple(facts))}.values())[::-1]


def _fact(fact: Fact, lang: Language) -> dict[str, Json]:
    told: dict[str, Json] = {"id": fact.id, "text": sentence_of(fact, lang)}
    if fact.required:
        told["required"] = True
    return told


def of_error(error: Exception) -> str:
    """Return a failure as the JSON text that the model reads."""
    return json.dumps({"error": str(error)}, ensure_ascii=False)


def as_list(facts: Iterable[Fact], lang: Language) -> str:
    """Return facts as a list of lines, the required ones marked."""
    lines = [f"- {sentence_of(fact, lang)}{' (required)' if fact.required else ''}" for fact in _told_once(facts, lang)]
    return "\n".join(lines) or "-"
