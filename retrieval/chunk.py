"""Cuts documents into passages whose ids survive edits elsewhere in the document.

A passage is a section: what stands below one heading, or one numbered paragraph ("2.1 Garden ..."). Its id is the
policy's id and the section's key: the number where one is written, else a slug of the heading. Editing, adding or
removing one section therefore leaves the ids of all others alone. Knows nothing about rules or search.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from parstock.domain import Language, Note, Policy
from retrieval.base import Documents, Passage

RULE_FENCE = "parstock"
"""Info string, in any case, of the fenced blocks that hold a typed rule; they are left out of a passage's text."""
OVERVIEW = "overview"
"""Key of what a policy says before its first section."""
LONGEST_PASSAGE = 220
"""Most words (Chinese: characters) of one passage, about what the embedding model reads."""

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_NUMBER = re.compile(
    r"^(?:§\s*|(?:section|clause)\s+|第\s*)?(\d+(?:\.\d+)*)(?:[.)、:]|\s*[条节])?(?:\s+|$|(?=[\u4e00-\u9fff]))", re.I
)
_NUMBERED_PARAGRAPH = re.compile(r"^\**(\d+(?:\.\d+)+)\**[.)]?\**\s+\S")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\w*)")
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


Headings: TypeAlias = tuple[str, ...]
"""Headings above and of a section, outermost first, without the document's title."""


@dataclass(frozen=True, slots=True)
class Section:
    """One citable part of a policy, with its lines as written."""

    key: str
    """What follows "#" in the passage id."""
    headings: Headings
    lines: tuple[tuple[int, str], ...]
    """Line numbers (from 1) and lines below the heading, rule blocks included."""


def language_of(text: str) -> Language:
    """Return "zh" where at least a fifth of the letters are Chinese, else "en"."""
    letters = sum(character.isalpha() for character in text)
    return "zh" if letters and len(_CHINESE.findall(text)) >= 0.2 * letters else "en"


def policy_from_markdown(policy_id: str, text: str) -> Policy:
    """Make a policy of a Markdown text: the first heading is the title, `.zh` at the end of the id means Chinese."""
    first = next((match[2] for line in text.splitlines() if (match := _HEADING.match(line))), "")
    return Policy(policy_id, first or policy_id, text, "zh" if policy_id.endswith(".zh") else language_of(text))


def sections(policy: Policy) -> tuple[Section, ...]:
    """Cut a policy at its headings and numbered paragraphs; keys are unique within it."""
    return tuple(_Cutter(policy.text).sections())


def chunk_policy(policy: Policy) -> tuple[Passage, ...]:
    """Return the passages of a policy, in order.

    A section longer than `LONGEST_PASSAGE` is divided at paragraphs; its first part keeps the plain id, the others
    get "~2", "~3" behind it.
    """
    passages: list[Passage] = []
    for section in sections(policy):
        title = " › ".join((policy.title, *section.headings))
        for part, text in enumerate(_parts(prose(section.lines) or section.headings[-1]), 1):
            suffix = f"~{part}" if part > 1 else ""
            passages.append(Passage(f"{policy.id}#{section.key}{suffix}", "policy", policy.id, title, text, policy.lang))
    return tuple(passages)


def note_passage(note: Note) -> Passage:
    """Return the passage of a note; its title names the day, the author and what it is filed under."""
    filed_under = [name for name in (note.item, note.supplier) if name]
    title = " · ".join([note.written_at[:10], note.author, *filed_under])
    return Passage(note.id, "note", note.id, title, note.text, language_of(note.text))


def passages_of(documents: Documents) -> tuple[Passage, ...]:
    """Return the passages of everything a source holds."""
    policies = (passage for policy in documents.policies for passage in chunk_policy(policy))
    return (*policies, *(note_passage(note) for note in documents.notes))


def prose(lines: Iterable[tuple[int, str]]) -> str:
    """Join lines to text without the rule blocks."""
    kept: list[str] = []
    closing = ""
    for _, line in lines:
        fence = _FENCE.match(line)
        if closing:
            closing = "" if fence and fence[1].startswith(closing) else closing
        elif fence and fence[2].lower() == RULE_FENCE:
            closing = fence[1]
        else:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


class _Cutter:
    """Walks the lines of one document once and opens a section at each heading or numbered paragraph."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._above: list[tuple[int, str, str]] = []  # (level, label, key) of the open headings
        self._titled = False
        self._taken: set[str] = set()

    def sections(self) -> Iterator[Section]:
        """Yield the sections that hold anything."""
        key: str = OVERVIEW
        headings: Headings = (OVERVIEW,)
        body: list[tuple[int, str]] = []
        fence, after_blank = "", True
        for number, line in enumerate(self._lines, 1):
            mark = _FENCE.match(line)
            if mark and (not fence or mark[1].startswith(fence)):
                fence = "" if fence else mark[1]
            opened = None if fence or mark else self._heading(line) or (self._paragraph(line) if after_blank else None)
            if opened:
                yield from _closed(key, headings, body)
                key, headings = opened
                body = [] if line.startswith("#") else [(number, line)]
            else:
                body.append((number, line))
            after_blank = not line.strip()
        yield from _closed(key, headings, body)

    def _heading(self, line: str) -> tuple[str, Headings] | None:
        heading = _HEADING.match(line)
        if not heading:
            return None
        level, label = len(heading[1]), heading[2]
        if level == 1 and not self._titled:
            self._titled = True
            return self._unused(OVERVIEW), (label,)
        self._titled = True
        while self._above and self._above[-1][0] >= level:
            self._above.pop()
        number = _NUMBER.match(label)
        key = self._unused(number[1] if number else _slug(label))
        self._above.append((level, label, key))
        return key, self._headings()

    def _paragraph(self, line: str) -> tuple[str, Headings] | None:
        number = _NUMBERED_PARAGRAPH.match(line)
        return (self._unused(number[1]), self._headings() or (number[1],)) if number else None

    def _headings(self) -> Headings:
        return tuple(label for _, label, _ in self._above)

    def _unused(self, key: str) -> str:
        """Tell sections with the same heading apart: by the heading above them, then by counting."""
        candidates = [key]
        if self._above and not key[0].isdigit():
            candidates.append(f"{self._above[-1][2]}.{key}")
        candidates += [f"{key}-{count}" for count in range(2, len(self._taken) + 3)]
        chosen = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(chosen)
        return chosen


def _closed(key: str, headings: Headings, body: list[tuple[int, str]]) -> Iterator[Section]:
    if any(line.strip() for _, line in body):
        shown = () if key == OVERVIEW and prose(body) else headings
        yield Section(key, shown, tuple(body))


def _slug(label: str) -> str:
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", label).lower()).strip("-")
    return words or "section"


def _parts(text: str) -> list[str]:
    """Divide a long text at blank lines into parts of at most `LONGEST_PASSAGE` words, one paragraph at the least."""
    parts: list[list[str]] = [[]]
    filled = 0
    for paragraph in re.split(r"\n\s*\n", text):
        words = len(_CHINESE.findall(paragraph)) + len(_CHINESE.sub(" ", paragraph).split())
        if parts[-1] and filled + words > LONGEST_PASSAGE:
            parts.append([])
            filled = 0
        parts[-1].append(paragraph)
        filled += words
    return ["\n\n".join(part) for part in parts]
