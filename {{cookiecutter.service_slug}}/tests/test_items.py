"""The sample's tests; they leave with it."""

# {% if cookiecutter.use_database %}
import asyncio
from datetime import date
from uuid import UUID

# {% endif %}
import pytest
from starlette.testclient import TestClient

# {% if cookiecutter.use_database %}
from app.models import ItemRow
from app.standard.database import open_database
from config import Settings

# {% endif %}
# {% if cookiecutter.use_csv_export %}
CSV = "/{{ cookiecutter.service_slug }}-csv"
# {% endif %}
ALDER = "6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01"
# {% if cookiecutter.use_database %}
ITEMS = (
    (UUID(ALDER), "Alder", "tree", True, date(2026, 1, 5)),
    (UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a02"), "Bramble", "shrub", True, date(2026, 2, 9)),
    (UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a03"), "Chestnut", "tree", False, date(2026, 3, 2)),
)


@pytest.fixture(autouse=True)
def _items(settings: Settings) -> None:
    async def insert() -> None:
        async with open_database(settings) as database, database.session() as session:
            for item_id, name, category, active, created_on in ITEMS:
                session.add(
                    ItemRow(
                        id=item_id,
                        name=name,
                        category=category,
                        active=active,
                        created_on=created_on,
                    )
                )

    asyncio.run(insert())


# {% endif %}
FILTERS = [
    ("", ["Alder", "Bramble", "Chestnut"]),
    ("categories=tree", ["Alder", "Chestnut"]),
    ("categories=tree,shrub", ["Alder", "Bramble", "Chestnut"]),
    ("categories=moss", []),
    ("active=true", ["Alder", "Bramble"]),
    ("active=false", ["Chestnut"]),
    ("created_from=2026-02-09", ["Bramble", "Chestnut"]),
    ("created_before=2026-02-09", ["Alder"]),
    ("categories=tree&active=true", ["Alder"]),
]


@pytest.mark.parametrize(("query", "names"), FILTERS)
def test_filter_chooses_items(client: TestClient, query: str, names: list[str]) -> None:
    response = client.get(f"/items?{query}")

    assert response.status_code == 200
    assert [item["name"] for item in response.json()] == names


# {% if cookiecutter.use_csv_export %}
@pytest.mark.parametrize(("query", "names"), FILTERS)
def test_filter_chooses_rows(client: TestClient, query: str, names: list[str]) -> None:
    response = client.get(f"{CSV}?{query}")

    header, *rows = response.text.splitlines()
    assert response.headers["Content-Type"].startswith("text/csv")
    assert header == "id,name,category,active,created_on"
    assert [row.split(",")[1] for row in rows] == names


# {% endif %}
@pytest.mark.parametrize("query", ["active=maybe", "created_from=05-01-2026", "colour=red"])
def test_bad_filter_is_named(client: TestClient, query: str) -> None:
    response = client.get(f"/items?{query}")

    assert response.status_code == 400
    assert f"'{query.split('=')[0]}'" in response.json()["detail"]


def test_item_is_found_by_its_id(client: TestClient) -> None:
    assert client.get(f"/items/{ALDER}").json() == {
        "id": ALDER,
        "name": "Alder",
        "category": "tree",
        "active": True,
        "created_on": "2026-01-05",
    }


def test_unknown_item_is_not_found(client: TestClient) -> None:
    response = client.get("/items/00000000-0000-4000-8000-000000000000")

    assert response.status_code == 404
    assert response.json()["title"] == "Item not found"
