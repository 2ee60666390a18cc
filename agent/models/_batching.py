"""Many chats at once on one model: transformers' continuous batching, each reply handed to the thread that waits for it."""

import queue
import threading
import time
from collections.abc import Generator, Sequence
from typing import Any

PAGE = 256
"""Tokens of a page of the key-value cache, as transformers has it."""
GPU_MEMORY_SHARE = 0.8
"""Of the GPU memory that is free once the model is loaded; forecasters may need the rest."""
CPU_BLOCKS, CPU_BATCH_TOKENS = 128, 1024
"""Key-value cache and batch on a CPU, where transformers would take all memory: room for 32,768 tokens."""
LOOK_AGAIN_SECONDS = 0.5
"""How often a waiting thread looks whether the batch still runs."""


class Batch:
    """A model that writes all replies together. Chats join and leave at any token, and shared beginnings are computed once.

    The work is done by two daemon threads, which begin with the first reply and need no end.

    Args:
        network: A transformers causal language model.
        ends: Ids of the tokens that end a reply.
    """

    def __init__(self, network: Any, ends: Sequence[int]) -> None:
        self._network = network
        self._ends = list(ends) or [-1]
        self._manager: Any = None
        self._waiting: dict[str, queue.SimpleQueue[Any]] = {}
        self._lock = threading.Lock()
        self._count = 0

    def write(self, prompt: Sequence[int], most_tokens: int, seconds: float) -> Generator[list[int], None, None]:
        """Yield the tokens of a reply as they come; closing the iterator takes the chat out of the batch.

        Raises:
            RuntimeError: The model failed, such as for want of memory.
        """
        heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
        name = self._join(prompt, most_tokens, heard)
        until, written, done = time.monotonic() + seconds, 0, False
        try:
            while not done and time.monotonic() < until:
                said = self._next(heard)
                if said is None:
                    continue
                if said.error:
                    raise RuntimeError(said.error)
                done = said.is_finished()
                new, written = said.generated_tokens[written:], len(said.generated_tokens)
                if new:
                    yield new
        finally:
            self._leave(name, cancel=not done)

    def _next(self, heard: "queue.SimpleQueue[Any]") -> Any:
        """What is heard next, None where it takes long."""
        try:
            return heard.get(timeout=LOOK_AGAIN_SECONDS)
        except queue.Empty:
            if not self._manager.is_running():
                raise RuntimeError("the chat model's batch has stopped") from self._manager.background_thread_status.fatal_error
            return None

    def _join(self, prompt: Sequence[int], most_tokens: int, heard: "queue.SimpleQueue[Any]") -> str:
        with self._lock:
            if self._manager is None or not self._manager.is_running():
                self._start()
            self._count += 1
            name = f"chat-{self._count}"
            self._waiting[name] = heard
            self._manager.add_request(list(prompt), request_id=name, max_new_tokens=most_tokens, streaming=True)
        return name

    def _leave(self, name: str, *, cancel: bool) -> None:
        if cancel:
            self._manager.cancel_request(name)
        with self._lock:
            self._waiting.pop(name, None)

    def _start(self) -> None:
        """Begin; the manager's thread inherits from ours that the process does not wait for it."""
        from transformers import GenerationConfig
        from transformers.generation.configuration_utils import ContinuousBatchingConfig

        on_cpu = self._network.device.type == "cpu"
        room = (
            {"num_blocks": CPU_BLOCKS, "max_batch_tokens": CPU_BATCH_TOKENS}
            if on_cpu
            else {"max_memory_percent": GPU_MEMORY_SHARE}
        )
        self._manager = self._network.init_continuous_batching(
            generation_config=GenerationConfig(do_sample=False, eos_token_id=self._ends, pad_token_id=max(self._ends[0], 0)),
            continuous_batching_config=ContinuousBatchingConfig(page_size=PAGE, **room),
        )
        begun = threading.Event()
        threading.Thread(target=self._deliver, args=(self._manager, begun), name="chat-batch", daemon=True).start()
        begun.wait()

    def _deliver(self, manager: Any, begun: threading.Event) -> None:
        """Hand each piece to whoever waits for it, until the manager stops."""
        manager.start()
        begun.set()
        while manager.is_running() or not manager.output_router.output_queue.empty():
            said = manager.get_result(timeout=LOOK_AGAIN_SECONDS)
            if said is None:
                continue
            waiting = self._waiting.get(said.request_id)
            if waiting is not None:
                waiting.put(said)
