"""The data-quality report of one import: what became of every row, and what was assumed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from parstock.domain import Json


@dataclass(frozen=True, slots=True)
class Count:
    """Rows that met one rule."""

    reason: str
    """The rule as a phrase, such as "exact duplicate of an earlier row"."""
    rows: int
    """Rows that this rule decided; a row is decided by one rule only, the first that meets it."""
    found: int
    """Rows that meet the rule, those decided by an earlier rule included."""
    examples: tuple[str, ...] = ()
    """A few of the rows, such as "row 12: 'POST'"."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import read, changed, dropped, flagged and assumed: `rows_read = kept + planned + changed + dropped`."""

    kind: str
    file: str
    rows_read: int
    kept: int
    """Rows taken as they were."""
    changed: int
    """Rows taken after a repair."""
    dropped: int
    """Rows left out."""
    changes: tuple[Count, ...]
    """Why rows were changed; the rows add up to `changed`."""
    drops: tuple[Count, ...]
    """Why rows were dropped; the rows add up to `dropped`."""
    flags: tuple[Count, ...]
    """What deserves a look but was taken as it is; counted apart, in the units that the reason names."""
    columns: Mapping[str, str]
    """Column of the file -> field."""
    ignored_columns: tuple[str, ...]
    assumptions: tuple[str, ...]
    """What the file did not say and was assumed, one sentence each."""
    remarks: tuple[str, ...]
    written: Mapping[str, int]
    """Kind -> records written, or that would be written by a run that is not dry."""
    preset: str = ""
    first_day: str = ""
    """First and last day of sales, ISO; empty for other kinds."""
    last_day: str = ""
    dry_run: bool = False
    planned: int = 0
    """Rows of sales taken as plans of days to come: prices and promotions, no demand."""
    already_imported: bool = False
    """The same file was imported before with the same settings: nothing was changed this time."""

    def __post_init__(self) -> None:
        assert self.rows_read == self.kept + self.planned + self.changed + self.dropped
        assert self.changed == sum(count.rows for count in self.changes)
        assert self.dropped == sum(count.rows for count in self.drops)

    def to_json(self) -> dict[str, Json]:
        """The report as plain JSON."""
        return cast("dict[str, Json]", json.loads(json.dumps(asdict(self))))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ImportReport":
        """The report that `to_json` gave."""
        counts = {
            name: tuple(Count(**{**count, "examples": tuple(count["examples"])}) for count in stored[name])
            for name in ("changes", "drops", "flags")
        }
        texts = {name: tuple(stored[name]) for name in ("ignored_columns", "assumptions", "remarks")}
        return cls(**{**stored, **counts, **texts})

    def as_repeated(self) -> "ImportReport":
        """This report, given again for a file that was imported before."""
        return replace(self, already_imported=True, written={})

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def _lines(report: ImportReport) -> list[str]:
    """The report as a person reads it."""
    done = f"Import of {report.kind} from {report.file}" + (f" (preset {report.preset})" if report.preset else "")
    if report.already_imported:
        return [f"{done}: the same file was imported before; nothing was changed."]
    lines = [f"{done}: dry run, nothing was written." if report.dry_run else f"{done}: done."]
    taken = f"{report.kept:,} kept + {report.planned:,} planned" if report.planned else f"{report.kept:,} kept"
    lines.append(f"{report.rows_read:,} rows read = {taken} + {report.changed:,} changed + {report.dropped:,} dropped.")
    if report.first_day:
        lines.append(f"Sales from {report.first_day} to {report.last_day}.")
    for title, counts in (("Dropped", report.drops), ("Changed", report.changes), ("Taken as they are, but look", report.flags)):
        if counts:
            lines.append(f"{title}:")
            lines.extend(_count_line(count) for count in counts)
    for title, texts in (("Assumed", report.assumptions), ("Also", report.remarks)):
        if texts:
            lines.append(f"{title}:")
            lines.extend(f"  - {text}" for text in texts)
    lines.append("Columns: " + ", ".join(f"{column} = {field}" for column, field in report.columns.items()) + ".")
    if report.ignored_columns:
        lines.append(f"Columns not used: {', '.join(report.ignored_columns)}.")
    verb = "Would write" if report.dry_run else "Written"
    lines.append(f"{verb}: " + (", ".join(f"{number:,} {kind}" for kind, number in report.written.items()) or "nothing") + ".")
    return lines


def _count_line(count: Count) -> str:
    more = f" ({count.found:,} meet the rule)" if count.found != count.rows else ""
    shown = f"; {', '.join(count.examples)}" if count.examples else ""
    return f"  {count.rows:>9,}  {count.reason}{more}{shown}"
