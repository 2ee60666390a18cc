"""From chat examples to the tokens that an open-weight model is fine-tuned on: its own chat template, the reply alone learnt."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.chat_template import ends, ids_of, written
from finetune.chat_examples import ChatExample


class Unrenderable(Exception):
    """The model's chat template cannot write this conversation, or writes a reply otherwise than it asks for one."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One training sequence."""

    ids: tuple[int, ...]
    prompt: int
    """Tokens of the prompt; those after it are the reply, and only they count in the loss."""

    @property
    def reply(self) -> tuple[int, ...]:
        """Tokens of the reply, with the one that ends it."""
        return self.ids[self.prompt :]


@dataclass(frozen=True, slots=True)
class Rendering:
    """What became of some examples."""

    sequences: tuple[Rendered, ...]
    too_long: int
    """Left out, as nothing is ever cut."""
    unrenderable: int
    reason: str = ""
    """Why the first of these could not be written."""


def render(tokenizer: Any, example: ChatExample) -> Rendered:
    """Write one example as the model meets it in service: the prompt exactly as it is asked, then the reply to its end.

    The reply is what the template writes beyond the prompt when the reply is given, so no template needs to mark it. Prompt and
    reply are turned into tokens apart, since a model in service goes on from the prompt's tokens.

    Raises:
        Unrenderable: The template refuses the conversation, or what it writes does not begin with the prompt.
    """
    from jinja2 import TemplateError

    try:
        prompt = written(tokenizer, example.messages, example.tools, reply_follows=True)
        whole = written(tokenizer, [*example.messages, example.reply], example.tools, reply_follows=False)
    except TemplateError as error:
        raise Unrenderable(str(error)) from error
    if not whole.startswith(prompt):
        raise Unrenderable("the chat template writes a reply otherwise than it asks for one")
    asked = ids_of(tokenizer, prompt)
    return Rendered((*asked, *ids_of(tokenizer, _ended(whole[len(prompt) :], ends(tokenizer)))), len(asked))


def render_all(tokenizer: Any, examples: Iterable[ChatExample], most_tokens: int) -> Rendering:
    """Write all examples that can be written and are not too long."""
    sequences: list[Rendered] = []
    reasons: list[str] = []
    too_long = 0
    for example in examples:
        try:
            made = render(tokenizer, example)
        except Unrenderable as error:
            reasons.append(str(error))
            continue
        if len(made.ids) > most_tokens:
            too_long += 1
        else:
            sequences.append(made)
    return Rendering(tuple(sequences), too_long, len(reasons), next(iter(reasons), ""))


def _ended(reply: str, endings: tuple[str, ...]) -> str:
    """A reply up to and with the text that ends it, which is added where the template writes none."""
    stops = [reply.rfind(end) + len(end) for end in endings if end in reply]
    return reply[: max(stops)] if stops else reply + endings[0]
