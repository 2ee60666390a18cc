"""Reads the typed rules out of policy documents (the format is described in docs/policies.md).

A rule is a fenced block with the info string `parstock` below the sentence that states it:

    Garden items keep at least 98 % from March to June.

    ```parstock
    clause: 2.1
    rule: service_level
    value: 98 %
    category: Garden
    season: 03-01..06-30
    ```

A block that cannot be read is an error, never skipped: a rule that a reader sees must be a rule that the planner obeys.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from parstock.domain import Clause, ClauseKind, Policy
from parstock.errors import InputError
from retrieval.chunk import RULE_FENCE, Section, prose, sections

FIELDS = ("clause", "rule", "value", "category", "item", "supplier", "between", "season")
"""Fields that a rule block may have; `rule` is required, `value` too save for a hold."""
KINDS: tuple[ClauseKind, ...] = get_args(ClauseKind)
_HOLDS: frozenset[ClauseKind] = frozenset({"order_hold", "transfer_hold"})
_IN_DAYS: frozenset[ClauseKind] = frozenset({"max_days_of_cover", "transfer_days", "transfer_keep_days"})

_OPEN = re.compile(rf"^\s*(`{{3,}}|~{{3,}})\s*{RULE_FENCE}\s*$", re.I)
_SEASON = re.compile(r"^(\d\d-\d\d)\s*\.\.\s*(\d\d-\d\d)$")
_PROBABILITY = re.compile(r"^(\d+(?:\.\d+)?)\s*(%)?$")
_MONEY = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([A-Z]{3})?$")
_MARKUP = re.compile(r"^(-?\d+(?:\.\d+)?)\s*%$")
_DAYS = re.compile(r"^(\d+)\s*(days?|weeks?)?$")


@dataclass(frozen=True, slots=True)
class _Block:
    """A rule block as written: where it stands and its fields with their line numbers."""

    policy: str
    section: Section
    line: int
    text: str
    fields: Mapping[str, tuple[int, str]]

    def wrong(self, field: str, value: str, right: str) -> InputError:
        """Return the error that names document, line, field, value and what would be right."""
        line = self.fields[field][0] if field in self.fields else self.line
        return InputError(f"policy {self.policy!r}, line {line}: {field} {value!r} cannot be read; {right}", field=field)

    def get(self, field: str) -> str:
        return self.fields[field][1] if field in self.fields else ""


def parse_clauses(policies: Iterable[Policy], *, currency: str = "") -> tuple[Clause, ...]:
    """Return the rules of all policies, in order of documents and lines.

    Args:
        policies: Documents; those without rule blocks (such as translations) give none.
        currency: ISO code of the shop's currency; amounts written in another are refused. "" accepts any.

    Raises:
        InputError: A block has an unknown, repeated or missing field or a value that cannot be read.
    """
    return tuple(
        _clause(block, currency) for policy in policies for section in sections(policy) for block in _blocks(policy.id, section)
    )


def _blocks(policy: str, section: Section) -> Iterable[_Block]:
    """Find the rule blocks of a section; each quotes the paragraph above it."""
    lines = section.lines
    position = 0
    while position < len(lines):
        opened = _OPEN.match(lines[position][1])
        if not opened:
            position += 1
            continue
        end = position + 1
        while end < len(lines) and not lines[end][1].strip().startswith(opened[1]):
            end += 1
        if end == len(lines):
            raise InputError(
                f"policy {policy!r}, line {lines[position][0]}: the rule block is not closed; end it with a line {opened[1]!r}",
                field="rule",
            )
        quoted = prose(lines[:position]).split("\n\n")[-1].replace("\n", " ").strip() or section.headings[-1]
        yield _Block(policy, section, lines[position][0], quoted, _fields(policy, lines[position + 1 : end]))
        position = end + 1


def _fields(policy: str, lines: Iterable[tuple[int, str]]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for number, line in lines:
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or name not in FIELDS:
            known = ", ".join(FIELDS)
            raise InputError(
                f"policy {policy!r}, line {number}: {line.strip()!r} is not a field of a rule; write one of {known} "
                'as "field: value"',
                field=name,
                choices=FIELDS,
            )
        if name in found:
            raise InputError(
                f"policy {policy!r}, line {number}: {name} {value!r} is given twice; write each rule in its own block",
                field=name,
            )
        found[name] = (number, value)
    return found


def _clause(block: _Block, currency: str) -> Clause:
    kind = next((known for known in KINDS if known == block.get("rule")), None)
    if kind is None:
        raise block.wrong("rule", block.get("rule"), f"write one of {', '.join(KINDS)}")
    key = block.get("clause") or block.section.key
    if key != block.section.key:
        raise block.wrong("clause", key, f"the block stands in section {block.section.key!r}: write that, or move the block")
    return Clause(
        id=f"{block.policy}#{key}",
        kind=kind,
        value=_value(block, kind, currency),
        category=block.get("category"),
        item=block.get("item"),
        supplier=block.get("supplier"),
        between=_between(block, kind),
        season=_season(block),
        text=block.text,
    )


def _value(block: _Block, kind: ClauseKind, currency: str) -> float:
    written = block.get("value")
    if kind in _HOLDS:
        if written:
            raise block.wrong("value", written, f"a rule {kind} has no value: leave the line out")
        return 0.0
    if kind == "service_level":
        return _probability(block, written)
    if kind == "min_markup":
        return _markup(block, written)
    if kind in _IN_DAYS:
        days = _DAYS.match(written)
        if not days or int(days[1]) == 0:
            raise block.wrong("value", written, 'write a whole number of days above 0, such as "21 days" or "3 weeks"')
        return float(days[1]) * (7 if (days[2] or "").startswith("week") else 1)
    return _money(block, written, currency)


def _probability(block: _Block, written: str) -> float:
    match = _PROBABILITY.match(written)
    value = float(match[1]) / (100 if match[2] else 1) if match else 0.0
    if not 0 < value < 1:
        raise block.wrong("value", written, 'write a probability between 0 and 1, such as "98 %" or "0.98"')
    return value


def _markup(block: _Block, written: str) -> float:
    match = _MARKUP.match(written)
    if not match or float(match[1]) < -100:
        raise block.wrong("value", written, 'write percent of the unit cost, such as "5 %", or "-20 %" for a price below cost')
    return float(match[1]) / 100


def _money(block: _Block, written: str, currency: str) -> float:
    match = _MONEY.match(written)
    if not match:
        raise block.wrong("value", written, f'write an amount of money, such as "5,000 {currency or "GBP"}" or "5000"')
    if match[3] and currency and match[3] != currency:
        raise block.wrong("value", written, f"the shop's currency is {currency}: write the amount in {currency}")
    return float(match[1].replace(",", "") + (match[2] or ""))


def _between(block: _Block, kind: ClauseKind) -> tuple[str, ...]:
    written = block.get("between")
    names = tuple(name.strip() for name in written.split(",")) if written else ()
    if names and not kind.startswith("transfer_"):
        raise block.wrong("between", written, f"a rule {kind} is not about transfers: leave the line out")
    if len(names) > 2 or not all(names):
        raise block.wrong("between", written, 'write one warehouse, or two with a comma, such as "MAIN, NORTH"')
    return names


def _season(block: _Block) -> tuple[str, str] | None:
    written = block.get("season")
    if not written:
        return None
    match = _SEASON.match(written)
    if not match or not (_is_day(match[1]) and _is_day(match[2])):
        raise block.wrong("season", written, 'write the first and the last day as MM-DD..MM-DD, such as "03-01..06-30"')
    return match[1], match[2]


def _is_day(written: str) -> bool:
    try:
        date.fromisoformat(f"2024-{written}")
    except ValueError:
        return False
    return True
