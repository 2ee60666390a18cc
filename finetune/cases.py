"""Conversations as evaluation cases in OpenAI form, for any model."""

from agent.embedded.grammar import Value, number_value
from agent.embedded.spots import spot
from finetune.corpus import Conversation, Gold, Span
from finetune.examples import everything
from parstock.domain import Json


def to_openai(conversation: Conversation) -> dict[str, Json]:
    """The conversation as one line of a file of cases: `messages`, and what to `expect`."""
    return {
        "id": conversation.source,
        "lang": conversation.lang,
        "messages": [{"role": u.role, "content": u.text} for u in conversation.utterances],
        "expect": {
            "behaviour": conversation.behaviour,
            "calls": [
                {"name": gold.name, "arguments": {name: _plain(conversation, gold, name) for name in gold.arguments}}
                for gold in conversation.calls
            ],
        },
    }


def _plain(conversation: Conversation, gold: Gold, name: str) -> Value:
    """An argument's value: the words of a span, or the number that they say in the argument's unit."""
    found = gold.arguments[name]
    if not isinstance(found, Span):
        return found
    text = conversation.utterances[found.utterance].text
    argument = next(argument for argument in everything().tools[gold.name] if argument.name == name)
    if argument.type == "number":
        for said in spot(text):
            if said.start < found.end and said.end > found.start:
                return number_value(argument, gold.signs[name] * said.value)
    return text[found.start : found.end]
