"""Operations that are compiled without an application around them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import Message

from app.standard.validation import CompiledOperation


async def takes_anything(**_arguments: Any) -> None:
    """Take whatever comes."""


def compile_operation(
    operation: Mapping[str, Any],
    handler: Callable[..., Any] = takes_anything,
    *,
    template: str = "/things",
    version: str = "3.0.3",
    schemas: Mapping[str, Any] | None = None,
) -> CompiledOperation:
    """Compile an operation of a contract that has no other."""
    document = {"openapi": version, "components": {"schemas": schemas or {}}}
    spec = {"operationId": "handler", "responses": {}, **operation}
    compiled = CompiledOperation(document, {}, spec, "post", template)
    compiled.bind(handler)
    return compiled


def call(
    operation: CompiledOperation,
    query: str = "",
    body: bytes = b"",
    path: str = "/things",
    media_type: str = "application/json",
) -> dict[str, Any]:
    """Return the arguments that a request gives to the handler."""
    headers = [(b"content-length", str(len(body)).encode())]
    headers += [(b"content-type", media_type.encode())] if body else []
    scope = {
        "type": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "extensions": {},
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return asyncio.run(operation.arguments(scope, receive))


def in_query(name: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """Return a parameter of the query."""
    return {"name": name, "in": "query", "schema": schema or {"type": "string"}, **more}


def json_body(schema: Any, **more: Any) -> dict[str, Any]:
    """Return an operation with a body of JSON."""
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, **more}}
