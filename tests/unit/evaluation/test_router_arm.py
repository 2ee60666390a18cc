"""The baseline arm, with a router that says what the test wants."""

from types import SimpleNamespace

import numpy as np
import pytest

from agent.embedded.router import BUCKETS, Router
from agent.embedded.vocabulary import Catalogue
from evaluation import router_arm
from evaluation.calls import Call, Decided
from evaluation.cases import Message
from evaluation.router_arm import decide_by_router
from tools.catalogue import catalogue


def decided(monkeypatch: pytest.MonkeyPatch, label: str, *texts: str) -> Decided:
    """What the arm decides where the router is sure of `label`."""
    router = Router((label, "other"), np.zeros((BUCKETS, 2), np.float32), np.array([1, 0], np.float32))
    parts = (SimpleNamespace(router=router), Catalogue.of(catalogue()))
    monkeypatch.setattr(router_arm, "_parts", lambda: parts)
    return decide_by_router([Message(role="user", content=text) for text in texts])


@pytest.mark.parametrize(("label", "behaviour"), [("clarify", "clarify"), ("decline", "refuse"), ("talk", "answer")])
def test_kinds_of_reply_are_named_as_cases_name_them(monkeypatch: pytest.MonkeyPatch, label: str, behaviour: str) -> None:
    """The router's labels for not calling become a case's behaviours, without calls."""
    assert decided(monkeypatch, label, "hello") == Decided(behaviour)  # type: ignore[arg-type]


def test_names_and_numbers_are_taken_from_the_last_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """A required name is what looks like one, a number is the first of its kind; nothing is written."""
    found = decided(monkeypatch, "forecast_demand", "hello", "what will LIP-VM-04 sell in the next 6 weeks?")

    assert found == Decided("call", (Call("forecast_demand", {"item": "LIP-VM-04", "horizon_days": 42}),))


def test_several_names_are_taken_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each required text gets the next name; the first word's capital makes none."""
    found = decided(monkeypatch, "propose_transfer", "Please ship Alpine Tents from Leeds to Ghent, 40 of them")

    assert found.calls[0].arguments == {
        "item": "Alpine Tents",
        "quantity": 40,
        "from_warehouse": "Leeds",
        "to_warehouse": "Ghent",
    }


def test_without_a_name_the_whole_message_is_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A required text that nothing looks like is what was said."""
    found = decided(monkeypatch, "search_notes", "anything about late suppliers?")

    assert found.calls[0].arguments == {"query": "anything about late suppliers?"}


def test_optional_arguments_without_a_value_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No number said, no number passed on."""
    assert decided(monkeypatch, "forecast_demand", "outlook for LIP-VM-04?").calls[0].arguments == {"item": "LIP-VM-04"}
