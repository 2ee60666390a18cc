"""Drafts of purchase orders, transfers and markdowns: they wait for a person and change nothing by themselves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import RowMapping, select

from inventory import audit
from inventory._stamps import checked, new_id, now
from inventory.schema import proposals
from inventory.store import Store
from parstock.domain import Json
from parstock.errors import InputError
from parstock.results import Fact, Proposal

ProposalKind: TypeAlias = Literal["purchase_order", "transfer", "markdown"]
ProposalState: TypeAlias = Literal["draft", "approved", "rejected"]
_PREFIXES: Mapping[ProposalKind, str] = {"purchase_order": "po", "transfer": "tr", "markdown": "md"}


def draft(
    store: Store,
    kind: ProposalKind,
    payload: Mapping[str, Json],
    facts: Sequence[Fact],
    *,
    actor: str,
    idempotency_key: str | None = None,
) -> Proposal:
    """Keep a draft and record in the audit log who made it and on which facts.

    Args:
        store: The database.
        kind: What is proposed.
        payload: The order, transfer or price path.
        facts: What it rests on.
        actor: Who drafts.
        idempotency_key: The same key by the same actor gives the first draft back instead of a second one.

    Raises:
        InputError: Unknown kind, or the key was used before for something else.
    """
    if kind not in _PREFIXES:
        raise InputError(f"no proposal is a {kind!r}; known: {', '.join(_PREFIXES)}", field="kind", choices=tuple(_PREFIXES))
    checked("actor", actor, longest=200)
    with store.writing() as connection:
        if idempotency_key is not None:
            # the audit table's lock also keeps two requests with one key from drafting twice
            audit.lock(connection)
            earlier = (
                connection.execute(
                    select(proposals).where(proposals.c.created_by == actor, proposals.c.idempotency_key == idempotency_key)
                )
                .mappings()
                .one_or_none()
            )
            if earlier is not None:
                return _repeated(_proposal(earlier), kind, payload, idempotency_key)
        proposal = Proposal(new_id(_PREFIXES[kind]), kind, "draft", dict(payload), tuple(facts), now(), actor)
        values = {
            "id": proposal.id,
            "kind": kind,
            "state": proposal.state,
            "payload": dict(payload),
            "facts": [asdict(fact) for fact in facts],
            "created_at": proposal.created_at,
            "created_by": actor,
            "idempotency_key": idempotency_key,
        }
        connection.execute(proposals.insert().values(**values))
        detail: dict[str, Json] = {"kind": kind, "payload": dict(payload), "facts": [fact.en for fact in facts]}
        audit.append(connection, actor=actor, action="proposal.drafted", subject=proposal.id, detail=detail)
    return proposal


def get(store: Store, proposal_id: str) -> Proposal:
    """One proposal.

    Raises:
        InputError: There is none with that id.
    """
    with store.reading() as connection:
        row = connection.execute(select(proposals).where(proposals.c.id == proposal_id)).mappings().one_or_none()
    if row is None:
        raise InputError(f"no proposal has the id {proposal_id!r}", field="id")
    return _proposal(row)


def list_proposals(store: Store, state: ProposalState | None = None) -> tuple[Proposal, ...]:
    """All proposals, or those in one state, newest first.

    Raises:
        InputError: Unknown state.
    """
    states = get_args(ProposalState)
    if state is not None and state not in states:
        raise InputError(f"no proposal is ever {state!r}; known states: {', '.join(states)}", field="state", choices=states)
    query = select(proposals).order_by(proposals.c.created_at.desc(), proposals.c.id)
    with store.reading() as connection:
        rows = connection.execute(query if state is None else query.where(proposals.c.state == state)).mappings().all()
    return tuple(_proposal(row) for row in rows)


def _repeated(earlier: Proposal, kind: str, payload: Mapping[str, Json], key: str) -> Proposal:
    """The draft that this key made before, if it is the same one."""
    same = earlier.kind == kind and json.dumps(earlier.payload, sort_keys=True) == json.dumps(dict(payload), sort_keys=True)
    if not same:
        raise InputError(
            f"the idempotency key {key!r} was used for {earlier.id}, which proposes something else; use a new key",
            field="idempotency_key",
        )
    return earlier


def _proposal(row: RowMapping) -> Proposal:
    values: dict[str, Any] = {name: value for name, value in row.items() if name != "idempotency_key"}
    return Proposal(**{**values, "facts": tuple(Fact(**fact) for fact in values["facts"])})
