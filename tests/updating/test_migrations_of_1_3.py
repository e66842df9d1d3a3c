"""The migrations of release 1.3.0, on what a team of 1.2.0 may have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from updates.migrated import read, write
from updates.migrating import FILE, OURS, load

ARGUMENTS = "1.3.0/0002-names-of-arguments"
CONTRACT = """openapi: 3.0.3
paths:
  /items/{item-id}:
    parameters:
      - {name: item-id, in: path, required: true, schema: {type: string}}
      - {name: X-Tenant, in: header, schema: {type: string}}
    get:
      operationId: app.api.list_items
      parameters:
        - {name: page-size, in: query, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer}}
        - $ref: "#/components/parameters/Top"
components:
  parameters:
    Top: {name: $top, in: query, schema: {type: integer}}
"""
BEFORE = '''from app.data import list_all

pagesize = 3


async def list_items(itemid: str, pagesize: int = 5, limit: int = 1, *, top: int = 2) -> list[str]:
    """List items; pagesize is how many."""
    found = await list_all(itemid, pagesize=pagesize, top=top + limit)
    return [each.top for each in found][:pagesize]
'''
AFTER = '''from app.data import list_all

pagesize = 3


async def list_items(item_id: str, page_size: int = 5, limit: int = 1, *, _top: int = 2) -> list[str]:
    """List items; pagesize is how many."""
    found = await list_all(item_id, pagesize=page_size, top=_top + limit)
    return [each.top for each in found][:page_size]
'''
TOLD = (
    "app/api.py: the arguments of list_items have other names: "
    "itemid is item_id, pagesize is page_size, top is _top"
)


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        (BEFORE, AFTER, []),
        (AFTER, AFTER, []),
        ("async def list_items(**others): ...\n", None, [TOLD]),
        ("from app.more import list_items\n", None, [TOLD]),
        (BEFORE.replace("= 3", "= page_size"), AFTER.replace("= 3", "= page_size"), []),
        (BEFORE.replace("found", "page_size"), None, [TOLD]),
        ("def broken(\n", None, [TOLD]),
    ],
)
def test_arguments_are_renamed(
    before: str, after: str | None, left: list[str], tmp_path: Path
) -> None:
    migration = load(OURS / ARGUMENTS / FILE, ARGUMENTS)
    texts = {"api-spec.yml": CONTRACT, "app/api.py": before, "compose.yaml": "services: {}\n"}
    write(tmp_path, {path: text.encode() for path, text in texts.items()})

    for _ in range(2):
        assert migration.run(tmp_path) == left
        assert read(tmp_path)["app/api.py"].decode() == (after or before)


@pytest.mark.parametrize("contract", ["", "- 1\n", "paths:\n", "paths: {/a: 1}\n", "{", "a: [b\n"])
def test_file_that_is_no_contract_is_left_alone(contract: str, tmp_path: Path) -> None:
    migration = load(OURS / ARGUMENTS / FILE, ARGUMENTS)
    write(tmp_path, {"other.yml": contract.encode()})

    assert migration.run(tmp_path) == []
