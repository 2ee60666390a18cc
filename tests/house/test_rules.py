"""Rules of the house that a machine can check by reading."""

import ast
import re
from pathlib import Path

import pytest

LONGEST_MODULE = 400
LONGER_FOR_A_REASON = {
    "finetune/pretrain.py": "training is one script, read from top to bottom",
}
LARGEST_FILE_MB = 30


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def test_nothing_speaks_of_where_it_was_written(tracked: tuple[Path, ...], root: Path) -> None:
    """No file holds a path of a machine that the project was written on."""
    places = (
        "/".join(("", "work", "")),
        "/".join(("", "farm", "")),
        "." + "library",
        "/".join(("", "root", "")),
        "before" + "-stop",
    )
    pattern = re.compile("|".join(rf"(?<![\w.)}}/~]){re.escape(place)}" for place in places))
    found = {}
    for path in tracked:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if match := pattern.search(text):
            found[_relative(path, root)] = match.group()
    assert not found


@pytest.mark.parametrize(
    ("danger", "allowed"),
    [
        (r"^\s*(import|from) (pickle|dill|cloudpickle|joblib|shelve|marshal)\b", ()),
        (r"torch\.load\((?!.*weights_only=True)", ()),
        (r"\btorch\.load\(", ("finetune/pretrain.py",)),
        (r"allow_pickle\s*=\s*True", ()),
        (r"trust_remote_code\s*=\s*True", ()),
        (r"chromadb\.(Async)?HttpClient", ()),
        (r"yaml\.(unsafe_)?load\(", ()),
        (r"shell\s*=\s*True", ()),
        (r"^\s*(?!#).*\b(eval|exec)\(", ()),
    ],
)
def test_nothing_runs_what_it_reads(danger: str, allowed: tuple[str, ...], modules: tuple[Path, ...], root: Path) -> None:
    """No module unpickles, evaluates, trusts remote code, or opens the vector index to a network."""
    pattern = re.compile(danger, re.MULTILINE)
    found = {_relative(p, root): m.group().strip() for p in modules if (m := pattern.search(_code(p)))}
    assert not {name: what for name, what in found.items() if name not in allowed}


def _code(path: Path) -> str:
    """A module's source without its docstrings and comments; method calls named eval stay out."""
    source = re.sub(r"\.eval\(", ".evaluation(", path.read_text(encoding="utf-8"))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node, clean=False)):
            source = source.replace(text, "")
    return source


def test_every_module_says_what_lives_in_it(modules: tuple[Path, ...], root: Path) -> None:
    """Every module begins with a docstring; generated migrations too."""
    silent = [_relative(p, root) for p in modules if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))]
    assert not silent


def test_modules_stay_short(modules: tuple[Path, ...], root: Path) -> None:
    """A module has at most 400 lines, those listed with a reason apart."""
    lines = {_relative(path, root): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    long = {name: count for name, count in lines.items() if count > LONGEST_MODULE}
    assert not {name: count for name, count in long.items() if name not in LONGER_FOR_A_REASON}


def test_nothing_is_left_for_later(modules: tuple[Path, ...], root: Path) -> None:
    """No stub and no note to oneself is shipped."""
    pattern = re.compile("|".join(("NotImplementedError", "TO" + "DO", "FIX" + "ME", "X" * 3)))
    found = {_relative(p, root): m.group() for p in modules if (m := pattern.search(p.read_text(encoding="utf-8")))}
    assert not found


def test_every_test_states_its_claim(tracked: tuple[Path, ...], root: Path) -> None:
    """Every test's docstring says in a sentence what it guards."""
    mute = [
        f"{_relative(path, root)}::{node.name}"
        for path in tracked
        if path.suffix == ".py" and "tests" in path.relative_to(root).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not mute


def test_files_are_small_enough_for_git(tracked: tuple[Path, ...], root: Path) -> None:
    """No file is so large that a clone suffers."""
    megabytes = {_relative(path, root): path.stat().st_size / 2**20 for path in tracked}
    assert not {name: round(size) for name, size in megabytes.items() if size > LARGEST_FILE_MB}
