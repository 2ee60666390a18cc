"""Who asks, and whether they may: API keys as FastAPI dependencies."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from inventory import keys
from inventory.keys import ApiKey
from parstock.errors import NotAllowed
from web.shop import Shop

_bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer par_...`")


def _shop(request: Request) -> Shop:
    shop: Shop = request.app.state.shop
    return shop


OpenShop = Annotated[Shop, Depends(_shop)]
"""The shop that the app serves."""


def _caller(shop: OpenShop, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> ApiKey:
    """Return the key that a request carries; 401 where it carries none or opens nothing."""
    if given is None:
        raise _unauthorized("this needs an API key: send `Authorization: Bearer KEY`")
    key = keys.check(shop.store, given.credentials)
    if key is None:
        raise _unauthorized("the API key is not known; use the one that was printed when it was made")
    return key


Caller = Annotated[ApiKey, Depends(_caller)]
"""Whoever asks."""


def require(key: ApiKey, scope: str) -> ApiKey:
    """Return `key` where it carries the `scope`.

    Raises:
        NotAllowed: It does not.
    """
    if scope not in key.scopes:
        raise NotAllowed(f"the API key {key.name!r} lacks the scope {scope!r}; it has: {', '.join(sorted(key.scopes))}")
    return key


def _reader(key: Caller) -> ApiKey:
    return require(key, "read")


def _planner(key: Caller) -> ApiKey:
    return require(key, "plan")


Reader = Annotated[ApiKey, Depends(_reader)]
"""Somebody who may look and compute."""
Planner = Annotated[ApiKey, Depends(_planner)]
"""Somebody who may have plans made and kept."""


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})
