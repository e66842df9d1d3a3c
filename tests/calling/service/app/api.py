"""Operations that call another service, as a team writes them."""

import resource
from datetime import date
from typing import ClassVar
from uuid import UUID

import httpx2

from app.clients.shop import (
    UNSET,
    NewItem,
    Problem,
    ResponseError,
    Unset,
    create_item_detailed,
    delete_item,
    export_items,
    get_item,
    get_item_detailed,
    list_items,
    list_items_detailed,
    replace_item,
    replace_item_detailed,
)
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
    tokens = token_source(settings.shop_client_id, secret, scope="items.read items.write")
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


async def list_pages(categories: list[str]) -> list[list[str]]:
    """Return the names on each page of the items of these categories, two on each."""
    pages: list[list[str]] = []
    cursor: str | Unset = UNSET
    while True:
        page = await list_items_detailed(
            await shop(), categories=categories, limit=2, cursor=cursor
        )
        pages.append([item.name for item in page.parsed])
        if "next" not in page.links:
            return pages
        cursor = httpx2.URL(page.links["next"]["url"]).params["cursor"]


async def replace_twice() -> dict[str, object]:
    """Replace a new item, and again with the tag that it no longer has; say what came of it."""
    client = await shop()
    new = NewItem(name="new", category="d", active=False, created_on=date(2026, 1, 2))
    made = await create_item_detailed(client, body=new)
    found = await get_item_detailed(client, made.parsed.id)
    tag, again = found.headers["ETag"], 200
    new.name = "newer"
    replaced = await replace_item_detailed(client, found.parsed.id, body=new, if_match=tag)
    try:
        await replace_item(client, found.parsed.id, body=new, if_match=tag)
    except ResponseError as error:
        again = error.status_code
    await delete_item(client, found.parsed.id, if_match=replaced.headers["ETag"])
    is_there = made.headers["Location"].endswith(str(found.parsed.id))
    return {"is_there": is_there, "name": replaced.parsed.name, "again": again}


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
