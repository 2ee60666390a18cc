"""What the last prompt was computed to, so that the next begins where the two part: for one chat after the other."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

LEAST_SHARED = 32
"""Tokens below which nothing is worth keeping."""


class LastPrompt:
    """The key-value cache of the last prompt. Of several chats at once one has it and the others begin afresh.

    Instructions and tools stand at the beginning of every prompt and are most of it, and the second call of a turn goes on from
    the whole first prompt.

    Args:
        network: A transformers causal language model.
    """

    def __init__(self, network: Any) -> None:
        self._config = network.config.get_text_config()
        kinds = getattr(self._config, "layer_types", None) or ["full_attention"]
        # only such a cache can be cut at any token; others forget on the way
        self._usable = network._supports_default_dynamic_cache() and set(kinds) == {"full_attention"}
        self._kept: list[tuple[list[int], Any]] = []
        """At most one (prompt, cache); taken out with one move, so no lock is needed."""

    def cache(self, prompt: Sequence[int]) -> Any:
        """Return a cache that holds what `prompt` shares with the last one, None where the model has no such cache."""
        from transformers import DynamicCache

        if not self._usable:
            return None
        try:
            last, cache = self._kept.pop()
        except IndexError:
            return DynamicCache(config=self._config)
        pairs = zip(last, prompt[:-1], strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if shared < LEAST_SHARED:
            return DynamicCache(config=self._config)
        _shorten(cache, shared)
        return cache

    def keep(self, prompt: Sequence[int], cache: Any) -> None:
        """Keep a cache that `prompt` and a reply to it were computed with."""
        if cache is not None and cache.get_seq_length() >= len(prompt):
            _shorten(cache, len(prompt))
            self._kept[:] = [(list(prompt), cache)]


def _shorten(cache: Any, length: int) -> None:
    """Leave the first `length` tokens."""
    cache.crop(length - cache.get_seq_length())
