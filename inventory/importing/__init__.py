"""Files into records: reading, mapping columns, cleaning, a data-quality report, one transaction."""

from inventory.importing.report import ImportReport
from inventory.importing.run import import_file

__all__ = ["ImportReport", "import_file"]
