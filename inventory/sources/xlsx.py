"""Excel workbooks."""

from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from inventory.base import RawRecords, sources
from inventory.sources._text import with_heading
from parstock.errors import InputError


@sources.register("xlsx")
class XlsxSource:
    """The first sheet of a workbook, and every further sheet with the same headings below it."""

    suffixes = (".xlsx", ".xlsm")

    def read(self, path: Path) -> RawRecords:
        """Read the cells' values; formulas give their last result."""
        import openpyxl

        try:
            workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheets = {sheet.title: _cells(sheet.values) for sheet in workbook.worksheets}
            workbook.close()
        except (BadZipFile, KeyError, OSError, ValueError) as error:
            raise InputError(f"{path.name!r} is not an Excel workbook (.xlsx), or is damaged: {error}", field="path") from error
        tables = {title: with_heading(cells, path.name) for title, cells in sheets.items() if len(cells)}
        if not tables:
            raise InputError(f"{path.name!r} has no rows", field="path")
        first, *others = tables.items()
        same = [table for _, table in others if list(table.columns) == list(first[1].columns)]
        passed_over = [title for title, table in others if list(table.columns) != list(first[1].columns)]
        remarks = tuple(
            f"Sheet {title!r} was passed over: its headings differ from those of {first[0]!r}." for title in passed_over
        )
        return RawRecords(pd.concat([first[1], *same], ignore_index=True) if same else first[1], remarks)


def _cells(rows: object) -> pd.DataFrame:
    """The cells of a sheet without its empty rows."""
    frame = pd.DataFrame(list(rows), dtype=object)  # type: ignore[call-overload]
    return frame.replace({"": None}).dropna(how="all").reset_index(drop=True)
