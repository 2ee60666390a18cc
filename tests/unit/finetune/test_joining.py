"""Two requests in one breath."""

import random

import pytest

from finetune.joining import join, joinable
from finetune.phrasing import Phrasing, Turn


def request(text: str, **args: str) -> Phrasing:
    """A phrasing with one call."""
    return Phrasing("w:1", "en", (Turn(text=text, calls=[{"name": "get_stock", "args": dict(args)}]),))


def test_both_calls_are_kept_in_order() -> None:
    """The joined request asks for what each of the two asked for."""
    first, second = request("Stock of {item}?", item="{item}"), request("Who sells {supplier}?", query="{supplier}")
    joined = join(first, second, random.Random(0))

    assert joined is not None
    assert [call["args"] for call in joined.last["calls"]] == [{"item": "{item}"}, {"query": "{supplier}"}]
    assert joined.last["text"].startswith("Stock of {item}")
    assert joined.last["text"].endswith("who sells {supplier}?")


def test_two_products_are_told_apart_or_are_the_same_one() -> None:
    """A second product has a placeholder of its own, unless the second request says "it" of the first."""
    first, second = request("Stock of {item}?", item="{item}"), request("forecast {item}", item="{item}")
    for seed in range(40):
        joined = join(first, second, random.Random(seed))
        assert joined is not None
        own = joined.last["calls"][1]["args"]["item"]

        assert own == ("{item2}" if "{item2}" in joined.last["text"] else "{item}")
        assert joined.last["text"].count("{item}") == 1


def test_requests_that_name_two_already_are_not_joined() -> None:
    """A third placeholder of a kind has no name, so such a pair is left alone."""
    first = request("Move stock from {warehouse} to {warehouse2}", from_warehouse="{warehouse}", to_warehouse="{warehouse2}")

    assert join(first, request("Alerts in {warehouse}?", warehouse="{warehouse}"), random.Random(0)) is None


@pytest.mark.parametrize(
    "turn",
    [
        Turn(text="hello", behaviour="answer"),
        Turn(text="x" * 200, calls=[{"name": "get_stock", "args": {}}]),
        Turn(text="both", calls=[{"name": "get_stock", "args": {}}] * 2),
    ],
)
def test_only_short_single_requests_are_joined(turn: Turn) -> None:
    """Small talk, long requests and those with several calls stay as they are."""
    assert not joinable(Phrasing("w:1", "en", (turn,)))


def test_a_follow_up_is_not_joined() -> None:
    """What leans on a turn before it cannot stand beside another request."""
    alone = request("Stock of {item}?", item="{item}")

    assert joinable(alone)
    assert not joinable(Phrasing("w:1", "en", alone.turns, follows="get_kpis"))
