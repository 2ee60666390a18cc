"""Policies from a folder of Markdown files; reads nothing else."""

from pathlib import Path
from typing import Self

from parstock.domain import Policy
from parstock.errors import SetupError
from retrieval.base import Documents, sources
from retrieval.chunk import policy_from_markdown


@sources.register("folder")
class FolderSource:
    """Every `*.md` file directly in a folder; the id is the file's stem, `NAME.zh.md` is Chinese.

    Args:
        folder: Folder to read, in order of file name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def documents(self) -> Documents:
        """Read the folder's policies.

        Raises:
            SetupError: The folder does not exist, or a file is not UTF-8 text.
        """
        if not self.folder.is_dir():
            raise SetupError(f"policy folder {str(self.folder)!r} does not exist; give a folder of Markdown files")
        return Documents.of(self._read(path) for path in sorted(self.folder.glob("*.md")))

    @classmethod
    def sample(cls, folder: Path) -> Self:
        """Write two small policies into `folder` and return the source that reads them."""
        texts = {
            "returns.md": "# Returns · 退货\n\n## 1. Window\n\nGoods come back within 30 days.\n",
            "returns.zh.md": "# 退货 · Returns\n\n## 1. 期限\n\n三十天内可以退货。\n",
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return cls(folder)

    @staticmethod
    def _read(path: Path) -> Policy:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise SetupError(f"policy file {str(path)!r} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
        return policy_from_markdown(path.stem, text)
