"""Errors as RFC 9457 problem details. The only place that knows which error has which HTTP status."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from parstock.errors import InputError, InsufficientData, NotAllowed, NotFitted, ParstockError, SetupError, ToolFailed

MEDIA_TYPE = "application/problem+json"
INTERNAL = HTTPStatus.INTERNAL_SERVER_ERROR


class Missing(InputError):
    """What the path names does not exist."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What all problems of one kind share."""

    status: HTTPStatus
    name: str
    title: str


KINDS: Mapping[type, Kind] = {
    Missing: Kind(HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    InputError: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "input", "The input is wrong"),
    NotAllowed: Kind(HTTPStatus.FORBIDDEN, "not-allowed", "The API key does not allow this"),
    InsufficientData: Kind(HTTPStatus.CONFLICT, "insufficient-data", "Too little is recorded"),
    ToolFailed: Kind(INTERNAL, "tool-failed", "The work could not be done"),
    NotFitted: Kind(INTERNAL, "internal", "Something went wrong"),
    SetupError: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "setup", "Parstock is not ready for this"),
    ParstockError: Kind(INTERNAL, "internal", "Something went wrong"),
}
"""The nearest class of an error's MRO that is named here decides."""


def problem(status: int, name: str, title: str, detail: str, **more: object) -> dict[str, Any]:
    """Return the body of a problem; members of `more` that are empty are left out.

    `message` repeats the detail under the name that OpenAI's clients read.
    """
    body = {"type": f"urn:parstock:problem:{name}", "title": title, "status": int(status), "detail": detail, "message": detail}
    return {**body, **{key: value for key, value in more.items() if value}}


def describe(error: ParstockError) -> dict[str, Any]:
    """Return an error of the project as a problem."""
    kind = next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)
    more = {"field": error.field, "choices": list(error.choices)} if isinstance(error, InputError) else {}
    return problem(kind.status, kind.name, kind.title, str(error), **more)


def respond(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    return JSONResponse(dict(body), status_code=body["status"], headers=headers, media_type=MEDIA_TYPE)


def plain(status: HTTPStatus, detail: str, **more: object) -> dict[str, Any]:
    """Return a problem that is named by its status alone."""
    return problem(status, re.sub(r"\W+", "-", status.phrase.lower()), status.phrase, detail, **more)


def install(app: FastAPI) -> None:
    """Let every error that a route raises leave as a problem."""
    app.add_exception_handler(ParstockError, cast(ExceptionHandler, _of_ours))
    app.add_exception_handler(HTTPException, cast(ExceptionHandler, _of_http))
    app.add_exception_handler(RequestValidationError, cast(ExceptionHandler, _of_validation))


async def _of_ours(_request: Request, error: ParstockError) -> Response:
    return respond(describe(error))


async def _of_http(request: Request, error: HTTPException) -> Response:
    status, detail = HTTPStatus(error.status_code), str(error.detail)
    if detail == status.phrase:
        detail = {
            HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path!r}; GET /openapi.json lists what there is",
            HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path!r} does not take {request.method}",
        }.get(status, detail)
    return respond(plain(status, detail), error.headers)


async def _of_validation(_request: Request, error: RequestValidationError) -> Response:
    errors = error.errors()
    first = errors[0]
    if first["type"] == "json_invalid":
        why = first.get("ctx", {}).get("error", "it cannot be read")
        return respond(plain(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {why}"))
    field = _field(first["loc"])
    kind = KINDS[InputError]
    told = [{"field": _field(each["loc"]), "detail": each["msg"]} for each in errors[:20]]
    detail = f"{field or 'the body'}: {first['msg']}{_value(first.get('input'))}"
    return respond(problem(kind.status, kind.name, kind.title, detail, field=field, errors=told))


def _field(loc: tuple[Any, ...]) -> str:
    """Where in the request it is: "messages.0.content"."""
    return ".".join(str(part) for part in loc[1:])


def _value(value: object) -> str:
    return f", not {value!r}" if isinstance(value, (str, int, float, bool)) and len(repr(value)) <= 80 else ""
