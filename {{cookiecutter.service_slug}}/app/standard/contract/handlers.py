"""What an operation of the contract runs: an async function that knows no framework.

A handler returns data, ``(data, status)``, ``(data, status, headers)``, ``None`` (204)
or a ``Stream``. Data is plain or made of dataclasses.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connexion.exceptions import ResolverError
from connexion.resolver import Resolver
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from app.standard.contract.routing import routed_operation
from app.standard.http import Stream, to_json

Handler = Callable[..., Awaitable[Any]]
Adapter = Callable[[Handler], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's result, ready to be sent."""

    body: bytes | Stream
    status: int
    headers: dict[str, str]


class HandlerResolver(Resolver):
    """Finds the handler of an operationId and adapts it to the framework."""

    def __init__(self, adapter: Adapter) -> None:
        super().__init__()
        self.adapter = adapter

    def resolve_function_from_operation_id(self, operation_id: str) -> Callable[..., Any]:
        """Return the adapted handler; raise ``ResolverError`` if it is missing or not async."""
        handler = super().resolve_function_from_operation_id(operation_id)
        if not inspect.iscoroutinefunction(handler):
            raise ResolverError(f"{operation_id} must be an async function")

        async def routed(**arguments: Any) -> Any:
            # Flask routes by itself, and not always alike
            # (https://github.com/spec-first/connexion/issues/1908).
            if routed_operation() != operation_id:
                raise HTTPException(404)
            return await handler(**arguments)

        return functools.wraps(handler)(self.adapter(routed))


async def reply_of(handler: Handler, arguments: Mapping[str, Any]) -> Reply:
    """Run a handler and encode its result."""
    result = await handler(**arguments)
    status, headers = None, Headers()
    # A named tuple is data.
    if type(result) is tuple:
        result, status, *rest = result
        headers = Headers(*rest)
    if result is None:
        return Reply(b"", status or 204, dict(headers))
    if isinstance(result, Stream):
        await result.prime()
        defaults = Headers({"Content-Type": result.media_type, **result.headers})
        return Reply(result, status or 200, {**defaults, **headers})
    return Reply(to_json(result), status or 200, {"content-type": "application/json", **headers})
