"""What every document source must do; a new file in retrieval/sources/ is tested by being there."""

from pathlib import Path

import pytest

from parstock.domain import Note, Policy
from retrieval.base import Documents, sources
from retrieval.chunk import passages_of


@pytest.fixture(params=sources.names())
def name(request: pytest.FixtureRequest) -> str:
    """The name of each registered source."""
    return str(request.param)


def read(name: str, folder: Path) -> Documents:
    """What a source's sample holds."""
    return sources.get(name).sample(folder).documents()


def all_of(found: Documents) -> list[Policy | Note]:
    """Policies and notes together."""
    return [*found.policies, *found.notes]


def test_a_sample_has_documents(name: str, tmp_path: Path) -> None:
    """A source's sample gives at least one policy or note, each with an id and a text."""
    found = read(name, tmp_path)
    assert found.policies or found.notes
    assert all(document.id and document.text.strip() for document in all_of(found))
    assert all(policy.title and policy.lang in {"en", "zh"} for policy in found.policies)


def test_ids_are_unique(name: str, tmp_path: Path) -> None:
    """No two documents of a source share an id, since answers cite by it."""
    found = read(name, tmp_path)
    ids = [document.id for document in all_of(found)]
    assert len(set(ids)) == len(ids)


def test_reading_twice_gives_the_same(name: str, tmp_path: Path) -> None:
    """Reading is repeatable: the same documents in the same order."""
    source = sources.get(name).sample(tmp_path)
    assert source.documents() == source.documents()


def test_documents_become_passages(name: str, tmp_path: Path) -> None:
    """Every document of a source gives passages with unique ids that can be traced back to it."""
    found = read(name, tmp_path)
    passages = passages_of(found)
    assert {passage.document for passage in passages} == {document.id for document in all_of(found)}
    assert len({passage.id for passage in passages}) == len(passages)
