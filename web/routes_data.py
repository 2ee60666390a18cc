"""Plans, tools, drafts and cited passages over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import JSONResponse, Response

from agent.answer import plain
from inventory import plans, proposals
from parstock.errors import InputError
from retrieval.base import Documents
from retrieval.chunk import passages_of
from tools.call import call_tool, find_tool
from tools.catalogue import function, offered
from web.auth import Caller, OpenShop, Planner, Reader
from web.plans import PlanRequest, explained_plan
from web.problems import Missing

router = APIRouter(prefix="/v1")

IdempotencyKey = Annotated[str | None, Header(description="The same key and request give the same reply, for 24 hours")]
MOST_LISTED = 200


@router.post("/plans", tags=["plans"], status_code=201)
def make_plan(asked: PlanRequest, shop: OpenShop, key: Planner, idempotency_key: IdempotencyKey = None) -> Response:
    """Make, explain and keep a replenishment plan; `Location` says where it can be read again."""
    plan = explained_plan(asked, shop.context.acting(key.name, key.scopes))
    plan_id = plans.save(shop.store, plan, actor=key.name)
    return JSONResponse({"id": plan_id, **plan}, status_code=201, headers={"Location": f"/v1/plans/{plan_id}"})


@router.get("/plans/{plan_id}", tags=["plans"])
def read_plan(plan_id: str, shop: OpenShop, _key: Reader) -> Response:
    """Return a plan as it was made."""
    plan = plans.load(shop.store, plan_id)
    if plan is None:
        raise Missing(f"no plan has the id {plan_id!r}", field="id")
    return JSONResponse({"id": plan_id, **plan})


@router.get("/tools", tags=["tools"])
def list_tools(_key: Reader) -> dict[str, Any]:
    """List the tools in OpenAI's form, each with the scope that it needs."""
    specs = [{**spec, "scope": find_tool(str(function(spec)["name"])).scope} for spec in offered()]
    return {"object": "list", "data": specs}


@router.post("/tools/{name}", tags=["tools"])
def run_tool(
    name: str, arguments: dict[str, Any], shop: OpenShop, key: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Run one tool, where the key has its scope; the body holds its arguments."""
    try:
        find_tool(name)
    except InputError as error:
        raise Missing(str(error), field=error.field, choices=error.choices) from error
    return JSONResponse(plain(call_tool(name, arguments, shop.context.acting(key.name, key.scopes, idempotency_key))))


@router.get("/proposals", tags=["proposals"])
def list_proposals(
    shop: OpenShop,
    _key: Reader,
    state: Annotated[proposals.ProposalState | None, Query(description="Only those in this state")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
) -> dict[str, Any]:
    """List drafts, newest first."""
    found = proposals.list_proposals(shop.store, state)
    return {"object": "list", "data": [plain(proposal) for proposal in found[:limit]], "total": len(found)}


@router.get("/proposals/{proposal_id}", tags=["proposals"])
def read_proposal(proposal_id: str, shop: OpenShop, _key: Reader) -> Response:
    """Return one draft with the facts that it rests on."""
    try:
        return JSONResponse(plain(proposals.get(shop.store, proposal_id)))
    except InputError as error:
        raise Missing(str(error), field=error.field) from error


@router.get("/citations/{citation_id:path}", tags=["citations"])
def read_citation(citation_id: str, shop: OpenShop, _key: Reader) -> Response:
    """Return the passage behind a citation; "#" in its id is written "%23"."""
    records = shop.context.records
    for passage in passages_of(Documents.of(records.policies(), records.notes())):
        if passage.id == citation_id:
            return JSONResponse(plain(passage))
    raise Missing(f"no policy or note has a passage {citation_id!r}", field="id")
