"""Notes, proposals, keys, threads and plans."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from inventory import audit, keys, plans, proposals, schema, threads
from inventory.notebook import add_note
from inventory.records import Records
from inventory.store import Store
from parstock.domain import Json
from parstock.errors import InputError
from parstock.results import Fact

FACT = Fact("f1", "quantity", 12, "units", "Order 12 units.", "订购 12 件。", "plan", required=True)
PAYLOAD: dict[str, Json] = {"item": "A", "quantity": 12, "note": "急"}


def test_a_note_is_kept_and_audited(store: Store, records: Records) -> None:
    """A note comes back as it was written and changes the fingerprint."""
    before = records.fingerprint()
    note = add_note(store, "  供应商假期到二月。 ", item="A", supplier="S", author="Ann")

    assert records.notes() == (note,)
    assert note.text == "供应商假期到二月。"
    assert records.fingerprint() != before
    assert audit.verify(store) == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 100_001, "a\x00b", "a\ud800b"])
def test_a_note_that_cannot_be_stored_is_refused(store: Store, text: str) -> None:
    """Empty, endless and unstorable notes are input errors on every database."""
    with pytest.raises(InputError) as caught:
        add_note(store, text, author="Ann")
    assert caught.value.field == "text"


def test_a_draft_is_kept_with_its_facts(store: Store) -> None:
    """A proposal comes back equal, is listed as a draft, and is in the audit log."""
    made = proposals.draft(store, "purchase_order", PAYLOAD, [FACT], actor="agent")

    assert made.state == "draft"
    assert proposals.get(store, made.id) == made
    assert proposals.list_proposals(store) == proposals.list_proposals(store, "draft") == (made,)
    assert proposals.list_proposals(store, "approved") == ()
    assert audit.verify(store) == 1


def test_an_idempotency_key_drafts_once(store: Store) -> None:
    """Requests that are repeated, even at the same moment, get the first draft; another payload is refused."""

    def draft(_: int) -> str:
        return proposals.draft(store, "transfer", PAYLOAD, [FACT], actor="api", idempotency_key="k1").id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(draft, range(8)))

    assert len(ids) == len(proposals.list_proposals(store)) == 1
    with pytest.raises(InputError, match="something else"):
        proposals.draft(store, "transfer", {"item": "B"}, [], actor="api", idempotency_key="k1")
    assert proposals.draft(store, "transfer", {"item": "B"}, [], actor="other", idempotency_key="k1").id not in ids


def test_unknown_proposals_are_refused(store: Store) -> None:
    """Wrong kinds, states and ids are input errors with the choices."""
    with pytest.raises(InputError, match="purchase_order"):
        proposals.draft(store, "gift", {}, [], actor="a")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="approved"):
        proposals.list_proposals(store, "lost")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'po-1'"):
        proposals.get(store, "po-1")


def test_a_key_opens_with_its_secret_alone(store: Store) -> None:
    """The secret gives the key back, is stored nowhere, and nothing else opens."""
    secret = keys.create(store, "till", frozenset({"read", "propose"}))

    assert keys.check(store, secret) == keys.ApiKey("till", frozenset({"read", "propose"}))
    assert keys.check(store, secret + "x") is keys.check(store, "") is keys.check(store, "\ud800") is None
    with store.reading() as connection:
        stored = connection.execute(select(schema.api_keys)).one()
    assert secret not in " ".join(stored)


@pytest.mark.parametrize(("name", "scopes"), [("till", {"read"}), (" ", {"read"}), ("b", set()), ("c", {"fly"})])
def test_a_wrong_key_is_refused(store: Store, name: str, scopes: set[str]) -> None:
    """A name that is taken or empty, and scopes that do not exist, are input errors."""
    keys.create(store, "till", frozenset({"read"}))
    with pytest.raises(InputError):
        keys.create(store, name, frozenset(scopes))


def test_turns_keep_their_order(store: Store) -> None:
    """Messages of a thread come back as they were, in order, and threads do not mix."""
    messages: list[dict[str, Json]] = [{"role": "user", "content": f"第{i}句", "calls": [1.5, None]} for i in range(5)]
    for message in messages:
        threads.append_turn(store, "t1", message)
    threads.append_turn(store, "t2", {"role": "user"})

    assert threads.load_turns(store, "t1") == tuple(messages)
    assert threads.load_turns(store, "t3") == ()
    assert threads.load_turns(store, " t1 ") == tuple(messages)


def test_a_nul_is_an_input_error_on_every_database(store: Store) -> None:
    """A code that no record can have is refused or not found; the driver's own error never gets out."""
    with pytest.raises(InputError, match="NUL"):
        threads.load_turns(store, "t\x00")
    with contextlib.suppress(InputError):
        assert plans.load(store, "plan-\x00") is None


def test_turns_of_one_thread_may_come_at_once(store: Store) -> None:
    """Concurrent messages of a thread get a place each."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: threads.append_turn(store, "t", {"i": i}), range(12)))

    assert sorted(turn["i"] for turn in threads.load_turns(store, "t")) == list(range(12))  # type: ignore[type-var]


def test_a_plan_is_kept(store: Store) -> None:
    """A plan comes back by its id; an unknown id gives nothing."""
    plan_id = plans.save(store, {"lines": [{"item": "A", "quantity": 3}]}, actor="Ann")

    assert plans.load(store, plan_id) == {"lines": [{"item": "A", "quantity": 3}]}
    assert plans.load(store, "plan-0") is None
