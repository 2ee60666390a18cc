"""Work that goes on beside the requests. Its threads hold up neither a request nor the end of the process."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The work was given up because the server stops."""


class Background:
    """Threads that load and compute, and can be told to stop."""

    def __init__(self) -> None:
        self._stopping = Event()
        self._begun: list[Future[object]] = []

    def begin(self, name: str, work: Callable[[], T]) -> "Future[T]":
        """Do `work` in a thread of its own.

        Args:
            name: What it makes, for the log.
            work: Calls `check` now and then, where it takes long.
        """
        future: Future[T] = Future()

        def run() -> None:
            begun = time.perf_counter()
            try:
                result = work()
            except BaseException as error:
                log.log(logging.INFO if isinstance(error, Stopped) else logging.WARNING, "%s not made: %s", name, error)
                future.set_exception(error)
            else:
                log.info("%s ready after %.1f s", name, time.perf_counter() - begun)
                future.set_result(result)

        self._begun.append(future)  # type: ignore[arg-type]
        Thread(target=run, name=f"parstock-{name}", daemon=True).start()
        return future

    def check(self) -> None:
        """Go on, or not.

        Raises:
            Stopped: The work is no longer wanted.
        """
        if self._stopping.is_set():
            raise Stopped("the server is stopping")

    def stop(self, patience: float) -> None:
        """Tell all work to stop, and wait up to `patience` seconds for it."""
        self._stopping.set()
        wait(self._begun, timeout=patience)
