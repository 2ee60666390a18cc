"""Reads what a local model writes, piece by piece: text, tool calls, and calls that cannot be read."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.messages import InvalidToolCall, ToolCall
from langchain_core.messages.tool import invalid_tool_call, tool_call

_BEFORE_TAG = re.compile(r"(?=<)")


class ReplyReader:
    """Collects one reply.

    Args:
        parser: A `transformers` response parser at the start of the reply.
    """

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._open = ""
        self._broken = False
        self.text = ""
        self.calls: list[ToolCall] = []
        self.invalid: list[InvalidToolCall] = []

    @property
    def broken(self) -> bool:
        """Whether a call could not be read; nothing after it is."""
        return self._broken

    def feed(self, written: str) -> str:
        """Take more of the reply and return the text for the reader that it holds."""
        shown = ""
        for piece in _BEFORE_TAG.split(written):
            if piece and not self._broken:
                self._open += piece
                shown += self._try(lambda piece=piece: self._parser.feed(piece))
        self.text += shown
        return shown

    def finish(self) -> str:
        """End the reply and return what text was still held back."""
        if self._broken:
            return ""
        shown = self._try(lambda: self._parser.finalize()[1])
        self.text += shown
        return shown

    def _try(self, step: Any) -> str:
        try:
            events = step()
        except (ValueError, KeyError, TypeError) as error:
            self._broken = True
            self._refuse(self._open, str(error).partition("\n")[0])
            return ""
        return "".join(self._take(event) for event in events)

    def _take(self, event: Mapping[str, Any]) -> str:
        field, kind = event["field"], event["type"]
        if field == "tool_calls" and kind == "region_close":
            self._file(event["value"])
        if kind == "region_close" or field != "tool_calls":
            self._open = ""
        return str(event["text"]) if field == "content" and kind == "region_chunk" else ""

    def _file(self, value: Any) -> None:
        function = value.get("function") if isinstance(value, Mapping) else value
        for one in function if isinstance(function, list) else [function]:
            name, arguments = _named_arguments(one)
            if name is None or arguments is None:
                self._refuse(json.dumps(one, ensure_ascii=False), "a call needs a name and an object of arguments")
            else:
                self.calls.append(tool_call(name=name, args=arguments, id=_new_id()))

    def _refuse(self, written: str, why: str) -> None:
        # The tag in front keeps half a call from being completed by a lenient JSON reader further on.
        said = "<tool_call>" + written.replace("<tool_call>", "")
        self.invalid.append(invalid_tool_call(name="", args=said, id=_new_id(), error=why))


def _named_arguments(function: Any) -> tuple[str | None, dict[str, Any] | None]:
    if not isinstance(function, Mapping):
        return None, None
    name = function.get("name")
    arguments = function.get("arguments", function.get("parameters", {}))
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except json.JSONDecodeError:
            arguments = None
    return (name if isinstance(name, str) else None), (dict(arguments) if isinstance(arguments, Mapping) else None)


def _new_id() -> str:
    return f"call_{uuid4().hex[:12]}"


def openai_form(messages: Sequence[Any]) -> list[dict[str, Any]]:
    """Return LangChain messages as chat templates take them: OpenAI form, arguments as objects."""
    from langchain_core.messages import convert_to_openai_messages

    converted = convert_to_openai_messages(list(messages))
    told = [dict(message) for message in (converted if isinstance(converted, list) else [converted])]
    for message in told:
        message["content"] = message.get("content") or ""
        for call in message.get("tool_calls") or ():
            arguments = call["function"]["arguments"]
            call["function"]["arguments"] = json.loads(arguments) if isinstance(arguments, str) else arguments
    return told
