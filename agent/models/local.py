"""Any open-weight causal model in this process, through transformers: safetensors only, no code from the model's folder."""

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from agent.chat_template import ends, ids_of, written
from agent.models import _chatml, chat_models
from agent.models._adapter import ADAPTER, Adapter
from agent.models._batching import Batch
from agent.models._prefix import LastPrompt
from agent.models._reading import ReplyReader, openai_form
from parstock.errors import SetupError
from parstock.settings import Settings

MOST_TOKENS = 1024
MOST_SECONDS = 90.0


class LocalChatModel(BaseChatModel):
    """A loaded causal language model with its tokenizer.

    Several threads may use it at once. Their replies are written side by side where `batched`; else each in a thread of its own.
    """

    name_or_path: str
    tokenizer: Any
    """A transformers tokenizer."""
    network: Any
    """A transformers causal language model."""
    max_new_tokens: int = MOST_TOKENS
    max_seconds: float = MOST_SECONDS
    batched: bool = False
    """Whether concurrent chats share one batch: what makes a GPU serve many; on a CPU one chat is quicker without."""
    _batch: Batch = PrivateAttr()
    _last_prompt: LastPrompt = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        """Prepare both ways of writing; neither takes memory before the first reply."""
        self._batch = Batch(self.network, self._end_ids())
        self._last_prompt = LastPrompt(self.network)

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
        said = ""
        with closing(self._write(prompt, stop)) as reply:
            for piece in reply:
                said += piece
                reader.feed(piece)
                if reader.broken:
                    break
        reader.finish()
        message = AIMessage(reader.text.strip(), tool_calls=reader.calls, invalid_tool_calls=reader.invalid)
        message.usage_metadata = self._usage(prompt, said)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt, reader = self._begin(messages, kwargs.get("tools"))
        said = ""
        with closing(self._write(prompt, stop)) as reply:
            for piece in reply:
                said += piece
                if shown := reader.feed(piece):
                    yield ChatGenerationChunk(message=AIMessageChunk(content=shown))
                if reader.broken:
                    break
        last = AIMessageChunk(
            content=reader.finish(),
            tool_calls=reader.calls,
            invalid_tool_calls=reader.invalid,
            usage_metadata=self._usage(prompt, said),
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last)

    def _begin(self, messages: Sequence[BaseMessage], tools: list[dict[str, Any]] | None) -> tuple[Any, ReplyReader]:
        """Return the encoded prompt and a reader that knows how the reply will look."""
        from transformers.utils.chat_parsing import ResponseParser

        prefix = written(self.tokenizer, openai_form(messages), tools, reply_follows=True)
        encoded = self.tokenizer(prefix, add_special_tokens=False, return_tensors="pt")
        template = getattr(self.tokenizer, "response_template", None) or _chatml.response_template(ends(self.tokenizer))
        return encoded, ReplyReader(ResponseParser(template, prefix=prefix, tools=tools))

    def _write(self, prompt: Any, stop: list[str] | None) -> Generator[str, None, None]:
        """Yield the reply as it is generated; closing the iterator ends the work behind it."""
        if self.batched and not stop:
            with closing(self._batch.write(prompt["input_ids"][0].tolist(), self.max_new_tokens, self.max_seconds)) as tokens:
                yield from _texts(self.tokenizer, tokens)
        else:
            yield from self._write_alone(prompt, stop)

    def _write_alone(self, prompt: Any, stop: list[str] | None) -> Generator[str, None, None]:
        """Generate in a thread of its own, from where the prompt parts from the last one."""
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        enough = threading.Event()
        failed: list[Exception] = []
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=False)
        end_ids, ids = self._end_ids(), prompt["input_ids"][0].tolist()

        def generate() -> None:
            try:
                cache = self._last_prompt.cache(ids)
                self.network.generate(
                    **prompt.to(self.network.device),
                    streamer=streamer,
                    do_sample=False,
                    max_new_tokens=self.max_new_tokens,
                    max_time=self.max_seconds,
                    eos_token_id=end_ids,
                    pad_token_id=end_ids[0] if end_ids else None,
                    stopping_criteria=StoppingCriteriaList([lambda ids, scores, **_: _everywhere(ids, enough.is_set())]),
                    **({} if cache is None else {"past_key_values": cache}),
                    **({"stop_strings": stop, "tokenizer": self.tokenizer} if stop else {}),
                )
                self._last_prompt.keep(ids, cache)
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
        ids = [vocabulary[end] for end in ends(self.tokenizer) if end in vocabulary]
        own = getattr(self.network.generation_config, "eos_token_id", None)
        ids += own if isinstance(own, list) else [own] if own is not None else []
        return list(dict.fromkeys(ids))

    def _usage(self, prompt: Any, said: str) -> UsageMetadata:
        given, came = int(prompt["input_ids"].shape[1]), len(ids_of(self.tokenizer, said))
        return UsageMetadata(input_tokens=given, output_tokens=came, total_tokens=given + came)


