"""Any open-weight causal model in this process, through transformers: safetensors only, no code from the model's folder."""

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.models import _chatml, chat_models
from agent.models._reading import ReplyReader, openai_form
from parstock.errors import SetupError
from parstock.settings import Settings

MOST_TOKENS = 1024
MOST_SECONDS = 90.0


class LocalChatModel(BaseChatModel):
    """A loaded causal language model with its tokenizer.

    Keeps no state between calls, so that several threads may use it at once.
    """

    name_or_path: str
    tokenizer: Any
    """A transformers tokenizer."""
    network: Any
    """A transformers causal language model."""
    max_new_tokens: int = MOST_TOKENS
    max_seconds: float = MOST_SECONDS

    @property
    def _llm_type(self) -> str:
        return "local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.name_or_path, "max_new_tokens": self.max_new_tokens}

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Show `tools` to the model through its chat template."""
        shown = [convert_to_openai_tool(tool) for tool in tools]
        return cast(Runnable[LanguageModelInput, AIMessage], self.bind(tools=shown, **kwargs))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        prompt, reader = self._begin(messages, kwargs.get("tools"))
        tokens = 0
        with closing(self._write(prompt, stop)) as reply:
            for written in reply:
                tokens += 1
                reader.feed(written)
                if reader.broken:
                    break
        reader.finish()
        message = AIMessage(reader.text.strip(), tool_calls=reader.calls, invalid_tool_calls=reader.invalid)
        message.usage_metadata = _usage(prompt, tokens)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt, reader = self._begin(messages, kwargs.get("tools"))
        tokens = 0
        with closing(self._write(prompt, stop)) as reply:
            for written in reply:
                tokens += 1
                if shown := reader.feed(written):
                    yield ChatGenerationChunk(message=AIMessageChunk(content=shown))
                if reader.broken:
                    break
        last = AIMessageChunk(
            content=reader.finish(),
            tool_calls=reader.calls,
            invalid_tool_calls=reader.invalid,
            usage_metadata=_usage(prompt, tokens),
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last)

    def _begin(self, messages: Sequence[BaseMessage], tools: list[dict[str, Any]] | None) -> tuple[Any, ReplyReader]:
        """Return the encoded prompt and a reader that knows how the reply will look."""
        from transformers.utils.chat_parsing import ResponseParser

        own = self.tokenizer.chat_template
        takes_tools = own is not None and (not isinstance(own, str) or "tools" in own)
        encoded = self.tokenizer.apply_chat_template(
            openai_form(messages),
            tools=tools,
            chat_template=None if takes_tools else _chatml.CHAT_TEMPLATE,
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
            enable_thinking=False,
        )
        template = getattr(self.tokenizer, "response_template", None) or _chatml.response_template(self._ends())
        prefix = self.tokenizer.decode(encoded["input_ids"][0])
        return encoded, ReplyReader(ResponseParser(template, prefix=prefix, tools=tools))

    def _ends(self) -> tuple[str, ...]:
        known = (self.tokenizer.eos_token, _chatml.END, "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>")
        return tuple(dict.fromkeys(end for end in known if end))

    def _write(self, prompt: Any, stop: list[str] | None) -> Generator[str, None, None]:
        """Yield the reply as it is generated in a thread of its own; closing the iterator stops the thread."""
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        enough = threading.Event()
        failed: list[Exception] = []
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=False)

        def generate() -> None:
            try:
                self.network.generate(
                    **prompt.to(self.network.device),
                    streamer=streamer,
                    do_sample=False,
                    max_new_tokens=self.max_new_tokens,
                    max_time=self.max_seconds,
                    eos_token_id=self._end_ids(),
                    pad_token_id=self._end_ids()[0] if self._end_ids() else None,
                    stopping_criteria=StoppingCriteriaList([lambda ids, scores, **_: _everywhere(ids, enough.is_set())]),
                    **({"stop_strings": stop, "tokenizer": self.tokenizer} if stop else {}),
                )
            except Exception as error:
                failed.append(error)
            finally:
                streamer.end()

        writer = threading.Thread(target=generate, name="local-chat-model", daemon=True)
        writer.start()
        try:
            yield from streamer
        finally:
            enough.set()
            writer.join()
        if failed:
            raise failed[0]

    def _end_ids(self) -> list[int]:
        vocabulary = self.tokenizer.get_vocab()
        ids = [vocabulary[end] for end in self._ends() if end in vocabulary]
        own = getattr(self.network.generation_config, "eos_token_id", None)
        ids += own if isinstance(own, list) else [own] if own is not None else []
        return list(dict.fromkeys(ids))


def _everywhere(ids: Any, stop: bool) -> Any:
    """The answer of a stopping criterion for each sequence of a batch."""
    import torch

    return torch.full((ids.shape[0],), stop, dtype=torch.bool, device=ids.device)


def _usage(prompt: Any, tokens: int) -> UsageMetadata:
    given = int(prompt["input_ids"].shape[1])
    return UsageMetadata(input_tokens=given, output_tokens=tokens, total_tokens=given + tokens)


@chat_models.register("local")
def open_local(settings: Settings, spec: str) -> LocalChatModel:
    """Load a model folder or hub id: bfloat16 over the GPUs where there are any, else float32 on the CPU.

    Raises:
        SetupError: There is no such folder or hub id, or it cannot be loaded.
    """
    if not spec:
        raise SetupError("chat model 'local:' names no model; right would be local:FOLDER or local:HUB/ID")
    folder = Path(spec).expanduser()
    if folder.is_dir():
        _check(folder)
    elif folder.is_absolute() or spec.startswith((".", "~")) or spec.count("/") != 1:
        raise SetupError(f"chat model {spec!r}: there is no such folder, and it is no hub id of the form OWNER/NAME")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    name = str(folder) if folder.is_dir() else spec
    on_gpu = torch.cuda.is_available()
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
        network = AutoModelForCausalLM.from_pretrained(
            name,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.bfloat16 if on_gpu else torch.float32,
            **({"device_map": "auto"} if on_gpu else {}),
        )
    except Exception as error:
        raise SetupError(f"chat model {spec!r} cannot be loaded: {_first_line(error)}") from error
    return LocalChatModel(name_or_path=spec, tokenizer=tokenizer, network=network.eval())


def _check(folder: Path) -> None:
    """Refuse a folder that is no saved model before anything heavy is imported."""
    if not (folder / "config.json").is_file():
        raise SetupError(f"chat model folder {str(folder)!r} has no config.json; it must be saved by save_pretrained")
    if not any(folder.glob("*.safetensors")):
        raise SetupError(f"chat model folder {str(folder)!r} has no *.safetensors; other weight files are not read")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{lines[0] if lines else type(error).__name__} ({type(error).__name__})"
