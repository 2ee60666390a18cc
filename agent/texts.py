"""Texts at the agent's edge: a planner's message made safe, an answer cut for streaming."""

import re

from parstock.errors import InputError

MOST_CHARACTERS = 4000
"""Longest message that a planner may write."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PIECE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]{1,8}\s*|[^\s\u3400-\u9fff\uff00-\uffef\u3000-\u303f]+\s*|\s+")


def checked(text: str) -> str:
    """Return a planner's message without control characters and outer spaces.

    Raises:
        InputError: Nothing is left of it, or it is too long.
    """
    cleaned = _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if not cleaned:
        raise InputError("the message is empty; write what you want to know or do", field="message")
    if len(cleaned) > MOST_CHARACTERS:
        raise InputError(f"the message has {len(cleaned)} characters; at most {MOST_CHARACTERS} are read", field="message")
    return cleaned


def pieces(text: str) -> list[str]:
    """Cut a text into words with the space after them, Chinese into a few characters; joined they are the text."""
    return _PIECE.findall(text)
