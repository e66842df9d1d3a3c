"""Operations that call another service, as a team writes them."""

import resource
from typing import ClassVar
from uuid import UUID

import httpx2

from app.clients.shop import Problem, ResponseError, export_items, get_item, list_items
from app.standard.auth import token_source
from app.standard.clients import client_of
from app.standard.http import ServiceError
from app.standard.service import current_application
from config import Settings


class NotInShop(ServiceError):
    """The shop does not have it."""

    status: ClassVar[int] = 404
    title: ClassVar[str] = "Not in the shop"


async def shop(attempts: int = 10) -> httpx2.AsyncClient:
    """Return the client of the shop."""
    settings = current_application().settings_as(Settings)
    secret = settings.shop_client_secret.get_secret_value()
    tokens = token_source(settings.shop_client_id, secret, scope="items.read")
    return await client_of(settings.shop_url, tokens.token, attempts=attempts)


async def list_names(categories: list[str] | None = None) -> list[str]:
    """Return the names of the items of these categories."""
    items = await list_items(await shop(), categories=categories or [])
    return [item.name for item in items]


async def show_name(item_id: UUID) -> dict[str, str]:
    """Return the name of an item; raise what the shop says if it is not there."""
    try:
        item = await get_item(await shop(attempts=1), item_id)
    except ResponseError as error:
        if error.status_code == NotInShop.status and isinstance(error.problem, Problem):
            raise NotInShop(error.problem.title) from error
        raise
    return {"name": item.name}


async def measure_export() -> dict[str, int]:
    """Count the lines and bytes of the export, and what the memory grew by, in KiB."""
    lines = size = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with export_items(await shop(), active=True) as response:
        async for line in response.aiter_lines():
            lines += 1
            size += len(line) + 1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"lines": lines, "bytes": size, "grown": grown}
