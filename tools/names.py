"""What a planner's words for items, warehouses, suppliers and categories mean. The one place where names are resolved."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from parstock.domain import Item, Supplier, Warehouse
from parstock.errors import InputError, InsufficientData
from parstock.wording import shortened
from tools.lexicon import Lexicon, Ranked
from tools.words import compact

T = TypeVar("T")

MOST_CHOICES = 5
MARGIN = 0.08
"""A name wins over the next one only by this much coverage ..."""
PRECISION_MARGIN = 0.2
"""... or, with equal coverage, when it says little more than was asked and the next one this much more."""
PLAUSIBLE = 0.45
"""Names that hold less of the query than this are not offered."""

_FIND = "; find_items searches by words of names, categories and suppliers"
_LABELLED = re.compile(r"\(([^()]+)\)\s*$")
_CODE = re.compile(r"[^\s,;:()（）]+")
_ARTICLES = frozenset(
    {"the", "a", "an", "our", "my", "all", "of", "for", "in", "at", "from", "的", "sku", "item", "product", "code"}
)
_NOISE: Mapping[str, frozenset[str]] = {
    "item": _ARTICLES,
    "warehouse": _ARTICLES | frozenset({"warehouse", "wh", "dc", "depot", "site", "仓", "库", "里"}),
    "supplier": _ARTICLES
    | frozenset({"supplier", "vendor", "ltd", "limited", "inc", "co", "company", "gmbh", "公", "司", "厂", "家"}),
    "category": _ARTICLES | frozenset({"category", "range", "everything", "类", "品"}),
}


class Directory(Generic[T]):
    """Things of one kind by everything they are called.

    Args:
        kind: What they are and the field's name in messages ("item").
        entries: The things.
        codes: Code of each, unique.
        names: Names of each, best one first; the first is shown.
    """

    def __init__(self, kind: str, entries: Sequence[T], codes: Sequence[str], names: Sequence[Sequence[str]]) -> None:
        self.kind = kind
        self._entries = entries
        self._labels = tuple(
            texts[0] if texts[0] == code else f"{texts[0]} ({code})" for code, texts in zip(codes, names, strict=True)
        )
        self._as_written = {code: entry for entry, code in enumerate(codes)}
        self._by_code = _grouped((code,) for code in codes)
        self._by_name = _grouped(names)
        self._lexicon = Lexicon([(*texts, code) for texts, code in zip(names, codes, strict=True)])

    def resolve(self, text: str, *, field: str | None = None) -> T:
        """Return the one thing that `text` means.

        Args:
            text: Code, name, alias or part of a name, as somebody typed it.
            field: Argument at fault in error messages; the kind by default.

        Raises:
            InputError: Nothing or several things are called like that; `choices` names them, best first.
            InsufficientData: No item at all is recorded.
        """
        field = field or self.kind
        if not compact(text):
            raise InputError(f"{field} is {text!r}: give the code or name of one {self.kind}, or leave it out", field=field)
        if self.kind == "item" and not self._entries:
            raise InsufficientData("no item is recorded yet; import items or sales first")
        exact = self._exact(text)
        if len(exact) == 1:
            return self._entries[exact[0]]
        if exact:
            raise self._ambiguous(text, exact, field)
        ranked = self._lexicon.rank(text, without=_NOISE[self.kind])
        complete = [r for r in ranked if r.complete]
        if complete:
            if _wins(complete):
                return self._entries[complete[0].entry]
            raise self._ambiguous(text, [r.entry for r in complete], field)
        raise self._unknown(text, ranked, field)

    def _exact(self, text: str) -> list[int]:
        """Entries whose code or whole name is `text`, or whose code stands in it as a word."""
        codes = (text.strip(), *_LABELLED.findall(text))
        for code in codes:
            if code in self._as_written:
                return [self._as_written[code]]
        for code in codes:
            if compact(code) in self._by_code:
                return self._by_code[compact(code)]
        if compact(text) in self._by_name:
            return self._by_name[compact(text)]
        words = [compact(word) for word in _CODE.findall(text)]
        found = [self._by_code.get(w, []) for w in words if len(w) >= 3 and any(c.isdigit() for c in w)]
        return sorted({entry for entries in found for entry in entries})

    def _ambiguous(self, text: str, entries: Sequence[int], field: str) -> InputError:
        choices = self._choices(entries)
        count = f"{len(entries)} match" if len(entries) <= MOST_CHOICES else f"{len(entries)} match, the nearest are"
        message = f"which {self.kind} is meant by {shortened(text)!r}? {count}: {'; '.join(choices)}"
        return InputError(message, field=field, choices=choices, reason="ambiguous_name")

    def _unknown(self, text: str, ranked: Sequence[Ranked], field: str) -> InputError:
        """Offer only what is truly alike; all there is where that is not much; else nothing."""
        alike = [r.entry for r in ranked if r.coverage >= PLAUSIBLE]
        few = range(len(self._entries)) if len(self._entries) <= MOST_CHOICES and self.kind != "item" else ()
        nearest = self._choices(alike or few)
        if alike:
            hint = f"did you mean {'; '.join(nearest)}?"
        elif nearest:
            hint = f"known are {'; '.join(nearest)}"
        elif not self._entries:
            hint = f"no {self.kind} is recorded yet"
        else:
            hint = f"nothing is called like it{_FIND if self.kind == 'item' else ''}"
        message = f"no {self.kind} is called {shortened(text)!r}; {hint}"
        return InputError(message, field=field, choices=nearest, reason="unknown_name")

    def _choices(self, entries: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._labels[entry] for entry, _ in zip(entries, range(MOST_CHOICES), strict=False))


class NameIndex:
    """Names of one revision of the shop's records.

    Args:
        items: All items.
        warehouses: All warehouses.
        suppliers: All suppliers.
    """

    def __init__(self, items: Sequence[Item], warehouses: Sequence[Warehouse], suppliers: Sequence[Supplier]) -> None:
        self._items = tuple(items)
        self._item = Directory("item", self._items, [i.sku for i in items], [_item_names(i) for i in items])
        self._warehouse = Directory(
            "warehouse", tuple(warehouses), [w.code for w in warehouses], [(w.name, w.city, *w.aliases) for w in warehouses]
        )
        self._supplier = Directory(
            "supplier", tuple(suppliers), [s.code for s in suppliers], [(s.name, *s.aliases) for s in suppliers]
        )
        categories = tuple(sorted({i.category for i in items if i.category}))
        self._category = Directory("category", categories, categories, [(c,) for c in categories])
        supplier_names = {s.code: s.name for s in suppliers}
        self._everything = Lexicon(
            [
                [" ".join((n, i.category, supplier_names.get(i.supplier, ""), i.supplier, i.sku)) for n in _item_names(i)]
                for i in items
            ]
        )

    def resolve_item(self, text: str, *, field: str = "item") -> Item:
        """Return the item called `text`. Raises InputError as `Directory.resolve`."""
        return self._item.resolve(text, field=field)

    def resolve_warehouse(self, text: str, *, field: str = "warehouse") -> Warehouse:
        """Return the warehouse called `text`. Raises InputError as `Directory.resolve`."""
        return self._warehouse.resolve(text, field=field)

    def resolve_supplier(self, text: str, *, field: str = "supplier") -> Supplier:
        """Return the supplier called `text`. Raises InputError as `Directory.resolve`."""
        return self._supplier.resolve(text, field=field)

    def resolve_category(self, text: str, *, field: str = "category") -> str:
        """Return the category called `text`. Raises InputError as `Directory.resolve`."""
        return self._category.resolve(text, field=field)

    def find(self, query: str, limit: int = 10) -> tuple[tuple[Item, ...], int]:
        """Return the items that fit `query` best, by name, category and supplier, and how many fit in all.

        Items that hold every word of the query count as fitting; where there are none, those that hold
        a good part of it do.
        """
        ranked = self._everything.rank(query, without=_NOISE["item"])
        fitting = [r for r in ranked if r.complete] or [r for r in ranked if r.coverage >= PLAUSIBLE]
        return tuple(self._items[r.entry] for r in fitting[:limit]), len(fitting)


def _grouped(texts: Iterable[Sequence[str]]) -> dict[str, list[int]]:
    """Compact form of each entry's texts -> the entries that have it."""
    entries: dict[str, list[int]] = {}
    for entry, known in enumerate(texts):
        for key in {compact(text) for text in known} - {""}:
            entries.setdefault(key, []).append(entry)
    return entries


def _item_names(item: Item) -> tuple[str, ...]:
    return tuple(name for name in (item.name, item.name_zh, *item.aliases) if name)


def _wins(complete: Sequence[Ranked]) -> bool:
    """Whether the best of the complete matches is clearly meant."""
    if len(complete) == 1:
        return True
    first, second = complete[0], complete[1]
    if first.coverage - second.coverage > MARGIN:
        return True
    return (
        first.coverage >= second.coverage
        and first.precision >= 1 - MARGIN
        and first.precision - second.precision > PRECISION_MARGIN * first.precision
    )
