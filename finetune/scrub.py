"""Takes personal data out of notes before a model learns from them: e-mail addresses, telephone numbers, names of people.

Addresses and numbers are known by their form. A person is known by what stands around the name ("call Anna", "Mr Field",
"联系王经理"; the words are in `scrub.json`). So these stay: a name that merely stands in a sentence ("Anna knows more"), one in
small letters ("call anna"), a Chinese name without cue or title. And a word after a cue that is nobody ("from Antwerp") may go,
unless the shop knows it: what the records have as an item, supplier, warehouse or category is never taken.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["email", "phone", "contact", "name"]
PLACEHOLDERS: dict[Kind, str] = {"email": "[email]", "phone": "[phone]", "contact": "[contact]", "name": "[name]"}

_WORDS = json.loads((Path(__file__).parent / "scrub.json").read_text(encoding="utf-8"))
_NOT_NAMES = frozenset(_WORDS["not_names"])
"""Capitalised words after a cue that are nobody: months, places, the words of the trade."""


def _any(key: str) -> str:
    return "(?:" + "|".join(_WORDS[key]) + ")"


_NAME = r"[A-Z][a-zé'’]+(?:[- ][A-Z][a-zé'’]+){0,2}"
_COMPANY = rf"\s+(?:(?:&|and)\s+\w+|{_any('company')}\b)"
_BEGIN = rf"[{_WORDS['surnames']}]"
_NUMBER = r"\+?\d[\d ()./-]{4,}\d"


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data in a text: `text[start:end]`."""

    start: int
    end: int
    kind: Kind


_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("email", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "contact",
        r"(?i:wechat|whatsapp|skype|telegram|微信号?|QQ号?)\s*(?:id)?\s*[:：]?\s*(?P<it>[A-Za-z0-9_-]{5,}|\+?\d[\d -]{6,}\d)",
    ),
    ("phone", r"(?<![\w.])\+\d[\d ()./-]{6,}\d"),
    ("phone", r"(?<![\w.])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
    ("phone", r"(?<![\w.])\(?0\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)"),
    ("phone", r"(?<![\w.])\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)"),
    ("phone", rf"(?i:\b(?:tel(?:ephone)?|phone|mobile|mob|cell|ext)\b)\.?\s*(?:no\.?|is)?\s*:?\s*(?P<it>{_NUMBER})"),
    ("phone", rf"(?:电话|手机|热线)(?:号码?)?(?:是|为)?\s*[:：]?\s*(?P<it>{_NUMBER})"),
    ("name", rf"\b{_any('titles_en')}\.? (?P<it>{_NAME})"),
    ("name", rf"(?i:\b{_any('cues_en')}):? (?P<it>{_NAME})(?!{_COMPANY})"),
    ("name", rf"(?i:\b{_any('signing_off')}\b),? ?(?P<it>{_NAME})\W*$"),
    ("name", rf"(?:^|[.!?] ?)[-–—/~] ?(?P<it>{_NAME})\W*$"),
    ("name", rf"(?P<it>{_BEGIN}(?:[\u4e00-\u9fff]{{1,2}})??){_any('titles_zh')}"),
    ("name", rf"(?P<it>[小老阿]{_BEGIN})(?![末期一二三四五六日天内])"),
    (
        "name",
        rf"{_any('cues_zh')}了?(?P<it>{_BEGIN}(?![一二三四五六日末式便法向面])[\u4e00-\u9fff]{{1,2}}?)(?={_any('after_zh')}|$)",
    ),
)
"""The earlier rule wins. The cues before a name count in any case, the name itself begins with a capital."""
_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)


def personal(text: str, keep: Collection[str] = ()) -> tuple[Found, ...]:
    """Find personal data, in order; of overlapping finds the earlier rule's is kept.

    Args:
        text: A note.
        keep: Names of things, which are nobody's: a find that touches one is left.
    """
    taken = [False] * len(text)
    for start, end in _places(text, keep):
        taken[start:end] = [True] * (end - start)
    found = []
    for kind, rule in _RULES:
        for match in rule.finditer(text):
            start, end = match.span("it") if "it" in rule.groupindex else match.span()
            if kind == "name":
                start, end = _without_others(text, start, end)
            if start < end and not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                found.append(Found(start, end, kind))
    return tuple(sorted(found, key=lambda one: one.start))


def scrub(text: str, keep: Collection[str] = ()) -> str:
    """Return a note with a placeholder for each piece of personal data.

    >>> scrub("Call Anna Field on +44 20 7946 0958 re MOQ 500; from Monday mail to orders@example.com")
    'Call [name] on [phone] re MOQ 500; from Monday mail to [email]'
    >>> scrub("王经理说义乌明亮春节放假，电话13812345678")
    '[name]经理说义乌明亮春节放假，电话[phone]'
    """
    said, at = "", 0
    for one in personal(text, keep):
        said += text[at : one.start] + PLACEHOLDERS[one.kind]
        at = one.end
    return said + text[at:]


def _places(text: str, keep: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where names of things stand."""
    lower = text.lower()
    for name in keep:
        at = lower.find(name.lower()) if len(name) > 1 else -1
        while at >= 0:
            yield at, at + len(name)
            at = lower.find(name.lower(), at + 1)


def _without_others(text: str, start: int, end: int) -> tuple[int, int]:
    """A name up to the first of its words that is nobody's."""
    for word in re.finditer(r"[^\s-]+", text[start:end]):
        if word[0] in _NOT_NAMES:
            return start, start + len(text[start : start + word.start()].rstrip(" -"))
    return start, end
