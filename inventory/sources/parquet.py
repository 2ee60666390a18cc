"""Parquet files."""

from pathlib import Path

import pyarrow
import pyarrow.parquet

from inventory.base import RawRecords, sources
from parstock.errors import InputError


@sources.register("parquet")
class ParquetSource:
    """Apache Parquet, one file."""

    suffixes = (".parquet", ".pq")

    def read(self, path: Path) -> RawRecords:
        """Read all columns with their types."""
        try:
            table = pyarrow.parquet.ParquetFile(path).read(use_threads=False)
        except (pyarrow.ArrowException, OSError) as error:
            raise InputError(f"{path.name!r} is not a Parquet file, or is damaged: {error}", field="path") from error
        names = table.column_names
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputError(f"{path.name!r} has two columns called {repeated[0]!r}; rename one", field="path")
        return RawRecords(table.to_pandas(ignore_metadata=True))
