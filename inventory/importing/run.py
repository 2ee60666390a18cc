"""One import from file to database: all of it, once, or nothing."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import pandas as pd
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from inventory import audit
from inventory._stamps import now
from inventory.base import RawRecords, read_records
from inventory.importing import online_retail
from inventory.importing.cells import clean_cells, repeated
from inventory.importing.columns import MappedRecords, map_columns
from inventory.importing.known import Cleaned, read_known
from inventory.importing.ledger import Ledger
from inventory.importing.online_retail import clean_online_retail
from inventory.importing.overlap import replaced_days
from inventory.importing.report import Count, ImportReport
from inventory.importing.sales import clean_sales
from inventory.importing.tables import UNKNOWN_ITEM, clean_table
from inventory.kinds import Field, kind_called
from inventory.loading import load
from inventory.schema import imports
from inventory.store import Store
from parstock.errors import InputError

Progress: TypeAlias = Callable[[str, float], None]
"""Told what is being done ("reading", "cleaning", "writing", "done") and the share of the work behind it, 0 to 1."""

Check: TypeAlias = Callable[[pd.DataFrame], tuple[Count, ...]]
"""Looks at the cleaned records of the kind imported before any is written: refuses by raising, or says what deserves a look."""

PRESETS: Mapping[str, tuple[Field, ...]] = {online_retail.NAME: online_retail.FIELDS}
"""Layouts of sales files that are known by name, with their fields."""


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """A file that was read and cleaned; nothing of it is written."""

    fingerprint: str
    """What tells this import from any other."""
    cleaned: Cleaned
    report: ImportReport
    repeats: str = ""
    """When the same import was done before, where it had to leave out rows that it may take now; empty otherwise."""


def import_file(
    store: Store,
    kind: str,
    path: Path,
    *,
    mapping: Mapping[str, str] = MappingProxyType({}),
    preset: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    actor: str = "operator",
    check: Check | None = None,
) -> ImportReport:
    """Import a file in one transaction: an import that is killed or runs out of room leaves nothing behind.

    Records with a known key are replaced, so overlapping files may be imported one after another; a file of sales is taken to
    hold whole days. The same file with the same settings is imported once: the second run says so and changes nothing, unless
    the first had to leave out rows of items that were unknown.

    Args:
        store: The database.
        kind: One of `inventory.kinds.KINDS`.
        path: The file; for policies also a folder of Markdown files.
        mapping: Column of the file -> field, where the guess would be wrong.
        preset: Name of a known layout of sales, "online-retail".
        dry_run: Report what would happen and write nothing.
        progress: Told of every stage.
        actor: Who imports, for the audit log.
        check: A last look at the cleaned records, in a dry run too; what it says stands in the report.

    Returns:
        The data-quality report.

    Raises:
        InputError: The kind, preset, mapping or file is wrong; the message says where and what would be right.
        SetupError: The database cannot be written; nothing was changed.
    """
    tell = progress or (lambda stage, share: None)
    prepared = prepare(store, kind, path, mapping=mapping, preset=preset, dry_run=dry_run, progress=tell)
    if check and not prepared.report.already_imported:
        said = check(prepared.cleaned.frames[kind])
        prepared = replace(prepared, report=replace(prepared.report, flags=(*prepared.report.flags, *said)))
    report = prepared.report
    if not (dry_run or report.already_imported):
        tell("writing", 0.6)
        with store.writing() as connection:
            report = write(connection, prepared, actor)
    tell("done", 1.0)
    return report


def prepare(
    store: Store,
    kind: str,
    path: Path,
    *,
    mapping: Mapping[str, str] = MappingProxyType({}),
    preset: str | None = None,
    dry_run: bool = False,
    progress: Progress,
) -> Prepared:
    """Read and clean a file; arguments and errors are those of `import_file`."""
    path = Path(path)
    spec = kind_called(kind)
    fields = _fields(kind, preset)
    if path.is_dir() and kind != "policies":
        raise InputError(f"{str(path)!r} is a folder; give a file of {kind} (only policies are read from a folder)", field="path")
    progress("reading", 0.0)
    raw = read_records(path)
    fingerprint = _fingerprint(kind, path, mapping, preset)
    earlier, done_at = _earlier(store, fingerprint)
    if earlier is not None and not done_at:
        return Prepared(fingerprint, Cleaned({}, ()), earlier.as_repeated())
    progress("cleaning", 0.3)
    mapped = map_columns(raw.frame, fields, mapping, kind)
    ledger = Ledger(len(mapped.frame))
    ledger.drop(repeated(raw.frame), "exact duplicate of an earlier row")  # in every column, the unused ones too
    frame = clean_cells(mapped.frame, spec.codes, ledger)
    known = read_known(store)
    if preset:
        cleaned = clean_online_retail(frame, known, ledger)
    elif kind == "sales":
        cleaned = clean_sales(frame, known, ledger)
    else:
        cleaned = clean_table(spec, frame, known, ledger)
    if "sales" in cleaned.frames:
        said = replaced_days(store, cleaned.frames["sales"], known)
        cleaned = Cleaned(cleaned.frames, (*cleaned.assumptions, *said))
    report = _report(kind, path, preset, raw, mapped, ledger, cleaned, dry_run)
    return Prepared(fingerprint, cleaned, report, repeats=done_at)


def write(connection: Connection, prepared: Prepared, actor: str) -> ImportReport:
    """Load what was prepared and note the import, in the caller's transaction.

    Returns:
        The report; one that says so where another process imported the same file meanwhile.
    """
    report = prepared.report
    if prepared.repeats:
        same = (imports.c.fingerprint == prepared.fingerprint, imports.c.imported_at == prepared.repeats)
        connection.execute(delete(imports).where(*same))
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(imports)
    noted = {"fingerprint": prepared.fingerprint, "kind": report.kind, "file": report.file, "report": report.to_json()}
    claim = insert.values(imported_at=now(), **noted).on_conflict_do_nothing().returning(imports.c.fingerprint)
    if connection.scalar(claim) is None:
        return report.as_repeated()
    for name, frame in prepared.cleaned.frames.items():
        load(connection, name, frame)
    audit.append(
        connection,
        actor=actor,
        action="records.imported",
        subject=report.file,
        detail={"kind": report.kind, "sha256": prepared.fingerprint, "written": dict(report.written)},
    )
    return report


def _fields(kind: str, preset: str | None) -> tuple[Field, ...]:
    if preset is None:
        return kind_called(kind).fields
    if preset not in PRESETS:
        raise InputError(f"unknown preset {preset!r}; known: {', '.join(PRESETS)}", field="preset", choices=tuple(PRESETS))
    if kind != "sales":
        raise InputError(f"the preset {preset!r} is for sales, not for {kind}", field="preset", choices=("sales",))
    return PRESETS[preset]


def _fingerprint(kind: str, path: Path, mapping: Mapping[str, str], preset: str | None) -> str:
    """SHA-256 over the settings of the import and the content of its files."""
    digest = hashlib.sha256(json.dumps([kind, preset, sorted(mapping.items())]).encode())
    for file in sorted(path.glob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(f"\n{file.name if path.is_dir() else ''}\n{file.stat().st_size}\n".encode())
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def _earlier(store: Store, fingerprint: str) -> tuple[ImportReport | None, str]:
    """The report of the same import, if it was done before; and when, where doing it again may bring more."""
    with store.reading() as connection:
        stored = connection.execute(
            select(imports.c.report, imports.c.imported_at).where(imports.c.fingerprint == fingerprint)
        ).one_or_none()
    if stored is None:
        return None, ""
    report = ImportReport.from_json(stored.report)
    lacked_items = any(count.reason == UNKNOWN_ITEM for count in report.drops)
    return report, stored.imported_at if lacked_items else ""


def _report(
    kind: str,
    path: Path,
    preset: str | None,
    raw: RawRecords,
    mapped: MappedRecords,
    ledger: Ledger,
    cleaned: Cleaned,
    dry_run: bool,
) -> ImportReport:
    taken = int(ledger.alive.sum())
    changes = ledger.changes()
    changed = sum(count.rows for count in changes)
    days = cleaned.frames["sales"]["date"] if "sales" in cleaned.frames else None
    return ImportReport(
        kind=kind,
        file=path.name,
        rows_read=ledger.rows,
        kept=taken - ledger.planned - changed,
        changed=changed,
        dropped=ledger.rows - taken,
        planned=ledger.planned,
        changes=changes,
        drops=tuple(ledger.drops),
        flags=tuple(ledger.flags),
        columns=mapped.columns,
        ignored_columns=mapped.ignored,
        assumptions=cleaned.assumptions,
        remarks=raw.remarks,
        written={name: len(frame) for name, frame in cleaned.frames.items()},
        preset=preset or "",
        first_day="" if days is None else f"{days.min():%Y-%m-%d}",
        last_day="" if days is None else f"{days.max():%Y-%m-%d}",
        dry_run=dry_run,
    )
