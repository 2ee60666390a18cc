"""CSV and other delimited text, in the encodings that shops really send."""

import re
from io import StringIO
from pathlib import Path

import pandas as pd

from inventory.base import RawRecords, sources
from inventory.sources._text import decode, with_heading
from parstock.errors import InputError

_DELIMITERS = (",", ";", "\t", "|")
_NOT_BLANK = re.compile(r"[^\r\n]*\S[^\r\n]*")
"""The first line that says anything."""


@sources.register("csv")
class CsvSource:
    """Delimited text: comma, semicolon, tab or bar; UTF-8, UTF-16 with a mark, GB 18030 or cp1252."""

    suffixes = (".csv", ".tsv", ".txt")

    def read(self, path: Path) -> RawRecords:
        """Read all cells as text."""
        text, encoding = decode(path.read_bytes(), path.name)
        first = _NOT_BLANK.search(text)
        if first is None:
            raise InputError(f"{path.name!r} is empty", field="path")
        heading = first[0]
        delimiter = max(_DELIMITERS, key=heading.count)
        try:
            frame = pd.read_csv(
                StringIO(text),
                sep=delimiter,
                dtype=str,
                keep_default_na=False,
                na_values=[""],
                header=None,
                skip_blank_lines=True,
            )
        except pd.errors.ParserError as error:
            reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
            raise InputError(f"{path.name!r} is not a table: {reason}", field="path") from error
        frame = with_heading(frame, path.name)
        return RawRecords(frame, () if encoding == "utf-8" else (f"Read as {encoding} text.",))
