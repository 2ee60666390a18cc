"""Values kept for one revision of the records."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from tools.kept import Kept


def test_a_value_is_built_once_for_many_threads() -> None:
    """Callers that come at the same moment share one building."""
    built: list[int] = []

    def build() -> int:
        sleep(0.01)
        built.append(1)
        return len(built)

    kept: Kept[int] = Kept()
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda _: kept.get("r1", "key", build), range(32)))
    assert set(values) == {1}


def test_a_new_revision_forgets_everything() -> None:
    """Nothing of an older revision is handed out."""
    kept: Kept[str] = Kept(4)
    assert kept.get("r1", "a", lambda: "old") == "old"
    assert kept.get("r2", "a", lambda: "new") == "new"
    assert kept.peek("r1", "a") is None


def test_the_least_recently_used_goes_first() -> None:
    """At most so many values are kept, the ones used last."""
    kept: Kept[str] = Kept(2)
    for key in ("a", "b", "a", "c"):
        kept.get("r1", key, lambda: "value")
    assert [kept.peek("r1", key) for key in ("a", "b", "c")] == ["value", None, "value"]


def test_a_value_that_does_not_serve_is_built_anew() -> None:
    """A caller who needs more than what is kept gets it, and so does everybody after."""
    kept: Kept[int] = Kept()
    assert kept.get("r1", "a", lambda: 7) == 7
    assert kept.get("r1", "a", lambda: 28, serves=lambda days: days >= 28) == 28
    assert kept.get("r1", "a", lambda: 0) == 28