def _texts(tokenizer: Any, tokens: Iterable[list[int]]) -> Iterator[str]:
    """Turn tokens into text as they come; a character is held back until all its bytes are there."""
    held: list[int] = []
    shown = 0
    for new in tokens:
        held += new
        text = tokenizer.decode(held, skip_special_tokens=False)
        if not text.endswith("\ufffd"):
            yield text[shown:]
            held, shown = ([], 0) if text.endswith("\n") else (held, len(text))
    if rest := tokenizer.decode(held, skip_special_tokens=False)[shown:]:
        yield rest


def _everywhere(ids: Any, stop: bool) -> Any:
    """The answer of a stopping criterion for each sequence of a batch."""
    import torch

    return torch.full((ids.shape[0],), stop, dtype=torch.bool, device=ids.device)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model as it was loaded."""

    tokenizer: Any
    network: Any
    name: str
    """Absolute folder, or hub id."""


@chat_models.register("local")
def open_local(settings: Settings, spec: str) -> LocalChatModel:
    """Load a model folder or hub id, or a folder with a LoRA adapter (as `parstock finetune notes` makes it) and its base model.

    bfloat16 over the GPUs where there are any, else float32 on the CPU. Concurrent chats share one batch where the model lies
    on one GPU.

    Raises:
        SetupError: There is no such folder or hub id, or it cannot be loaded.
    """
    if not spec:
        raise SetupError("chat model 'local:' names no model; right would be local:FOLDER or local:HUB/ID")
    adapter = Adapter.at(Path(spec).expanduser())
    loaded = load_model(adapter.base if adapter else spec)
    network, tokenizer = loaded.network, loaded.tokenizer
    if adapter:
        network, tokenizer = adapter.put_on(network), adapter.tokenizer() or tokenizer
    devices = set((getattr(network, "hf_device_map", None) or {"": network.device}).values())
    batched = network.device.type == "cuda" and len(devices) == 1
    return LocalChatModel(name_or_path=spec, tokenizer=tokenizer, network=network.eval(), batched=batched)


def load_model(spec: str) -> Loaded:
    """Load a causal language model with its tokenizer: safetensors only, and no code from its folder is run.

    Raises:
        SetupError: There is no such folder or hub id, or it cannot be loaded.
    """
    folder = Path(spec).expanduser()
    if folder.is_dir():
        _check(folder)
    elif folder.is_absolute() or spec.startswith((".", "~")) or spec.count("/") != 1:
        raise SetupError(f"chat model {spec!r}: there is no such folder, and it is no hub id of the form OWNER/NAME")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    name = str(folder.resolve()) if folder.is_dir() else spec
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
    return Loaded(tokenizer, network, name)


def _check(folder: Path) -> None:
    """Refuse a folder that is no saved model before anything heavy is imported."""
    if (folder / ADAPTER).is_file():
        raise SetupError(f"chat model folder {str(folder)!r} holds an adapter; expected the folder or hub id of a whole model")
    if not (folder / "config.json").is_file():
        raise SetupError(f"chat model folder {str(folder)!r} has no config.json; it must be saved by save_pretrained")
    if not any(folder.glob("*.safetensors")):
        raise SetupError(f"chat model folder {str(folder)!r} has no *.safetensors; other weight files are not read")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{lines[0] if lines else type(error).__name__} ({type(error).__name__})"
