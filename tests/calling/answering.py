"""Call a generated operation of a service that answers as a test says."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2


def call(
    operation: Any,
    *arguments: Any,
    status: int = 204,
    body: Any = b"",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Any:
    """Call an operation of a service that answers so; return the request and the result."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(status, content=content, headers=headers)

    async def run() -> Any:
        transport = httpx2.MockTransport(answer)
        async with httpx2.AsyncClient(base_url="http://a/v1", transport=transport) as client:
            found = operation(client, *arguments, **more)
            if not hasattr(found, "__aenter__"):
                return await found
            async with found as response:
                return [line async for line in response.aiter_lines()]

    result = asyncio.run(run())
    return asked[0], result
