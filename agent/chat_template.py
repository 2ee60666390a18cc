"""How a conversation is written for an open-weight model, in service and in fine-tuning alike.

Its tokenizer's own chat template writes it, or ours where that one shows no tools.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.models._chatml import CHAT_TEMPLATE, END

ENDS = (END, "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>")
"""Texts that end a reply in the usual templates, besides what the tokenizer itself names."""


def written(
    tokenizer: Any,
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]] | None = None,
    *,
    reply_follows: bool,
) -> str:
    """Return the conversation as the model reads it.

    Args:
        tokenizer: A transformers tokenizer.
        messages: OpenAI form; arguments of calls are objects.
        tools: OpenAI form, shown in the order given.
        reply_follows: Whether to end with what opens a reply, thinking aloud turned off where the template knows that.
    """
    own = tokenizer.chat_template
    takes_tools = own is not None and (not isinstance(own, str) or "tools" in own)
    return str(
        tokenizer.apply_chat_template(
            list(messages),
            tools=list(tools) if tools else None,
            chat_template=None if takes_tools else CHAT_TEMPLATE,
            add_generation_prompt=reply_follows,
            enable_thinking=False,
            tokenize=False,
        )
    )


def ids_of(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a written conversation, or of a part of it; the template has put in all that is special."""
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def ends(tokenizer: Any) -> tuple[str, ...]:
    """Return the texts that end a reply, the tokenizer's own first."""
    return tuple(dict.fromkeys(end for end in (tokenizer.eos_token, *ENDS) if end))
