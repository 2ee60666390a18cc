"""Plans as they were made, kept so that an answer can be looked up again."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import select

from inventory import audit
from inventory._stamps import checked, new_id, now
from inventory.schema import plans
from inventory.store import Store
from parstock.domain import Json


def save(store: Store, plan_json: Mapping[str, Json], *, actor: str) -> str:
    """Keep a plan, record in the audit log who asked for it, and return its id."""
    checked("actor", actor, longest=200)
    plan_id = new_id("plan")
    with store.writing() as connection:
        connection.execute(plans.insert().values(id=plan_id, created_at=now(), actor=actor, body=dict(plan_json)))
        audit.append(connection, actor=actor, action="plan.saved", subject=plan_id, detail={})
    return plan_id


def load(store: Store, plan_id: str) -> Mapping[str, Json] | None:
    """The plan with that id; None where there is none."""
    with store.reading() as connection:
        return cast("Mapping[str, Json] | None", connection.scalar(select(plans.c.body).where(plans.c.id == plan_id)))
