"""Names of the shop found in a planner's words, exactly as they are written there. Ambiguity is the tools' business."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agent.embedded.render import Mark
from agent.embedded.spots import normalise
from parstock.domain import Item, Supplier, Warehouse
from tools.words import compact

ENTITIES = "parstock_entities"
"""Key of a message's `additional_kwargs` that carries its entities to the chat model."""
LONGEST_NAME_WORDS = 10
"""A known name of more words is not found."""
_WORD = re.compile(r"[^\s\u3400-\u9fff,;:!?。，；：！？()（）\"“”]+")
_HAN = re.compile(r"[\u3400-\u9fff]")

_POINTING = re.compile(
    r"\b(?:this|that) (?:one|item|product|sku)\b|\b(?:of|for|about|(?:re)?order|restock|reorder|buy|stock) it\b"
    r"|(?:这|那)(?:个|款|件|货|东西|玩意)(?!月|季|周|星期|礼拜|仓|品类|类|供应|预算|时候|问题)|它(?!们)",
    re.IGNORECASE,
)


def points(text: str) -> bool:
    """Whether a message points at a product without naming it: "how many of it", "这个要补多少".

    >>> [points(t) for t in ("is it time to order?", "restock that one", "这个月卖得怎么样", "它还有吗")]
    [False, True, False, True]
    """
    return bool(_POINTING.search(normalise(text)))


@dataclass(frozen=True)
class Linker:
    """Finds known names: Latin ones by runs of words, Chinese ones as substrings.

    Args:
        latin: Compact form -> kind ("item", "warehouse", "supplier", "category").
        han: Names that hold Han characters -> kind.
    """

    latin: Mapping[str, str]
    han: Mapping[str, str]

    @classmethod
    def of(cls, items: Iterable[Item], warehouses: Iterable[Warehouse], suppliers: Iterable[Supplier]) -> "Linker":
        """A linker of a shop's names; where a name means two kinds, places and partners win over products."""
        items = tuple(items)
        kinds: dict[str, Iterable[str | None]] = {
            "category": (item.category for item in items),
            "item": (name for item in items for name in (item.sku, item.name, item.name_zh, *item.aliases)),
            "supplier": (name for s in suppliers for name in (s.code, s.name, *s.aliases)),
            "warehouse": (name for w in warehouses for name in (w.code, w.name, w.city, *w.aliases)),
        }
        latin: dict[str, str] = {}
        han: dict[str, str] = {}
        for kind, names in kinds.items():
            for name in names:
                if name and _HAN.search(name):
                    han[normalise(name)] = kind
                elif name and len(compact(name)) > 1:
                    latin[compact(name)] = kind
        return cls(latin, han)

    def marks(self, text: str) -> tuple[Mark, ...]:
        """Known names in `text`; the longest wins. Offsets refer to the normalised text."""
        text = normalise(text)
        found = [*self._runs(text), *self._substrings(text)]
        kept: list[Mark] = []
        for mark in sorted(found, key=lambda m: m.start - m.end):
            if all(mark.end <= other.start or mark.start >= other.end for other in kept):
                kept.append(mark)
        return tuple(sorted(kept, key=lambda m: m.start))

    def entities(self, text: str) -> dict[str, Any]:
        """The marks as a message's `additional_kwargs`; empty where there are none."""
        marks = [asdict(mark) for mark in self.marks(text)]
        return {ENTITIES: marks} if marks else {}

    def _runs(self, text: str) -> Iterator[Mark]:
        """Latin names among all runs of a few words; blanks, hyphens and a stop at the end do not count."""
        words = list(_WORD.finditer(text))
        for first, opening in enumerate(words):
            for closing in words[first : first + LONGEST_NAME_WORDS]:
                end = closing.start() + len(closing[0].rstrip(".'’"))
                kind = self.latin.get(compact(text[opening.start() : end]))
                if kind:
                    yield Mark(opening.start(), end, kind)

    def _substrings(self, text: str) -> Iterator[Mark]:
        """Names with Han characters, each where it stands first."""
        if not _HAN.search(text):
            return
        for name, kind in self.han.items():
            at = text.find(name)
            if at >= 0:
                yield Mark(at, at + len(name), kind)
