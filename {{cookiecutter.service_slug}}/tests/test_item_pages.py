"""The tests of the sample's pages and tags; they leave with it."""

# {% if cookiecutter.use_database %}
import asyncio
from datetime import date

# {%- print "\n" %}
# {% endif %}
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

# {% if cookiecutter.use_database %}
from app.models import ItemRow
from app.standard.database import open_database
from config import Settings

# {% endif %}
NAMES = ["Alder", "Bramble", "Chestnut"]


# {% if cookiecutter.use_database %}
@pytest.fixture(autouse=True)
def _items(settings: Settings) -> None:
    async def insert() -> None:
        async with open_database(settings) as database, database.session() as session:
            for name in NAMES:
                category = "shrub" if name == "Bramble" else "tree"
                row = ItemRow(
                    name=name, category=category, active=True, created_on=date(2026, 1, 5)
                )
                session.add(row)

    asyncio.run(insert())


# {% endif %}
def read_pages(client: TestClient, address: str) -> list[list[str]]:
    """Return the names on each page, from the first one on."""
    pages = []
    while address:
        response = client.get(address)
        assert response.status_code == 200
        pages.append([item["name"] for item in response.json()])
        address = urljoin(address, response.links.get("next", {}).get("url", ""))
        if "next" not in response.links:
            break
    return pages


@pytest.mark.parametrize(
    ("address", "pages"),
    [
        ("/items", [NAMES]),
        ("/items?limit=3", [NAMES]),
        ("/items?limit=2", [["Alder", "Bramble"], ["Chestnut"]]),
        ("/items?limit=1&categories=tree,shrub", [["Alder"], ["Bramble"], ["Chestnut"]]),
        ("/items?categories=tree&limit=1", [["Alder"], ["Chestnut"]]),
        ("/items?categories=%3E&limit=1", [[]]),
    ],
)
def test_pages_have_each_item_once(
    client: TestClient, address: str, pages: list[list[str]]
) -> None:
    assert read_pages(client, address) == pages


@pytest.mark.parametrize("limit", [0, 1001, "many"])
def test_limit_that_is_out_of_bounds_is_named(client: TestClient, limit: object) -> None:
    response = client.get(f"/items?limit={limit}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["name"] == "limit"


# Of the last, one has no id, one no name that can be, and one is no list.
@pytest.mark.parametrize("cursor", ["x", "é", "WyJhIl0", "WyJcdTAwMDAiLCAiMSJd", "MQ"])
def test_cursor_that_was_not_given_is_named(client: TestClient, cursor: str) -> None:
    response = client.get("/items", params={"cursor": cursor})

    assert response.status_code == 400
    assert response.json()["errors"][0]["name"] == "cursor"


def test_item_that_is_known_is_not_sent_again(client: TestClient) -> None:
    item = client.get("/items").json()[0]
    address = f"/items/{item['id']}"
    etag = client.get(address).headers["ETag"]

    known = client.get(address, headers={"If-None-Match": f'"another", W/{etag}'})
    unknown = client.get(address, headers={"If-None-Match": '"another"'})

    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["ETag"].removeprefix("W/") == etag
    assert (unknown.status_code, unknown.json()) == (200, item)
