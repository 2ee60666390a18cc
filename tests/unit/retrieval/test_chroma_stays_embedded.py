"""Chroma's server mode can be made to run code, so nothing may use it."""

import ast
from pathlib import Path

import retrieval

ROOT = Path(retrieval.__file__).parents[1]
FOLDERS = (
    "agent", "evaluation", "finetune", "forecasting", "inventory", "parstock", "planning", "prompts", "retrieval", "tools",
    "benchmarks", "examples",
)  # fmt: skip
FORBIDDEN = {"HttpClient", "AsyncHttpClient", "CloudClient"}


def sources() -> list[Path]:
    """All Python files of the product."""
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")] + [ROOT / "server.py", ROOT / "cli.py"]


def test_only_the_index_imports_chromadb() -> None:
    """One module knows Chroma, so that it can be replaced."""
    importers = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "chromadb" for name in names):
                importers.add(path.relative_to(ROOT).as_posix())
    assert importers == {"retrieval/index.py"}


def test_nothing_uses_a_chroma_client_over_the_network() -> None:
    """No source file names one of Chroma's network clients or starts its server."""
    for path in sources():
        text = path.read_text(encoding="utf-8")
        used = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
        used |= {a.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) for a in node.names}
        assert not used & FORBIDDEN, path
        assert "chroma run" not in text, path
